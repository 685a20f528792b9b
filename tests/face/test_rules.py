"""Every error names a rule, each rule stands at one place, and no code reads a message."""

from __future__ import annotations

import ast
import re
from collections import Counter
from typing import TYPE_CHECKING, get_args

from pydantic_core.core_schema import ErrorType

from tests.face.fields import unknown_names
from tests.face.rules import ERRORS, PAGE, SOURCE, calls, findings, page, rules

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYWORDS = {"field", "advice", "operands", "record"}


def _handlers(tree: ast.AST) -> Iterator[tuple[str, ast.ExceptHandler]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name, node


class TestRules:
    def test_every_error_has_a_rule_and_a_message(self) -> None:
        """A rule is a literal, and so stable; the message follows it, and whatever else there is has a name."""
        wrong = [
            f"{path.name}:{call.lineno}"
            for path, call in calls()
            if len(call.args) != 2
            or not isinstance(call.args[0], ast.Constant)
            or not isinstance(call.args[1], ast.Constant | ast.JoinedStr)
            or not {keyword.arg for keyword in call.keywords} <= {*KEYWORDS, None}
        ]

        assert [] == wrong

    def test_each_rule_stands_at_one_place(self) -> None:
        """A rule means one thing."""
        count = Counter(rule.name for rule in rules())

        assert [] == [name for name, number in count.items() if number > 1]

    def test_rules_are_slugs(self) -> None:
        """A rule is a name in lower case, which is none of pydantic's own."""
        taken = {*get_args(ErrorType)}

        names = [*(rule.name for rule in rules()), *findings()]

        assert [] == [name for name in names if not re.fullmatch(r"[a-z][a-z0-9_]{2,48}", name)]
        assert set() == taken & {rule.name for rule in rules()}

    def test_messages_are_for_anyone(self) -> None:
        """A message is one sentence in lower case, without a full stop, and without advice behind a semicolon."""
        wrong = [
            rule
            for rule in rules()
            if rule.message.endswith(".")
            or "; " in rule.message
            or rule.message[:1] not in "…FIELD" + "abcdefghijklmnopqrstuvwxyzM"
        ]

        assert [] == [(rule.name, rule.message) for rule in wrong]

    def test_no_raise_of_another_error(self) -> None:
        """Outside `interop`, and outside the protocols of Python, the library raises its own errors only."""
        allowed = {"AttributeError", "KeyError", "NotImplementedError", "StopIteration", "FrozenInstanceError"}
        wrong: list[str] = []
        for path in sorted(SOURCE.rglob("*.py")):
            if "interop" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Raise)
                    and isinstance(node.exc, ast.Call)
                    and isinstance(node.exc.func, ast.Name)
                ):
                    name = node.exc.func.id
                    if name[0].isupper() and name not in ERRORS | allowed:
                        wrong.append(f"{path.name}:{node.lineno} {name}")

        assert [] == wrong

    def test_no_code_reads_a_message(self) -> None:
        """No handler turns an error into text or looks into its arguments; only the adapters pass the message on."""
        wrong: list[str] = []
        for path in sorted(SOURCE.rglob("*.py")):
            for name, handler in _handlers(ast.parse(path.read_text(encoding="utf-8"))):
                for node in ast.walk(handler):
                    if not isinstance(node, ast.Call | ast.Attribute | ast.FormattedValue):
                        continue
                    text = ast.unparse(node)
                    if text in (f"str({name})", f"repr({name})", f"{name}.args", f"{name}.message", f"{{{name}}}"):
                        wrong.append(f"{path.name}:{node.lineno} {text}")

        assert [] == wrong

    def test_the_page_lists_them(self) -> None:
        """The page is up to date; ``python -m tests.face.rules`` writes it. Errors name fields that there are."""
        assert page() == PAGE.read_text(encoding="utf-8")
        assert [] == [*unknown_names()]
