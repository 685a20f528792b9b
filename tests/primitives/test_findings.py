from __future__ import annotations

from decimal import Context, Decimal, localcontext
from typing import Any

import pytest

from crmcore import Finding, Severity
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from tests.support.hostile import CONTEXTS
from tests.support.refusals import refused


class Whole(int):
    """A whole number of the caller's."""


class Number(Decimal):
    """An exact number of the caller's."""


def finding(**changes: Any) -> Finding:
    """Return a finding with the given changes."""
    values: dict[str, Any] = {"rule": "one_time_buyer", "severity": Severity.WARNING, "message": "they bought once"}
    return Finding(**{**values, **changes})


class TestFinding:
    def test_text(self) -> None:
        """The text has severity, rule, subject, message and advice, and leaves out what is empty."""
        assert "warning one_time_buyer: they bought once" == str(finding())
        assert "error one_time_buyer: gift-buyers: they bought once; value them apart" == str(
            finding(severity=Severity.ERROR, subject="gift-buyers", advice="value them apart")
        )

    def test_text_has_an_end(self) -> None:
        """The line of a finding has at most three thousand characters, and its message and advice a thousand each."""
        long = finding(rule="r" * 1000, subject="s" * 1000, message="m" * 1000, advice="a" * 1001)

        assert f"warning {'r' * 1000}: {'s' * 1000}: {'m' * 985}..." == str(long)
        assert ("m" * 1000, f"{'a' * 997}...") == (long.message, long.advice)

    def test_evidence_is_kept_as_pairs(self) -> None:
        """Any iterable of pairs becomes a tuple, so that a finding hashes."""
        evidence = finding(evidence=iter([("customers", 50)])).evidence

        assert (("customers", 50),) == evidence
        assert hash(finding(evidence=evidence)) == hash(finding(evidence=[("customers", 50)]))

    @pytest.mark.parametrize("context", CONTEXTS)
    @pytest.mark.parametrize(
        ("evidence", "expected"),
        [
            ([], "evidence=()"),
            ([("customers", 50)], "evidence=(('customers', 50),)"),
            (
                [("rate", Decimal("1E+5")), ("segment", "gift-buyers")],
                "evidence=(('rate', Decimal('1E+5')), ('segment', 'gift-buyers'))",
            ),
        ],
    )
    def test_evidence_is_written_as_python_writes_it(self, evidence: Any, expected: str, context: Context) -> None:
        """The `repr` of the evidence is the same under every decimal context."""
        with localcontext(context):
            assert expected in repr(finding(evidence=evidence))

    @pytest.mark.parametrize("name", ["rule", "subject", "message", "advice"])
    def test_words_are_text(self, name: str) -> None:
        """Rule, subject, message and advice are texts."""
        with refused(WrongTypeError, f"not_a_text: {name}"):
            finding(**{name: 5})

    @pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity"])
    def test_evidence_is_finite(self, value: str) -> None:
        """NaN and infinity are refused as evidence."""
        with refused(InvalidValueError, "evidence_not_finite: evidence[0]"):
            finding(evidence=[("share", Decimal(value))])

    def test_evidence_is_plain(self) -> None:
        """Numbers of a class of the caller's become plain ones; texts and truth values stay what they are."""
        evidence = finding(evidence=[("n", Whole(7)), ("x", Number("0.5")), ("text", "a"), ("known", True)]).evidence

        assert (("n", 7), ("x", Decimal("0.5")), ("text", "a"), ("known", True)) == evidence
        assert [int, Decimal, str, bool] == [type(value) for _, value in evidence]

    @pytest.mark.parametrize(
        ("pair", "error", "rule", "must"),
        [
            (
                (1, 2, 3),
                WrongTypeError,
                "not_a_pair",
                "be a pair of a name and a number or text, got an object of type tuple",
            ),
            (
                "Anna",
                WrongTypeError,
                "not_a_pair",
                "be a pair of a name and a number or text, got an object of type str",
            ),
            ((1, 2), WrongTypeError, "not_a_text", "be a text, got an object of type int"),
            ((" ", 1), InvalidValueError, "empty_text", "not be empty"),
            (("a", 1.5), WrongTypeError, "not_evidence", "be a name and a number or text, got 1.5"),
            (("a", None), WrongTypeError, "not_evidence", "be a name and a number or text, got None"),
            (("a", Decimal("NaN")), InvalidValueError, "evidence_not_finite", "be a name and a finite number, got NaN"),
        ],
    )
    def test_wrong_evidence_is_named(self, pair: object, error: type[Exception], rule: str, must: str) -> None:
        """The message says which pair is wrong, and shows nothing of what is no pair."""
        with refused(error, f"{rule}: evidence[1]") as caught:
            finding(evidence=[("n", 1), pair])
        assert f"evidence[1] must {must}" == caught.value.message

    def test_a_rule_has_a_name(self) -> None:
        """A rule without a name is refused."""
        with pytest.raises(InvalidValueError, match="rule must not be empty"):
            finding(rule="")

    def test_a_severity_is_a_member(self) -> None:
        """A text is refused, and the message names the member."""
        with pytest.raises(
            WrongTypeError, match=r"severity must be one of .*write Severity\.INFO, or Severity\('info'\)"
        ):
            finding(severity="info")

    @pytest.mark.parametrize("evidence", ["text", 5, [1], ["ab"], [("a",)], [(1, 2)]])
    def test_evidence_is_pairs_of_name_and_value(self, evidence: Any) -> None:
        """Evidence is pairs of a name and a number or text."""
        with pytest.raises(WrongTypeError, match="evidence"):
            finding(evidence=evidence)
