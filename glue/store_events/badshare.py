"""The share of bad lines, counted before anything is committed."""

from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa
from pyspark.sql import DataFrame

from store_events import rule, stream
from store_events.contract import Contract

_RESULT = "lines long, bad long"


class BadShareError(Exception):
    """More of the input is bad than the run may quarantine."""


def check(judged: DataFrame, contract: Contract, limit: float) -> None:
    """Raise BadShareError where more than `limit`, 0 to 1, of the lines are no events."""
    counts = judged.mapInArrow(_counter(contract), _RESULT).groupBy().sum("lines", "bad").collect()[0]
    lines, bad = counts[0] or 0, counts[1] or 0
    if lines and bad / lines > limit:
        raise BadShareError(
            f"{bad} of {lines} new lines are no events, more than the share of {limit:g} that max_bad_share allows; "
            "nothing was committed. Mend or remove the input, or allow more, and run the job again"
        )


def _counter(contract: Contract) -> Callable[[Iterable[pa.RecordBatch]], Iterable[pa.RecordBatch]]:
    def count(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        lines = bad = 0
        for item in stream.items(batches):
            if isinstance(item, stream.Slice):
                lines += len(item)
                bad += sum(isinstance(rule.judge(line, contract), rule.Refusal) for _, line in item.others())
            elif isinstance(item, stream.Bad):
                lines, bad = lines + 1, bad + 1
        yield pa.RecordBatch.from_pydict({"lines": [lines], "bad": [bad]})

    return count
