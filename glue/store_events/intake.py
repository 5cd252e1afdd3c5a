"""A partition's source objects as rows for the database: which lines are new, which are bad, where an object ends."""

from collections.abc import Iterable, Iterator

from store_events import csvtext, days, quarantine, rule
from store_events.contract import Contract
from store_events.ledger import BalanceError, Part, Tally, Versions
from store_events.objects import Known, Progress, identity
from store_events.plain import Plain
from store_events.quarantine import Writer
from store_events.stream import Begin, End, Item, Lines, Refused, Unread

Rows = Iterator[bytes]


class _Reading:
    """The object version that is being read. `done` lines of it were committed before, by this run if `own`."""

    def __init__(self, begin: Begin, progress: Progress | None, own: bool, writer: Writer) -> None:
        self.begin, self.own, self.writer = begin, own, writer
        self.done = progress.lines if progress else begin.done
        self.complete = progress is not None and progress.complete
        self.replaces = begin.reload and progress is None
        self.day = days.of_object(begin.name)
        self.part: Part | None = None
        self.last = 0
        self.count = 0

    @property
    def known(self) -> int:
        """The last line that was read, now or before."""
        return max(self.done, self.last)

    def end(self) -> Part:
        """The last part, without lines."""
        begin = self.begin
        return Part(begin.name, begin.version, begin.version_id, self.known + 1, self.known, complete=True)

    def see(self, first: int, last: int, count: int) -> None:
        """Take note of lines that came, which must follow the ones before."""
        if first <= self.last:
            raise BalanceError(f"{self.begin.name}: line {first} came after line {self.last}")
        self.last, self.count = last, self.count + count


