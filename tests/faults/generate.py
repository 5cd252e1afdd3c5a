"""Histories by chance: one seed, one history."""

from collections.abc import Callable
from random import Random

from faults import bodies, change, concurrency, loss
from faults.history import (
    Copy,
    Delete,
    Fault,
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
from faults.kinds import DRIVER_POINTS, KINDS, RESTORED
from faults.lines import Body

_STREAMS = ("sale_events", "inventory_events")
_DAYS = ("2020-01-31", "2024-05-01", "2024-05-02")  # The first is long past when it comes.
_ORDER = tuple(KINDS)
_LONG = ("job killed", "driver's machine", "migration's process", "slow attempt")  # These need a separate Spark.


def history(seed: int, kinds: tuple[str, ...] = ()) -> History:
    """Some input, a run with a fault, some input, perhaps another such run, and a run without.

    The first fault's kind follows from the seed, so that a campaign has all kinds equally often; `kinds` names
    them all instead.
    """
    chance = Random(seed)
    named = kinds or (_ORDER[seed % len(_ORDER)], *_second(chance))
    # That fault needs an object of many lines, which would take long in small batches.
    rows = (50, 1000) if "database's disk full" in named else (1, 3, 8, 1000)
    keys: list[str] = []
    steps = _input(chance, keys, 3)
    for kind in named:
        if chance.random() < 0.15:
            steps.append(Run(chance.choice(rows), max_invalid_share=chance.choice((0.1, 0.2, 0.4))))
        if kind.startswith("migration"):
            steps += [Run(chance.choice(rows)), *_input(chance, keys, 1), FormerLayout()]
        if "feed" in kind:
            # It needs a full listing before, and new objects.
            steps += [Run(chance.choice(rows)), *_puts(chance, keys)]
        if kind == RESTORED:
            # Long lines have to be in the quarantine before, and the run has to load something.
            steps += [*_puts(chance, keys, bodies.long), Run(chance.choice(rows)), *_puts(chance, keys)]
        steps += [_run(chance, rows, _fault(chance, kind)), *_input(chance, keys, 1)]
        if "feed" in kind:
            steps += chance.choice(([], [LoseFeed()], [Run(chance.choice(rows), feed=True)]))
        if kind == RESTORED:
            steps += [*_since(chance, keys, rows), Restore(), *_input(chance, keys, 0)]
    whole = LoseFeed() not in steps  # Otherwise only a full listing finds everything.
    steps.append(Run(chance.choice(rows), feed=whole and chance.random() < 0.5))
    return History(seed, tuple(steps))


def _second(chance: Random) -> tuple[str, ...]:
    cheap = [kind for kind in _ORDER if not kind.startswith(_LONG)]
    return (chance.choice(cheap),) if chance.random() < 0.4 else ()


def _since(chance: Random, keys: list[str], rows: tuple[int, ...]) -> list[Step]:
    """What may happen between a run and the restore of the database to a point of it."""
    gone = [Delete(key) for key in keys if chance.random() < 0.3]
    wider: list[Step] = [Widen()] if chance.random() < 0.7 else []
    return [*gone, *chance.choice(([], [*wider, Run(chance.choice(rows), replay=chance.random() < 0.7)]))]


def _run(chance: Random, rows: tuple[int, ...], fault: Fault) -> Run:
    days = sorted(chance.choices(_DAYS, k=2))
    if "feed" in fault.kind:
        return Run(chance.choice(rows), fault, feed=True)
    reload = " ".join(days) if chance.random() < 0.15 else ""
    return Run(chance.choice(rows), fault, reload, chance.random() < 0.15)


def _puts(chance: Random, keys: list[str], body: Callable[[Random], Body] = bodies.some) -> list[Step]:
    """Objects that were never there."""
    new = [f"{chance.choice(_STREAMS)}/dt={chance.choice(_DAYS)}/new-{len(keys) + n}.json" for n in range(2)]
    keys += new
    return [Put(key, body(chance)) for key in new]


def _input(chance: Random, keys: list[str], least: int) -> list[Step]:
    """Changes of the input, most of them new objects; `keys` are those that there were so far."""
    return [_change(chance, keys) for _ in range(least + chance.randrange(3))]


def _change(chance: Random, keys: list[str]) -> Step:
    new = _key(chance)
    if not keys or chance.random() < 0.6:
        keys.append(new)
        return Put(new, bodies.some(chance))
    old = chance.choice(keys)
    match chance.randrange(8):
        case 0:
            return Copy(old, old)
        case 1:
            keys.append(new)
            return Copy(old, new)
        case 2:
            return Delete(old)
        case 3:
            return Rotate(chance.choice(("user", "secret")))
        case 4:
            return Forget()
        case 5:
            return LoseLedger()
        case 6:
            return FormerLayout()
    return Put(old, bodies.some(chance))


def _key(chance: Random) -> str:
    stream, day = chance.choice(_STREAMS), chance.choice(_DAYS)
    return f"{stream}/dt={day}/{chance.randrange(20)}.json{chance.choice(('', '.gz'))}"


def _fault(chance: Random, kind: str) -> Fault:
    """Numbers that mostly let the fault strike in a small history."""
    nth, amount = chance.choice((1, 1, 1, 1, 1, 2, 2, 3)), chance.randrange(10_000)
    if "statement" in kind or "before an answer" in kind or "under the driver" in kind or "password" in kind:
        nth = chance.randint(1, 25)
    elif kind.startswith("attempt fails") or kind == "every attempt fails":
        nth = chance.randint(1, 12)
    elif kind.startswith(("connection cut", "connection silent")):
        nth, amount = chance.randint(1, 6), int(4 ** chance.uniform(0, 6.3))
    elif any(kind.endswith(name) for name in DRIVER_POINTS) or kind.startswith(("AWS", "migration", "feed run")):
        nth = 1
    return Fault(kind, nth, amount, _name(chance, kind))


def _name(chance: Random, kind: str) -> str:
    if kind.startswith("object") or kind == RESTORED:
        return chance.choice(change.MOMENTS)
    if kind == "database's disk full":
        return chance.choice(loss.FULL)
    if kind.startswith("two runs"):
        return chance.choice(concurrency.MOMENTS)
    return chance.choice(concurrency.SLOW) if kind.startswith("slow") else ""
