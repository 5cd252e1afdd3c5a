"""When a bookmark is saved."""

import pytest

from awsglue.bookmark import Bookmark, Store, VersionMismatchError
from testsupport import bookmarks


def a_run(server: bookmarks.Server, *, save: bool = True) -> Bookmark:
    return Bookmark.begin(Store(server.url), save)


def test_each_commit_raises_the_version_and_keeps_the_state(bookmark: bookmarks.Server) -> None:
    bookmark.state = {"of": "another script"}
    a_run(bookmark).commit()
    a_run(bookmark).commit()
    assert bookmark.version == 2
    assert bookmark.state == {"of": "another script"}


def test_nothing_is_saved_without_commit_or_when_paused(bookmark: bookmarks.Server) -> None:
    a_run(bookmark)
    a_run(bookmark, save=False).commit()
    assert bookmark.version == 0


def test_without_a_store_nothing_is_saved() -> None:
    Bookmark(saves=True).commit()


def test_concurrent_runs(bookmark: bookmarks.Server) -> None:
    one, two = a_run(bookmark), a_run(bookmark)
    one.commit()
    with pytest.raises(VersionMismatchError, match="version mismatch"):
        two.commit()
    assert bookmark.version == 1
