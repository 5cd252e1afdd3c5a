import io
import random

import pytest

from store_events.load.sorted_rows import SortedRows, key_hash


def _rows(keys: list[bytes]) -> list[bytes]:
    return [b'"%b",%d\n' % (key.replace(b'"', b'""'), i) for i, key in enumerate(keys)]


@pytest.mark.parametrize("count", [0, 1, 1999, 2000, 2001, 7000])
def test_rows_are_in_the_order_of_their_hashes_and_numbered(count: int) -> None:
    chance = random.Random(count)
    # Some keys come twice, some have quotes, and some are longer than a UUID.
    keys = [b'%d"%b' % (chance.randrange(count * 2), b"x" * chance.choice((0, 0, 40))) for _ in range(count)]
    keys = [key if chance.random() < 0.2 else key.replace(b'"', b"") for key in keys]
    rows = _rows(keys)
    # Rows with the same key keep their order, as a list's sort does.
    want = [rows[i] for i in sorted(range(count), key=lambda i: key_hash(keys[i]))]
    file = io.BytesIO()
    found = SortedRows(rows, file)
    assert rows == [], "the file has them"
    assert len(found) == count
    assert b"".join(found.blocks([])) == b"".join(b"%d,%b" % numbered for numbered in enumerate(want, 1))
    some = sorted(chance.sample(range(1, count + 1), min(count, 50)))
    assert list(found.at(some)) == [want[i - 1] for i in some]
    left = [i for i in range(1, count + 1) if i not in some]
    assert not some or b"".join(found.blocks(some)) == b"".join(b"%d,%b" % (i, want[i - 1]) for i in left)
