"""Objects' contents by chance."""

from random import Random

from faults.lines import BAD, FORMS, Body, Line

_EVENTS = 12  # Few keys, so that duplicates are common.


def some(chance: Random) -> Body:
    """A few lines: mostly events, of which some have keys that others have too.

    Some objects have enough lines for the job to take its fast path.
    """
    form = chance.choices(FORMS, (8, 4, 1, 1, 1, 1, 1))[0]
    count = chance.randint(1, 9) if chance.random() < 0.8 else chance.randint(20, 40)
    return Body(form, () if form == "empty" else tuple(_line(chance) for _ in range(count)))


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
