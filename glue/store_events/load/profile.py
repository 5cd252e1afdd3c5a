"""What is counted of a batch's valid events while they are read, beside their number.

The counts are committed with the batch, so that a run knows them of every batch, also after a task was tried again.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass
class Profile:
    """`unknown` is the number of events with fields that the contract lacks."""

    unknown: int = 0

    def text(self) -> str:
        """The profile as the ledger has it."""
        return json.dumps({"unknown": self.unknown})

    @classmethod
    def together(cls, texts: Iterable[str]) -> "Profile":
        """The profile of all batches whose profiles these are."""
        found = [json.loads(text) for text in texts]
        return cls(unknown=sum(one["unknown"] for one in found))
