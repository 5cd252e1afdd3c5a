"""A history: what happens to the input, and the runs of the job, as plain data that can be printed and repeated."""

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from faults.lines import Body, Line


@dataclass(frozen=True)
class Put:
    """Store an object; under a key that exists it replaces it."""

    key: str
    body: Body


@dataclass(frozen=True)
class Copy:
    """Deliver an object's bytes again: under its own key, or under another."""

    key: str
    to: str


@dataclass(frozen=True)
class Delete:
    """Remove an object."""

    key: str


@dataclass(frozen=True)
class Rotate:
    """Change the database's password and the secret's, `first` being "user" or "secret"."""

    first: str


@dataclass(frozen=True)
class Forget:
    """Lose the bookmark."""


@dataclass(frozen=True)
class LoseLedger:
    """Drop the ledger's tables."""


@dataclass(frozen=True)
class Restore:
    """Restore the database to the last copy that a fault of a run has made of it, if there is one."""


@dataclass(frozen=True)
class Widen:
    """Have the contract take, from here on, lines that it has refused."""


@dataclass(frozen=True)
class FormerLayout:
    """Make the tables into those of an earlier release, which the next run has to migrate."""


@dataclass(frozen=True)
class Fault:
    """A failure of one run: its kind (see kinds.py), and numbers that say where and how much."""

    kind: str
    nth: int = 1
    amount: int = 0
    name: str = ""


@dataclass(frozen=True)
class Run:
    """A run of the job, whole or with a fault.

    `reload` are the first and the last day of objects to be read again, `replay` reads those with invalid lines again.
    `max_invalid_share` below 1 may have the run refuse its input. With `feed` it looks at the objects of the feed only.
    """

    commit_rows: int = 3
    fault: Fault | None = None
    reload: str = ""
    replay: bool = False
    max_invalid_share: float = 1.0
    feed: bool = False

    @property
    def options(self) -> dict[str, str]:
        """What it adds to the job's arguments."""
        found = {"commit_rows": str(self.commit_rows)}
        if self.reload:
            found["reload_from"], found["reload_to"] = self.reload.split()
        if self.replay:
            found["replay"] = "true"
        if self.max_invalid_share < 1:
            found["max_invalid_share"] = str(self.max_invalid_share)
        if self.feed:
            found["listing"] = "feed"
        return found


@dataclass(frozen=True)
class LoseFeed:
    """Lose what the feed has, as when events are never delivered: only a full listing finds these objects."""


Step = Put | Copy | Delete | Rotate | Forget | LoseLedger | Restore | Widen | FormerLayout | LoseFeed | Run
_STEPS: dict[str, Any] = {
    c.__name__.lower(): c
    for c in (Put, Copy, Delete, Rotate, Forget, LoseLedger, Restore, Widen, FormerLayout, LoseFeed, Run)
}


@dataclass(frozen=True)
class History:
    """Steps; the last one is a run without a fault."""

    seed: int
    steps: tuple[Step, ...]
    faults: tuple[Fault, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        found = tuple(s.fault for s in self.steps if isinstance(s, Run) and s.fault)
        object.__setattr__(self, "faults", found)

    def with_steps(self, steps: tuple[Step, ...]) -> "History":
        return replace(self, steps=steps)

    def to_json(self) -> dict[str, Any]:
        steps = [{"do": type(s).__name__.lower(), **asdict(s)} for s in self.steps]
        return {"seed": self.seed, "steps": steps}


def from_json(text: str) -> History:
    """The history that `to_json` gave."""
    raw = json.loads(text)
    return History(raw["seed"], tuple(_step(s) for s in raw["steps"]))


def _step(raw: dict[str, Any]) -> Step:
    values = {k: v for k, v in raw.items() if k != "do"}
    if "body" in values:
        lines = tuple(Line(**line) for line in values["body"]["lines"])
        values["body"] = Body(values["body"]["form"], lines)
    if values.get("fault"):
        values["fault"] = Fault(**values["fault"])
    step: Step = _STEPS[raw["do"]](**values)
    return step


def show(history: History) -> str:
    """A history for reading, one step a line."""
    return "\n".join(f"  {i}. {_words(step)}" for i, step in enumerate(history.steps, 1))


def _words(step: Step) -> str:
    match step:
        case Put(key, body):
            lines = " ".join(f"{n.kind}/{n.number}.{n.variant}" if n.kind == "event" else n.kind for n in body.lines)
            return f"put {key} ({body.form}): {lines}"
        case Copy(key, to):
            return f"deliver {key} again" + (f" as {to}" if to != key else "")
        case Delete(key):
            return f"delete {key}"
        case Rotate(first):
            return f"change the password, the {first} first"
        case Forget():
            return "lose the bookmark"
        case LoseLedger():
            return "lose the ledger"
        case Restore():
            return "restore the database to the copy"
        case Widen():
            return "widen the contract"
        case FormerLayout():
            return "go back to the tables of an earlier release"
        case LoseFeed():
            return "lose the feed"
        case Run():
            what = f"with {step.fault}" if step.fault else "without a fault"
            return f"run, {', '.join(f'{n} {v}' for n, v in step.options.items())}, {what}"
