"""Play a history on the real job, and apply the same changes to the model."""

import itertools
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from faults import database, invariant, job, kinds, state, world
from faults.fault import InjectedFault
from faults.history import (
    ChangeTable,
    Copy,
    Delete,
    FormerLayout,
    History,
    LoseBookmark,
    LoseFeed,
    LoseLedger,
    Put,
    Restore,
    Rotate,
    Run,
    Step,
    Widen,
)
from faults.job import Outcome
from faults.lines import NARROW, WIDE, Body
from faults.model import Model
from faults.world import Sandbox, World
from testsupport import tools


@dataclass(frozen=True)
class Played:
    """A run: its fault, if any, whether and where the fault struck, and how the run ended."""

    kind: str
    struck: bool
    at: list[str]
    error: str
    seconds: float


@dataclass
class Result:
    """The result of a history."""

    problems: list[str] = field(default_factory=list)
    runs: list[Played] = field(default_factory=list)

    @property
    def struck(self) -> list[str]:
        """The kinds of the faults that struck."""
        return [run.kind for run in self.runs if run.struck]


class Player:
    """Plays one history. Faults call it to change the input."""

    def __init__(self, history: History, w: World, sandbox: Sandbox, confs: Callable[[str], Path]) -> None:
        self.history, self.world, self.sandbox, self.confs = history, w, sandbox, confs
        self.model = Model()
        self.result = Result()
        self.passwords = (f"password-{n}" for n in itertools.count())
        self._runs = 0
        self._snapshot: database.Snapshot | None = None

    def put(self, key: str, body: Body) -> None:
        answer = self.world.client("s3").put_object(Bucket=self.sandbox.name, Key=key, Body=body.encoded())
        self.model.put(key, answer["ETag"].strip('"'), body)
        world.write_feed(self.world, self.sandbox, key)

    def delete(self, key: str) -> None:
        self.world.client("s3").delete_object(Bucket=self.sandbox.name, Key=key)
        self.model.delete(key)

    def snapshot(self) -> None:
        self._snapshot = self.world.database.snapshot(self.sandbox.name)
        self.model.set_owner(state.owner(self.world, self.sandbox))
        self.model.snapshot()

    def change_user(self, password: str) -> None:
        self.world.database.execute(f"alter user '{database.USER}'@'%' identified by '{password}'")

    def change_secret(self, password: str) -> None:
        text = world.secret_text(self.world, self.sandbox.name, password)
        self.world.client("secretsmanager").put_secret_value(SecretId=self.sandbox.secret, SecretString=text)

    def next_run_id(self) -> str:
        self._runs += 1
        return self._run_id

    @property
    def _run_id(self) -> str:
        return f"jr_{self.sandbox.name}_{self._runs}"

    def step(self, step: Step) -> None:
        match step:
            case Put(key, body):
                self.put(key, body)
            case Copy(key, to):
                if key in self.model.current:
                    self.put(to, self.model.body(key))
            case Delete(key):
                if key in self.model.current:
                    self.delete(key)
            case Rotate(first):
                password = next(self.passwords)
                changes = [self.change_user, self.change_secret]
                for change in changes if first == "user" else reversed(changes):
                    change(password)
            case LoseBookmark():
                self.world.bookmark.version, self.world.bookmark.state = 0, {}
            case LoseLedger():
                self._lose_ledger()
            case Restore():
                self._restore()
            case Widen():
                self.idle()
                self.check(False)
                self.model.widen()
            case FormerLayout():
                self.idle()
                world.to_former_layout(self.world, self.sandbox, self.model.table)
            case ChangeTable(table, wait):
                if wait:
                    self.idle()  # Otherwise a worker could commit between the check and the run that clears the ledger.
                self.check(False)
                self.model.table = table
            case LoseFeed():
                world.lose_feed(self.world, self.sandbox)
            case Run():
                self._run(step)

    def _lose_ledger(self) -> None:
        self.idle()  # Otherwise a worker that outlives its run could commit between the check and the drop.
        self.check(False)
        self.world.database.execute(*(f"drop table if exists `{self.sandbox.name}`.{t}" for t in world.LEDGER))
        self.model.lose_ledger()

    def _restore(self) -> None:
        if self._snapshot is None:
            return
        self.idle()
        self.world.database.restore(self.sandbox.name, self._snapshot)
        self.model.restore()
        self.check(False)

    def _run(self, step: Run) -> None:
        self.world.clear_faults()
        self.world.control.begin()
        column = WIDE if self.model.wide else NARROW
        options = {
            **step.options, "lock_wait_seconds": "30", "extra_columns": column, "tgt_tbl_name": self.model.table,
        }  # fmt: skip
        self.model.reread |= bool(step.reload or step.replay)
        refused = self._exceeds_invalid_share(step)
        injected = kinds.inject(self, step.fault, options)
        outcome = self._start(injected, options)
        injected.finish()
        self._record(step, injected, outcome, refused)
        self.world.clear_faults()
        final = step.fault is None and outcome.succeeded
        if final:
            self.idle()
        self.check(final)

    def idle(self) -> None:
        """Wait for all tasks and sessions. Spark reports a cancelled task as ended, but its worker may still commit."""
        job.idle()
        tools.wait(self.world.database.idle, "all sessions to end")

    def _start(self, injected: InjectedFault, options: dict[str, str]) -> Outcome:
        run_id = self.next_run_id()
        if injected.conf:
            return job.as_process(self.world, self.sandbox, run_id, options, self.confs(injected.conf))
        return job.in_process(self.sandbox, run_id, options)

    def _exceeds_invalid_share(self, step: Run) -> bool:
        """Report whether the share of invalid lines in the run's input exceeds its limit."""
        if step.max_invalid_share >= 1:
            return False
        found = self._read()
        # The run deletes the ledger of another table.
        parts = set(found.parts) if found.owner == self.model.table else set()
        lines = self.model.pending(step.reload, step.replay, parts)
        return bool(lines) and sum(not self.model.valid(n) for n in lines) / len(lines) > step.max_invalid_share

    def _record(self, step: Run, injected: InjectedFault, outcome: Outcome, refused: bool) -> None:
        fault = step.fault
        struck = fault is not None and injected.fired(outcome)
        kind = fault.kind if fault else ""
        at = injected.at() if struck else []
        self.result.runs.append(Played(kind, struck, at, outcome.error, round(outcome.seconds, 2)))
        if refused or "ErrorThresholdError" in outcome.error:
            self._check_refusal(refused, outcome)
        elif not struck and not outcome.succeeded:
            cause = f"though {kind} never struck" if kind else "without a fault"
            self.result.problems.append(f"a run failed {cause}: {outcome.error}")
        self.result.problems += injected.problems(outcome)

    def _check_refusal(self, expected: bool, outcome: Outcome) -> None:
        """Check that the run refused its input only as expected, and committed nothing. An earlier run still may."""
        if expected != ("ErrorThresholdError" in outcome.error):
            refusal = "a refusal" if expected else "no refusal"
            self.result.problems.append(f"expected {refusal}, but the run ended with {outcome.error!r}")
        if batches := state.batches_of(self.world, self.sandbox, self._run_id):
            self.result.problems.append(f"a run that refused its input committed {batches} batches")

    def _read(self) -> state.State:
        return state.read(self.world, self.sandbox, self.model.table)

    def check(self, final: bool) -> None:
        found = self._read()
        self.model.set_owner(found.owner)
        self.result.problems += invariant.differences(self.model, found, final)
        self.model.seen.update(found.parts)


def play(history: History, w: World, confs: Callable[[str], Path]) -> Result:
    """Play a history in a separate sandbox. Steps after the first problem are skipped."""
    w.clear_faults()
    sandbox = world.create_sandbox(w, f"h{history.seed}-{uuid.uuid4().hex[:8]}")
    player = Player(history, w, sandbox, confs)
    try:
        for step in history.steps:
            player.step(step)
            if player.result.problems:
                break
    finally:
        w.clear_faults()
        world.delete_sandbox(w, sandbox)
    return player.result
