"""What was put where: all versions that every object ever had."""

from dataclasses import dataclass, field

from faults.lines import Body, Line

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
    than their batches say. `lost` are batches of a ledger that is gone. `restored` says that the job has numbers of
    runs which the database lacks, until a run has succeeded: it reads objects with bad lines again, as a replay does.
    """

    versions: dict[Version, Body] = field(default_factory=dict)
    current: dict[str, str] = field(default_factory=dict)
    seen: set[LineRange] = field(default_factory=set)
    reread: bool = False
    lost: set[int] = field(default_factory=set)
    restored: bool = False
    _copied: tuple[set[LineRange], set[int]] = field(default_factory=lambda: (set(), set()))

    def put(self, key: str, etag: str, body: Body) -> None:
        self.versions[key, etag] = body
        self.current[key] = etag

    def delete(self, key: str) -> None:
        del self.current[key]

    def lose_ledger(self) -> None:
        self.lost, self.restored = {part.batch for part in self.seen}, False

    def copy(self) -> None:
        """The database was copied."""
        self._copied = set(self.seen), set(self.lost)

    def restore(self) -> None:
        """The database was restored to the copy: events loaded since, from objects that are gone, are lost."""
        seen, lost = self._copied
        self.seen, self.lost = set(seen), set(lost)
        self.restored = self.reread = True

    def pending(self, reload: str, replay: bool, parts: set[LineRange]) -> list[Line]:
        """The lines that a run is to read for the first time, where `parts` are what the ledger has."""
        first, last = reload.split() if reload else ("9", "0")
        replay |= self.restored
        lines: list[Line] = []
        for key, etag in self.current.items():
            own = [p for p in parts if (p.key, p.version) == (key, etag)]
            again = own and (first <= day(key) <= last or (replay and any(p.rows_quarantined for p in own)))
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
