"""Text as events with their numbers: a line each, several in a line, one over several lines, or elements of arrays.

An event's number is its position among the text's values and blank lines, from 1. Where each line has one value, as
in newline-delimited JSON, that is the line's number. `ops/internal/eventfile` follows the same rules;
schema/testdata/framing.jsonl has examples that both are tested with.

- At the top level, white space, commas, square brackets and byte order marks only separate values.
- A value begins with `{` and ends with its last bracket. If only white space is beside it, the whole line is kept.
- What is not a value goes up to the end of its line, together with the value that it follows. Within an array, a
  number, literal or string is one value.
- A value is broken by a line feed in a string, a bracket that does not match, or one that cannot be there. Then its
  first line is not a value, and reading goes on at the next line: a damaged line does not take the lines after it
  along.
- More than 1 MiB, or 32 levels, is too much for a value of several lines: it is broken. In one line, only strings and
  braces count from there on, without what a backslash is before, and a line feed breaks the value.
- What is longer than 1 MiB in one line is counted, and its first bytes are kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from store_events.source.read_events import Lines, Text, Unreadable
from store_events.source.value_scanner import (
    BLANKS,
    BROKEN,
    COMMON,
    DONE,
    LF,
    MORE,
    ONE,
    SCALAR,
    SEPARATORS,
    ValueScanner,
    ends_of_values,
    ends_within_mark,
)

MAX_LINE = 1 << 20  # Bytes; no event comes near it, and a row that long fits in no packet of the database.
KEPT = 4 << 20  # Bytes that are kept of a longer line, unless a run has another limit.

_BLOCK = 16 << 10  # Bytes of lines that are looked at together.
_TOGETHER = 4 * _BLOCK  # More bytes of lines are not cut apart.


@dataclass
class _Long:
    """What is too long for a value: `kept` are its first bytes, of `size`. Without `value` it goes to a line's end."""

    value: ValueScanner | None
    limit: int
    kept: bytearray = field(default_factory=bytearray)
    size: int = 0

    def add(self, part: bytes) -> None:
        self.kept += part[: self.limit - len(self.kept)]
        self.size += len(part)


