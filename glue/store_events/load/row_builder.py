"""Turns a partition's source objects into rows for the database, as a state machine over what the reader gives.

Each object version goes through the states of `State`, and the batch's commit is one of the events that move it on:
quarantined lines are stored before the commit, and quarantine that a former reading left is removed only after it.
"""

from collections.abc import Callable, Iterable
from enum import Enum, auto

import numpy as np

from store_events import csv_codec
from store_events.contract import Contract
from store_events.export import quarantine
from store_events.mysql.ledger import BalanceError, BatchCounts, LineRange, Versions
from store_events.rows.row_buffer import RowBuffer
from store_events.source import line_ranges, partition_date, validate
from store_events.source.fast_path import FastPath
from store_events.source.line_ranges import merged
from store_events.source.objects import Committed, Progress, identity
from store_events.source.read_events import Begin, End, Item, Lines, Unread, Unreadable


class State(Enum):
    """What comes next for an object version.

    READING ─ end, or unreadable ─→ READ ─ commit ─→ DONE
       └─ end, but former quarantine would outlive it ─→ REPLACING ─ commit ─→ END_DUE ─ next batch ─→ DONE

    A part of an object is READ, then DONE: once all parts are, the driver removes the object's stale quarantine and
    records its end.
    """

    READING = auto()  # More lines may come.
    READ = auto()  # The open batch has its last lines, and its end.
    REPLACING = auto()  # The open batch has its last lines. Its end is recorded once old quarantine is removed.
    END_DUE = auto()  # Old quarantine is removed; the next batch records the end.
    DONE = auto()


class _Object:
    """An object version on its way, or a part of one. Earlier attempts of the task committed the lines `own`; these and
    others committed `done`.
    """

    def __init__(self, begin: Begin, own: Progress | None, now: Progress | None, writer: quarantine.Writer) -> None:
        self.begin, self.writer = begin, writer
        self.state = State.READING
        self.own = own.lines if own else ()
        self.done = merged([*self.own, *(now.lines if now else begin.done)])
        self.complete = any(one is not None and one.complete for one in (own, now))
        self.day = partition_date.of_object(begin.name)
        self.first: int | None = None  # The first of its lines in the open batch.
        self._range: LineRange | None = None  # The last of its ranges there.
        self._replaces = begin.reread and own is None and now is None
        self._last, self._count = begin.part.before if begin.part else 0, 0

    def see(self, first: int, last: int, count: int) -> None:
        """Count lines that arrived. Raise BalanceError unless they follow the ones before."""
        if first <= self._last:
            raise BalanceError(f"{self.begin.name}: line {first} came after line {self._last}")
        self._last, self._count = last, self._count + count

    def add(self, first: int, last: int, rows: int, counts: BatchCounts) -> None:
        """Put lines into the open batch."""
        self._extend(first, last, counts).rows_read += rows
        counts.rows_read += rows

    def quarantine(self, counts: BatchCounts) -> None:
        """Count one of the lines of the open batch as invalid."""
        counts.rows_quarantined += 1
        if self._range:
            self._range.rows_quarantined += 1

    def skip(self, lines: Lines) -> int:
        """Pass over lines that are committed; return how many of them earlier attempts committed."""
        self._range = None
        return sum(len(some) for some, own in lines.cut(self.own) if own)

    def end(self, count: int, counts: BatchCounts) -> None:
        """Note that all lines have been read. Raise BalanceError if not all of them arrived."""
        if self._count != count:
            raise BalanceError(f"{self.begin.name}: {count} lines were read, but {self._count} arrived")
        self.state = State.READ
        if self.complete or self.begin.part:
            return
        if self.writer.has_stale_entries:
            if self.first is not None:
                self.state = State.REPLACING
                return
            self.writer.remove_stale_entries()
        self.record_end(counts)

    def record_end(self, counts: BatchCounts) -> None:
        """Record in the open batch that all lines are committed."""
        self._extend(self._last + 1, self._last, counts).complete = True

    def committed(self) -> None:
        """Note that the open batch was committed."""
        self.first = self._range = None
        if self.state is State.READING:
            return
        if self.state is State.REPLACING:
            self.writer.remove_stale_entries()
            self.state = State.END_DUE
        else:
            self.state = State.DONE
        self.writer.close()

    def _extend(self, first: int, last: int, counts: BatchCounts) -> LineRange:
        if self._range is None:
            begin = self.begin
            self._range = LineRange(begin.name, begin.version, begin.version_id, first, last, replaces=self._replaces)
            self._replaces = False
            counts.ranges.append(self._range)
            self.first = first if self.first is None else self.first
        self._range.last_line = last
        return self._range


