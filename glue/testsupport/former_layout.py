"""The tables as earlier releases made them: the events are clustered by their key, and have no position."""

_EVENTS = (
    "alter table {} drop primary key, drop key event, drop column batch_position, drop column request_id_hash,"
    " add primary key (request_id), add key batch (batch_id)"
)
_COLLISIONS = "alter table {} drop column batch_position, drop column request_id_hash"


def statements(table: str, collisions: str) -> list[str]:
    """The statements that make present tables into former ones, with their rows. Names may be qualified."""
    return [_EVENTS.format(table), _COLLISIONS.format(collisions)]
