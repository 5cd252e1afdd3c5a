"""Saves MiniStack's state periodically. MiniStack saves it only at a regular shutdown."""

import asyncio
import logging
import time
from typing import Any

from ministack import app

TICK_SECONDS = 5
# A save blocks requests: at most this share of the time.
MOST = 0.02

changed = False
save_all = app.save_all


class Failures(logging.Handler):
    """Counts errors of saving, which MiniStack only logs."""

    count = 0

    def emit(self, _: logging.LogRecord) -> None:
        self.count += 1


failures = Failures(logging.ERROR)


def install() -> None:
    """Count the failures of each save, including the last one at the shutdown."""
    app.save_all = counting
    logger = logging.getLogger("persistence")
    logger.setLevel(logging.WARNING)  # At INFO, it logs each file.
    logger.addHandler(failures)


def counting(services: dict[str, Any]) -> None:
    failures.count = 0
    save_all(services)


async def noting(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Serve a request, and note that it may have changed something."""
    global changed
    try:
        await app.app(scope, receive, send)
    finally:
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD"):
            changed = True


async def keep_saving() -> None:
    """Save changes periodically. Requests are blocked during a save, so that the saved state is consistent."""
    global changed
    pause: float = TICK_SECONDS
    while True:
        await asyncio.sleep(pause)
        if not changed:
            continue
        began = time.monotonic()
        app.save_all(app._build_persistence_save_dict())
        changed = failures.count > 0
        pause = max(TICK_SECONDS, (time.monotonic() - began) / MOST)
