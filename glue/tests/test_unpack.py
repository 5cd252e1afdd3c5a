"""Decompressing and decoding: each compression and encoding, complete, damaged, and in chunks of any size."""

import bz2
import codecs
import gzip
import re
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import pyarrow as pa
import pytest
from botocore.exceptions import ReadTimeoutError

from store_events.source import unpack
from store_events.source.unpack import CutShortError


def zstd(body: bytes) -> bytes:
    return bytes(pa.compress(body, "zstd", asbytes=True))


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "zstd": zstd,
    "bzip2": bz2.compress,
}
TEXT = b"".join(b'{"request_id":"%d","square":%d}\n' % (i, i * i) for i in range(50_000))


def cut(body: bytes, size: int) -> Iterator[bytes]:
    return (body[i : i + size] for i in range(0, len(body), size))


@pytest.mark.parametrize("packer", PACKERS)
def test_compression_is_detected_by_the_first_bytes(packer: str) -> None:
    pack = PACKERS[packer]
    assert b"".join(unpack.text(cut(pack(TEXT), 4096))) == TEXT
    assert b"".join(unpack.text(cut(pack(TEXT[:10]), 1))) == TEXT[:10]
    assert b"".join(unpack.text([pack(b"")])) == b""
    assert b"".join(unpack.text([])) == b""
    if packer != "plain":
        twice = pack(TEXT[:100]) + pack(TEXT[100:])
        assert b"".join(unpack.text(cut(twice, 1000))) == TEXT


@pytest.mark.parametrize("size", [1, 1000])
def test_skippable_frames_of_zstd(size: int) -> None:
    first, second = b"\x50*M\x18\3\0\0\0abc", b"\x5f*M\x18\0\0\0\0"
    assert b"".join(unpack.text(cut(first + second + zstd(TEXT[:100]) + first, size))) == TEXT[:100]
    assert b"".join(unpack.text(cut(first, size))) == b""
    with pytest.raises(CutShortError):
        list(unpack.text(cut(first[:-1], size)))


@pytest.mark.parametrize("packer", ["gzip", "zstd", "bzip2"])
@pytest.mark.parametrize("keep", [0.3, 0.9, -1])
def test_text_before_the_end_of_a_truncated_object_is_read(packer: str, keep: float) -> None:
    packed = PACKERS[packer](TEXT)
    found = b""
    with pytest.raises(CutShortError):
        for piece in unpack.text(cut(packed[: int(len(packed) * keep) if keep > 0 else -1], 1000)):
            found += piece
    assert TEXT.startswith(found)
    assert len(found) > len(TEXT) * keep - 1_000_000


@pytest.mark.parametrize("error", [ReadTimeoutError(endpoint_url="s3", error="timeout"), OSError("reset"), EOFError()])
@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("keep", [1, 1000])
def test_network_error_is_not_taken_for_damage(packer: str, error: Exception, keep: int) -> None:
    """Some errors of the network are OSErrors, which the libraries also raise for damage. Lines of a damaged object
    are complete in the ledger, and would never be read again.
    """
    packed = PACKERS[packer](TEXT)

    def chunks() -> Iterator[bytes]:
        yield packed[:keep]
        raise error

    with pytest.raises(type(error)) as raised:
        list(unpack.text(chunks()))
    assert raised.value is error


def test_zeros_may_be_between_gzip_members() -> None:
    members = [gzip.compress(b"a\n"), gzip.compress(b"b\n")]
    assert b"".join(unpack.text([members[0], b"\0\0", members[1]])) == b"a\nb\n"
    assert b"".join(unpack.text([members[0] + b"\0\0" + members[1] + b"\0"])) == b"a\nb\n"


