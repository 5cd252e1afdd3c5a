"""The harness catches a job that lacks any one of its protections."""

from collections.abc import Iterator

import pytest

from faults import weak
from faults.campaign import Theatre
from faults.generate import history

# A kind of fault that the protection is there for, and how many histories with it may pass unharmed.
_CATCHES = {
    "table key": "latency",
    "ledger key": "run cancelled within commit",
    "lock": "two runs, one refused",
    "parquet recovery": "worker killed after commit",
    "transaction": "worker killed after rows",
    "quarantine first": "worker killed after commit",
}
_HISTORIES = 8


@pytest.fixture(autouse=True)
def whole_afterwards(theatre: Theatre) -> Iterator[None]:
    yield
    theatre.world.lack("")


def test_each_protection_is_taken_away() -> None:
    assert set(_CATCHES) == set(weak.PROTECTIONS)


@pytest.mark.parametrize("protection", weak.PROTECTIONS)
def test_weakened_job_is_caught(theatre: Theatre, protection: str) -> None:
    theatre.world.lack(protection)
    kinds = (_CATCHES[protection],)
    assert any(theatre.play(history(seed, kinds)).problems for seed in range(_HISTORIES))


def test_first_history_that_is_caught_holds_with_all_protections(theatre: Theatre) -> None:
    assert theatre.play(history(0, ("worker killed after rows",))).problems == []
