"""What holds for every error that a test of the nouns meets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.refusals import watch_errors

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True, scope="module")
def _errors_show_their_operands() -> Iterator[None]:
    """Whichever error a test here meets, its message and its operands tell of the same values."""
    with watch_errors():
        yield
