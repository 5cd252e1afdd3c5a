"""A harness shared by all tests."""

from collections.abc import Iterator

import pytest

from faults.campaign import Harness, open_harness


@pytest.fixture(scope="session")
def harness() -> Iterator[Harness]:
    with open_harness() as opened:
        yield opened
