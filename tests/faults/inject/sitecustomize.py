"""Installs the hooks in the job's processes, which have this folder on their PYTHONPATH.

Spark's workers are forked from `faults.daemon`, which installs them itself.
"""

import os
import sys

if "STORE_EVENTS_FAULTS" in os.environ and "faults.daemon" not in sys.orig_argv:
    from faults import hooks

    hooks.install()
