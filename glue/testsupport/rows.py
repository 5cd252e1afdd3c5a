"""Rows of lines, from the fast path and from validation line by line."""

from collections.abc import Sequence

import numpy as np

from store_events import contract, csv_codec
from store_events.source import partition_date, validate
from store_events.source.fast_path import FastPath
from store_events.source.read_events import Text

OBJECT = "s3://bucket/sale_events/dt=2024-05-02/x.json"
RUN_DAY = "2024-05-03"


def fast_path_rows(lines: Sequence[bytes], source_object: str = OBJECT) -> list[str | None]:
    declared = contract.load()
    found: list[str | None] = [None] * len(lines)
    for plain in FastPath(declared, RUN_DAY, min_lines=0).plain(lines, partition_date.of_object(source_object)):
        texts = csv_codec.rows(plain.rows, csv_codec.columns(declared), quotes=False).to_pylist()
        for place, text in zip(plain.places.tolist(), texts, strict=True):
            assert found[place] is None, "each line once"
            found[place] = text
    return found


def as_text(lines: list[bytes]) -> Text:
    """Return the lines as `Text`, which is not split yet."""
    assert not any(b"\n" in line for line in lines)
    text = b"".join(line + b"\n" for line in lines)
    return Text(text, np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n")))


def validated_row(line: bytes, source_object: str = OBJECT) -> str | None:
    event = validate.line(line, contract.load())
    if not isinstance(event, validate.Event):
        return None
    day = partition_date.of_row(source_object, event.values[3], RUN_DAY)
    return csv_codec.row(csv_codec.columns(contract.load()), [*event.values, event.extra, day]).decode()