class Intake:
    """Turns items into rows. `repeated` lines were committed by earlier attempts; `objects` are those at their end,
    `unread` those that could not be read.

    `again` says that there were earlier attempts. `known` is what they committed.
    """

    def __init__(
        self, items: Iterable[Item], contract: Contract, run_day: str, store: quarantine.Store, known: Known,
        versions: Versions, again: bool = False,
    ) -> None:  # fmt: skip
        self._items = iter(items)
        self._contract, self._run_day, self._store = contract, run_day, store
        self._known, self._versions, self._again = known, versions, again
        self._plain, self._columns = Plain(contract, run_day), csvtext.columns(contract)
        self._reading: _Reading | None = None
        self._unstored: list[_Reading] = []  # Read to their end, with bad lines in this batch.
        self._unsettled: list[_Reading] = []  # Read again to their end, with bad lines that are bad no more.
        self._pending = 0
        self._ends: list[Part] = []
        self.repeated = self.objects = 0
        self.unread: list[Unread] = []
        self._next: Item | None = next(self._items, None)

    @property
    def ended(self) -> bool:
        return self._next is None and not self._ends

    @property
    def pending(self) -> int:
        """How many bytes of bad lines wait to be stored."""
        return self._pending + (self._reading.writer.pending if self._reading else 0)

    @property
    def at_end(self) -> bool:
        """Whether the object has no more lines, so that its end belongs to the batch of its last ones."""
        return isinstance(self._next, End)

    def rows(self, tally: Tally, most: int) -> Rows:
        """The rows of the next item, of its first `most` lines, each with its end, counted in the tally."""
        tally.parts += self._ends
        self._ends = []
        item = self._take(most)
        if isinstance(item, Begin):
            self._begin(item)
        elif isinstance(item, Lines):
            yield from self._lines(item, tally)
        elif isinstance(item, Refused):
            self._refused(item, tally)
        elif isinstance(item, End):
            self._end(item, tally)
        elif isinstance(item, Unread):
            self._unread(item)

    def finish(self) -> None:
        """Raise BalanceError if the input ends within an object."""
        if self._reading is not None:
            raise BalanceError(f"{self._reading.begin.name}: the input ends within it")

    def store(self) -> None:
        """Store the bad lines of the batch, which is about to be committed."""
        for now in [*self._unstored, *([self._reading] if self._reading else [])]:
            if now.part:
                now.writer.store(now.part.first_line)

    def committed(self) -> None:
        """Be ready for the next batch. Objects that were read again end in that one, after lines
        that are now valid have left the quarantine: if the run dies before, the next run does this.
        """
        for now in self._unsettled:
            now.writer.settle()
            self._ends.append(now.end())
        for now in self._unstored:
            now.writer.close()
        self._unsettled, self._unstored, self._pending = [], [], 0
        if self._reading is not None:
            self._reading.part = None

    def _begin(self, begin: Begin) -> None:
        progress = self._known.get((identity(begin.name), begin.version))
        own = progress is not None
        # The earlier attempt may have failed as a worker of a dead run had committed after the listing.
        if progress is None and (not begin.listed or (self._again and not begin.reload)):
            progress = self._versions.progress(begin.name, begin.version)
        self._reading = now = _Reading(begin, progress, own, Writer(self._store, begin))
        if not now.complete and (now.done or begin.reload):
            now.writer.go_on(self._versions.parts(begin.name, begin.version) if now.done else [])

    def _take(self, most: int) -> Item | None:
        item = self._next
        if isinstance(item, Lines) and len(item) > most:
            item, self._next = item.split(most)
        else:
            self._next = next(self._items, None)
        return item

    def _lines(self, lines: Lines, tally: Tally) -> Rows:
        if not lines.numbers:
            return
        now = self._current()
        now.see(lines.numbers[0], lines.numbers[-1], len(lines))
        old, new = lines.split(len(lines) if now.complete else lines.until(now.done))
        self.repeated += len(old) if now.own else 0
        if new:
            part = self._part(new.numbers[0], new.numbers[-1], tally)
            part.rows_read += len(new)
            tally.rows_read += len(new)
            yield from self._judged(new, now, tally)

    def _judged(self, lines: Lines, now: _Reading, tally: Tally) -> Rows:
        for i, row in enumerate(self._plain.rows(lines.lines, now.day)):
            row = row or self._judge(lines.numbers[i], lines.lines[i], now, tally)
            if row:
                yield row

    def _judge(self, number: int, line: bytes, now: _Reading, tally: Tally) -> bytes | None:
        contract = self._contract
        verdict = rule.judge(line, contract)
        if isinstance(verdict, rule.Event):
            stamps = (v for f, v in zip(contract.fields, verdict.values, strict=True) if f.kind == "timestamp")
            day = days.of_row(now.begin.name, next(stamps, None), self._run_day)
            return csvtext.row(self._columns, [*verdict.values, verdict.extra, day])
        if verdict is not None:
            self._refuse(now, tally)
            now.writer.add(number, verdict.reason, line)
        return None

    def _refused(self, bad: Refused, tally: Tally) -> None:
        now = self._current()
        now.see(bad.number, bad.number, 1)
        if now.complete or bad.number <= now.done:
            self.repeated += 1 if now.own else 0
        else:
            self._part(bad.number, bad.number, tally).rows_read += 1
            tally.rows_read += 1
            self._refuse(now, tally)
            now.writer.add(bad.number, bad.reason, bad.sample, bad.size)

    @staticmethod
    def _refuse(now: _Reading, tally: Tally) -> None:
        tally.rows_quarantined += 1
        if now.part:
            now.part.rows_quarantined += 1

    def _end(self, end: End, tally: Tally) -> None:
        now = self._current()
        if now.count != end.count:
            raise BalanceError(f"{now.begin.name}: {end.count} lines were read, but {now.count} arrived")
        if not now.complete:
            self._complete(now, tally)
        self._pending += now.writer.pending
        self._unstored.append(now)
        self.objects += 1
        self._reading = None

    def _unread(self, item: Unread) -> None:
        """Take note of an object that cannot be read. The lines that it gave before are committed; the next run goes on
        behind them.
        """
        self.unread.append(item)
        if self._reading is not None:
            self._pending += self._reading.writer.pending
            self._unstored.append(self._reading)
            self._reading = None

    def _complete(self, now: _Reading, tally: Tally) -> None:
        """Record the end, but not before lines that are bad no more are committed, and out of the quarantine."""
        if not now.writer.settled:
            if now.part:
                self._unsettled.append(now)
                return
            now.writer.settle()
        self._part(now.known + 1, now.known, tally).complete = True

    def _part(self, first: int, last: int, tally: Tally) -> Part:
        now = self._current()
        if now.part is None:
            begin = now.begin
            now.part = Part(begin.name, begin.version, begin.version_id, first, last, replaces=now.replaces)
            now.replaces = False
            tally.parts.append(now.part)
        now.part.last_line = last
        return now.part

    def _current(self) -> _Reading:
        if self._reading is None:
            raise BalanceError("lines came that belong to no object")
        return self._reading
