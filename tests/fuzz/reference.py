"""Reference readers: decompress a byte at a time, and split the whole text into values."""

import bz2
import io
import zlib

import pyarrow as pa

from testsupport import slow_reader


class _Bytes(io.BytesIO):
    """Returns a byte at a time: libzstd returns nothing of blocks that it gets together with a damaged one."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(1)


def decompressed(body: bytes) -> tuple[bytes, bool]:
    """Decompress an object up to its end or its damage. Return the bytes, and whether it is complete."""
    if body.startswith(b"\x1f\x8b"):
        return _gunzip(body)
    if body.startswith(b"BZh"):
        return _bunzip2(body)
    stream, found = pa.CompressedInputStream(pa.PythonFile(_Bytes(body), mode="r"), "zstd"), bytearray()
    try:
        while byte := stream.read(1):
            found += byte
    except OSError:
        return bytes(found), False
    return bytes(found), True


def _gunzip(body: bytes) -> tuple[bytes, bool]:
    found, member = bytearray(), zlib.decompressobj(wbits=31)
    for at in range(len(body)):
        if member.eof:
            if body[at] == 0:
                continue
            member = zlib.decompressobj(wbits=31)
        try:
            found += member.decompress(body[at : at + 1])
        except zlib.error:
            return bytes(found), False
    return bytes(found), member.eof


def _bunzip2(body: bytes) -> tuple[bytes, bool]:
    """Decompress a byte at a time: a call that fails on a block's checksum returns nothing of the block."""
    found, stream, left = bytearray(), bz2.BZ2Decompressor(), body
    while True:
        try:
            byte = stream.decompress(left, 1)
        except (OSError, EOFError):
            return bytes(found), False
        found += byte
        left = stream.unused_data if stream.eof else b""
        if stream.eof and left:
            stream = bz2.BZ2Decompressor()
        elif stream.eof or not byte:
            return bytes(found), stream.eof


def utf8(body: bytes) -> bytes:
    """Convert UTF-16 with a byte order mark to UTF-8, and return other text unchanged."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if body.startswith(mark):
            even = body[2 : len(body) // 2 * 2]
            return even.decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass")
    return body


def values(text: bytes) -> list[tuple[int, bytes]]:
    """Return the text's values with their numbers."""
    return slow_reader.read(text)
