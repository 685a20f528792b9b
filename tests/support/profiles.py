"""What runs under the thorough profile alone."""

from __future__ import annotations

import os
from typing import Final

import pytest

IS_THOROUGH: Final = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
LONG: Final = pytest.mark.skipif(not IS_THOROUGH, reason="runs under the thorough profile")
"""The mark of tests that take long, as those of a million rows do."""
