"""Text of SQL statements."""


def quoted(name: str) -> str:
    """Quote an identifier for a statement."""
    return "`" + name.replace("`", "``") + "`"
