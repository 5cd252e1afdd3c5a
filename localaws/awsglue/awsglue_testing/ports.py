"""Ports for the servers of tests."""

import random
import socket
from contextlib import suppress


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing uses, and that the system does not give to an outgoing connection
    meanwhile.

    Those have ports from 32768 on: https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html#ip-variables
    """
    while True:
        port = random.SystemRandom().randrange(15_000, 30_000)  # A test's seed would give all of them the same.
        with suppress(OSError), socket.socket() as s:
            s.bind(("127.0.0.1", port))
            return port
