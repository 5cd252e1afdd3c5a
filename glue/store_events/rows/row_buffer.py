"""Collects the rows of a batch as columns."""

import io

import numpy as np
import pyarrow as pa

from store_events import csv_codec
from store_events.contract import Contract
from store_events.source.fast_path import FastRows


class RowBuffer:
    """Rows with the columns csv_codec.columns, in any order. Each has a number, which is the order of the lines."""

    def __init__(self, contract: Contract) -> None:
        self.fields = csv_codec.columns(contract)
        self.key = contract.key
        self.size = 0  # Approximate bytes.
        self._columns: list[pa.RecordBatch] = []
        self._numbers: list[np.ndarray] = []
        self._rows, self._row_numbers = io.BytesIO(), list[int]()

    def add(self, rows: FastRows, first: int) -> None:
        """Add rows of the fast path. Their numbers are `first` plus the lines' indexes."""
        self._columns.append(rows.rows)
        self._numbers.append(rows.places + first)
        self.size += rows.rows.nbytes

    def add_row(self, row: bytes, number: int) -> None:
        """Add a row in the format of csv_codec.row."""
        self._row_numbers.append(number)
        self.size += self._rows.write(row)

    @property
    def quotes(self) -> bool:
        """Whether fields of the contract may have quotes. Those of plain lines have none."""
        return bool(self._row_numbers)

    def take(self) -> tuple[pa.RecordBatch, np.ndarray]:
        """Remove and return all rows, and their numbers."""
        columns, numbers = self._columns, [*self._numbers, np.array(self._row_numbers, np.int64)]
        if self._row_numbers:
            self._rows.seek(0)
            columns += csv_codec.tables(self._rows, self.fields)
        self._columns, self._numbers, self._rows, self._row_numbers = [], [], io.BytesIO(), []
        self.size = 0
        empty = pa.RecordBatch.from_pylist([], csv_codec.schema(self.fields))
        return pa.concat_batches([empty, *columns]), np.concatenate(numbers)
