"""Found on the PYTHONPATH of a process of the job: makes its calls of database and AWS known to the harness."""

import os

if "STORE_EVENTS_FAULTS" in os.environ:
    from faults import hooks

    hooks.install()
    if hooks.worker():
        from faults import warm

        warm.up()
