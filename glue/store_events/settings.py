"""The settings of a run, from the job's arguments."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from store_events import aws
from store_events.contract import Contract

# Bytes that the quarantine keeps of an object version, in addition to as many as the version has.
QUARANTINE_ROOM = 16 << 20


@dataclass(frozen=True)
class Target:
    """Where rows go. It travels to the workers, so it holds the secret's name and never its value.

    `ca` is the PEM text of the authorities that may have signed the server's certificate. A connection is tried
    for `patience_s` seconds.
    """

    secret_arn: str
    table: str
    ca: str
    patience_s: float = 90


@dataclass(frozen=True)
class Settings:
    """The job's arguments. Those with a default are options; contract.json has their names.

    `max_invalid_share` is 0 to 1; `backfill_from` and `backfill_to` are days, yyyy-mm-dd, both or none. `max_unread` is
    how many objects a run may fail to read; archived ones, up to `max_archived`, and deleted ones do not count.
    With `feed` a run considers the objects only that the feed names, unless the last listing of all is more than
    `full_listing_hours` ago; `listing_problem` is why it is not known which was asked for. `kept_line_mib` is how much
    the quarantine keeps of an event that is too long.
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
    """Return the options among the arguments, by the names of Settings' fields. Raise ValueError naming a wrong one."""
    names = contract.options
    readers: dict[str, tuple[str, Callable[[str], Any]]] = {
        "commit_rows": ("commitRows", _positive),
        "max_invalid_share": ("maxInvalidShare", _share),
        "lock_wait_s": ("lockWait", _natural),
        "extra_columns": ("extraColumns", str),
        "ledger_days": ("ledgerDays", _positive),
        "backfill_from": ("reloadFrom", _day),
        "backfill_to": ("reloadTo", _day),
        "replay": ("replay", _truth),
        "max_unread": ("maxUnread", _natural),
        "max_archived": ("maxArchived", _natural),
        "migrate_columns": ("migrateColumns", _truth),
        "kept_line_mib": ("keptLine", _kept),
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


def _kept(text: str) -> int:
    """Return the number, at most what the quarantine keeps of any object version."""
    most = QUARANTINE_ROOM >> 20
    if not 1 <= int(text) <= most:
        raise ValueError(f"must be from 1 to {most}")
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
    """Refuse a key that would be sent without TLS, except to this machine, or to nobody."""
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
        raise ValueError(
            f"--{names['lineageUrl']} {url!r}: must be an https URL, because --{names['lineageSecretArn']} is given"
        )


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("must be true or false")
    return text == "true"
