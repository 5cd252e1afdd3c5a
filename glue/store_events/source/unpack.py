"""Converts an object's bytes to UTF-8 text: decompresses them, decodes UTF-16, and salvages damaged objects."""

import bz2
import codecs
import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

import pyarrow as pa

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPED = b"\x2a\x4d\x18"  # After a byte from 0x50 to 0x5f: a skippable frame with user data.
_BZIP2 = b"BZh"
_BZIP2_BLOCK, _BZIP2_END = bytes.fromhex("314159265359"), bytes.fromhex("177245385090")
HEAD = 10  # Bytes that identify the compression.
_OUTPUT = 1 << 20
_STEP = 256  # Bytes decompressed per call, where a failing call loses its output.
# Bytes given to the libraries at once: after a block they read on, and if the next block in the same input is damaged,
# they lose the end of the output, with zstd even all of it. Smaller inputs take more time.
_BZIP2_INPUT, _ZSTD_INPUT = 4, 64
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class CutShortError(Exception):
    """A compressed object is truncated or damaged, or UTF-16 ends within a character."""


def text(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield an object's text, decompressed, and converted to UTF-8 if it begins with UTF-16's byte order mark.

    Raise CutShortError.
    """
    return _decoded(unpacked(chunks))


def unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the bytes in pieces of bounded size, decompressed if their first ones are those of gzip, zstd or bzip2.

    Raise CutShortError.
    """
    head, everything = _head(chunks, HEAD)
    unpacker = _unpacker(head)
    return unpacker(everything) if unpacker else everything


def is_uncompressed(head: bytes) -> bool:
    """Report whether the first bytes are not those of compressed text or UTF-16."""
    return _unpacker(head) is None and head[:2] not in _UTF16


def _unpacker(head: bytes) -> Callable[[Iterable[bytes]], Iterator[bytes]] | None:
    """Return the function that decompresses text with these first bytes, or None if it is not compressed."""
    if head.startswith(_GZIP):
        return _gunzip
    if head.startswith(_ZSTD) or (head[1:4] == _ZSTD_SKIPPED and head[0] & 0xF0 == 0x50):
        return _unzstd
    if head.startswith(_BZIP2) and head[3:4] in b"123456789" and head[4:] in (_BZIP2_BLOCK, _BZIP2_END):
        return _bunzip2
    return None


def _head(chunks: Iterable[bytes], size: int) -> tuple[bytes, Iterator[bytes]]:
    """Return the first bytes, and an iterator over all bytes. If damage is found earlier, the iterator raises it."""
    source, first = iter(chunks), b""
    try:
        while len(first) < size and (more := next(source, None)) is not None:
            first += more
    except CutShortError as error:
        return first, _cut_short(first, error)
    return first[:size], chain([first], source)


def _cut_short(text: bytes, error: CutShortError) -> Iterator[bytes]:
    yield text
    raise error


def _gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield all members of a gzip file. https://www.rfc-editor.org/rfc/rfc1952#section-2.2"""
    member = zlib.decompressobj(wbits=31)
    for chunk in chunks:
        while chunk:
            if member.eof:
                chunk = chunk.lstrip(b"\0")  # Zeros after the last member are padding.
                if not chunk:
                    break
                member = zlib.decompressobj(wbits=31)
            before = member.copy()
            try:
                yield member.decompress(chunk, _OUTPUT)
            except zlib.error as error:
                yield from _salvaged(before, chunk)
                raise CutShortError(str(error)) from error
            chunk = member.unused_data or member.unconsumed_tail
    if not member.eof:
        yield member.flush()
        raise CutShortError("the stream ends before its end")


def _salvaged(member: Any, chunk: bytes) -> Iterator[bytes]:
    """Yield the text before the damage in a chunk, byte by byte, because a failing call returns nothing."""
    for i in range(len(chunk)):
        try:
            yield member.decompress(chunk[i : i + 1])
        except zlib.error:
            return


def _small(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    return (chunk[start : start + size] for chunk in chunks for start in range(0, len(chunk), size))


def _bunzip2(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield all streams of a bzip2 file."""
    stream = bz2.BZ2Decompressor()
    for chunk in _small(chunks, _BZIP2_INPUT):
        more = bool(chunk)
        while more:
            if stream.eof:
                stream = bz2.BZ2Decompressor()
            pieces: list[bytes] = []
            try:
                while more and not stream.eof and len(pieces) < _OUTPUT // _STEP:
                    pieces.append(stream.decompress(chunk, _STEP))
                    # needs_input is also true if all input is consumed, but not all output is returned.
                    chunk, more = b"", bool(pieces[-1]) or not stream.needs_input
            except (OSError, EOFError) as error:
                yield b"".join(pieces)
                raise CutShortError(str(error)) from error
            if found := b"".join(pieces):
                yield found
            if stream.eof:
                chunk = stream.unused_data
                more = bool(chunk)
    if not stream.eof:
        raise CutShortError("the stream ends before its end")


class _Chunks(io.RawIOBase):
    """A file over chunks. `error` is the exception of their source: Arrow raises OSError for damage too."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks, self._left = iter(chunks), b""
        self.error: Exception | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            if not self._left:
                self._left = next((chunk for chunk in self._chunks if chunk), b"")
        except Exception as error:
            self.error = error
            raise
        found, self._left = self._left[:size], self._left[size:]
        return found


def _unzstd(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield all frames of a zstd file. https://www.rfc-editor.org/rfc/rfc8878#section-3.1"""
    source = _Chunks(_small(chunks, _ZSTD_INPUT))
    stream = pa.CompressedInputStream(pa.PythonFile(source, mode="r"), "zstd")
    while True:
        pieces: list[bytes] = []
        try:
            while len(pieces) < _OUTPUT // _STEP and (piece := stream.read(_STEP)):
                pieces.append(piece)
        except OSError as error:
            yield b"".join(pieces)
            if source.error:
                raise source.error from None
            raise CutShortError(str(error)) from error
        if not pieces:
            return
        yield b"".join(pieces)


def _decoded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield UTF-16 with a byte order mark as UTF-8, and other text unchanged. Lone surrogates become invalid UTF-8."""
    mark, everything = _head(chunks, 2)
    encoding = _UTF16.get(mark)
    if encoding is None:
        yield from everything
        return
    left, skip = b"", 2
    for chunk in everything:
        left += chunk[skip:]
        skip = 0
        whole = len(left) // 2 * 2
        # Keep the first half of a surrogate pair until the second arrives.
        if whole and left[whole - 2 + (encoding == "utf-16-le")] & 0xFC == 0xD8:
            whole -= 2
        yield _utf8(left[:whole], encoding)
        left = left[whole:]
    whole = len(left) // 2 * 2
    yield _utf8(left[:whole], encoding)
    if len(left) > whole:
        raise CutShortError("the text ends within a character")


def _utf8(part: bytes, encoding: str) -> bytes:
    return part.decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass")
