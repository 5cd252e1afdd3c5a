import io
import random
import tracemalloc
from collections.abc import Callable
from contextlib import ExitStack
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from store_events import contract, csv_codec
from store_events.rows.merged_rows import Chunks
from store_events.rows.row_buffer import RowBuffer
from store_events.rows.sorted_rows import NONE, Hashes, Rows, SortedRows, key_hash
from store_events.source.fast_path import FastPath, FastRows

CONTRACT = contract.load()
FIELDS = csv_codec.columns(CONTRACT)


def _row(key: str, number: int) -> bytes:
    values = {CONTRACT.key: key, "qty": str(number), CONTRACT.partition_key: "2024-05-01"}
    return csv_codec.row(FIELDS, [values.get(f.name) for f in FIELDS])


def _gathered(keys: list[str], begin: int, rng: random.Random) -> RowBuffer:
    """Return rows of these keys, numbered from `begin`. Most of those without quotes are columns in random order."""
    gathered, plain = RowBuffer(CONTRACT), []
    for number, key in enumerate(keys, begin):
        if '"' in key or rng.random() < 0.1:
            gathered.add_row(_row(key, number), number)
        else:
            plain.append(number)
    pieces = [some for some in np.array_split(np.array(plain, np.int64), 5) if len(some)]
    rng.shuffle(pieces)
    for some in pieces:
        table = csv_codec.tables(io.BytesIO(b"".join(_row(keys[i - begin], i) for i in some)), FIELDS)
        first = int(some[0])
        gathered.add(FastRows(some - first, pa.Table.from_batches(table).combine_chunks().to_batches()[0]), first)
    return gathered


def _sorted(keys: list[str], rng: random.Random, files: ExitStack) -> Rows:
    return SortedRows(_gathered(keys, 0, rng), io.BytesIO())


def _merged(keys: list[str], rng: random.Random, files: ExitStack) -> Rows:
    """Merge chunks of random lengths."""
    cuts = [0, *sorted(rng.choices(range(len(keys) + 1), k=rng.randrange(5))), len(keys)]
    chunks = Chunks(CONTRACT, files)
    for start, end in pairwise(cuts):
        chunks.add(_gathered(keys[start:end], start, rng))
    return chunks.sorted(RowBuffer(CONTRACT))


