"""A history: changes of the input and runs of the job, as plain data that can be printed and replayed."""

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any, get_args

from faults.lines import Body, Line


@dataclass(frozen=True)
class Put:
    """Store an object. An object with the same key is replaced."""

    key: str
    body: Body


@dataclass(frozen=True)
class Copy:
    """Deliver an object's bytes again, under the same key or another one."""

    key: str
    to: str


@dataclass(frozen=True)
class Delete:
    """Remove an object."""

    key: str


@dataclass(frozen=True)
class Rotate:
    """Change the password of the database's user and the secret. `first` is "user" or "secret"."""

    first: str


@dataclass(frozen=True)
class LoseBookmark:
    """Lose the bookmark."""


@dataclass(frozen=True)
class LoseLedger:
    """Drop the ledger's tables."""


@dataclass(frozen=True)
class Restore:
    """Restore the database to its last snapshot, if a fault has taken one."""


@dataclass(frozen=True)
class Widen:
    """Widen the contract: from here on, it accepts lines that it rejected before."""


@dataclass(frozen=True)
class FormerLayout:
    """Convert the tables to those of an earlier release, which the next run has to migrate."""


@dataclass(frozen=True)
class ChangeTable:
    """Load into another table from now on. Without `wait`, workers of ended runs may still be busy."""

    table: str
    wait: bool = True


@dataclass(frozen=True)
class Fault:
    """A fault of one run: its kind (see kinds.py), where it strikes, and how strongly."""

    kind: str
    nth: int = 1
    amount: int = 0
    name: str = ""


@dataclass(frozen=True)
class Run:
    """A run of the job, with or without a fault.

    `reload` is the first and the last day of objects to read again. `replay` reads objects with invalid lines again.
    With `max_invalid_share` below 1, the run may refuse its input. With `feed`, it reads only objects in the feed.
    """

    commit_rows: int = 3
    fault: Fault | None = None
    reload: str = ""
    replay: bool = False
    max_invalid_share: float = 1.0
    feed: bool = False

    @property
    def options(self) -> dict[str, str]:
        """The job's arguments for this run."""
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
    """Delete the feed's files, as if S3 never delivered the events: only a full listing finds these objects."""


Step = (
    Put | Copy | Delete | Rotate | LoseBookmark | LoseLedger | Restore | Widen | FormerLayout | ChangeTable | LoseFeed
    | Run
)  # fmt: skip
_STEPS: dict[str, Any] = {c.__name__.lower(): c for c in get_args(Step)}


@dataclass(frozen=True)
class History:
    """Steps. The last one is a run without a fault."""

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
    """Parse the JSON of `to_json`."""
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
    """Format a history for the terminal, one step per line."""
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
        case LoseBookmark():
            return "lose the bookmark"
        case LoseLedger():
            return "lose the ledger"
        case Restore():
            return "restore the database to the snapshot"
        case Widen():
            return "widen the contract"
        case FormerLayout():
            return "convert the tables to those of an earlier release"
        case ChangeTable(table, wait):
            return f"load into {table} from now on{'' if wait else ', without waiting for workers'}"
        case LoseFeed():
            return "lose the feed"
        case Run():
            what = f"with {step.fault}" if step.fault else "without a fault"
            return f"run, {', '.join(f'{n} {v}' for n, v in step.options.items())}, {what}"
