"""Runs MiniStack so that it saves its state whole.

Results of Athena queries hold numbers and times of DuckDB's that MiniStack's
state file does not know; one of them, and the file is not written at all, so
that workgroups and named queries are gone at the next start. Here they are
saved as the text that Athena's API answers anyway.
"""

import datetime
import decimal
import sys
import uuid

from ministack.app import main
from ministack.core import persistence

TEXTS = (datetime.date, datetime.time, datetime.timedelta, decimal.Decimal, uuid.UUID)
known = persistence._json_default


def default(value: object) -> object:
    return str(value) if isinstance(value, TEXTS) else known(value)


persistence._json_default = default

if __name__ == "__main__":
    sys.argv[0] = "ministack"
    sys.exit(main())