@pytest.mark.parametrize("after", [b"X", b"X" * 40, zlib.compress(b"b\n")])
def test_bytes_that_are_not_a_gzip_member_end_the_text(after: bytes) -> None:
    found: list[bytes] = []
    with pytest.raises(CutShortError):
        for piece in unpack.text([gzip.compress(b"a\n") + after]):
            found.append(piece)
    assert b"".join(found) == b"a\n"


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_gzip_is_read_up_to_its_damage(size: int) -> None:
    """Including text in the same chunk."""
    stream = zlib.compressobj(wbits=31)
    damaged = stream.compress(TEXT[:3000]) + stream.flush(zlib.Z_FULL_FLUSH) + b"\xff" * 50  # Not a block.
    found: list[bytes] = []
    with pytest.raises(CutShortError):
        for piece in unpack.text(cut(damaged, size)):
            found.append(piece)
    assert b"".join(found) == TEXT[:3000]


BZIP2_BLOCK, BZIP2_END = bytes.fromhex("314159265359"), bytes.fromhex("177245385090")


@pytest.mark.parametrize(
    ("head", "plain"),
    [
        (b"", True),
        (b'{"a":1}', True),
        (b"\xef\xbb\xbf{", True),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\0", False),
        (b"\x1f\x8b", False),
        (b"\x1f", True),
        (b"\x28\xb5\x2f\xfd\0", False),
        (b"\x28\xb5\x2f", True),
        (b"\x50\x2a\x4d\x18\0", False),
        (b"\x5f\x2a\x4d\x18", False),
        (b"\x50\x2a\x4d", True),
        (b"\x4f\x2a\x4d\x18", True),
        (b"\x60\x2a\x4d\x18", True),
        (b"BZh1" + BZIP2_BLOCK, False),
        (b"BZh9" + BZIP2_BLOCK, False),
        (b"BZh9" + BZIP2_END, False),
        (b"BZh0" + BZIP2_BLOCK, True),
        (b"BZhX" + BZIP2_BLOCK, True),
        (b"BZx9" + BZIP2_BLOCK, True),
        (b"BZh9" + BZIP2_BLOCK[:-1], True),
        (b"BZh9 mills", True),
        (b"BZh", True),
        (b"\xff\xfe{\0", False),
        (b"\xfe\xff\0{", False),
        (b"\xff\xfe", False),
        (b"\xff", True),
        (b"x\xff\xfe", True),
    ],
)
def test_uncompressed_text_is_unchanged(head: bytes, plain: bool) -> None:
    assert unpack.is_uncompressed(head) == plain
    if plain:
        assert b"".join(unpack.text(cut(head, 1))) == head


@pytest.mark.parametrize("packer", ["zstd", "bzip2"])
@pytest.mark.parametrize("size", [1000, 1 << 24])
def test_damage_ends_the_text(packer: str, size: int) -> None:
    packed = bytearray(PACKERS[packer](TEXT))
    middle = len(packed) // 2
    packed[middle:] = b"\xff" * (len(packed) - middle)
    found = b""
    with pytest.raises(CutShortError):
        for piece in unpack.text(cut(bytes(packed), size)):
            found += piece
    assert TEXT.startswith(found)
    assert len(found) > len(TEXT) // 4


@pytest.mark.parametrize("size", [1000, 1 << 24])
@pytest.mark.parametrize("damage", [4, 10, 50, 1000])
def test_bzip2_is_read_up_to_a_damaged_block(size: int, damage: int) -> None:
    """`damage` is the number of good bytes in that block. At the end of a block, the decompressor reads on."""
    packed = bz2.compress(TEXT, 1)
    bits = f"{int.from_bytes(packed):b}"
    first, second, *_ = (at.start() for at in re.finditer(f"{int.from_bytes(BZIP2_BLOCK):048b}", bits))
    end = 4 + (second - first) // 8  # The first block's last byte. The stream's header has 4 bytes.
    found: list[bytes] = []
    with pytest.raises(CutShortError):
        for piece in unpack.text(cut(packed[: end + 1 + damage] + b"\xff" * 1_000, size)):
            found.append(piece)
    block = bz2.BZ2Decompressor()
    assert b"".join(found) == block.decompress(packed[: end + 1]) + b"".join(iter(lambda: block.decompress(b""), b""))


