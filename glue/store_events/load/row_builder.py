"""Turns a partition's items into rows for the database, as a state machine.

Each object version goes through the states of `State`. One of the transitions is the batch's commit: quarantined lines
are stored before it, and stale quarantine entries are removed after it.
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
from store_events.source.read_events import GONE, Begin, End, Item, Lines, Unread, Unreadable


class State(Enum):
    """The state of an object version.

    READING ─ end, or error ─→ READ ─ commit ─→ DONE
       └─ end, with stale quarantine entries ─→ REPLACING ─ commit ─→ END_DUE ─ next batch ─→ DONE

    A part of an object is READ, then DONE. When all parts are, the driver removes the object's stale quarantine entries
    and records its end.
    """

    READING = auto()  # More lines may follow.
    READ = auto()  # The open batch has the last lines and the end.
    REPLACING = auto()  # The open batch has the last lines. The end is recorded after stale entries are removed.
    END_DUE = auto()  # Stale entries are removed. The next batch records the end.
    DONE = auto()


class _Object:
    """An object version, or a part of one. `by_task` is what earlier attempts of the task committed, and `done` are all
    committed lines. `replaced` means that the listed version is gone, and that earlier runs loaded this one.
    """

    def __init__(
        self, begin: Begin, by_task: Progress | None, progress: Progress | None, writer: quarantine.Writer
    ) -> None:
        self.begin, self.writer = begin, writer
        self.state = State.READING
        self.done = merged([*(by_task.lines if by_task else ()), *(progress.lines if progress else begin.done)])
        self.complete = any(one is not None and one.complete for one in (by_task, progress))
        self.replaced = not begin.listed and self.complete and by_task is None
        self.day = partition_date.of_object(begin.name)
        self.first: int | None = None  # The first line in the open batch.
        self._range: LineRange | None = None  # The last range in the open batch.
        self._replaces = begin.reread and by_task is None and progress is None
        self._last, self._count = begin.part.before if begin.part else 0, 0

    def count(self, first: int, last: int, count: int) -> None:
        """Count lines that arrived. Raise BalanceError if they are out of order."""
        if first <= self._last:
            raise BalanceError(f"{self.begin.name}: line {first} arrived after line {self._last}")
        self._last, self._count = last, self._count + count

    def add(self, first: int, last: int, rows: int, counts: BatchCounts) -> None:
        """Add lines to the open batch."""
        self._extend(first, last, counts).rows_read += rows
        counts.rows_read += rows

    def quarantine(self, counts: BatchCounts) -> None:
        """Count a line of the open batch as invalid."""
        counts.rows_quarantined += 1
        if self._range:
            self._range.rows_quarantined += 1

    def skip(self) -> None:
        """Skip committed lines."""
        self._range = None

    def end(self, count: int, counts: BatchCounts) -> None:
        """Handle the end of the object. Raise BalanceError if not all lines arrived."""
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
        """Record in the open batch that the version is complete."""
        self._extend(self._last + 1, self._last, counts).complete = True

    def committed(self) -> None:
        """Handle the commit of the open batch."""
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
    """Turns items into rows. `objects` counts objects that were read to their end, and `unread` are objects that could
    not be read.

    `retried` means that there were earlier attempts, and `known` is what they committed.
    """

    def __init__(
        self, items: Iterable[Item], contract: Contract, run_day: str, store: quarantine.Store, known: Committed,
        versions: Versions, retried: bool = False,
    ) -> None:  # fmt: skip
        self._items = iter(items)
        self._contract, self._run_day, self._store = contract, run_day, store
        self._known, self._versions, self._retried = known, versions, retried
        self._fast_path, self._columns = FastPath(contract, run_day), csv_codec.columns(contract)
        self._open: list[_Object] = []  # Objects in the open batch, or END_DUE. The last one may be READING.
        self._ends_due = False
        self._pending = 0  # `pending` without the object that is READING.
        self.objects = 0
        self.unread: list[Unread] = []
        self._next: Item | None = next(self._items, None)

    @property
    def ended(self) -> bool:
        """Whether there are no more items and no ends to record."""
        return self._next is None and not self._ends_due

    @property
    def pending(self) -> int:
        """The number of bytes of invalid lines that are not stored yet."""
        reading = self._reading
        return self._pending + (reading.writer.pending if reading else 0)

    @property
    def at_end(self) -> bool:
        """Whether the object has no more lines, so that its end should be added to the open batch."""
        return isinstance(self._next, End)

    def add(self, rows: RowBuffer, counts: BatchCounts, max_lines: int) -> None:
        """Read the next item, or its first `max_lines` lines. Add its rows to `rows`, and count them in `counts`."""
        self._record_due_ends(counts)
        match self._take(max_lines):
            case Begin() as begin:
                self._begin(begin)
            case Lines() as lines:
                self._lines(lines, rows, counts)
            case Unreadable() as value:
                self._unreadable(value, counts)
            case End() as end:
                self._end(end.count, counts)
            case Unread() as unread:
                self._unread(unread)

    def check_finished(self) -> None:
        """Raise BalanceError if the input ends within an object."""
        if self._reading is not None:
            raise BalanceError(f"{self._reading.begin.name}: the input ends within it")

    def store_quarantine(self, check: Callable[[], None]) -> None:
        """Store the invalid lines of the batch before its commit. There may be thousands of objects, so call `check`
        after each, which keeps the server from closing the connection as idle.
        """
        for one in self._open:
            if one.first is not None and one.writer.store(one.first):
                check()

    def committed(self) -> None:
        """Handle the commit of the open batch. If the run dies before it records a due end, the next run does so."""
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
            raise BalanceError("lines arrived outside of an object")
        return self._reading

    def _take(self, max_lines: int) -> Item | None:
        item = self._next
        if isinstance(item, Lines) and len(item) > max_lines:
            item, self._next = item.split(max_lines)
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
        by_task, latest = self._known.get((identity(begin.name), begin.version)), None
        # The earlier attempt may have failed because a worker of a killed run committed after the listing.
        needs_query = not begin.listed or (self._retried and not begin.reread)
        if needs_query:
            latest = self._versions.progress(begin.name, begin.version)
        current = _Object(begin, by_task, latest, quarantine.Writer(self._store, begin))
        if not current.complete and (current.done or begin.reread):
            current.writer.resume(self._versions.committed_ranges(begin.name, begin.version) if current.done else [])
        # End the read transaction, or tasks that wait for a table would report it as the cause. Nothing is written yet.
        if needs_query or current.done:
            self._versions.connection.commit()
        self._open.append(current)

    def _lines(self, lines: Lines, rows: RowBuffer, counts: BatchCounts) -> None:
        if not lines.numbers:
            return
        current = self._current()
        current.count(lines.numbers[0], lines.numbers[-1], len(lines))
        for piece, done in lines.cut(current.done):
            if done:
                current.skip()
            else:
                self._new(piece, current, rows, counts)

    def _new(self, new: Lines, current: _Object, rows: RowBuffer, counts: BatchCounts) -> None:
        first = counts.rows_read
        current.add(new.numbers[0], new.numbers[-1], len(new), counts)
        left = np.ones(len(new), bool)
        for found in self._fast_path.plain(new.lines, current.day):
            counts.profile.add_columns(self._contract, found.rows, found.unknown)
            rows.add(found, first)
            left[found.places] = False
        for i in np.flatnonzero(left).tolist():
            if row := self._validated(new.numbers[i], new.lines[i], current, counts):
                rows.add_row(row, first + i)

    def _validated(self, number: int, line: bytes, current: _Object, counts: BatchCounts) -> bytes | None:
        contract = self._contract
        result = validate.line(line, contract)
        if isinstance(result, validate.Event):
            stamps = (v for f, v in zip(contract.fields, result.values, strict=True) if f.kind == "timestamp")
            counts.profile.add_event(contract, result.values, result.extra)
            day = partition_date.of_row(current.begin.name, next(stamps, None), self._run_day)
            return csv_codec.row(self._columns, [*result.values, result.extra, day])
        if result is not None:
            current.quarantine(counts)
            current.writer.add(number, result.reason, line)
        return None

    def _unreadable(self, value: Unreadable, counts: BatchCounts) -> None:
        current = self._current()
        current.count(value.number, value.number, 1)
        if line_ranges.has(current.done, value.number):
            current.skip()
            return
        current.add(value.number, value.number, 1, counts)
        current.quarantine(counts)
        current.writer.add(value.number, value.reason, value.sample, value.size)

    def _end(self, count: int, counts: BatchCounts) -> None:
        current, begin = self._current(), self._current().begin
        current.end(count, counts)
        self._pending += current.writer.pending
        if current.replaced:
            detail = "overwritten after the listing by a version that is loaded already"
            self.unread.append(Unread(begin.name, begin.version, GONE, detail))
        else:
            self.objects += 1

    def _unread(self, unread: Unread) -> None:
        """Handle an object that cannot be read to its end. Its lines so far are committed, and the next run continues
        after them.
        """
        self.unread.append(unread)
        if current := self._reading:
            current.state = State.READ
            self._pending += current.writer.pending
