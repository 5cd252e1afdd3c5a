"""Regression tests: histories that campaigns found to fail, shrunk."""

from pathlib import Path

import pytest

from faults.campaign import Harness
from faults.history import from_json

_FOUND = sorted(Path(__file__).parent.glob("found/*.json"))


@pytest.mark.parametrize("file", _FOUND, ids=lambda file: file.stem)
def test_history_that_failed_once(harness: Harness, file: Path) -> None:
    assert harness.play(from_json(file.read_text())).problems == []
