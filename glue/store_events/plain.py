r"""The rule's fast path, in the JVM: lines whose every member is plainly of its type.

A plain line is one flat object of contract fields only, without a backslash, each value in the JSON type that
the contract names. One regular expression decides that, so nothing that Spark's JSON reader is lenient about
(text after the object, quotes, numbers read as doubles) can slip through. All other lines go to `rule.py`.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from store_events import csvtext
from store_events.contract import Contract, Field

_WS = r"[ \t\r]*+"
_VALUES = {
    "string": r'"[^"]*+"',  # Of a line without backslashes; control characters are the JSON reader's to refuse.
    "int": r"-?(?:0|[1-9][0-9]{0,9})",
    "bigint": r"-?(?:0|[1-9][0-9]{0,18})",
    "decimal": r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?",
    "boolean": "true|false",
    "timestamp": (
        r'"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?'
        r'(?:Z|[+-][0-9]{2}:[0-9]{2})?"'
    ),
}
_KEY = r"^[!-~]+$"
_JSON_OPTIONS = {"allowSingleQuotes": "false", "allowNonNumericNumbers": "false"}
_BROKEN = "_not_as_declared"


def pattern(contract: Contract) -> str:
    """The regular expression (Java's) of a plain line."""
    members = "|".join(
        f'"(?:{"|".join(f.name for f in contract.of_kind(kind))})"{_WS}:{_WS}(?:{value}|null)'
        for kind, value in _VALUES.items()
        if contract.of_kind(kind)
    )
    # Bounded, because Java's matcher takes stack for each repetition of a group.
    more = f"(?>{_WS},{_WS}(?>{members})){{0,{2 * len(contract.fields)}}}+"
    return rf"\A{_WS}\{{{_WS}(?>{members}){more}{_WS}\}}{_WS}\z"


def rows(frame: DataFrame, contract: Contract, run_day: str) -> DataFrame:
    """Lines (columns line, a text, and day, its object's) with a column row: the text for LOAD DATA where a line is
    plain, else null.

    The text's columns: the contract's fields, extra, dt.
    """
    struct = ", ".join(f"{f.name} {_spark_type(f)}" for f in contract.fields) + f", {_BROKEN} string"
    event = F.from_json("line", struct, {**_JSON_OPTIONS, "columnNameOfCorruptRecord": _BROKEN})
    # In steps: a column of its own is computed once, an expression in several places several times.
    parsed = frame.withColumn(
        "event", F.when(~F.contains("line", F.lit("\\")) & F.col("line").rlike(pattern(contract)), event)
    )
    stamped = parsed.select(
        "*", *(F.col("event")[f.name].cast("timestamp").alias(_moment(f)) for f in contract.of_kind("timestamp"))
    )
    return stamped.select(*frame.columns, _text(contract, run_day).alias("row"))


def _moment(field: Field) -> str:
    return f"moment_of_{field.name}"


def _text(contract: Contract, run_day: str) -> Column:
    event = F.col("event")
    plain = event.isNotNull() & event[_BROKEN].isNull() & event[contract.key].rlike(_KEY)
    for field in contract.fields:
        plain = plain & _fits(event[field.name], field)
    cells = [csvtext.cell(_value(event[f.name], f), f) for f in contract.fields]
    stamps = contract.of_kind("timestamp")
    moment = F.col(_moment(stamps[0])) if stamps else F.lit(None).cast("timestamp")
    day = F.coalesce("day", moment.cast("date").cast("string"), F.lit(run_day))
    return F.when(plain, F.concat(F.concat_ws(",", *cells, F.lit(csvtext.NULL), day), F.lit("\n")))


def _spark_type(field: Field) -> str:
    return "string" if field.kind in ("string", "timestamp") else field.type


def _fits(value: Column, field: Field) -> Column:
    """Whether a value that has the right JSON type is in range; null is."""
    if field.kind == "string":
        shortest = 1 if field.required else 0
        return value.isNull() | F.length(value).between(shortest, field.params[0]) & ~value.contains("\ufffd")
    if field.kind == "timestamp":
        return value.isNull() | F.coalesce(F.year(_moment(field)).between(1000, 9999), F.lit(False))
    return F.lit(True)


def _value(value: Column, field: Field) -> Column:
    """The value as text in the database's form."""
    if field.kind == "timestamp":
        return _utc(value, F.col(_moment(field)))
    if field.kind == "boolean":
        return value.cast("int").cast("string")
    return value.cast("string")


def _utc(text: Column, moment: Column) -> Column:
    """A timestamp in UTC, cut to milliseconds: mostly its own text, as formatting takes longer than all other casts."""
    time = F.substring_index(F.substring(text, 12, 12), "Z", 1)
    padded = F.when(F.length(time) == 8, F.concat(time, F.lit(".000"))).otherwise(F.rpad(time, 12, "0"))
    has_offset = F.substring(text, -6, 1).isin("+", "-")
    formatted = F.date_format(moment, "yyyy-MM-dd HH:mm:ss.SSS")
    return F.when(has_offset, formatted).otherwise(F.concat(F.substring(text, 1, 10), F.lit(" "), padded))
