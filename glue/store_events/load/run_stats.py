"""The figures of a run that has ended, from the ledger: what it committed, and how that compares to the week before."""

from dataclasses import dataclass, field

from store_events.contract import Contract
from store_events.mysql import database, ledger
from store_events.mysql.database import Connection
from store_events.mysql.profile import Profile

_DAYS = 7.0
_LEAST_DAYS = 3.0


@dataclass(frozen=True)
class RunStats:
    """`totals` are those of `ledger.totals`. `volume_ratio` is None where there is nothing to compare with."""

    totals: dict[str, int] = field(default_factory=dict)
    profile: Profile = field(default_factory=Profile)
    volume_ratio: float | None = None


def for_run(connection: Connection, contract: Contract, run_number: int) -> RunStats:
    """Return the figures of a run whose row in the table of runs has its outcome."""
    totals = ledger.totals(ledger.of_run(connection, contract, run_number))
    profile = ledger.profile_of_run(connection, contract, run_number)
    return RunStats(totals, profile, _volume_ratio(connection, contract))


def _volume_ratio(connection: Connection, contract: Contract) -> float | None:
    """Return the lines read in the last 24 hours, relative to the average day of the seven before; None without three
    such days, and where nothing was read in them.
    """
    day = "utc_timestamp(3) - interval 1 day"
    query = (
        f"select coalesce(sum(if(started_at >= {day}, rows_read, 0)), 0),"
        f" coalesce(sum(if(started_at < {day}, rows_read, 0)), 0),"
        f" coalesce(timestampdiff(second, min(started_at), {day}), 0)"
        f" from {contract.runs_table} where started_at >= utc_timestamp(3) - interval 8 day"
    )
    [(last, before, seconds)] = database.rows(connection, query)
    days = min(float(seconds) / 86_400, _DAYS)
    if days < _LEAST_DAYS or not before:
        return None
    return float(last) / (float(before) / days)