@pytest.mark.parametrize("size", [1000, 1 << 24])
def test_zstd_is_read_up_to_a_damaged_block(size: int) -> None:
    """Blocks have 128 KiB of text."""
    packed, at, blocks = zstd(TEXT), 10, list[int]()
    while at < len(packed):
        blocks.append(at)
        at += 3 + (int.from_bytes(packed[at : at + 3], "little") >> 3)
    for damage in (40, 100, 1000):
        found = b""
        with pytest.raises(CutShortError):
            for piece in unpack.text(cut(packed[: blocks[3] + damage] + b"\xff" * (blocks[4] - blocks[3]), size)):
                found += piece
        assert TEXT.startswith(found)
        assert len(found) >= 3 * (128 << 10)


@pytest.mark.parametrize("packer", ["gzip", "zstd", "bzip2"])
def test_output_of_a_high_compression_ratio_is_chunked(packer: str) -> None:
    packed = PACKERS[packer](b"x" * 50_000_000)
    tracemalloc.start()
    largest, size = 0, 0
    for piece in unpack.text([packed]):
        largest, size = max(largest, len(piece)), size + len(piece)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (largest, size) == (1 << 20, 50_000_000)
    assert peak < 12 << 20


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize("packer", ["plain", "gzip", "zstd"])
@pytest.mark.parametrize(("mark", "encoding"), [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")])
def test_utf_16_with_a_byte_order_mark(mark: bytes, encoding: str, packer: str, size: int) -> None:
    text = '{"request_id":"a","category":"é \U0001f600 \ud8ff \U00050000\U0010fffd"}\n'
    body = PACKERS[packer](mark + text.encode(encoding, "surrogatepass"))
    assert b"".join(unpack.text(cut(body, size))) == text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(("mark", "encoding"), [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")])
def test_utf_16_is_decoded_incrementally(mark: bytes, encoding: str) -> None:
    """Half of a surrogate pair is kept for the next chunk, but decoded at the end."""
    parts = [part.encode(encoding, "surrogatepass") for part in ("abcdef", "ghi\ud83d", "\ude00j", "\udbff")]
    pieces = list(unpack.text([mark + parts[0], *parts[1:]]))
    assert [p for p in pieces if p] == [b"abcdef", b"ghi", "\U0001f600j".encode(), b"\xed\xaf\xbf"]


def test_only_the_bytes_that_show_the_compression_are_read_at_first() -> None:
    asked = list[int]()

    def chunks() -> Iterator[bytes]:
        for i in range(3):
            asked.append(i)
            yield b"x" * unpack.HEAD

    found = unpack.unpacked(chunks())
    assert asked == [0]
    assert b"".join(found) == b"x" * 30


def test_utf_16_that_ends_within_a_character() -> None:
    found: list[bytes] = []
    with pytest.raises(CutShortError):
        found.extend(unpack.text([codecs.BOM_UTF16_LE + b"a\0b"]))
    with pytest.raises(CutShortError):
        found.extend(unpack.text([codecs.BOM_UTF16_LE + b"a\0\x3d\xd8b"]))  # After half of a surrogate pair.
    for body in (b"\xff", b"\xfe\xff", b"\xff\xfe"):
        assert b"".join(unpack.text([body])) == (body if len(body) == 1 else b"")


@pytest.mark.parametrize("missing", range(1, 11))
def test_bzip2_without_its_last_bytes_keeps_the_text(missing: int) -> None:
    """The decompressor requests more input before it has returned all of its output."""
    body = b"".join(b"%d %d\n" % (i, i * i) for i in range(3000))
    found: list[bytes] = []
    with pytest.raises(CutShortError):
        for piece in unpack.text([bz2.compress(body)[:-missing]]):
            found.append(piece)
    assert b"".join(found) == body


@pytest.mark.parametrize("text", [b"", b"\n", b"a", b"ab", b'{"a":1}'])
def test_short_text_of_a_truncated_object_is_read(text: bytes) -> None:
    """Even if it is shorter than the bytes that show the encoding."""
    stream = zlib.compressobj(wbits=31)
    found = b""
    with pytest.raises(CutShortError):
        for piece in unpack.text([stream.compress(text) + stream.flush(zlib.Z_FULL_FLUSH)]):
            found += piece
    assert found == text
