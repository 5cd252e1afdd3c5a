"""One theatre for all tests."""

from collections.abc import Iterator

import pytest

from faults.campaign import Theatre, open_theatre


@pytest.fixture(scope="session")
def theatre() -> Iterator[Theatre]:
    with open_theatre() as opened:
        yield opened
