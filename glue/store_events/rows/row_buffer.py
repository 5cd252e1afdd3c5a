"""The rows of a batch while they are gathered, as columns."""

import io

import numpy as np
import pyarrow as pa

from store_events import csv_codec
from store_events.contract import Contract
from store_events.source.fast_path import FastRows


class RowBuffer:
    """Rows of csv_codec.columns, each with its number: the order of their lines. They are added in any order."""

    def __init__(self, contract: Contract) -> None:
        self.fields = csv_codec.columns(contract)
        self.key = contract.key
        self.size = 0  # Bytes, about.
        self._columns: list[pa.RecordBatch] = []
        self._numbers: list[np.ndarray] = []
        self._rows, self._row_numbers = io.BytesIO(), list[int]()

    def add(self, rows: FastRows, first: int) -> None:
        """Add rows of the fast path. Their numbers are their places, counted from `first`."""
        self._columns.append(rows.rows)
        self._numbers.append(rows.places + first)
        self.size += rows.rows.nbytes

    def add_row(self, row: bytes, number: int) -> None:
        """Add a row as csv_codec.row has it."""
        self._row_numbers.append(number)
        self.size += self._rows.write(row)

    @property
    def quotes(self) -> bool:
        """Whether a field of the contract may have quotes: those of plain lines have none."""
        return bool(self._row_numbers)

    def take(self) -> tuple[pa.RecordBatch, np.ndarray]:
        """Remove all rows; return them, and their numbers."""
        columns, numbers = self._columns, [*self._numbers, np.array(self._row_numbers, np.int64)]
        if self._row_numbers:
            self._rows.seek(0)
            columns += csv_codec.tables(self._rows, self.fields)
        self._columns, self._numbers, self._rows, self._row_numbers = [], [], io.BytesIO(), []
        self.size = 0
        empty = pa.RecordBatch.from_pylist([], csv_codec.schema(self.fields))
        return pa.concat_batches([empty, *columns]), np.concatenate(numbers)
