"""Every public name is typed and documented: these tests name what is missing."""

from __future__ import annotations

from pathlib import Path

from tests.walk import mentioned, public_names

TYPING = Path(__file__).parents[1] / "typing"


class TestTyping:
    def test_every_public_name_is_typed(self) -> None:
        """Each public class and function is used in a file that the type checkers read."""
        used = {name for path in TYPING.glob("*.py") for name in mentioned(path.read_text(encoding="utf-8"))}

        assert [f"no file of tests/typing uses {name}" for name in sorted(set(public_names()) - used)] == []
