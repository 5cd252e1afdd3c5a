"""Ports for the servers of tests."""

import random
import socket
from contextlib import suppress


def free_port() -> int:
    """Return a free port of 127.0.0.1 that the system does not assign to an outgoing connection in the meantime.

    These have ports from 32768: https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html#ip-variables
    """
    while True:
        port = random.SystemRandom().randrange(15_000, 30_000)  # Unlike random, not affected by a test's seed.
        with suppress(OSError), socket.socket() as s:
            s.bind(("127.0.0.1", port))
            return port
