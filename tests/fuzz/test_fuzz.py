"""A short run of the fuzzer, and faults that it must detect."""

from collections.abc import Iterator

import pytest

from fuzz.compare import difference
from store_events.source import framing, unpack


@pytest.mark.parametrize("first", range(0, 4000, 1000))
def test_readers_agree(first: int) -> None:
    for seed in range(first, first + 1000):
        assert difference(seed) is None


def _drop_bytes(chunks: Iterator[bytes]) -> Iterator[bytes]:
    for i, chunk in enumerate(unpack.unpacked(chunks)):
        yield chunk if i % 50 else chunk[:-1]


def test_lost_byte_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "text", _drop_bytes)
    assert any(difference(seed) for seed in range(200))


def test_wrong_number_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing.Framer, "_end_line", lambda framer: setattr(framer, "_lead", True))
    assert any(difference(seed) for seed in range(200))
