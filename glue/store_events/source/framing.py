"""Splits text into numbered JSON values: one or several per line, one over several lines, or elements of arrays.

A value's number is its position among the text's values and blank lines, from 1. In newline-delimited JSON that is
the line number. `ops/internal/eventfile` follows the same rules; schema/testdata/framing.jsonl tests both.

- At the top level, white space, commas, square brackets and byte order marks only separate values.
- A value begins with `{` and ends with the matching bracket. If the rest of its line is white space, the whole line is
  kept.
- Other text extends to the end of its line, and includes a value that precedes it directly. Within an array, a number,
  literal or string is one value.
- A line feed in a string, or an unmatched or misplaced bracket, makes a value invalid. Then its first line is one
  invalid value, and reading continues at the next line, so that a damaged line does not affect the lines after it.
- A value over several lines is invalid if it has more than 1 MiB or 32 levels. In a single line, only strings, escapes
  and braces count beyond these limits, and a line feed makes the value invalid.
- A line longer than 1 MiB is reported with its size and its first bytes.
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

MAX_LINE = 1 << 20  # Bytes. Events are much shorter, and a longer row can exceed the database's packet size.
KEPT = 4 << 20  # Bytes kept of a longer line by default.

_BLOCK = 16 << 10  # Bytes of lines that are scanned together.
_TOGETHER = 4 * _BLOCK  # Larger blocks are not split into lines.


@dataclass
class _Long:
    """A value that is too long: its first bytes and its size. Without a scanner, `value`, it ends with its line."""

    value: ValueScanner | None
    limit: int
    kept: bytearray = field(default_factory=bytearray)
    size: int = 0

    def add(self, part: bytes) -> None:
        self.kept += part[: self.limit - len(self.kept)]
        self.size += len(part)


class Framer:
    """Splits text into values, with at most one chunk and one value in memory. Keeps `kept` bytes of too long values.

    `number` is the number of the last value or blank line so far, initially `before`.
    """

    def __init__(self, kept: int = KEPT, before: int = 0) -> None:
        self._kept = kept
        self._rest = b""  # The unread text, from the beginning of the next value or of its line.
        self.number = before
        self._lead = True  # This line has only white space so far.
        self._counted = False  # A value has ended in this line.
        self._array = False
        self._value: ValueScanner | None = None
        self._broken: ValueScanner | None = None  # The last invalid value: values within it continue its scan.
        self._other: int | None = None  # _rest is not a value; search the end of its line from here.
        self._long: _Long | None = None
        self._slow = 0  # Lines up to here are read one by one.
        self._numbers: list[int] = []
        self._lines: list[bytes] = []
        self._items: list[Lines | Unreadable] = []

    @property
    def at_start(self) -> bool:
        """Whether no value, line or array is open."""
        value_open = self._rest or self._value or self._long or self._other is not None
        return self._lead and not (value_open or self._counted or self._array)

    def feed(self, chunk: bytes) -> Iterator[Lines | Unreadable]:
        """Read the next bytes of the object, and return the values that end in them."""
        self._rest = self._split(self._rest + chunk if self._rest else chunk, False)
        return self._found()

    def end(self) -> Iterator[Lines | Unreadable]:
        """Return the last values if the text does not end with a line feed."""
        if self._rest or self._long:
            self._rest = self._split(self._rest + b"\n", True)
        return self._found()

    def cut(self) -> Unreadable:
        """Return the incomplete value at the end of a truncated object."""
        value = _Long(None, self._kept)
        if self._long:
            value.kept, value.size = self._long.kept, self._long.size
        value.add(self._rest)
        return Unreadable(self.number + 1, "cut_short", bytes(value.kept), value.size)

    def _found(self) -> Iterator[Lines | Unreadable]:
        self._flush()
        found, self._items = self._items, []
        return iter(found)

    def _flush(self) -> None:
        if self._lines:
            self._items.append(Lines(self._numbers, self._lines))
            self._numbers, self._lines = [], []

    def _split(self, text: bytes, last: bool) -> bytes:
        """Read all values that end in the text, and return the rest of the text."""
        position = self._slow = 0
        while position < len(text):
            at: int | None
            if self._long:
                at = self._continue_long(self._long, text, position)
            elif self._lead and self._value is None and self._other is None:
                at = self._whole_lines(text, position)
                if at == position:
                    # Usually the beginning of a line that ends in the next chunk.
                    short = len(text) - position < _BLOCK and text.find(b"\n", position) < 0
                    at = None if short else self._next(text, position, last)
            else:
                at = self._next(text, position, last)
            if at is None:
                break
            position = at
        return self._drop(text, position)

    def _drop(self, text: bytes, position: int) -> bytes:
        """Return the text from `position` on, and make stored offsets relative to it."""
        for value in (self._value, self._broken):
            if value:
                value.at -= position
                value.position -= position
        if self._other is not None:
            self._other -= position
        return text[position:]

    def _whole_lines(self, text: bytes, position: int) -> int:
        """Read the lines from `position` on that have one value each, and return the offset after them."""
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
        """Read all lines of a block if each is one value, and report whether it did. May miss unusual values."""
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
        """Read lines while each has one value or is blank. Return the offset after them, and whether these are all."""
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
        """Read the line or value at `start`, and return the offset after it, or None if it needs more text."""
        if self._other is not None:
            return self._not_value(text, start, self._other)
        if self._value is not None:
            return self._continue_value(text, start, self._value, last)
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
            return self._continue_value(text, start, self._value, last)
        scalar = SCALAR.match(text, at) if self._array else None
        if scalar and scalar.end() - at <= MAX_LINE:
            self._add(scalar[0])
            return scalar.end()
        if self._array and text.find(b"\n", at) < 0 and len(text) - start <= MAX_LINE:
            return None
        return self._not_value(text, start, at)

    def _continue_value(self, text: bytes, start: int, value: ValueScanner, last: bool) -> int | None:
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
        """Read a complete value, or text if other text follows it. Return the offset after it, or None if it needs more
        text.
        """
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
        """Read text that is not a value, up to the first line feed from `after` on. Return the offset after it, or None
        if it needs more text.
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
        """Read the first part of a value that is too long, and return the offset after it."""
        value.only_count()
        self._long = _Long(value, self._kept)
        self._long.add(text[start : value.position])
        return self._continue_long(self._long, text, value.position)

    def _continue_long(self, long: _Long, text: bytes, position: int) -> int:
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
