"""The state of a run, which its steps set, and which the manifest, the metrics and the lineage events report."""

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
    """An object version with lines that a run committed. `invalid` counts some of the `lines`, and `committed` is the
    time of the last commit in seconds since 1970.
    """

    name: str
    version: str
    lines: int
    invalid: int
    complete: bool
    committed: float


@dataclass
class RunState:
    """The state of a run so far. `loaded` means that the load is finished, so that `unread` is final. `lag_s` is the
    longest time from an object's last modification to the commit of its last line, None if no new object was loaded.
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
