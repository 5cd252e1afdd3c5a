"""What was put where: all versions that every object ever had."""

from dataclasses import dataclass, field

from faults.lines import Body

Version = tuple[str, str]  # An object's key, and its ETag.


@dataclass
class Model:
    """`current` are the objects that there are, by key, with their ETag."""

    versions: dict[Version, Body] = field(default_factory=dict)
    current: dict[str, str] = field(default_factory=dict)

    def put(self, key: str, etag: str, body: Body) -> None:
        self.versions[key, etag] = body
        self.current[key] = etag

    def delete(self, key: str) -> None:
        del self.current[key]

    def body(self, key: str) -> Body:
        return self.versions[key, self.current[key]]


def day(key: str) -> str:
    """The day in an object's key."""
    return key.split("/dt=")[1].split("/")[0]
