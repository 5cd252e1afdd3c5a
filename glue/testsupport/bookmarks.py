"""The bookmark server of the local awsglue's tests."""

from awsglue_testing.bookmarks import Server, running

__all__ = ["Server", "running"]
