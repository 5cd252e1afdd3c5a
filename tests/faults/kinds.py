"""The kinds of faults by name. Each is injected into one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faults import change, concurrency, loss, second_stack
from faults.control import Point, Trap
from faults.fault import Inject, InjectedFault
from faults.history import Fault

if TYPE_CHECKING:
    from faults.play import Player


WORKER_POINTS = {
    "while reading": Point("worker", "get raw", "after"),
    "before load": Point("worker", "load", "before"),
    "within load": Point("worker", "row", "after"),
    "after rows": Point("worker", "warnings", "after"),
    "after quarantine": Point("worker", "put quarantine", "after"),
    "after ledger": Point("worker", "part", "after"),
    "after commit": Point("worker", "commit", "after"),
    "before parquet": Point("worker", "put curated", "before"),
    "after parquet": Point("worker", "put curated", "after"),
    "after mark": Point("worker", "mark", "after"),
}
DRIVER_POINTS = {
    "with the lock": Point("driver", "lock", "after"),
    "within the tables' creation": Point("driver", "create", "after"),
    "after the listing": Point("driver", "list raw", "after"),
    "after the load": Point("driver", "unwritten", "before"),
    "before the bookmark": Point("driver", "job commit", "before"),
    "after the bookmark": Point("driver", "job commit", "after"),
}
# In a run that reads only objects in the feed.
FEED_POINTS = {
    "after the feed's listing": Point("driver", "list feed", "after"),
    "after the feed's commit": Point("driver", "unwritten", "before"),
    "before the feed's deletion": Point("driver", "delete feed", "before"),
    "after the feed's deletion": Point("driver", "delete feed", "after"),
}
# In a run that finds tables of an earlier release.
MIGRATION_POINTS = {
    "after the fence": Point("driver", "fence", "after"),
    "before a copied chunk": Point("driver", "copy", "before"),
    "after a copied chunk": Point("driver", "copy", "after"),
    "before the index": Point("driver", "index", "before"),
    "after the index": Point("driver", "index", "after"),
    "before the rename": Point("driver", "rename", "before"),
    "after the rename": Point("driver", "rename", "after"),
    "after the old table": Point("driver", "retire", "after"),
}
# In the first run that loads into another table.
TABLE_POINTS = {
    **{name: DRIVER_POINTS[name] for name in ("with the lock", "within the tables' creation")},
    "after the ledger's deletion": Point("driver", "delete ledger", "after"),
    "before the restore of Parquet": Point("driver", "find batches", "before"),
    "after a removal of Parquet": Point("driver", "delete curated", "after"),
    "before a mark": Point("driver", "put ledger", "before"),
    "after a mark": Point("driver", "put ledger", "after"),
    **{name: DRIVER_POINTS[name] for name in ("after the listing", "after the load")},
}
POINTS = {**WORKER_POINTS, **DRIVER_POINTS}


RESTORED = "database restored to a point of the run"
CHANGED = "table changed, "  # The prefix of the kinds for the first run with another table.
CHANGED_RESTORED = f"{CHANGED}database restored"
CANCELLED_CHANGED = "run cancelled within parquet, then table changed"
_CUT_MIGRATION = ("after a copied chunk", "after the index", "before the rename", "after the rename")


def _action(point: Point, action: str, times: int = 1, conf: str = "") -> Inject:
    def inject(player: Player, fault: Fault, _: dict[str, str]) -> InjectedFault:
        trap = Trap(point.at(fault.nth), lambda: {"do": action}, times)
        player.world.control.set_trap(trap)
        return InjectedFault(trap, conf)

    return inject


def _any_statement(role: str, when: str, action: str, times: int = 1) -> Inject:
    return _action(Point(role, "statement", when), action, times)


KINDS: dict[str, Inject] = {
    **{f"worker killed {name}": _action(point, "die") for name, point in WORKER_POINTS.items()},
    **{f"driver dies {name}": _action(point, "die") for name, point in DRIVER_POINTS.items()},
    **{
        f"job killed {name}": _action(POINTS[name], "end job", conf="process")
        for name in ("within load", "after ledger", "after commit", "after parquet", "before the bookmark")
    },
    **{f"feed run dies {name}": _action(point, "die") for name, point in FEED_POINTS.items()},
    **{f"migration dies {name}": _action(point, "die") for name, point in MIGRATION_POINTS.items()},
    **{f"migration's connection cut {name}": _action(MIGRATION_POINTS[name], "cut") for name in _CUT_MIGRATION},
    "migration, database killed within the copy": loss.database(MIGRATION_POINTS["before a copied chunk"]),
    "migration, database killed before the rename": loss.database(MIGRATION_POINTS["before the rename"]),
    "migration's process killed": _action(MIGRATION_POINTS["after a copied chunk"], "end job", conf="process"),
    "driver's machine lost": _action(POINTS["within load"], "end driver", conf="process"),
    "attempt fails": _any_statement("worker", "before", "fail"),
    "attempt fails after commit": _action(POINTS["after commit"], "fail"),
    "every attempt fails": _any_statement("worker", "after", "fail", 1000),
    "run cancelled after rows": concurrency.cancelled(POINTS["after rows"]),
    "run cancelled within commit": concurrency.cancelled(Point("worker", "commit", "before")),
    "run cancelled after commit": concurrency.cancelled(POINTS["after commit"]),
    # The first run's worker continues after the next run has rewritten the Parquet, while it cleans up its ledger.
    "run cancelled within parquet": concurrency.cancelled(POINTS["before parquet"], "driver after delete"),
    "slow attempt, speculation": concurrency.speculated(POINTS),
    "two runs, one refused": concurrency.refused(POINTS),
    "two runs, one waits": concurrency.waiting(POINTS),
    "connection cut before a statement": _any_statement("", "before", "cut"),
    "connection cut before an answer": _any_statement("", "after", "cut"),
    "commit's answer lost": _action(POINTS["after commit"], "cut"),
    "connection cut upstream": loss.cut("upstream"),
    "connection cut downstream": loss.cut("downstream"),
    "connection silent upstream": loss.silence("upstream"),
    "connection silent downstream": loss.silence("downstream"),
    "latency": loss.latency,
    "database killed within load": loss.database(POINTS["within load"]),
    "database killed before commit": loss.database(POINTS["after ledger"]),
    "database killed after commit": loss.database(POINTS["after commit"]),
    "database killed under the driver": loss.database(Point("driver", "statement", "before")),
    "disk full": loss.disk_full,
    "database's disk full": loss.database_full(POINTS),
    "S3 refuses a read": loss.aws("refuse", "GET", "_events/"),
    "S3 refuses Parquet": loss.aws("refuse", "PUT", "/curated/"),
    "S3 refuses the feed": loss.aws("refuse", "GET", "/feed/"),
    "S3 refuses quarantine": loss.aws("refuse", "PUT", "/quarantine/"),
    "S3 drops a connection": loss.aws("drop", "PUT", "/curated/"),
    "S3 cuts an answer": loss.aws("truncate", "GET", "_events/"),
    "AWS refuses secret or catalog": loss.aws("refuse", "POST", "/"),
    "object put during the run": change.put(POINTS),
    "object overwritten during the run": change.overwrite(POINTS),
    "object deleted during the run": change.delete(POINTS),
    RESTORED: change.snapshot(POINTS),
    "password changed, user first": change.password("user"),
    "password changed, secret first": change.password("secret"),
    "clock wrong": change.clock,
    **{f"{CHANGED}driver dies {name}": _action(point, "die") for name, point in TABLE_POINTS.items()},
    f"{CHANGED}worker killed after commit": _action(POINTS["after commit"], "die"),
    f"{CHANGED}connection cut before a statement": _any_statement("", "before", "cut"),
    f"{CHANGED}connection cut before an answer": _any_statement("", "after", "cut"),
    f"{CHANGED}database killed under the driver": loss.database(Point("driver", "statement", "before")),
    f"{CHANGED}database killed after commit": loss.database(POINTS["after commit"]),
    f"{CHANGED}S3 refuses a mark": loss.aws("refuse", "PUT", "/ledger/"),
    f"{CHANGED}process killed": _action(TABLE_POINTS["after a removal of Parquet"], "end job", conf="process"),
    CHANGED_RESTORED: change.snapshot(POINTS),
    # The worker resumes after the next run, with another table, has removed the former table's Parquet.
    CANCELLED_CHANGED: concurrency.cancelled(POINTS["before parquet"], "driver before list raw"),
    "second stack before the run": second_stack.before,
    "second stack during the run, refused": second_stack.during(POINTS, waits=False),
    "second stack during the run, waits": second_stack.during(POINTS, waits=True),
}


def inject(player: Player, fault: Fault | None, options: dict[str, str]) -> InjectedFault:
    """Prepare the fault for the next run. It may change the run's options."""
    if fault is None:
        return InjectedFault()
    return KINDS[fault.kind](player, fault, options)
