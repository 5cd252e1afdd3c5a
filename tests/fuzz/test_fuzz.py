"""A short run of the fuzzing, and that it notices a reader which is wrong."""

from collections.abc import Iterator

import pytest

from fuzz.compare import difference
from store_events.source import framing, unpack


@pytest.mark.parametrize("first", range(0, 4000, 1000))
def test_readers_agree(first: int) -> None:
    for seed in range(first, first + 1000):
        assert difference(seed) is None


def _lost(chunks: Iterator[bytes]) -> Iterator[bytes]:
    for i, chunk in enumerate(unpack.unpacked(chunks)):
        yield chunk if i % 50 else chunk[:-1]


def test_a_reader_that_loses_a_byte_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "text", _lost)
    assert any(difference(seed) for seed in range(200))


def test_a_wrong_number_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing.Framer, "_end_line", lambda framer: setattr(framer, "_lead", True))
    assert any(difference(seed) for seed in range(200))
