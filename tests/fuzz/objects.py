"""Random objects: text that is compressed, in UTF-16, cut short or damaged."""

import bz2
import codecs
import gzip
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

_PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda part: gzip.compress(part, 1, mtime=0),
    "bzip2": lambda part: bz2.compress(part, 1),
    "zstd": lambda part: bytes(pa.compress(part, "zstd", asbytes=True)),
}
_SKIPPED = tuple(bytes([first]) + b"*M\x18" for first in range(0x50, 0x60))  # Skippable frames of zstd.
OTHER_FORMS = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", *_SKIPPED, b"BZh", codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF16 = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}


@dataclass(frozen=True)
class Object:
    """An object's bytes, the text that they encode, and how.

    If `whole` is false, the bytes are cut short or damaged.
    """

    body: bytes
    text: bytes
    how: str
    whole: bool


def make(rng: random.Random, text: bytes) -> Object:
    """Encode the text in one of the forms of docs/input.md."""
    body, how = text, "plain"
    if rng.random() < 0.2:
        how = rng.choice(list(_UTF16))
        decoded = text.decode("utf-8", "replace")
        text, body = decoded.encode(), _UTF16[how] + decoded.encode(how)
    pack = rng.choice([None, None, *_PACK])
    if pack is None:
        # Text that begins like another form is read as that form.
        return Object(body, text, how, how != "plain" or not body.startswith(OTHER_FORMS))
    parts = rng.choice([1, 1, 1, 2, 3])
    step = len(body) // parts + 1
    packed = b"".join(_PACK[pack](body[i : i + step]) for i in range(0, step * parts, step))
    how = f"{how}, {pack} in {parts}"
    if rng.random() < 0.7:
        return Object(packed, text, how, True)
    if rng.random() < 0.5:
        return Object(packed[: rng.randrange(min(10, len(packed) - 1), len(packed))], text, f"{how}, cut short", False)
    damaged = bytearray(packed)
    damaged[rng.randrange(min(10, len(packed) - 1), len(packed))] ^= 1 << rng.randrange(8)
    return Object(bytes(damaged), text, f"{how}, damaged", False)


def chunks(rng: random.Random, body: bytes) -> Iterator[bytes]:
    """Split the bytes into chunks of random sizes, as they may arrive from a connection."""
    most = rng.choice([1, 2, 7, 100, 1 << 18])
    at = 0
    while at < len(body):
        size = rng.randint(1, most)
        yield body[at : at + size]
        at += size
