"""Statistics of a run from the ledger: the counts of its batches, and the volume compared with the week before."""

from dataclasses import dataclass, field

from store_events.contract import Contract
from store_events.mysql import database, ledger
from store_events.mysql.database import Connection
from store_events.mysql.profile import Profile

_DAYS = 7.0
_LEAST_DAYS = 3.0


@dataclass(frozen=True)
class RunStats:
    """Statistics of a run. `totals` are those of `ledger.totals`. `volume_ratio` is None without enough history."""

    totals: dict[str, int] = field(default_factory=dict)
    profile: Profile = field(default_factory=Profile)
    volume_ratio: float | None = None


def for_run(connection: Connection, contract: Contract, run_number: int) -> RunStats:
    """Return the statistics of a run whose outcome is recorded."""
    totals = ledger.totals(ledger.of_run(connection, contract, run_number))
    profile = ledger.profile_of_run(connection, contract, run_number)
    return RunStats(totals, profile, _volume_ratio(connection, contract))


def _volume_ratio(connection: Connection, contract: Contract) -> float | None:
    """Return the lines read in the last 24 hours, relative to the daily average of the seven days before. Return None
    if the history has less than three such days, or no lines in them.
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
