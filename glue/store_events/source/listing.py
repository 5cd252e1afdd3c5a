"""Which objects a run considers: all, or those only that the feed names."""

from dataclasses import dataclass, field

from store_events import aws
from store_events.contract import Contract
from store_events.settings import Settings
from store_events.source import catalog, feed, objects
from store_events.source.catalog import Finding
from store_events.source.objects import SourceObject


@dataclass(frozen=True)
class Listing:
    """`kind` is one of the contract's listings. `hidden` are the names of objects that are passed over, and `feed` the
    files of the feed whose objects are all among the others.
    """

    kind: str = ""
    objects: list[SourceObject] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    feed: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def list_objects(contract: Contract, settings: Settings, everything: bool) -> Listing:
    """List all objects, or unless `everything`, those of the feed. A feed that cannot be trusted is a finding, and all
    objects are listed.
    """
    # Before the objects are listed: so these have what the files name.
    files = feed.files(settings.bucket, contract, settings.region)
    if everything:
        return _full(contract, settings, files)
    try:
        return _of_feed(contract, settings, files)
    except feed.FeedError as error:
        about = f"s3://{settings.bucket}/{feed.folder(contract)}"
        return _full(contract, settings, files, {"kind": "feed_unusable", "about": about, "detail": str(error)})


def _full(contract: Contract, settings: Settings, files: list[str], *findings: Finding) -> Listing:
    found, hidden = of_streams(settings.bucket, contract, settings.region)
    differences = catalog.findings(settings, contract, found)
    return Listing(contract.listings["full"], found, hidden, files, [*findings, *differences])


def of_streams(bucket: str, contract: Contract, region: str) -> tuple[list[SourceObject], list[str]]:
    """Return all objects of the streams, wherever the catalog says that they are, and the names of those passed over.

    The ledger decides which of them are new: Glue's bookmark goes by the time of the last change, and would pass over
    what is uploaded with an older one. https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html
    """
    client, found, hidden = aws.listing_client(region), list[SourceObject](), list[str]()
    for stream in contract.streams:
        for one in objects.listed(client, catalog.location(bucket, stream)):
            if objects.hidden(one.name):
                hidden.append(one.name)
            else:
                found.append(one)
    return found, hidden


def _of_feed(contract: Contract, settings: Settings, files: list[str]) -> Listing:
    named = feed.keys(settings.bucket, contract, settings.region, files)
    hidden = {key for key in named if objects.hidden(f"s3://{settings.bucket}/{key}")}
    found = feed.listed(settings.bucket, settings.region, sorted(named - hidden))
    names = [f"s3://{settings.bucket}/{key}" for key in sorted(hidden)]
    return Listing(contract.listings["feed"], found, names, files)
