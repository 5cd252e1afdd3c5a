"""Where the streams' objects are, by the catalog, and which there are."""

import logging

from store_events import aws, objects
from store_events.contract import Contract
from store_events.objects import SourceObject

_log = logging.getLogger(__name__)


class SourceError(Exception):
    """There is nothing that could be read."""


def locations(database: str, table_prefix: str, contract: Contract) -> dict[str, str]:
    """The S3 location of each stream's raw table. A stream without a table has no events yet.

    Raises SourceError if no stream has a table.
    """
    glue = aws.client("glue")
    found: dict[str, str] = {}
    for stream in contract.streams:
        try:
            table = glue.get_table(DatabaseName=database, Name=table_prefix + stream)["Table"]
        except glue.exceptions.EntityNotFoundException:
            _log.warning("catalog table %s.%s%s does not exist; its stream is skipped", database, table_prefix, stream)
            continue
        found[stream] = table["StorageDescriptor"]["Location"]
    if not found:
        tables = ", ".join(table_prefix + s for s in contract.streams)
        raise SourceError(f"catalog database {database} has none of the tables {tables}: run the crawler first")
    return found


def listing(found: dict[str, str], region: str) -> list[SourceObject]:
    """All objects of the streams. The ledger tells which of them are new: Glue's bookmark goes by the time of the
    last change, and would pass over what is uploaded with an older one.
    https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html
    """
    client = aws.client("s3", region)
    return [one for location in found.values() for one in objects.listed(client, location)]
