"""Found on the PYTHONPATH of a process of the job: makes its calls of database and AWS known to the harness.

Workers of Spark are forked from `faults.daemon`, which does the same.
"""

import os
import sys

if "STORE_EVENTS_FAULTS" in os.environ and "faults.daemon" not in sys.orig_argv:
    from faults import hooks

    hooks.install()
