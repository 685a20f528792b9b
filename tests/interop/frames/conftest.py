"""An engine for each test of frames; it is opened once in a process."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import is_hypothesis_test, settings

from tests.interop.frames.engines import ENGINES, SLOW, Engine, limit_examples
from tests.support.profiles import IS_THOROUGH


@pytest.fixture(
    scope="session",
    params=[pytest.param(name, marks=pytest.mark.slow) if name in SLOW else pytest.param(name) for name in ENGINES],
)
def engine(request: pytest.FixtureRequest) -> Generator[Engine]:
    """Each engine that is installed here; those that take seconds for a table are tried under the thorough profile."""
    if request.param in SLOW and not IS_THOROUGH:
        pytest.skip("tried under the thorough profile")
    with ENGINES[request.param]() as opened:
        yield opened


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Draw fewer tables for an engine that takes long for each."""
    test: Any = getattr(item, "obj", None)
    name = getattr(item, "callspec").params.get("engine") if hasattr(item, "callspec") else None  # noqa: B009 - pytest types it nowhere
    if name is None or not is_hypothesis_test(test):
        return (yield)
    function = getattr(test, "__func__", test)
    own = function._hypothesis_internal_use_settings  # there is no public name for it
    number = limit_examples(name, own.max_examples)
    function._hypothesis_internal_use_settings = settings(own, max_examples=number)
    try:
        return (yield)
    finally:
        function._hypothesis_internal_use_settings = own
