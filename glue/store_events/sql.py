"""Text of SQL statements."""


def quoted(name: str) -> str:
    """An identifier for a statement."""
    return "`" + name.replace("`", "``") + "`"
