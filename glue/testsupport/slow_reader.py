"""A reference implementation of framing.py that reads a whole text byte by byte."""

from store_events.source.framing import MAX_LINE
from store_events.source.value_scanner import MAX_LEVELS

MARK = b"\xef\xbb\xbf"
BLANK = b" \t\r"


def read(text: bytes) -> list[tuple[int, bytes]]:
    """Return the values with their numbers, including values that are too long."""
    return _Reader(text + b"\n").values() if text else []


class _Reader:
    def __init__(self, text: bytes) -> None:
        self.text, self.found, self.number = text, list[tuple[int, bytes]](), 0
        self.lead, self.counted, self.array = True, False, False

    def values(self) -> list[tuple[int, bytes]]:
        at = 0
        while at < len(self.text):
            at = self.one(at)
        return self.found

    def add(self, value: bytes) -> None:
        self.number += 1
        self.found.append((self.number, value))
        self.lead, self.counted = False, True

    def end_line(self, at: int) -> int:
        self.number += not self.counted
        self.lead, self.counted = True, False
        return at + 1

    def blank(self, at: int, more: bytes = b"") -> int:
        while True:
            if self.text[at : at + 3] == MARK:
                at += 3
            elif self.text[at : at + 1] in [bytes([b]) for b in BLANK + more]:
                at += 1
            else:
                return at

    def one(self, start: int) -> int:
        text = self.text
        at = self.blank(start)
        if at - start > MAX_LINE or text[at] in b",[]":
            self.lead = False
        if text[at] in b",[]":
            self.array = text[at] == ord("[") if text[at] in b"[]" else self.array
            return at + 1
        if not self.lead:
            start = at
        if text[at] == ord("\n"):
            return self.end_line(at)
        if text[at] == ord("{"):
            return self.value(start, at)
        if self.array and (end := self.scalar(at)) is not None and end - at <= MAX_LINE:
            self.add(text[at:end])
            return end
        return self.rest_of_line(start, at)

    def rest_of_line(self, start: int, behind: int) -> int:
        end = self.text.index(b"\n", behind)
        self.add(self.text[start:end])
        return self.end_line(end)

    def scalar(self, at: int) -> int | None:
        text, end = self.text, at
        if text[at] == ord('"'):
            end += 1
            while text[end] != ord('"'):
                if text[end] == ord("\n") or text[end : end + 2] == b"\\\n":
                    return None
                end += 2 if text[end] == ord("\\") else 1
            end += 1
        else:
            while text[end] not in b' \t\r\n\x0b\x0c,[]{}":':
                end += 1
        after = end
        while text[after] in BLANK:
            after += 1
        return end if end > at and text[after] in b",]\n" else None

    def value(self, start: int, at: int) -> int:
        text = self.text
        complete, end = self.extent(start, at)
        if not complete:
            return self.rest_of_line(start, at)
        if end - start > MAX_LINE:
            self.add(text[start:end])
            return end
        after = self.blank(end)
        if after - end > MAX_LINE:
            self.add(text[at:end])
            return end
        if text[after] == ord("\n"):
            self.add(text[start:after] if self.lead else text[at:end])
            return self.end_line(after)
        if text[after] in b",{[]":
            self.add(text[at:end])
            return end
        return self.rest_of_line(start, after)

    def extent(self, start: int, at: int) -> tuple[bool, int]:
        """Return whether a value is complete, and where it ends or is invalid."""
        text, stack, last, lines, quoted = self.text, bytearray(), 0, False, False
        while at < len(text) and at - start < MAX_LINE and len(stack) <= MAX_LEVELS:
            byte = text[at]
            if quoted:
                if byte == ord("\n"):
                    return False, at
                if byte == ord("\\"):
                    if text[at + 1 : at + 2] == b"\n":
                        return False, at + 1
                    at += 1
                elif byte == ord('"'):
                    quoted = False
            elif byte == ord("\n"):
                lines = True
            elif byte == ord('"'):
                quoted = True
            elif byte in b"{[":
                if stack and last not in (b":" if stack.endswith(b"{") else b",["):
                    return False, at
                if lines and len(stack) == MAX_LEVELS:
                    return False, at
                stack.append(byte)
            elif byte in b"}]":
                if not stack.endswith(b"{" if byte == ord("}") else b"["):
                    return False, at
                stack.pop()
                if not stack:
                    return True, at + 1
            if byte not in b" \t\r\n":
                last = byte
            at += 1
        return (False, at) if lines else self.counted_extent(at, stack.count(b"{"), quoted)

    def counted_extent(self, at: int, levels: int, quoted: bool) -> tuple[bool, int]:
        """Return the same from the position where only strings and braces count, up to the line's end."""
        text, escaped = self.text, False
        while text[at : at + 1] not in (b"\n", b""):
            byte = text[at]
            at += 1
            if escaped or byte == ord("\\"):
                escaped = not escaped
            elif byte == ord('"'):
                quoted = not quoted
            elif not quoted and byte in b"{}":
                levels += 1 if byte == ord("{") else -1
                if levels == 0:
                    return True, at
        return False, at
