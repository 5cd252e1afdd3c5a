"""The settings of a run, parsed from the job's arguments."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from store_events import aws
from store_events.contract import Contract

# The quarantine of an object version holds at most its size plus this many bytes.
QUARANTINE_ROOM = 16 << 20


@dataclass(frozen=True)
class Target:
    """The target database. It is serialized to the workers, so it has the secret's ARN and never its value.

    `ca` is the PEM text of the authorities that verify the server's certificate. Connecting is retried for
    `connect_timeout_s` seconds.
    """

    secret_arn: str
    table: str
    ca: str
    connect_timeout_s: float = 90


@dataclass(frozen=True)
class Settings:
    """The job's arguments. Arguments with a default are options, named in contract.json.

    `max_invalid_share` is 0 to 1. `backfill_from` and `backfill_to` are days, yyyy-mm-dd, both set or both empty.
    `max_unread` is the number of objects that a run may fail to read, without deleted objects and without archived
    ones, which `max_archived` limits. With `feed`, a run reads only objects that the feed names, unless the last full
    listing is more than `full_listing_hours` old. `listing_problem` is the error if the requested listing is unknown.
    `kept_line_mib` is how much of an event that is too long the quarantine keeps.
    """

    run_id: str
    catalog_database: str
    bucket: str
    table_prefix: str
    target: Target
    commit_rows: int = 500_000
    max_invalid_share: float = 1.0
    lock_wait_s: int = 10
    extra_columns: str = ""
    ledger_days: int = 90
    backfill_from: str = ""
    backfill_to: str = ""
    replay: bool = False
    max_unread: int = 0
    max_archived: int | None = None
    migrate_columns: bool = False
    kept_line_mib: int = 4
    lineage_url: str = ""
    feed: bool = False
    full_listing_hours: int = 24
    lineage_secret_arn: str = ""
    crawler: str = ""
    job: str = "job"
    listing_problem: str = ""

    @property
    def region(self) -> str:
        return aws.region(self.target.secret_arn)


def optional(contract: Contract, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the options that are set, by field of Settings. Raise ValueError naming an invalid one."""
    names = contract.options
    readers: dict[str, tuple[str, Callable[[str], Any]]] = {
        "commit_rows": ("commitRows", _positive),
        "max_invalid_share": ("maxInvalidShare", _share),
        "lock_wait_s": ("lockWait", _natural),
        "extra_columns": ("extraColumns", str),
        "ledger_days": ("ledgerDays", _positive),
        "backfill_from": ("reloadFrom", _day),
        "backfill_to": ("reloadTo", _day),
        "replay": ("replay", _boolean),
        "max_unread": ("maxUnread", _natural),
        "max_archived": ("maxArchived", _natural),
        "migrate_columns": ("migrateColumns", _boolean),
        "kept_line_mib": ("keptLine", _kept_line),
        "lineage_url": ("lineageUrl", _url),
        "feed": ("listing", lambda text: _listing(contract, text)),
        "full_listing_hours": ("fullListingHours", _positive),
        "lineage_secret_arn": ("lineageSecretArn", _secret),
        "crawler": ("crawler", str),
    }
    found: dict[str, Any] = {}
    for field, (option, read) in readers.items():
        if names[option] in given:
            found[field] = _read(names[option], given[names[option]], read)
    first, last = found.get("backfill_from", ""), found.get("backfill_to", "")
    if bool(first) != bool(last) or first > last:
        raise ValueError(f"--{names['reloadFrom']} {first!r} and --{names['reloadTo']} {last!r}: give both, in order")
    if found.get("lineage_secret_arn"):
        _keep_key_private(names, found.get("lineage_url", ""))
    contract.with_columns(found.get("extra_columns", ""))
    return found


def _read(name: str, text: str, read: Callable[[str], Any]) -> Any:
    try:
        return read(text)
    except ValueError as error:
        raise ValueError(f"--{name} {text!r}: {error}") from error


def _positive(text: str) -> int:
    if int(text) < 1:
        raise ValueError("must be 1 or more")
    return int(text)


def _natural(text: str) -> int:
    if int(text) < 0:
        raise ValueError("must be 0 or more")
    return int(text)


def _kept_line(text: str) -> int:
    limit = QUARANTINE_ROOM >> 20
    if not 1 <= int(text) <= limit:
        raise ValueError(f"must be from 1 to {limit}")
    return int(text)


def _share(text: str) -> float:
    if not 0 <= float(text) <= 1:
        raise ValueError("must be from 0 to 1")
    return float(text)


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat()


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
        raise ValueError("must be an http or https URL without a user")
    return text


def _listing(contract: Contract, text: str) -> bool:
    if text not in contract.listings.values():
        raise ValueError(f"must be one of {', '.join(contract.listings.values())}")
    return text == contract.listings["feed"]


_SECRET = re.compile(r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+")


def _secret(text: str) -> str:
    if not _SECRET.fullmatch(text):
        raise ValueError("must be the ARN of a secret")
    return text


def _keep_key_private(names: Mapping[str, str], url: str) -> None:
    """Raise ValueError if the API key would be sent without TLS to another machine, or if no URL is set."""
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
        raise ValueError(
            f"--{names['lineageUrl']} {url!r}: must be an https URL, because --{names['lineageSecretArn']} is given"
        )


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("must be true or false")
    return text == "true"
