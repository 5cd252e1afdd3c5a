"""The model of the input: every version that each object has had."""

from dataclasses import dataclass, field

from faults.lines import LONG, Body, Line

Version = tuple[str, str]  # An object's key, and its ETag.


@dataclass(frozen=True)
class LineRange:
    """A ledger entry: the lines of an object version in a batch."""

    key: str
    version: str
    first: int
    last: int
    rows_read: int
    rows_quarantined: int
    complete: bool
    batch: int

    def covered(self, truth: dict[int, Line]) -> dict[int, Line]:
        """Return the lines in this range."""
        return {number: line for number, line in truth.items() if self.first <= number <= self.last}


@dataclass
class Model:
    """`current` has the ETags of the existing objects, by key.

    `seen` has all ledger entries so far. Reading an object again replaces its entries, so with `reread` they may have
    fewer lines than their batches count. `lost` are batches of a deleted ledger. `restored` is the last batch before
    the database was restored, or 0: the job reads objects with invalid lines in these batches again, as a replay does.
    `narrow` is the last batch before the contract was widened, or None.
    """

    versions: dict[Version, Body] = field(default_factory=dict)
    current: dict[str, str] = field(default_factory=dict)
    seen: set[LineRange] = field(default_factory=set)
    reread: bool = False
    lost: set[int] = field(default_factory=set)
    restored: int = 0
    narrow: int | None = None
    _snapshot: tuple[set[LineRange], set[int]] = field(default_factory=lambda: (set(), set()))

    def put(self, key: str, etag: str, body: Body) -> None:
        self.versions[key, etag] = body
        self.current[key] = etag

    def delete(self, key: str) -> None:
        del self.current[key]

    def lose_ledger(self) -> None:
        self.lost, self.restored = {part.batch for part in self.seen}, 0

    def snapshot(self) -> None:
        """Record that a snapshot of the database was taken."""
        self._snapshot = set(self.seen), set(self.lost)

    def restore(self) -> None:
        """Record that the snapshot was restored: later events, from objects that are deleted, are lost."""
        self.restored, self.reread = self._last_batch(), True
        seen, lost = self._snapshot
        self.seen, self.lost = set(seen), set(lost)

    def widen(self) -> None:
        """Record that the contract is widened. `seen` must be up to date."""
        if self.narrow is None:
            self.narrow = self._last_batch()

    def _last_batch(self) -> int:
        return max((part.batch for part in self.seen), default=0)

    def valid(self, line: Line, batch: int | None = None) -> bool:
        """Report whether a line is valid under the contract of the batch, or under the current one."""
        if line.kind == LONG and self.narrow is not None:
            return batch is None or batch > self.narrow
        return line.kind == "event"

    def pending(self, reload: str, replay: bool, parts: set[LineRange]) -> list[Line]:
        """Return the lines that a run reads for the first time. `parts` are the entries of the ledger."""
        first, last = reload.split() if reload else ("9", "0")
        lines: list[Line] = []
        for key, etag in self.current.items():
            own = [p for p in parts if (p.key, p.version) == (key, etag)]
            bad = any(p.rows_quarantined and (replay or p.batch <= self.restored) for p in own)
            reread = own and (first <= day(key) <= last or bad)
            if reread or any(p.complete for p in own):
                continue
            truth = self.versions[key, etag].truth()
            lines += [line for n, line in truth.items() if not any(p.first <= n <= p.last for p in own)]
        return lines

    def body(self, key: str) -> Body:
        return self.versions[key, self.current[key]]


def day(key: str) -> str:
    """Return the day in an object's key."""
    return key.split("/dt=")[1].split("/")[0]
