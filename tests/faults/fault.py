"""A fault that is injected into one run, and whether it struck."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING

from faults.control import Trap
from faults.history import Fault
from faults.job import Outcome

if TYPE_CHECKING:
    from faults.play import Player


def joining(threads: Sequence[Thread]) -> Callable[[], None]:
    """Return a function that joins the threads."""

    def join() -> None:
        for thread in threads:
            thread.join()

    return join


@dataclass
class InjectedFault:
    """`conf` names the Spark settings of a separate process; empty means the shared session."""

    trap: Trap | None = None
    conf: str = ""
    struck: Callable[[Outcome], bool] | None = None
    finish: Callable[[], None] = lambda: None
    problems: Callable[[Outcome], list[str]] = lambda _: []
    where: list[str] = field(default_factory=list)

    def fired(self, outcome: Outcome) -> bool:
        if self.struck:
            return self.struck(outcome)
        return self.trap is not None and self.trap.fired > 0

    def at(self) -> list[str]:
        return self.where + (self.trap.at if self.trap else [])


# Injects a fault into the next run, whose options it may change.
Inject = Callable[["Player", Fault, dict[str, str]], InjectedFault]
