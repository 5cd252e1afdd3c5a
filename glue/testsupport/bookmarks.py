"""The bookmark server of the local awsglue's tests, which the tests of the job use too."""

from awsglue_testing.bookmarks import Server, running

__all__ = ["Server", "running"]
