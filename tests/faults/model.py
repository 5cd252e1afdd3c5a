"""What was put where: all versions that every object ever had."""

from dataclasses import dataclass, field

from faults.lines import LONG, Body, Line

Version = tuple[str, str]  # An object's key, and its ETag.


@dataclass(frozen=True)
class LineRange:
    """Lines of an object version in a batch, by the ledger."""

    key: str
    version: str
    first: int
    last: int
    rows_read: int
    rows_quarantined: int
    complete: bool
    batch: int

    def covered(self, truth: dict[int, Line]) -> dict[int, Line]:
        """Those of an object's lines that it has."""
        return {number: line for number, line in truth.items() if self.first <= number <= self.last}


@dataclass
class Model:
    """`current` are the objects that there are, by key, with their ETag.

    `seen` is all that the ledger ever had; a later reading replaces its entries, so with `reread` they may be fewer
    than their batches say. `lost` are batches of a ledger that is gone. `restored` is the last batch before the
    database was restored, 0 if it was not: the job reads objects again that have invalid lines in such batches, as a
    replay does. `narrow` is the last batch before the contract became wider, if it did.
    """

    versions: dict[Version, Body] = field(default_factory=dict)
    current: dict[str, str] = field(default_factory=dict)
    seen: set[LineRange] = field(default_factory=set)
    reread: bool = False
    lost: set[int] = field(default_factory=set)
    restored: int = 0
    narrow: int | None = None
    _copied: tuple[set[LineRange], set[int]] = field(default_factory=lambda: (set(), set()))

    def put(self, key: str, etag: str, body: Body) -> None:
        self.versions[key, etag] = body
        self.current[key] = etag

    def delete(self, key: str) -> None:
        del self.current[key]

    def lose_ledger(self) -> None:
        self.lost, self.restored = {part.batch for part in self.seen}, 0

    def copy(self) -> None:
        """The database was copied."""
        self._copied = set(self.seen), set(self.lost)

    def restore(self) -> None:
        """The database was restored to the copy: events loaded since, from objects that are gone, are lost."""
        self.restored, self.reread = self._last_batch(), True
        seen, lost = self._copied
        self.seen, self.lost = set(seen), set(lost)

    def widen(self) -> None:
        """The contract becomes wider, with all that was read so far seen."""
        if self.narrow is None:
            self.narrow = self._last_batch()

    def _last_batch(self) -> int:
        return max((part.batch for part in self.seen), default=0)

    def valid(self, line: Line, batch: int | None = None) -> bool:
        """Whether a line is an event by the contract of a batch, or by the present one."""
        if line.kind == LONG and self.narrow is not None:
            return batch is None or batch > self.narrow
        return line.kind == "event"

    def pending(self, reload: str, replay: bool, parts: set[LineRange]) -> list[Line]:
        """The lines that a run is to read for the first time, where `parts` are what the ledger has."""
        first, last = reload.split() if reload else ("9", "0")
        lines: list[Line] = []
        for key, etag in self.current.items():
            own = [p for p in parts if (p.key, p.version) == (key, etag)]
            bad = any(p.rows_quarantined and (replay or p.batch <= self.restored) for p in own)
            again = own and (first <= day(key) <= last or bad)
            if again or any(p.complete for p in own):
                continue
            truth = self.versions[key, etag].truth()
            lines += [line for n, line in truth.items() if not any(p.first <= n <= p.last for p in own)]
        return lines

    def body(self, key: str) -> Body:
        return self.versions[key, self.current[key]]


def day(key: str) -> str:
    """The day in an object's key."""
    return key.split("/dt=")[1].split("/")[0]