@pytest.mark.parametrize("made", [_sorted, _merged])
@pytest.mark.parametrize("length", [0, 40], ids=["of any length", "of one length"])
@pytest.mark.parametrize("count", [0, 1, 3, 9_999, 10_000, 10_001, 25_000])
def test_rows_are_in_the_order_of_their_hashes_and_numbered(
    count: int, length: int, made: Callable[[list[str], random.Random, ExitStack], Rows]
) -> None:
    rng = random.Random(count)
    # Some keys come twice, and some have quotes.
    keys = [f"{rng.randrange(count * 2):0{length}d}" for _ in range(count)]
    keys = [key if length or rng.random() < 0.9 else f'{key}"x' for key in keys]
    rows = [_row(key, i) for i, key in enumerate(keys)]
    # Rows with the same key keep their order, as a list's sort does.
    order = sorted(range(count), key=lambda i: key_hash(keys[i].encode()))
    want = [b"%d,%b" % (position, rows[i]) for position, i in enumerate(order, 1)]
    with ExitStack() as files:
        found = made(keys, rng, files)
        assert len(found) == count
        assert b"".join(found.blocks(NONE)) == b"".join(want)
        some = sorted(rng.sample(range(1, count + 1), min(count, 50)))
        # Those that follow each other, too, and at both ends.
        some = sorted({*some, *range(count // 2, count // 2 + 3), 1, count} & set(range(1, count + 1)))
        for refused in ([], some, list(range(1, count + 1))):
            positions = np.array(refused, np.int32)
            assert b"".join(found.at(positions)) == b"".join(want[i - 1] for i in refused)
            assert found.keys(positions) == [keys[order[i - 1]] for i in refused]
            left_out = set(refused)
            others = [row for position, row in enumerate(want, 1) if position not in left_out]
            assert b"".join(found.blocks(positions)) == b"".join(others)
            left = set(range(count)) - {order[i - 1] for i in refused}
            columns = list(found.columns(positions))
            assert sorted(qty for one in columns for qty in one.column("qty").to_pylist()) == sorted(left)
            assert all(one.schema.names == [f.name for f in FIELDS] for one in columns)


def test_hashes_with_the_same_first_half_are_in_the_order_of_the_second() -> None:
    """Rows with the same key follow each other, even across chunks."""
    high, low = np.array([7, 7, 7, 3, 7], np.uint64), np.array([2, 1, 2, 9, 1], np.uint64)
    assert Hashes(high, low).order(np.array([4, 3, 2, 1, 0])).tolist() == [3, 4, 1, 2, 0]


def test_merged_rows_are_not_in_memory() -> None:
    """A chunk uses no memory, and its size counts while it is on disk. A merged row has 12 bytes."""
    count, size, used = 20_000, 0, list[int]()
    with ExitStack() as files:
        chunks = Chunks(CONTRACT, files)
        allocated = pa.total_allocated_bytes()
        tracemalloc.start()
        for start in range(0, count, 1_000):
            gathered = _gathered([str(start + i) for i in range(1_000)], start, random.Random(0))
            size += gathered.size
            chunks.add(gathered)
            assert gathered.size == 0
            used.append(tracemalloc.get_traced_memory()[0])
        del gathered
        assert chunks.size == size > count
        assert pa.total_allocated_bytes() <= allocated
        tracemalloc.reset_peak()
        rows = chunks.sorted(RowBuffer(CONTRACT))
        after, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(rows) == count
    first, *_, last = used
    assert last - first < 10 * count  # The rest is Python's.
    assert after - last < 20 * count and peak - last < 40 * count


def test_keys_of_long_rows_take_little_memory() -> None:
    count, note = 300, "x" * 200_000
    with ExitStack() as files:
        chunks = Chunks(CONTRACT, files)
        for number in range(count):
            gathered = RowBuffer(CONTRACT)
            values = {CONTRACT.key: f"k{number}", "extra": note, CONTRACT.partition_key: "2024-05-01"}
            gathered.add_row(csv_codec.row(FIELDS, [values.get(f.name) for f in FIELDS]), number)
            chunks.add(gathered)
        rows = chunks.sorted(RowBuffer(CONTRACT))
        tracemalloc.start()
        found = rows.keys(np.arange(1, count + 1, dtype=np.int32))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert sorted(found) == sorted(f"k{number}" for number in range(count))
    assert peak < 24 << 20  # The rows have 60 MB.


def test_text_of_columns_equals_that_of_rows() -> None:
    """Both code paths from a line to the row that is sent."""
    lines = [
        b'{"request_id":"a","category":"B\xc3\xbc","sales":-1.5,"gift_wrap":true,"ts":"2024-05-01T10:20:30Z"}'
    ] * 20
    [plain] = FastPath(CONTRACT, "2024-05-03").plain(lines, None)
    [text] = set(csv_codec.rows(plain.rows, FIELDS, quotes=False).to_pylist())
    assert (
        text == '"a","B\xfc",NULL,2024-05-01 10:20:30.000,NULL,-1.50,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,2024-05-01\n'
    )
    [read] = csv_codec.tables(io.BytesIO(text.encode()), FIELDS)
    assert csv_codec.rows(read, FIELDS, quotes=True).to_pylist() == [text]


def test_long_rows_are_converted_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """This limits the memory of their text, of which there are several copies."""
    gathered, sizes = RowBuffer(CONTRACT), list[int]()
    for number in range(20):
        values = {CONTRACT.key: str(number), "contact_me": "x" * (1 << 20), CONTRACT.partition_key: "2024-05-01"}
        gathered.add_row(csv_codec.row(FIELDS, [values.get(f.name) for f in FIELDS]), number)
    own = csv_codec.rows

    def noted(columns: pa.RecordBatch, *more: Any) -> pa.Array:
        sizes.append(columns.num_rows)
        return own(columns, *more)

    monkeypatch.setattr(csv_codec, "rows", noted)
    found = SortedRows(gathered, io.BytesIO())
    assert max(sizes) < 10 and sum(sizes) == 20
    rows = b"".join(found.at(np.arange(1, 21))).splitlines()
    assert sorted(row.split(b'"')[1] for row in rows) == sorted(b"%d" % i for i in range(20))
