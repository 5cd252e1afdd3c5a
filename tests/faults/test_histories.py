"""A fixed set of histories with every kind of fault; `make faults` has many more."""

import itertools

import pytest

from faults.campaign import Harness
from faults.generate import history
from faults.history import show
from faults.kinds import KINDS

# These need a separate Spark, which takes as long as five histories: one of each sort is enough here.
_LONG = [(kind,) for kind in ("job killed after ledger", "driver's machine lost", "slow attempt, speculation")]
_SHORT = [kind for kind in KINDS if not kind.startswith(("job killed", "driver's machine", "slow attempt"))]
_PAIRS = list(itertools.zip_longest(_SHORT[::2], _SHORT[1::2], fillvalue="latency"))
_TRIES = 6


@pytest.mark.parametrize("kinds", [*_PAIRS, *_LONG], ids=" and ".join)
def test_everything_once_whatever_fails(harness: Harness, kinds: tuple[str, ...]) -> None:
    """Histories with these faults, until each has struck."""
    left = set(kinds)
    for seed in range(_TRIES):
        if not left:
            return
        played = history(seed, kinds)
        result = harness.play(played)
        assert not result.problems, f"{result.problems}\n{show(played)}"
        left -= set(result.struck)
    assert not left, "these faults never struck"
