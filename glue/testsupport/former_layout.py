"""The tables of earlier releases: events are clustered by their key, and have no position."""

_EVENTS = (
    "alter table {} drop primary key, drop key event, drop column batch_position, drop column request_id_hash,"
    " add primary key (request_id), add key batch (batch_id)"
)
_COLLISIONS = "alter table {} drop column batch_position, drop column request_id_hash"


def statements(table: str, collisions: str) -> list[str]:
    """Return statements that convert current tables, with their rows, to the former layout. Names may be qualified."""
    return [_EVENTS.format(table), _COLLISIONS.format(collisions)]
