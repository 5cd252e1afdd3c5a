"""Faults with a second stack: another bucket in the same schema, so that each of its runs must be refused."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from faults import job, state, world
from faults.control import GO, Point, Trap
from faults.fault import Inject, InjectedFault, joining
from faults.history import Fault
from faults.job import Outcome, SecondRun
from faults.lines import Body, Line

if TYPE_CHECKING:
    from faults.play import Player

_OTHER_BUCKET, _LOCKED = "OtherBucketError", "another run is loading"
_WAIT_S = 60
_TABLE = "second_tbl"
_BODY = Body("plain", (Line("event", 10**7), Line("missing_key")))


class _Stack:
    """The second stack, with one object to load. It loads into the first stack's table if the amount is odd."""

    def __init__(self, player: Player, fault: Fault, options: dict[str, str], wait_s: int) -> None:
        self._world, self._first = player.world, player.sandbox
        name = f"{player.sandbox.name}-{uuid.uuid4().hex[:8]}"
        self._sandbox = world.create_second_stack(player.world, player.sandbox, name)
        key = "sale_events/dt=2024-05-01/a.json"
        player.world.client("s3").put_object(Bucket=self._sandbox.name, Key=key, Body=_BODY.encoded())
        self._options = {
            "extra_columns": options["extra_columns"],
            "tgt_tbl_name": options["tgt_tbl_name"] if fault.amount % 2 else _TABLE,
            "lock_wait_seconds": str(wait_s),
        }

    def run(self) -> Outcome:
        return job.in_process(self._sandbox, self._run_id, self._options)

    def start(self) -> SecondRun:
        run = SecondRun(self._sandbox, self._run_id, self._options)
        run.start()
        return run

    @property
    def _run_id(self) -> str:
        return f"jr_{self._sandbox.name}"

    def problems(self, outcome: Outcome, expected: str) -> Iterator[str]:
        """Yield a problem if the run did not end with the expected error, and one for each change it made."""
        if expected not in outcome.error:
            yield f"a second stack's run ended with {outcome.error or 'success'}"
        if keys := world.keys(self._world, self._sandbox, "curated/"):
            yield f"a second stack's run stored {keys}"
        tables = self._world.database.snapshot(self._first.name)
        if _TABLE in tables:
            yield "a second stack's run created its table"
        for table, (_, rows) in tables.items():
            if inserted := [row for row in rows if any(self._sandbox.name in str(value) for value in row)]:
                yield f"a second stack's run inserted {inserted} into {table}"


def before(player: Player, fault: Fault, options: dict[str, str]) -> InjectedFault:
    """Run the second stack's job before the first one's."""
    if state.owner(player.world, player.sandbox) is None:  # Without a ledger, the second stack would create one.
        return InjectedFault()
    player.idle()
    second, schema = _Stack(player, fault, options, 0), player.sandbox.name
    tables = player.world.database.snapshot(schema)
    outcome = second.run()
    found = list(second.problems(outcome, _OTHER_BUCKET))
    if player.world.database.snapshot(schema) != tables:
        found.append("a second stack's run changed the tables")
    return InjectedFault(struck=lambda _: True, problems=lambda _: found)


def during(points: dict[str, Point], waits: bool) -> Inject:
    """Start the second stack's job while the first one's holds the lock. It fails at once, or waits and then fails."""

    def inject(player: Player, fault: Fault, options: dict[str, str]) -> InjectedFault:
        second, runs = _Stack(player, fault, options, _WAIT_S if waits else 0), list[SecondRun]()

        def strike() -> dict[str, Any]:
            runs.append(second.start())
            if not waits:
                runs[0].join()
            return GO

        def problems(_: Outcome) -> list[str]:
            expected = _OTHER_BUCKET if waits else _LOCKED
            return [problem for run in runs for problem in second.problems(run.outcome, expected)]

        trap = Trap(points[fault.name].at(fault.nth), strike)
        player.world.control.set_trap(trap)
        return InjectedFault(trap, finish=joining(runs), problems=problems)

    return inject
