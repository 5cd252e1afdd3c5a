"""Which objects a bookmark selects in consecutive runs, and when it is saved."""

import urllib.request

import pytest

from awsglue.bookmark import BAND_S, Bookmark, Store, VersionMismatchError, sign
from awsglue.s3 import S3Object
from awsglue_testing import bookmarks

T = 1_700_000_000.0


def an_object(name: str, modified: float, etag: str = "e") -> S3Object:
    return S3Object(f"s3://b/{name}", modified, f"{modified} {etag}")


def a_run(
    server: bookmarks.Server, start: float, objects: list[S3Object], *, save: bool = True, commit: bool = True
) -> list[str]:
    bookmark = Bookmark.begin(Store(server.url), save)
    bookmark.start = start
    names = [o.uri.removeprefix("s3://b/") for o in bookmark.select("ctx", objects)]
    if commit:
        bookmark.commit()
    return names


def test_each_object_once(bookmark: bookmarks.Server) -> None:
    old, new = an_object("old", T - 5000), an_object("new", T + 10)
    assert a_run(bookmark, T, [old, new]) == ["old"]
    assert a_run(bookmark, T + 20, [old, new]) == ["new"]
    assert a_run(bookmark, T + 40, [old, new]) == []


def test_object_modified_after_the_start_is_left_to_the_next_run(bookmark: bookmarks.Server) -> None:
    o = an_object("o", T + 0.5)
    assert a_run(bookmark, T, [o]) == []
    assert a_run(bookmark, T + 1, [o]) == ["o"]


def test_late_object_within_the_band(bookmark: bookmarks.Server) -> None:
    first, late = an_object("first", T - 10), an_object("late", T - BAND_S + 1)
    assert a_run(bookmark, T, [first]) == ["first"]
    assert a_run(bookmark, T + 60, [first, late]) == ["late"]
    assert a_run(bookmark, T + 120, [first, late]) == []


def test_object_modified_at_the_start_of_the_last_run(bookmark: bookmarks.Server) -> None:
    assert a_run(bookmark, T, [an_object("a", T)]) == ["a"]
    assert a_run(bookmark, T + 1, [an_object("a", T), an_object("b", T)]) == ["b"]


def test_modified_object_is_read_again(bookmark: bookmarks.Server) -> None:
    assert a_run(bookmark, T, [an_object("o", T - 10)]) == ["o"]
    assert a_run(bookmark, T + 60, [an_object("o", T - 5)]) == ["o"]
    assert a_run(bookmark, T + 90, [an_object("o", T - 5, "other")]) == ["o"]
    assert a_run(bookmark, T + 5000, [an_object("o", T + 4000)]) == ["o"]


def test_nothing_is_saved_without_commit_or_when_paused(bookmark: bookmarks.Server) -> None:
    o = an_object("o", T - 10)
    assert a_run(bookmark, T, [o], commit=False) == ["o"]
    assert a_run(bookmark, T + 1, [o], save=False) == ["o"]
    assert bookmark.version == 0
    assert a_run(bookmark, T + 2, [o]) == ["o"]
    assert a_run(bookmark, T + 3, [o], save=False) == []


def test_source_without_context_has_no_bookmark(bookmark: bookmarks.Server) -> None:
    run = Bookmark.begin(Store(bookmark.url), save=True)
    assert run.select("", [an_object("o", T)]) == [an_object("o", T)]
    run.commit()
    assert bookmark.state == {}


def test_sources_that_a_run_does_not_read_keep_their_state(bookmark: bookmarks.Server) -> None:
    a_run(bookmark, T, [an_object("o", T - 1)])
    other = Bookmark.begin(Store(bookmark.url), save=True)
    other.select("other", [])
    other.commit()
    assert set(bookmark.state) == {"ctx", "other"}


def test_concurrent_runs(bookmark: bookmarks.Server) -> None:
    one, two = (Bookmark.begin(Store(bookmark.url), save=True) for _ in range(2))
    one.select("ctx", [])
    two.select("ctx", [])
    one.commit()
    with pytest.raises(VersionMismatchError, match="version mismatch"):
        two.commit()
    assert bookmark.version == 1


def test_requests_are_signed_with_the_credentials_of_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ACCESS_KEY_ID": "ASIAJOB", "SECRET_ACCESS_KEY": "hush", "SESSION_TOKEN": "token"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    request = urllib.request.Request("http://127.0.0.1:1/job?run=jr_1", b"{}", method="PUT")
    sign(request)
    headers = {name.lower(): value for name, value in request.header_items()}
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=ASIAJOB/")
    assert "/us-east-1/localaws/aws4_request" in headers["authorization"]
    assert headers["x-amz-security-token"] == "token"
    assert "hush" not in str(headers)

    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    plain = urllib.request.Request("http://127.0.0.1:1/job")
    sign(plain)
    assert not plain.header_items(), "a test's server needs no signature"
