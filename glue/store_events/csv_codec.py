"""Rows as CSV, in a dialect that LOAD DATA, Arrow and the SQL of `expression` share.

Strings are in double quotes, and quotes within them are doubled. There are no escapes. Null is NULL without quotes.
https://dev.mysql.com/doc/refman/8.4/en/load-data.html#load-data-field-line-handling
"""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from store_events.contract import Contract, Field
from store_events.sql import quoted

NULL = "NULL"
EXTRA = Field("extra", "string(0)")
POSITION = Field("batch_position", "bigint")
# The dialect in a LOAD DATA statement.
LOAD = r"""character set utf8mb4 fields terminated by ',' optionally enclosed by '"' escaped by ''
 lines terminated by '\n'"""

_BLOCK = 4 << 20  # Bytes parsed at once.


def columns(contract: Contract) -> list[Field]:
    """Return the columns of a row, in order: the contract's fields, extra, the day."""
    return [*contract.fields, EXTRA, Field(contract.partition_key, "date")]


def sent_columns(contract: Contract) -> list[Field]:
    """Return the columns of a row as sent to the database, beginning with its position in the batch."""
    return [POSITION, *columns(contract)]


def row(fields: list[Field], values: Iterable[str | None]) -> bytes:
    """Return one row as text, with its line feed."""
    cells = (_quote(v) if v is not None and f.kind == "string" else v for f, v in zip(fields, values, strict=True))
    return (",".join(NULL if c is None else c for c in cells) + "\n").encode()


def rows(columns: pa.RecordBatch, fields: list[Field], quotes: bool) -> pa.Array:
    """Return typed rows as text, each with its line feed. `quotes` means that strings outside extra may have quotes."""
    cells = [_cell(columns.column(f.name), f, quotes) for f in fields]
    cells[-1] = pc.binary_join_element_wise(cells[-1], "\n", "", null_handling="replace", null_replacement=NULL)
    return pc.binary_join_element_wise(*cells, ",", null_handling="replace", null_replacement=NULL)


def _cell(column: pa.Array, field: Field, quotes: bool) -> pa.Array:
    if field.kind == "string":
        quotes = quotes or (field == EXTRA and column.null_count < len(column))
        doubled = pc.replace_substring(column, '"', '""') if quotes else column
        return pc.binary_join_element_wise('"', doubled, '"', "")
    return (column.cast(pa.int8()) if field.kind == "boolean" else column).cast(pa.string())


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def expression(fields: list[Field]) -> str:
    """Return an SQL expression for a row without its line feed."""
    cells = []
    for field in fields:
        name = quoted(field.name)
        text = f"""concat('"', replace({name}, '"', '""'), '"')""" if field.kind == "string" else name
        cells.append(f"coalesce({text}, '{NULL}')")
    return "concat(" + ", ',', ".join(cells) + ")"


def tables(file: Any, fields: list[Field]) -> Iterable[pa.RecordBatch]:
    """Yield the typed rows of a file, a few megabytes at a time."""
    names = [f.name for f in fields]
    reader: Iterable[pa.RecordBatch] = pyarrow.csv.open_csv(
        file,
        read_options=pyarrow.csv.ReadOptions(column_names=names, block_size=_BLOCK, use_threads=False),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types={f.name: arrow_type(f) for f in fields},
            null_values=[NULL],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["1"],
            false_values=["0"],
        ),
    )
    return reader


def schema(fields: list[Field]) -> pa.Schema:
    """Return the Arrow schema of typed rows."""
    return pa.schema([(f.name, arrow_type(f)) for f in fields])


def arrow_type(field: Field) -> pa.DataType:
    match field.kind:
        case "decimal":
            return pa.decimal128(*field.params)
        case "timestamp":
            return pa.timestamp("ms")
        case "boolean":
            return pa.bool_()
        case "int":
            return pa.int32()
        case "bigint":
            return pa.int64()
    return pa.string()  # Including the day, which is only used as a folder name.