class Framer:
    """Cuts text into values; holds one chunk and one value at most. `kept` bytes of a longer value are kept.

    `number` is that of the last value or blank line so far; it begins with `before`.
    """

    def __init__(self, kept: int = KEPT, before: int = 0) -> None:
        self._kept = kept
        self._rest = b""  # The text from the beginning of the next value, or of its line.
        self.number = before
        self._lead = True  # Nothing but white space was in this line.
        self._counted = False  # A value has ended in this line.
        self._array = False
        self._value: ValueScanner | None = None
        self._broken: ValueScanner | None = None  # The last one, to read nothing twice of what is open within it.
        self._other: int | None = None  # _rest is not a value, and its line ends after this.
        self._long: _Long | None = None
        self._slow = 0  # Up to here, lines are taken one by one.
        self._numbers: list[int] = []
        self._lines: list[bytes] = []
        self._items: list[Lines | Unreadable] = []

    @property
    def at_start(self) -> bool:
        """Whether more text would be read as if it were the first."""
        begun = self._rest or self._value or self._long or self._other is not None
        return self._lead and not (begun or self._counted or self._array)

    def feed(self, chunk: bytes) -> Iterator[Lines | Unreadable]:
        """Read the next bytes of the object; return the values that end in them."""
        self._rest = self._take(self._rest + chunk if self._rest else chunk, False)
        return self._found()

    def end(self) -> Iterator[Lines | Unreadable]:
        """Return the last values, if no end of line follows them."""
        if self._rest or self._long:
            self._rest = self._take(self._rest + b"\n", True)
        return self._found()

    def cut(self) -> Unreadable:
        """Return the value that damage to the object cuts off, as far as it was read."""
        held = _Long(None, self._kept)
        if self._long:
            held.kept, held.size = self._long.kept, self._long.size
        held.add(self._rest)
        return Unreadable(self.number + 1, "cut_short", bytes(held.kept), held.size)

    def _found(self) -> Iterator[Lines | Unreadable]:
        self._flush()
        found, self._items = self._items, []
        return iter(found)

    def _flush(self) -> None:
        if self._lines:
            self._items.append(Lines(self._numbers, self._lines))
            self._numbers, self._lines = [], []

    def _take(self, text: bytes, last: bool) -> bytes:
        """Take all values that end in the text; return the rest of the text."""
        position = self._slow = 0
        while position < len(text):
            at: int | None
            if self._long:
                at = self._go_on(self._long, text, position)
            elif self._lead and self._value is None and self._other is None:
                at = self._whole_lines(text, position)
                if at == position:
                    # Most often the beginning of a line, which the next chunk ends.
                    short = len(text) - position < _BLOCK and text.find(b"\n", position) < 0
                    at = None if short else self._next(text, position, last)
            else:
                at = self._next(text, position, last)
            if at is None:
                break
            position = at
        return self._held(text, position)

    def _held(self, text: bytes, position: int) -> bytes:
        """Return the text from `position` on, and count noted places from there."""
        for value in (self._value, self._broken):
            if value:
                value.at -= position
                value.position -= position
        if self._other is not None:
            self._other -= position
        return text[position:]

    def _whole_lines(self, text: bytes, position: int) -> int:
        """Take the lines from `position` on that have one value each; return the place after them."""
        end = text.rfind(b"\n", position) + 1
        if position == 0 and end and self._block(text, position, end):
            return end
        while position < end:
            part = text.find(b"\n", position + _BLOCK, end) + 1 or end
            if position >= self._slow and self._block(text, position, part):
                position = part
                continue
            self._slow = max(self._slow, part)
            position, whole = self._line_by_line(text, position, part)
            if not whole:
                break
        return position

    def _block(self, text: bytes, start: int, end: int) -> bool:
        """Take all lines of a block if each is plainly one value; return whether that is so."""
        ends = ends_of_values(text, start, end)
        if ends is None or (end - start > MAX_LINE and np.diff(ends, prepend=-1).max() > MAX_LINE + 1):
            return False
        first, self.number = self.number + 1, self.number + len(ends)
        numbers, block = range(first, first + len(ends)), text[start:end]
        if len(block) > _TOGETHER:
            self._flush()
            self._items.append(Lines(numbers, Text(block, ends)))
        else:
            self._numbers += numbers
            self._lines += block.split(b"\n")[:-1]
        return True

    def _line_by_line(self, text: bytes, position: int, until: int) -> tuple[int, bool]:
        """Take lines up to one that has not just one value; return the place where it begins, and whether there is
        none.
        """
        while position < until:
            end = text.index(b"\n", position)
            line = text[position:end]
            if len(line) <= MAX_LINE and ONE.fullmatch(line):
                self._add(line)
                self._lead, self._counted = True, False
            elif BLANKS.fullmatch(line):
                self.number += 1
            else:
                return position, False
            position = end + 1
        return position, True

    def _next(self, text: bytes, start: int, last: bool) -> int | None:
        """Take what begins at `start`, the beginning of a line or of a value; return the place after it, None if it
        needs more text.
        """
        if self._other is not None:
            return self._not_value(text, start, self._other)
        if self._value is not None:
            return self._go_on_value(text, start, self._value, last)
        at = SEPARATORS.match(text, start).end()  # type: ignore[union-attr]
        separators = text[start:at].translate(None, b" \t\r\xef\xbb\xbf")
        if separators or at - start > MAX_LINE:
            self._lead = False
            brackets = separators.replace(b",", b"")
            self._array = brackets.endswith(b"[") if brackets else self._array
        if not self._lead and at > start:
            return at
        if at == len(text) or ends_within_mark(text, at):
            return None
        if text[at] == LF:
            self._end_line()
            return at + 1
        if text[at : at + 1] == b"{":
            self._value = (self._broken and self._broken.within(text, at)) or ValueScanner(at, at)
            return self._go_on_value(text, start, self._value, last)
        scalar = SCALAR.match(text, at) if self._array else None
        if scalar and scalar.end() - at <= MAX_LINE:
            self._add(scalar[0])
            return scalar.end()
        if self._array and text.find(b"\n", at) < 0 and len(text) - start <= MAX_LINE:
            return None
        return self._not_value(text, start, at)

    def _go_on_value(self, text: bytes, start: int, value: ValueScanner, last: bool) -> int | None:
        longest = start + MAX_LINE
        until = min(longest, len(text))
        common = COMMON.match(text, value.at, until) if value.position == value.at and not value.open else None
        if common:
            ended, value.position = DONE, common.end()
        elif value.done:
            ended = DONE
        else:
            ended = value.read(text, until)
        if ended == DONE:
            value.done = True
            return self._followed(text, start, value)
        if ended == MORE and len(text) <= longest and not last:
            return None
        self._value = None
        if ended == MORE and text.find(b"\n", value.at, longest + 1) < 0:
            return self._begin_long(text, start, value)
        self._broken = value
        return self._not_value(text, start, value.at)

    def _followed(self, text: bytes, start: int, value: ValueScanner) -> int | None:
        """Take a value if what follows allows that it is one; return the place after it, None if it needs more text."""
        end = value.position
        after = BLANKS.match(text, end).end()  # type: ignore[union-attr]
        following = text[after : after + 1]
        if after - end > MAX_LINE:
            following, after = b",", end
        elif not following or ends_within_mark(text, after):
            return None
        self._value = None
        if following == b"\n":
            self._add_or_refuse(text[start:after] if self._lead else text[value.at : end])
            self._end_line()
            return after + 1
        if following in b",{[]":
            self._add(text[value.at : end])
            return end
        return self._not_value(text, start, after)

    def _not_value(self, text: bytes, start: int, after: int) -> int | None:
        """Take the text from `start` up to the first end of a line from `after` on; return the place after it, None if
        it needs more text.
        """
        end = text.find(b"\n", after)
        if end < 0:
            if len(text) - start <= MAX_LINE:
                self._other = after
                return None
            self._other = None
            self._long = _Long(None, self._kept)
            self._long.add(text[start:])
            return len(text)
        self._other = None
        self._add_or_refuse(text[start:end])
        self._end_line()
        return end + 1

    def _begin_long(self, text: bytes, start: int, value: ValueScanner) -> int:
        """Take the first part of a value that is too long; return the place after it."""
        value.only_count()
        self._long = _Long(value, self._kept)
        self._long.add(text[start : value.position])
        return self._go_on(self._long, text, value.position)

    def _go_on(self, long: _Long, text: bytes, position: int) -> int:
        if long.value is None:
            return self._long_line(long, text, position)
        long.value.position = position
        ended = long.value.read(text, len(text))
        end = long.value.position
        long.add(text[position:end])
        if ended == BROKEN:
            return self._long_line(long, text, end)
        if ended == DONE:
            self._refuse_long(long)
        return end

    def _long_line(self, long: _Long, text: bytes, position: int) -> int:
        end = text.find(b"\n", position)
        long.add(text[position : end if end >= 0 else len(text)])
        if end < 0:
            return len(text)
        self._refuse_long(long)
        self._end_line()
        return end + 1

    def _add(self, value: bytes) -> None:
        self.number += 1
        self._numbers.append(self.number)
        self._lines.append(value)
        self._lead, self._counted = False, True

    def _add_or_refuse(self, value: bytes) -> None:
        if len(value) <= MAX_LINE:
            self._add(value)
        else:
            self._refuse(value[: self._kept], len(value))

    def _refuse_long(self, long: _Long) -> None:
        self._long = None
        self._refuse(bytes(long.kept), long.size)

    def _refuse(self, kept: bytes, size: int) -> None:
        self._flush()
        self.number += 1
        self._items.append(Unreadable(self.number, "line_too_long", kept, size))
        self._lead, self._counted = False, True

    def _end_line(self) -> None:
        if not self._counted:
            self.number += 1
        self._lead, self._counted = True, False
