from __future__ import annotations

from decimal import Context, Decimal, localcontext
from typing import Any

import pytest

from crmcore import Finding, Severity
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from tests.support.hostile import CONTEXTS
from tests.support.refusals import refused


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
