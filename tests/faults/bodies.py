"""Objects' contents by chance."""

from random import Random

from faults.lines import BAD, EVENTS_ONLY, FORMS, LONG, Body, Line

_EVENTS = 12  # Few keys, so that duplicates are common.


def some(chance: Random) -> Body:
    """A few lines: mostly events, of which some have keys that others have too.

    Some objects have enough lines for the job to take its fast path.
    """
    form = chance.choices(tuple(FORMS), tuple(FORMS.values()))[0]
    count = chance.randint(1, 9) if chance.random() < 0.8 else chance.randint(20, 40)
    lines = [_line(chance) for _ in range(0 if form == "empty" else count)]
    return Body(form, tuple(_fitting(line, form, chance) for line in lines))


def _fitting(line: Line, form: str, chance: Random) -> Line:
    """The line, or an event where it cannot be in an object of the form."""
    unfit = line.kind != "event" if form in EVENTS_ONLY else form == "utf16" and line.kind == "not_utf8"
    return Line("event", chance.randrange(_EVENTS), chance.randrange(50)) if unfit else line


def long(chance: Random) -> Body:
    """Events, and such as only a wider contract takes. No other line has their keys."""
    lines = [Line(kind, chance.randrange(10**6)) for kind in ("event", LONG, LONG)]
    return Body(chance.choice(("plain", "gzip")), tuple(chance.sample(lines, len(lines))))


def many(chance: Random) -> Body:
    """Enough events to need additional space in the database."""
    return Body("plain", tuple(Line("event", chance.randrange(10**6), n % 50) for n in range(300)))


def _line(chance: Random) -> Line:
    kind = chance.choices(("event", "bad", "blank"), (8, 2, 1))[0]
    if kind == "event":
        return Line("event", chance.choice((chance.randrange(_EVENTS), chance.randrange(10**6))), chance.randrange(50))
    if kind == "bad":
        return Line(chance.choice(BAD), variant=chance.randrange(10))
    return Line("blank", variant=chance.randrange(2))
