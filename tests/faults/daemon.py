"""The process that Spark forks workers from, with the hooks installed: see `awsglue.daemon`."""

from awsglue import daemon

if __name__ == "__main__":
    daemon.leave_archives()
    daemon.load()
    from faults import hooks

    hooks.install()
    from store_events.load import partition  # noqa: F401  Imported after the hooks have wrapped its libraries.
    from store_events.source import reader  # noqa: F401

    daemon.serve()
