"""Checks that pytest finds each test by its ID: mutmut counts a mutant as killed if one of its tests is not found.

Run it in the directory where mutmut will run.
"""

import contextlib
import io
import sys
import tomllib
from pathlib import Path

import pytest


class _Collected:
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.ids = [item.nodeid for item in items]


def main() -> int:
    tests = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["mutmut"]["pytest_add_cli_args_test_selection"]
    collected = _Collected()
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main(["--collect-only", *tests], plugins=[collected])
    return int(pytest.main(["--collect-only", "-qq", *collected.ids]))


if __name__ == "__main__":
    sys.exit(main())
