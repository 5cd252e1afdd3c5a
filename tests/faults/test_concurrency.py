"""The options of a second run."""

from unittest.mock import Mock

import pytest

from faults import concurrency


def test_second_run_has_the_columns_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the same contract, but does not read objects again."""
    second = Mock()
    monkeypatch.setattr(concurrency, "SecondRun", second)
    shared = {"commit_rows": "3", "extra_columns": "note=string(4)", "tgt_tbl_name": "other_tbl"}
    concurrency._start_second(Mock(), {**shared, "replay": "true"}, 60)
    [(_, _, given)] = [call.args for call in second.call_args_list]
    assert given == {**shared, "lock_wait_seconds": "60"}
