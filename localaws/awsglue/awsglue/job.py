"""The run of a job, which reads and saves its bookmark.

https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html
"""

import os

from pyspark.sql import SparkSession

from awsglue.bookmark import Bookmark, Store
from awsglue.context import GlueContext


class Job:
    """The run of a job. Only `init` reads its bookmark, and only `commit` saves it."""

    def __init__(self, glue_context_or_spark_session: GlueContext | SparkSession) -> None:
        parent = glue_context_or_spark_session
        self._context = parent if isinstance(parent, GlueContext) else GlueContext(parent)
        self._initialized = False

    def init(self, job_name: str, args: dict[str, str] | None = None) -> None:
        """Begin the run. Without LOCALAWS_BOOKMARK_URL, or with bookmarks disabled, it reads all objects."""
        self._initialized = True
        option = (args or {}).get("job_bookmark_option", "job-bookmark-disable")
        url = os.environ.get("LOCALAWS_BOOKMARK_URL")
        if url is None or option == "job-bookmark-disable":
            return
        self._context.bookmark = Bookmark.begin(Store(url), save=option == "job-bookmark-enable")

    def isInitialized(self) -> bool:
        return self._initialized

    def commit(self) -> None:
        """Save the bookmark. Raise VersionMismatchError if another run has saved it since `init`."""
        self._context.bookmark.commit()
