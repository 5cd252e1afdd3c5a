"""The harness catches a job that lacks any one of its protections."""

from collections.abc import Iterator

import pytest

from faults import mutants
from faults.campaign import Harness
from faults.generate import history
from faults.kinds import RESTORED

# A kind of fault that the protection is there for, and how many histories with it may pass unharmed.
_CATCHES = {
    "table key": "latency",
    "ledger key": "run cancelled within commit",
    "lock": "two runs, one refused",
    "parquet recovery": "worker killed after commit",
    "reading again after a restore": RESTORED,
    "transaction": "worker killed after rows",
    "quarantine first": "worker killed after commit",
}
_HISTORIES = 8


@pytest.fixture(autouse=True)
def whole_afterwards(harness: Harness) -> Iterator[None]:
    yield
    harness.world.lack("")


def test_each_protection_is_taken_away() -> None:
    assert set(_CATCHES) == set(mutants.PROTECTIONS)


@pytest.mark.parametrize("protection", mutants.PROTECTIONS)
def test_weakened_job_is_caught(harness: Harness, protection: str) -> None:
    harness.world.lack(protection)
    kinds = (_CATCHES[protection],)
    assert any(harness.play(history(seed, kinds)).problems for seed in range(_HISTORIES))


def test_first_history_that_is_caught_holds_with_all_protections(harness: Harness) -> None:
    assert harness.play(history(0, ("worker killed after rows",))).problems == []
