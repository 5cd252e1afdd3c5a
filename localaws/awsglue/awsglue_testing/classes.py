"""The class data sharing archive of Spark's classes, as in the local Glue."""

from pathlib import Path


def options(jars: Path) -> str:
    """Return Java's options for the archive beside the jars, if there is one."""
    archive = jars / "classes.jsa"
    return f"-XX:SharedArchiveFile={archive} -Xlog:cds=off" if archive.exists() else ""
