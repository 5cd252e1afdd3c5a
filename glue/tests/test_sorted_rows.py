import io
import random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from store_events import contract
from store_events.load import csv_codec
from store_events.load.gathered import Gathered
from store_events.load.sorted_rows import SortedRows, key_hash
from store_events.source.fast_path import FastPath, Plain

CONTRACT = contract.load()
FIELDS = csv_codec.columns(CONTRACT)


def _row(key: str, number: int) -> bytes:
    values = {CONTRACT.key: key, "qty": str(number), CONTRACT.partition_key: "2024-05-01"}
    return csv_codec.row(FIELDS, [values.get(f.name) for f in FIELDS])


def _gathered(keys: list[str], chance: random.Random) -> Gathered:
    """Rows of these keys, numbered in their order; those without quotes as columns, in any pieces and order."""
    gathered = Gathered(CONTRACT)
    for number, key in enumerate(keys):
        if '"' in key or chance.random() < 0.1:
            gathered.add_row(_row(key, number), number)
            keys[number] = ""
    places = np.array([i for i, key in enumerate(keys) if key], np.int64)
    pieces = [some for some in np.array_split(places, 5) if len(some)]
    chance.shuffle(pieces)
    for some in pieces:
        table = csv_codec.tables(io.BytesIO(b"".join(_row(keys[i], i) for i in some)), FIELDS)
        first = int(some[0])
        gathered.add(Plain(some - first, pa.Table.from_batches(table).combine_chunks().to_batches()[0]), first)
    return gathered


@pytest.mark.parametrize("length", [0, 40], ids=["of any length", "of one length"])
@pytest.mark.parametrize("count", [0, 1, 9_999, 10_000, 10_001, 25_000])
def test_rows_are_in_the_order_of_their_hashes_and_numbered(count: int, length: int) -> None:
    chance = random.Random(count)
    # Some keys come twice, and some have quotes.
    keys = [f"{chance.randrange(count * 2):0{length}d}" for _ in range(count)]
    keys = [key if length or chance.random() < 0.9 else f'{key}"x' for key in keys]
    rows = [_row(key, i) for i, key in enumerate(keys)]
    # Rows with the same key keep their order, as a list's sort does.
    order = sorted(range(count), key=lambda i: key_hash(keys[i].encode()))
    want = [b"%d,%b" % (position, rows[i]) for position, i in enumerate(order, 1)]
    found = SortedRows(_gathered(list(keys), chance), io.BytesIO())
    assert len(found) == count
    assert b"".join(found.blocks([])) == b"".join(want)
    some = sorted(chance.sample(range(1, count + 1), min(count, 50)))
    assert list(found.at(some)) == [want[i - 1] for i in some]
    assert found.keys(some) == [keys[order[i - 1]] for i in some]
    others = [row for position, row in enumerate(want, 1) if position not in some]
    assert not some or b"".join(found.blocks(some)) == b"".join(others)
    left = set(range(count)) - {order[i - 1] for i in some}
    assert sorted(found.columns(some).column("qty").to_pylist()) == sorted(left)


def test_text_of_columns_is_that_of_rows() -> None:
    """The two ways from a line to the row that is sent."""
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


def test_long_rows_become_text_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that their text, which there is several times meanwhile, takes little memory."""
    gathered, sizes = Gathered(CONTRACT), list[int]()
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
    assert sorted(row.split(b'"')[1] for row in found.at(list(range(1, 21)))) == sorted(b"%d" % i for i in range(20))
