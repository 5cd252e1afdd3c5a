"""The state of a run, which its steps fill in; the manifest, the metrics and the lineage events report it."""

import time
from dataclasses import dataclass, field
from typing import Any

from store_events.load.runs import RecordedRun
from store_events.source.catalog import Finding
from store_events.source.listing import Listing
from store_events.source.objects import SourceObject
from store_events.source.read_events import Unread


@dataclass(frozen=True)
class CommittedVersion:
    """What a run committed of an object version: lines, invalid ones among them, whether the ledger has it as complete,
    and when the last of it was committed, in seconds since 1970.
    """

    name: str
    version: str
    lines: int
    invalid: int
    complete: bool
    committed: float


@dataclass
class RunState:
    """What a run has found so far. `loaded` is whether it has read all that it could, so that `unread` is known.
    `committed_versions` are the object versions of which it committed something. `lag_s` is the longest time from an
    object's last modification to the commit of its last line, None if no new object was loaded.
    """

    run_id: str
    run: RecordedRun = field(default_factory=RecordedRun)
    listing: Listing = field(default_factory=Listing)
    todo: list[SourceObject] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    loaded: bool = False
    findings: list[Finding] = field(default_factory=list)
    committed_versions: list[CommittedVersion] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    lag_s: float | None = None
    started: float = field(default_factory=time.time)
