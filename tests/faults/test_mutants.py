"""The harness catches a job with any one of its protections disabled."""

from collections.abc import Iterator

import pytest

from faults import mutants
from faults.campaign import Harness
from faults.generate import history
from faults.kinds import CHANGED, RESTORED

# A kind of fault that each protection is for.
_CATCHES = {
    "table key": "latency",
    "ledger key": "run cancelled within commit",
    "lock": "two runs, one refused",
    "parquet recovery": "worker killed after commit",
    "reading again after a restore": RESTORED,
    "ledger of each table": f"{CHANGED}driver dies with the lock",
    "ledger of one bucket": "second stack before the run",
    "Parquet of each table": f"{CHANGED}driver dies after the load",
    "transaction": "worker killed after rows",
    "quarantine first": "worker killed after commit",
}
# The first seed, if not 0. Earlier histories wait for locked rows without the lock, and do not catch late quarantine.
_FIRST_SEEDS = {"lock": 18, "quarantine first": 3}
_HISTORIES = 8  # With that fault: at least one of them must fail.


@pytest.fixture(autouse=True)
def enable_all_protections(harness: Harness) -> Iterator[None]:
    yield
    harness.world.disable("")


def test_each_protection_has_a_fault() -> None:
    assert set(_CATCHES) == set(mutants.PROTECTIONS)


@pytest.mark.parametrize("protection", mutants.PROTECTIONS)
def test_mutant_is_caught(harness: Harness, protection: str) -> None:
    harness.world.disable(protection)
    kinds, first = (_CATCHES[protection],), _FIRST_SEEDS.get(protection, 0)
    assert any(harness.play(history(seed, kinds)).problems for seed in range(first, first + _HISTORIES))


def test_history_holds_with_all_protections(harness: Harness) -> None:
    assert harness.play(history(0, ("worker killed after rows",))).problems == []
