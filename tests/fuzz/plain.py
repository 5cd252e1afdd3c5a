"""Plain readers: decompression a byte at a time, and the rules of framing over the whole text."""

import bz2
import io
import zlib

import pyarrow as pa

from testsupport import slow_reader


def decompressed(body: bytes) -> tuple[bytes, bool]:
    """All bytes that come before the end or the damage of a compressed object, and whether there was none."""
    if body.startswith(b"\x1f\x8b"):
        return _gunzip(body)
    if body.startswith(b"BZh"):
        return _bunzip2(body)
    stream, found = pa.CompressedInputStream(pa.PythonFile(io.BytesIO(body), mode="r"), "zstd"), bytearray()
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
    """A byte of the text at a time: a call that fails gives nothing of a block, whose checksum is at its end."""
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
    """UTF-16 with a byte order mark as UTF-8; anything else as it is."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if body.startswith(mark):
            even = body[2 : len(body) // 2 * 2]
            return even.decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass")
    return body


def values(text: bytes) -> list[tuple[int, bytes]]:
    """The text's values with their numbers."""
    return slow_reader.read(text)
