"""Lists the objects that a run considers: all objects, or only those that the feed names."""

from dataclasses import dataclass, field

from store_events import aws
from store_events.contract import Contract
from store_events.settings import Settings
from store_events.source import catalog, feed, objects
from store_events.source.catalog import Finding
from store_events.source.objects import SourceObject


@dataclass(frozen=True)
class Listing:
    """The objects that a run considers. `kind` is one of the contract's listings, `hidden` has the names of ignored
    objects, and `feed` the feed's files, all of whose objects are listed.
    """

    kind: str = ""
    objects: list[SourceObject] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    feed: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def list_objects(contract: Contract, settings: Settings, everything: bool) -> Listing:
    """List all objects, or only those that the feed names. If it names very many, list all. If it is unusable, list all
    and add a finding.
    """
    # List the feed first, so that the listing of objects includes all that its files name.
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
    """Return all objects of the streams, independent of the catalog, and the names of ignored objects.

    The ledger determines which are new. Glue's bookmark uses the time of the last modification, and would skip uploads
    with an earlier time. https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html
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
    if len(named) > feed.MOST:
        return _full(contract, settings, files)
    hidden = {key for key in named if objects.hidden(f"s3://{settings.bucket}/{key}")}
    found = feed.listed(settings.bucket, settings.region, sorted(named - hidden))
    names = [f"s3://{settings.bucket}/{key}" for key in sorted(hidden)]
    return Listing(contract.listings["feed"], found, names, files)