class RowBuilder:
    """Turns items into rows. `repeated` lines were committed by earlier attempts; `objects` counts those read to their
    end, `unread` are those that could not be read.

    `retried` says that there were earlier attempts; `known` is what they committed.
    """

    def __init__(
        self, items: Iterable[Item], contract: Contract, run_day: str, store: quarantine.Store, known: Committed,
        versions: Versions, retried: bool = False,
    ) -> None:  # fmt: skip
        self._items = iter(items)
        self._contract, self._run_day, self._store = contract, run_day, store
        self._known, self._versions, self._retried = known, versions, retried
        self._fast_path, self._columns = FastPath(contract, run_day), csv_codec.columns(contract)
        self._open: list[_Object] = []  # Those with something in the open batch, or due; the last may be READING.
        self._ends_due = False
        self._pending = 0  # Of the objects that are not READING.
        self.repeated = self.objects = 0
        self.unread: list[Unread] = []
        self._next: Item | None = next(self._items, None)

    @property
    def ended(self) -> bool:
        """Whether nothing is left, neither an item nor an end to record."""
        return self._next is None and not self._ends_due

    @property
    def pending(self) -> int:
        """Bytes of invalid lines that are not stored yet."""
        reading = self._reading
        return self._pending + (reading.writer.pending if reading else 0)

    @property
    def at_end(self) -> bool:
        """Whether the object has no more lines, so that its end belongs into the batch of its last ones."""
        return isinstance(self._next, End)

    def add(self, rows: RowBuffer, counts: BatchCounts, most: int) -> None:
        """Read the next item, or its first `most` lines: add their rows to `rows`, and count them in `counts`."""
        self._record_due_ends(counts)
        match self._take(most):
            case Begin() as begin:
                self._begin(begin)
            case Lines() as lines:
                self._lines(lines, rows, counts)
            case Unreadable() as value:
                self._unreadable(value, counts)
            case End() as end:
                self._current().end(end.count, counts)
                self.objects += 1
                self._pending += self._open[-1].writer.pending
            case Unread() as unread:
                self._unread(unread)

    def check_finished(self) -> None:
        """Raise BalanceError if the input ends within an object."""
        if self._reading is not None:
            raise BalanceError(f"{self._reading.begin.name}: the input ends within it")

    def store_quarantine(self, check: Callable[[], None]) -> None:
        """Store the invalid lines of the batch that is about to be committed. They may be of thousands of objects:
        `check`, called after each of them, keeps the server from ending the connection as idle.
        """
        for one in self._open:
            if one.first is not None and one.writer.store(one.first):
                check()

    def committed(self) -> None:
        """Move on after a commit. If the run dies before an end that is due is recorded, the next run does this."""
        for one in self._open:
            one.committed()
        self._open = [one for one in self._open if one.state is not State.DONE]
        self._ends_due = any(one.state is State.END_DUE for one in self._open)
        self._pending = 0

    @property
    def _reading(self) -> _Object | None:
        return self._open[-1] if self._open and self._open[-1].state is State.READING else None

    def _current(self) -> _Object:
        if self._reading is None:
            raise BalanceError("lines came that belong to no object")
        return self._reading

    def _take(self, most: int) -> Item | None:
        item = self._next
        if isinstance(item, Lines) and len(item) > most:
            item, self._next = item.split(most)
        else:
            self._next = next(self._items, None)
        return item

    def _record_due_ends(self, counts: BatchCounts) -> None:
        if not self._ends_due:
            return
        for one in self._open:
            if one.state is State.END_DUE:
                one.record_end(counts)
                one.state = State.READ
        self._ends_due = False

    def _begin(self, begin: Begin) -> None:
        own, others = self._known.get((identity(begin.name), begin.version)), None
        # The earlier attempt may have failed because a worker of a dead run had committed after the listing.
        asks = not begin.listed or (self._retried and not begin.reread)
        if asks:
            others = self._versions.progress(begin.name, begin.version)
        now = _Object(begin, own, others, quarantine.Writer(self._store, begin))
        if not now.complete and (now.done or begin.reread):
            now.writer.go_on(self._versions.committed_ranges(begin.name, begin.version) if now.done else [])
        # Tasks that wait for a table would take a transaction that has read for the cause. Nothing is written yet.
        if asks or now.done:
            self._versions.connection.commit()
        self._open.append(now)

    def _lines(self, lines: Lines, rows: RowBuffer, counts: BatchCounts) -> None:
        if not lines.numbers:
            return
        now = self._current()
        now.see(lines.numbers[0], lines.numbers[-1], len(lines))
        for some, done in lines.cut(now.done):
            if done:
                self.repeated += now.skip(some)
            else:
                self._new(some, now, rows, counts)

    def _new(self, new: Lines, now: _Object, rows: RowBuffer, counts: BatchCounts) -> None:
        first = counts.rows_read
        now.add(new.numbers[0], new.numbers[-1], len(new), counts)
        left = np.ones(len(new), bool)
        for found in self._fast_path.plain(new.lines, now.day):
            counts.profile.add_columns(self._contract, found.rows, found.unknown)
            rows.add(found, first)
            left[found.places] = False
        for i in np.flatnonzero(left).tolist():
            if row := self._validated(new.numbers[i], new.lines[i], now, counts):
                rows.add_row(row, first + i)

    def _validated(self, number: int, line: bytes, now: _Object, counts: BatchCounts) -> bytes | None:
        contract = self._contract
        verdict = validate.line(line, contract)
        if isinstance(verdict, validate.Event):
            stamps = (v for f, v in zip(contract.fields, verdict.values, strict=True) if f.kind == "timestamp")
            counts.profile.add_event(contract, verdict.values, verdict.extra)
            day = partition_date.of_row(now.begin.name, next(stamps, None), self._run_day)
            return csv_codec.row(self._columns, [*verdict.values, verdict.extra, day])
        if verdict is not None:
            now.quarantine(counts)
            now.writer.add(number, verdict.reason, line)
        return None

    def _unreadable(self, value: Unreadable, counts: BatchCounts) -> None:
        now = self._current()
        now.see(value.number, value.number, 1)
        if line_ranges.has(now.done, value.number):
            self.repeated += now.skip(Lines([value.number], [value.sample]))
            return
        now.add(value.number, value.number, 1, counts)
        now.quarantine(counts)
        now.writer.add(value.number, value.reason, value.sample, value.size)

    def _unread(self, unread: Unread) -> None:
        """Note an object that cannot be read, or not to its end. Lines that it gave are committed; the next run goes
        on after them.
        """
        self.unread.append(unread)
        if now := self._reading:
            now.state = State.READ
            self._pending += now.writer.pending
