"""Checks the share of invalid lines before anything is committed.

Committed lines and objects that are read again do not count, because a replay reads objects with invalid lines. Other
versions than the listed ones are neither counted nor loaded.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

from store_events.load.batch import Plan
from store_events.source import line_ranges, reader, validate
from store_events.source.fast_path import FastPath
from store_events.source.line_ranges import Ranges
from store_events.source.read_events import Begin, Item, Lines, Unreadable

_RESULT = "lines long, invalid long"


class ErrorThresholdError(Exception):
    """The share of invalid lines exceeds the limit."""


def check(frame: DataFrame, plan: Plan, limit: float) -> None:
    """Raise ErrorThresholdError if the share of invalid new lines exceeds `limit`, 0 to 1. `frame` has the objects."""
    if limit >= 1:
        return
    counts = frame.mapInArrow(_counter(plan), _RESULT).groupBy().sum("lines", "invalid").collect()[0]
    lines, invalid = counts[0] or 0, counts[1] or 0
    if lines and invalid / lines > limit:
        raise ErrorThresholdError(
            f"{invalid} of {lines} new lines are invalid, more than the share of {limit:g} that max_invalid_share "
            "allows; nothing was committed. Fix or remove the input, or allow more, and run the job again"
        )


def _counter(plan: Plan) -> Callable[[Iterable[pa.RecordBatch]], Iterable[pa.RecordBatch]]:
    def count(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        fast_path = FastPath(plan.contract, plan.run_day)
        lines = invalid = 0
        for item in _new(reader.items(batches, plan.region, only_listed=plan.only_listed)):
            if isinstance(item, Unreadable):
                lines, invalid = lines + 1, invalid + 1
                continue
            lines += len(item)
            others = np.ones(len(item), bool)
            for rows in fast_path.plain(item.lines, plan.run_day):
                others[rows.places] = False
            results = (validate.line(item.lines[i], plan.contract) for i in np.flatnonzero(others).tolist())
            invalid += sum(isinstance(result, validate.Invalid) for result in results)
        yield pa.RecordBatch.from_pydict({"lines": [lines], "invalid": [invalid]})

    return count


def _new(items: Iterable[Item]) -> Iterator[Lines | Unreadable]:
    """Yield the lines that were never committed."""
    reread, done = False, Ranges()
    for item in items:
        if isinstance(item, Begin):
            reread, done = item.reread, item.done
        elif reread:
            continue
        elif isinstance(item, Lines):
            yield from (piece for piece, committed in item.cut(done) if not committed)
        elif isinstance(item, Unreadable) and not line_ranges.has(done, item.number):
            yield item
