"""Random contents of objects."""

from random import Random

from faults.lines import BAD, EVENTS_ONLY, FORMS, LONG, Body, Line

_EVENTS = 12  # Few keys, so that duplicates are common.


def small(rng: Random) -> Body:
    """Return a few lines: mostly events, some with duplicate keys.

    Some objects have enough lines for the job to take its fast path.
    """
    form = rng.choices(tuple(FORMS), tuple(FORMS.values()))[0]
    count = rng.randint(1, 9) if rng.random() < 0.8 else rng.randint(20, 40)
    lines = [_line(rng) for _ in range(0 if form == "empty" else count)]
    return Body(form, tuple(_fitting(line, form, rng) for line in lines))


def _fitting(line: Line, form: str, rng: Random) -> Line:
    """Return the line, or an event if objects of the form cannot contain the line."""
    unfit = line.kind != "event" if form in EVENTS_ONLY else form == "utf16" and line.kind == "not_utf8"
    return Line("event", rng.randrange(_EVENTS), rng.randrange(50)) if unfit else line


def long_notes(rng: Random) -> Body:
    """Return events, some of them valid only under the wider contract. Their keys are unique."""
    lines = [Line(kind, rng.randrange(10**6)) for kind in ("event", LONG, LONG)]
    return Body(rng.choice(("plain", "gzip")), tuple(rng.sample(lines, len(lines))))


def large(rng: Random) -> Body:
    """Return enough events to need additional space in the database."""
    return Body("plain", tuple(Line("event", rng.randrange(10**6), n % 50) for n in range(300)))


def _line(rng: Random) -> Line:
    kind = rng.choices(("event", "bad", "blank"), (8, 2, 1))[0]
    if kind == "event":
        return Line("event", rng.choice((rng.randrange(_EVENTS), rng.randrange(10**6))), rng.randrange(50))
    if kind == "bad":
        return Line(rng.choice(BAD), variant=rng.randrange(10))
    return Line("blank", variant=rng.randrange(2))
