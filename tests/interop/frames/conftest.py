"""An engine for each test of frames; it is opened once in a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.interop.frames.engines import ENGINES, Engine


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each engine that is installed here."""
    with ENGINES[request.param]() as opened:
        yield opened
