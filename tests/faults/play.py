"""One history, played on the real thing: the model sees what the job sees."""

import itertools
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from faults import database, invariant, job, kinds, state, world
from faults.fault import InjectedFault
from faults.history import (
    Copy,
    Delete,
    Forget,
    FormerLayout,
    History,
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
from faults.world import Place, World
from testsupport import tools


@dataclass(frozen=True)
class Played:
    """A run: its fault, if any, whether and where that struck, and how the run ended."""

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
        """The kinds of the faults that really were."""
        return [run.kind for run in self.runs if run.struck]


class Play:
    """One history while it is played: what faults act on."""

    def __init__(self, history: History, w: World, place: Place, confs: Callable[[str], Path]) -> None:
        self.history, self.world, self.place, self.confs = history, w, place, confs
        self.model = Model()
        self.result = Result()
        self.passwords = (f"password-{n}" for n in itertools.count())
        self._runs = 0
        self._copied: database.Copied | None = None

    def put(self, key: str, body: Body) -> None:
        answer = self.world.client("s3").put_object(Bucket=self.place.name, Key=key, Body=body.encoded())
        self.model.put(key, answer["ETag"].strip('"'), body)
        world.write_feed(self.world, self.place, key)

    def delete(self, key: str) -> None:
        self.world.client("s3").delete_object(Bucket=self.place.name, Key=key)
        self.model.delete(key)

    def copy(self) -> None:
        self._copied = self.world.database.copied(self.place.name)
        self.model.copy()

    def change_user(self, password: str) -> None:
        self.world.database.execute(f"alter user '{database.USER}'@'%' identified by '{password}'")

    def change_secret(self, password: str) -> None:
        text = world.secret_text(self.world, self.place.name, password)
        self.world.client("secretsmanager").put_secret_value(SecretId=self.place.secret, SecretString=text)

    def next_run_id(self) -> str:
        self._runs += 1
        return self._run_id

    @property
    def _run_id(self) -> str:
        return f"jr_{self.place.name}_{self._runs}"

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
            case Forget():
                self.world.bookmark.version, self.world.bookmark.state = 0, {}
            case LoseLedger():
                self._lose_ledger()
            case Restore():
                self._restore()
            case Widen():
                self._idle()
                self.look(False)
                self.model.widen()
            case FormerLayout():
                self._idle()
                world.to_former_layout(self.world, self.place)
            case LoseFeed():
                world.lose_feed(self.world, self.place)
            case Run():
                self._run(step)

    def _lose_ledger(self) -> None:
        self._idle()  # Nothing is committed unseen, by a worker of a run that is over, before the tables are gone.
        self.look(False)
        self.world.database.execute(*(f"drop table if exists `{self.place.name}`.{t}" for t in world.LEDGER))
        self.model.lose_ledger()

    def _restore(self) -> None:
        if self._copied is None:
            return
        self._idle()
        self.world.database.restore(self.place.name, self._copied)
        self.model.restore()
        self.look(False)

    def _run(self, step: Run) -> None:
        self.world.clear_faults()
        self.world.control.begin()
        column = NARROW if self.model.narrow is None else WIDE
        options = {**step.options, "lock_wait_seconds": "30", "extra_columns": column}
        self.model.reread |= bool(step.reload or step.replay)
        refused = self._too_invalid(step)
        injected = kinds.inject(self, step.fault, options)
        outcome = self._start(injected, options)
        injected.finish()
        self._note(step, injected, outcome, refused)
        self.world.clear_faults()
        final = step.fault is None and outcome.succeeded
        if final:
            self._idle()
        self.look(final)

    def _idle(self) -> None:
        """Wait until nothing of former runs works. Spark takes a cancelled task for ended while its worker commits."""
        job.idle()
        tools.wait(self.world.database.idle, "the end of all sessions")

    def _start(self, injected: InjectedFault, options: dict[str, str]) -> Outcome:
        run_id = self.next_run_id()
        if injected.conf:
            return job.as_process(self.world, self.place, run_id, options, self.confs(injected.conf))
        return job.in_process(self.place, run_id, options)

    def _too_invalid(self, step: Run) -> bool:
        """Whether more of what the run is to read is invalid than it may quarantine."""
        if step.max_invalid_share >= 1:
            return False
        parts = set(state.read(self.world, self.place).parts)
        lines = self.model.pending(step.reload, step.replay, parts)
        return bool(lines) and sum(not self.model.valid(n) for n in lines) / len(lines) > step.max_invalid_share

    def _note(self, step: Run, injected: InjectedFault, outcome: Outcome, refused: bool) -> None:
        fault = step.fault
        struck = fault is not None and injected.fired(outcome)
        kind = fault.kind if fault else ""
        at = injected.at() if struck else []
        self.result.runs.append(Played(kind, struck, at, outcome.error, round(outcome.seconds, 2)))
        if refused or "ErrorThresholdError" in outcome.error:
            self._refused(refused, outcome)
        elif not struck and not outcome.succeeded:
            cause = f"though {kind} never struck" if kind else "without a fault"
            self.result.problems.append(f"a run failed {cause}: {outcome.error}")
        self.result.problems += injected.problems(outcome)

    def _refused(self, expected: bool, outcome: Outcome) -> None:
        """A run refuses its input if and only if too much is invalid. It commits nothing; an earlier one still may."""
        if expected != ("ErrorThresholdError" in outcome.error):
            self.result.problems.append(f"too much invalid input: {expected}, but the run ended with {outcome.error!r}")
        if batches := state.batches_of(self.world, self.place, self._run_id):
            self.result.problems.append(f"a run that refused its input committed {batches} batches")

    def look(self, final: bool) -> None:
        found = state.read(self.world, self.place)
        self.result.problems += invariant.differences(self.model, found, final)
        self.model.seen.update(found.parts)


def play(history: History, w: World, confs: Callable[[str], Path]) -> Result:
    """Play a history in a separate place. Steps after the first problem are left out."""
    w.clear_faults()
    place = world.create_place(w, f"h{history.seed}-{uuid.uuid4().hex[:8]}")
    stage = Play(history, w, place, confs)
    try:
        for step in history.steps:
            stage.step(step)
            if stage.result.problems:
                break
    finally:
        w.clear_faults()
        world.delete_place(w, place)
    return stage.result
