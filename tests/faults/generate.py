"""Random histories: each seed determines one history."""

from collections.abc import Callable
from random import Random

from faults import bodies, change, concurrency, loss
from faults.history import (
    ChangeTable,
    Copy,
    Delete,
    Fault,
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
from faults.kinds import CANCELLED_CHANGED, CHANGED, CHANGED_RESTORED, DRIVER_POINTS, KINDS, RESTORED
from faults.lines import Body
from faults.world import TABLE, TABLES

_STREAMS = ("sale_events", "inventory_events")
_DAYS = ("2020-01-31", "2024-05-01", "2024-05-02")  # The first arrives very late.
_ORDER = tuple(KINDS)
# These need a separate Spark.
_LONG = ("job killed", "driver's machine", "migration's process", "slow attempt", f"{CHANGED}process")


def history(seed: int, kinds: tuple[str, ...] = ()) -> History:
    """Return some input, a run with a fault, some input, perhaps another such run, and a run without a fault.

    The seed determines the first fault's kind, so that a campaign has all kinds equally often. `kinds` overrides
    all kinds.
    """
    rng = Random(seed)
    named = kinds or (_ORDER[seed % len(_ORDER)], *_second(rng))
    # This fault adds a large object, which would take long in small batches.
    rows = (50, 1000) if "database's disk full" in named else (1, 3, 8, 1000)
    keys: list[str] = []
    steps = _input(rng, keys, 3)
    for kind in named:
        if rng.random() < 0.15:
            steps.append(Run(rng.choice(rows), max_invalid_share=rng.choice((0.1, 0.2, 0.4))))
        if kind.startswith("migration"):
            steps += [Run(rng.choice(rows)), *_input(rng, keys, 1), FormerLayout()]
        if kind.startswith("second stack"):
            # The first stack must own the ledger, and have something to load.
            steps += [Run(rng.choice(rows)), *_puts(rng, keys)]
        if kind.startswith(CHANGED):
            steps += [Run(rng.choice(rows)), *_input(rng, keys, 1)]
            steps.append(ChangeTable(_other_table(rng, steps)))
        if "feed" in kind:
            # A feed run needs an earlier full listing, and new objects.
            steps += [Run(rng.choice(rows)), *_puts(rng, keys)]
        if kind == RESTORED:
            # The quarantine must already contain long lines, and the run must have something to load.
            steps += [*_puts(rng, keys, bodies.long_notes), Run(rng.choice(rows)), *_puts(rng, keys)]
        if kind == CANCELLED_CHANGED:
            steps += _puts(rng, keys)
        run = _run(rng, rows, _fault(rng, kind))
        steps.append(run)
        if kind == CANCELLED_CHANGED:
            steps.append(ChangeTable(_other_table(rng, steps), wait=False))
        steps += _input(rng, keys, 1)
        if kind == CHANGED_RESTORED:
            steps += _restore_after_change(rng, rows, _former_table(steps))
        elif kind.startswith(CHANGED):
            more = _input(rng, keys, 1)
            again = rng.choice((run, _run(rng, rows, _fault(rng, kind))))
            steps += _after_change(rng, [Run(rng.choice(rows)), *more], again, ChangeTable(_former_table(steps)))
        if "feed" in kind:
            steps += rng.choice(([], [LoseFeed()], [Run(rng.choice(rows), feed=True)]))
        if kind == RESTORED:
            steps += [*_before_restore(rng, keys, rows), Restore(), *_input(rng, keys, 0)]
    feed_is_complete = LoseFeed() not in steps  # Otherwise only a full listing finds everything.
    steps.append(Run(rng.choice(rows), feed=feed_is_complete and rng.random() < 0.5))
    return History(seed, tuple(steps))


def _second(rng: Random) -> tuple[str, ...]:
    cheap = [kind for kind in _ORDER if not kind.startswith(_LONG)]
    return (rng.choice(cheap),) if rng.random() < 0.4 else ()


def _before_restore(rng: Random, keys: list[str], rows: tuple[int, ...]) -> list[Step]:
    """Return steps between a run and the restore of the database to a snapshot taken during that run."""
    deletes = [Delete(key) for key in keys if rng.random() < 0.3]
    wider: list[Step] = [Widen()] if rng.random() < 0.7 else []
    return [*deletes, *rng.choice(([], [*wider, Run(rng.choice(rows), replay=rng.random() < 0.7)]))]


def _tables(steps: list[Step]) -> list[str]:
    """Return the tables that runs load into, in order."""
    return [TABLE, *(step.table for step in steps if isinstance(step, ChangeTable))]


def _other_table(rng: Random, steps: list[Step]) -> str:
    """Choose a table other than the last one, if possible one that does not exist."""
    used = _tables(steps)
    return rng.choice([t for t in TABLES if t not in used] or [t for t in TABLES if t != used[-1]])


def _former_table(steps: list[Step]) -> str:
    """Return the table before the last change."""
    return _tables(steps)[-2]


def _restore_after_change(rng: Random, rows: tuple[int, ...], former: str) -> list[Step]:
    """Return steps that restore a snapshot from the first run with another table. Most undo the change too."""
    more: list[Step] = [Run(rng.choice(rows))] if rng.random() < 0.5 else []
    undo: list[Step] = [Restore(), ChangeTable(former)]
    rng.shuffle(undo)
    return [*more, *(undo if rng.random() < 0.8 else [Restore()])]


def _after_change(rng: Random, fault_free: list[Step], again: Run, back: ChangeTable) -> list[Step]:
    """Return steps after a first run with another table and a fault.

    These are some of: a run without a fault and input, the change back to the former table, another run with a fault.
    """
    steps: tuple[list[Step], ...]
    steps = ([], [again], [back], [back, again], [*fault_free, back], [*fault_free, back, again])
    return rng.choice(steps)


def _run(rng: Random, rows: tuple[int, ...], fault: Fault) -> Run:
    days = sorted(rng.choices(_DAYS, k=2))
    if "feed" in fault.kind:
        return Run(rng.choice(rows), fault, feed=True)
    if fault.kind.startswith(CHANGED) and rng.random() < 0.2:
        return Run(rng.choice(rows), fault, feed=True)  # This run must list all objects nevertheless.
    reload = " ".join(days) if rng.random() < 0.15 else ""
    return Run(rng.choice(rows), fault, reload, rng.random() < 0.15)


def _puts(rng: Random, keys: list[str], body: Callable[[Random], Body] = bodies.small) -> list[Step]:
    """Put objects under new keys."""
    new = [f"{rng.choice(_STREAMS)}/dt={rng.choice(_DAYS)}/new-{len(keys) + n}.json" for n in range(2)]
    keys += new
    return [Put(key, body(rng)) for key in new]


def _input(rng: Random, keys: list[str], least: int) -> list[Step]:
    """Return changes of the input, mostly new objects. `keys` are all keys used so far."""
    return [_change(rng, keys) for _ in range(least + rng.randrange(3))]


def _change(rng: Random, keys: list[str]) -> Step:
    new = _key(rng)
    if not keys or rng.random() < 0.6:
        keys.append(new)
        return Put(new, bodies.small(rng))
    old = rng.choice(keys)
    match rng.randrange(9):
        case 0:
            return Copy(old, old)
        case 1:
            keys.append(new)
            return Copy(old, new)
        case 2:
            return Delete(old)
        case 3:
            return Rotate(rng.choice(("user", "secret")))
        case 4:
            return LoseBookmark()
        case 5:
            return LoseLedger()
        case 6:
            return FormerLayout()
        case 7:
            return ChangeTable(rng.choice(TABLES))
    return Put(old, bodies.small(rng))


def _key(rng: Random) -> str:
    stream, day = rng.choice(_STREAMS), rng.choice(_DAYS)
    return f"{stream}/dt={day}/{rng.randrange(20)}.json{rng.choice(('', '.gz'))}"


def _fault(rng: Random, kind: str) -> Fault:
    """Choose numbers with which the fault usually strikes in a small history."""
    nth, amount = rng.choice((1, 1, 1, 1, 1, 2, 2, 3)), rng.randrange(10_000)
    if kind.startswith((f"{CHANGED}connection", f"{CHANGED}database killed under")):
        nth = rng.randint(1, 70)  # Including the statements that other runs do not have.
    elif "statement" in kind or "before an answer" in kind or "under the driver" in kind or "password" in kind:
        nth = rng.randint(1, 25)
    elif kind.startswith("attempt fails") or kind == "every attempt fails":
        nth = rng.randint(1, 12)
    elif kind.startswith(("connection cut", "connection silent")):
        nth, amount = rng.randint(1, 6), int(4 ** rng.uniform(0, 6.3))
    elif kind.endswith((*DRIVER_POINTS, "deletion", "before the restore of Parquet")) or kind.startswith(
        ("AWS", "migration", "feed run", CHANGED_RESTORED, "second stack")
    ):
        nth = 1
    return Fault(kind, nth, amount, _name(rng, kind))


def _name(rng: Random, kind: str) -> str:
    if kind.startswith("object") or kind == RESTORED:
        return rng.choice(change.MOMENTS)
    if kind == CHANGED_RESTORED:
        return rng.choice(("with the lock", *change.MOMENTS))  # Most snapshots are from before the change.
    if kind == "database's disk full":
        return rng.choice(loss.FULL)
    if kind.startswith(("two runs", "second stack during")):
        return rng.choice(concurrency.MOMENTS)
    return rng.choice(concurrency.SLOW) if kind.startswith("slow") else ""
