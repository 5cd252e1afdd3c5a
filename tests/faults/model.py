"""The model of the input: every version that each object has had."""

from collections import defaultdict
from dataclasses import dataclass, field

from faults.lines import LONG, Body, Line
from faults.world import TABLE

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
class Loaded:
    """The batches of one table.

    `seen` has all ledger entries so far. `lost` are batches of deleted ledgers. `narrow` is the last batch before the
    contract was widened.
    """

    seen: set[LineRange] = field(default_factory=set)
    lost: set[int] = field(default_factory=set)
    narrow: int = 0

    @property
    def last_batch(self) -> int:
        return max((part.batch for part in self.seen), default=0)

    def lose_ledger(self) -> None:
        self.lost = {part.batch for part in self.seen}


@dataclass
class Model:
    """`current` has the ETags of the existing objects, by key.

    Runs load into `table`. `owner` is the table of the ledger, or None without a ledger: after a change of table it is
    the former one until the next run begins. Reading an object again replaces its ledger entries, so with `reread` they
    may have fewer lines than their batches count. `restored` is the last batch before the database was restored, or 0:
    the job reads objects with invalid lines in these batches again, as a replay does. `wide` is set once the contract
    is widened.
    """

    versions: dict[Version, Body] = field(default_factory=dict)
    current: dict[str, str] = field(default_factory=dict)
    table: str = TABLE
    owner: str | None = None
    reread: bool = False
    restored: int = 0
    wide: bool = False
    _tables: defaultdict[str, Loaded] = field(default_factory=lambda: defaultdict(Loaded))
    _snapshot: tuple[str | None, dict[str, Loaded]] = field(default_factory=lambda: (None, {}))

    @property
    def _loaded(self) -> Loaded:
        """The table of the ledger."""
        return self._tables[self.owner or self.table]

    @property
    def seen(self) -> set[LineRange]:
        return self._loaded.seen

    @property
    def lost(self) -> set[int]:
        return self._loaded.lost

    def put(self, key: str, etag: str, body: Body) -> None:
        self.versions[key, etag] = body
        self.current[key] = etag

    def delete(self, key: str) -> None:
        del self.current[key]

    def lose_ledger(self) -> None:
        self.owner, self.restored = None, 0
        for loaded in self._tables.values():
            loaded.lose_ledger()

    def set_owner(self, table: str | None) -> None:
        """Record the table of the ledger. If it was another one, a run has deleted the ledger's rows."""
        if self.owner is not None and table not in (None, self.owner):
            self._tables[str(table)].lose_ledger()
            self.restored = 0
        self.owner = table

    def snapshot(self) -> None:
        """Record that a snapshot of the database was taken."""
        self._snapshot = self.owner, {n: Loaded(set(t.seen), set(t.lost)) for n, t in self._tables.items()}

    def restore(self) -> None:
        """Record that the snapshot was restored: later events, from objects that are deleted, are lost."""
        self.owner, tables = self._snapshot
        self.restored, self.reread = self._loaded.last_batch, True
        for name, loaded in self._tables.items():
            before = tables.get(name, Loaded())
            loaded.seen, loaded.lost = set(before.seen), set(before.lost)

    def widen(self) -> None:
        """Record that the contract is widened. `seen` must be up to date."""
        if not self.wide:
            self.wide = True
            for loaded in self._tables.values():
                loaded.narrow = loaded.last_batch

    def valid(self, line: Line, batch: int | None = None) -> bool:
        """Report whether a line is valid under the contract of the batch, or under the current one."""
        if line.kind == LONG and self.wide:
            return batch is None or batch > self._loaded.narrow
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
