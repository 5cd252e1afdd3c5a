"""Lines and objects of a history: their bytes, and how the job must classify them. This does not call the job's
validation: each line is constructed to be valid, invalid for one reason, or blank.
"""

import bz2
import gzip
import json
import zlib
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

_OPEN = b'{"request_id":"x"'
_BAD = {
    "not_json_object": (b"broken", _OPEN, b'"text"', b"null"),
    "missing_key": (b'{"qty":1}', b'{"request_id":null}'),
    "bad_key": (b'{"request_id":""}', b'{"request_id":"a b"}', b'{"request_id":17}'),
    "bad_field:qty": (b'{"request_id":"e0","qty":"many"}', b'{"request_id":"e0","qty":3000000000}'),
    "not_utf8": (b'{"request_id":"e0","category":"caf\xe9"}',),
}
BAD = tuple(_BAD)
# The reason of an event that is valid only under the wider contract. An option adds the column.
LONG = "bad_field:note"
NARROW, WIDE = "note=string(4)", "note=string(40)"
# The weight of each form of an object.
FORMS = {
    "plain": 8, "gzip": 4, "open": 1, "crlf": 1, "cut": 1, "damaged": 1, "empty": 1,
    "joined": 1, "array": 1, "array of lines": 1, "indented": 1, "zstd": 1, "bzip2": 1, "utf16": 1,
}  # fmt: skip
EVENTS_ONLY = ("joined", "array", "array of lines", "indented")  # An invalid line would be part of an event.


@dataclass(frozen=True)
class Line:
    """`kind` is "event", "blank" or the reason why the narrow contract rejects the line. Events with the same `number`
    have the same key.
    """

    kind: str
    number: int = 0
    variant: int = 0

    @property
    def key(self) -> str:
        return f"event-{self.number}"

    @property
    def content(self) -> str:
        return f"content-{self.variant}"

    def encoded(self) -> bytes:
        if self.kind == "blank":
            return b" \t" if self.variant % 2 else b""
        if self.kind == LONG:
            return json.dumps({"request_id": self.key, "note": "too long"}).encode()
        if self.kind != "event":
            variants = _BAD[self.kind]
            return variants[self.variant % len(variants)]
        return self._event()

    def _event(self) -> bytes:
        """Return an event that the job's fast path supports, or one that it must leave to the slow path."""
        members: dict[str, Any] = {"request_id": self.key, "qty": self.variant, "contact_me": self.content}
        match self.variant % 5:
            case 1:
                members["colour"] = self.variant
            case 2:
                members["category"] = 'tab\t "quoted" \\ é'
            case 3:
                members["ts"] = "2024-05-01T10:20:30.5+02:00"
                return b"\xef\xbb\xbf" + json.dumps(members).encode() + b" "
            case 4:
                members["sales"] = 12.5
        return json.dumps(members).encode()

    def row(self) -> tuple[Any, ...]:
        """Return its row in the table: request_id, qty, contact_me, extra."""
        if self.kind == LONG:
            return self.key, None, None, None
        extra = json.dumps({"colour": self.variant}, separators=(",", ":")) if self.variant % 5 == 1 else None
        return self.key, self.variant, self.content, extra


@dataclass(frozen=True)
class Body:
    """An object's lines, and the form in which they are stored."""

    form: str
    lines: tuple[Line, ...]

    def encoded(self) -> bytes:
        if self.form in EVENTS_ONLY:
            return self._events()
        text = b"".join(line.encoded() + b"\n" for line in self.lines)
        match self.form:
            case "zstd":
                return bytes(pa.compress(text, "zstd", asbytes=True))
            case "bzip2":
                return bz2.compress(text)
            case "utf16":
                return text.decode().encode("utf-16")
            case "empty":
                return b""
            case "open":
                return text[:-1]
            case "crlf":
                return text.replace(b"\n", b"\r\n")
            case "gzip":
                return gzip.compress(text, mtime=0)
            case "cut":
                return _cut(text)
            case "damaged":
                return gzip.compress(text, mtime=0)[:-8] + b"\1\2\3\4\5\6\7\x08"
        return text

    def _events(self) -> bytes:
        """Encode events in forms other than one event per line."""
        bom = b"\xef\xbb\xbf"  # Allowed only at the beginning of a line.
        events = [line.encoded().removeprefix(bom).strip() for line in self.lines]
        match self.form:
            case "array":
                return b"[" + b",".join(events) + b"]"
            case "array of lines":
                return b"[\n" + b",\n".join(events) + b"\n]\n"
            case "indented":
                return b"\n".join(json.dumps(json.loads(event), indent=2).encode() for event in events)
        return b"".join(events)

    def truth(self) -> dict[int, Line]:
        """Return the lines by number, without blank ones. The rest of an object that is cut short counts as a line."""
        if self.form == "empty":
            return {}
        first = 2 if self.form == "array of lines" else 1  # The first line is a bracket.
        found = {number: line for number, line in enumerate(self.lines, first) if line.kind != "blank"}
        if self.form in ("cut", "damaged"):
            at = self._damage()
            found = {number: line for number, line in found.items() if number <= at}
            found[at + 1] = Line("cut_short")
        return found

    def _damage(self) -> int:
        """Return the number of complete lines: an event without its end may continue in the lost rest."""
        whole = len(self.lines)
        while whole and self.lines[whole - 1].kind == "blank":
            whole -= 1
        return whole - 1 if whole and self.lines[whole - 1].encoded() == _OPEN else len(self.lines)

    def quarantined(self) -> dict[int, tuple[str, bytes]]:
        """Return the lines that belong in the quarantine: reason and bytes by line number."""
        end = b"\r" if self.form == "crlf" else b""
        rest = b"".join(line.encoded() + b"\n" for line in self.lines[self._damage() :])
        return {
            number: (line.kind, rest if line.kind == "cut_short" else line.encoded() + end)
            for number, line in self.truth().items()
            if line.kind != "event"
        }


def _cut(text: bytes) -> bytes:
    """Return a gzip stream that ends after the last line, without its trailer, as if the writer was killed."""
    stream = zlib.compressobj(wbits=31)
    return stream.compress(text) + stream.flush(zlib.Z_FULL_FLUSH)
