"""LOAD DATA LOCAL from memory: the server asks for a file and gets an iterator's bytes.

No file of this machine can be read through such a connection, whatever file a server asks for.
"""

from collections.abc import Iterable
from typing import Any

import pymysql
import pymysql.connections

# Large enough that a packet's cost does not count, small against the server's max_allowed_packet (16 MiB).
_PACKET = 1 << 18

if not hasattr(pymysql.connections, "_send_local_file"):
    raise ImportError(f"PyMySQL {pymysql.__version__} sends local files in another way; see glue/requirements.txt")


class Connection(pymysql.connections.Connection):  # type: ignore[misc]
    """A connection whose next LOAD DATA LOCAL sends `infile`."""

    infile: Iterable[bytes | memoryview] = ()


def _send(_: bytes, connection: Any) -> None:
    for block in getattr(connection, "infile", ()):
        view = memoryview(block)
        for start in range(0, len(view), _PACKET):
            connection.write_packet(bytes(view[start : start + _PACKET]))


pymysql.connections._send_local_file = _send
