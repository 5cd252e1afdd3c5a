"""A fixed set of histories with faults of every group. `make faults` plays many more, with every kind."""

import itertools

import pytest

from faults.campaign import Harness
from faults.generate import history
from faults.history import show
from faults.kinds import CANCELLED_CHANGED, CHANGED, KINDS

# These start a separate Spark, which takes as long as five histories, so the tests have only one of each.
_LONG = [(kind,) for kind in ("job killed after ledger", "driver's machine lost", "slow attempt, speculation")]
# Others of these groups differ only in the point, or test_found.py plays them.
_CHANGED = [f"{CHANGED}driver dies after a removal of Parquet", f"{CHANGED}connection cut before a statement"]
_ELSEWHERE = ("job killed", "driver's machine", "slow attempt", CHANGED, CANCELLED_CHANGED)
_SHORT = [kind for kind in KINDS if not kind.startswith(_ELSEWHERE) and kind != "second stack during the run, refused"]
_SHORT += _CHANGED
_PAIRS = list(itertools.zip_longest(_SHORT[::2], _SHORT[1::2], fillvalue="latency"))
_TRIES = 6


@pytest.mark.parametrize("kinds", [*_PAIRS, *_LONG], ids=" and ".join)
def test_invariant_holds_with_each_fault(harness: Harness, kinds: tuple[str, ...]) -> None:
    """Play histories with these faults until each has struck."""
    remaining = set(kinds)
    for seed in range(_TRIES):
        if not remaining:
            return
        played = history(seed, kinds)
        result = harness.play(played)
        assert not result.problems, f"{result.problems}\n{show(played)}"
        remaining -= set(result.struck)
    assert not remaining, "these faults never struck"
