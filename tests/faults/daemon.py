"""The process that workers are forked from, their calls made known to the harness: see `awsglue.daemon`."""

from awsglue import daemon

if __name__ == "__main__":
    daemon.leave_archives()
    daemon.load()
    from faults import hooks

    hooks.install()
    from store_events.load import partition  # noqa: F401  Its libraries are wrapped by now.
    from store_events.source import reader  # noqa: F401

    daemon.serve()
