"""A run of a job, and the point where its bookmark is saved.

https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html
"""

import os

from awsglue.bookmark import Bookmark, Store
from awsglue.context import GlueContext


class Job:
    """Bookmarks are read at `init` and saved at `commit`, and only there."""

    def __init__(self, glue_context: GlueContext) -> None:
        self._context = glue_context

    def init(self, job_name: str, args: dict[str, str] | None = None) -> None:
        """Begin the run. Without STORE_EVENTS_BOOKMARK_URL, or with bookmarks disabled, everything is read."""
        option = (args or {}).get("job_bookmark_option", "job-bookmark-disable")
        url = os.environ.get("STORE_EVENTS_BOOKMARK_URL")
        if url is None or option == "job-bookmark-disable":
            return
        self._context.bookmark = Bookmark.begin(Store(url), save=option == "job-bookmark-enable")

    def commit(self) -> None:
        """Save what the run has read. Raises VersionMismatchError if another run has saved since `init`."""
        self._context.bookmark.commit()
