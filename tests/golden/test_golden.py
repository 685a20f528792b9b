from __future__ import annotations

import ast
import json
from decimal import Context, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from crmcore import CrmcoreError, KeyResult, Money, Nps, Retention, RetentionMix, Survival, TimeUnit, ValueMix, surveys
from tests.golden.adapters import ADAPTERS
from tests.golden.unserved import UNSERVED
from tests.support.refusals import refused

HERE = Path(__file__).parent
CASES: list[dict[str, Any]] = [
    case
    for file in sorted(HERE.glob("*.json"))
    if file.name not in {"handling.json", "journeys.json", "rooms.json"}  # which have tests of their own
    for case in json.loads(file.read_text(encoding="utf-8"))["cases"]
]
LABELS: dict[str, dict[str, str]] = json.loads((HERE / "rooms.json").read_text(encoding="utf-8"))["labels"]
SERVED = [case for case in CASES if case["calculator"] in ADAPTERS]
ROUNDED = {"A14-06"}  # cases whose input is itself a rounded figure, while their fraction is of the unrounded one
SOURCES = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(HERE.glob("*adapters.py"))}
CONVERSIONS = {
    "Fraction(str(hours)) * 3600000000": "hours become microseconds",
    "_BEGIN + timedelta(seconds=second)": "a second becomes an instant",
    "_CONVERSION - timedelta(days=days)": "a day becomes an instant",
    "_RETURN - timedelta(days=days)": "the same",
    "_LAST_DAY - timedelta(days=days)": "the same",
    "acquired + timedelta(days=day)": "the same",
    "_DAY + _hours(inputs['age_hours'])": "an age becomes an instant",
    "passed // timedelta(microseconds=1)": "a duration becomes microseconds",
    "wait / _DAY": "a duration becomes days",
    "timedelta(days=_count(days) + 1) - timedelta.resolution": "whole days become a duration",
    "_count(days) + 1": "the same",
    "inputs['detractors'] - met": "a whole and a part become two parts",
    "inputs['reviews'] - inputs['answered']": "the same",
    "part * whole": "shares become the counts behind them",
    "steps + 1": "the end of a range",
    "len(measures)": "whether there is one more",
}
"""What adapters compute to give inputs the form that the library takes, and why."""
COMPUTING = {"abs", "divmod", "len", "max", "min", "pow", "round", "sum"}


def _number(value: object) -> Fraction:
    """A number exactly; a float means its shortest repr."""
    assert isinstance(value, Decimal | int | float)
    assert not isinstance(value, bool)
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def equals(expected: Any, actual: Any, tolerance: str) -> bool:
    """Whether an answer is what is expected; of a record, only the fields that are named count."""
    if isinstance(expected, dict) and actual is not None:
        return all(equals(value, actual[name], tolerance) for name, value in expected.items())
    if isinstance(expected, dict) or isinstance(actual, dict):
        fields = expected if actual is None else actual
        return (expected is None or actual is None) and all(value is None for value in fields.values())
    if expected is None or actual is None or isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, list):
        return len(expected) == len(actual) and all(
            equals(one, other, tolerance) for one, other in zip(expected, actual, strict=True)
        )
    return expected == actual if isinstance(actual, str) else _is_near(Fraction(expected), _number(actual), tolerance)


def _is_near(expected: Fraction, actual: Fraction, tolerance: str) -> bool:
    allowed = 0 if tolerance == "exact" else Fraction(tolerance) * max(Fraction(1), abs(expected))
    return abs(actual - expected) <= allowed


def _sums_up(exact: Any, actual: Any) -> bool:
    """Whether a Decimal is the exact fraction, where one is known, to the 33 digits that one rounding leaves."""
    if isinstance(exact, dict):
        return all(_sums_up(fraction, actual[name]) for name, fraction in exact.items())
    if isinstance(exact, list):
        return len(exact) == len(actual) and all(map(_sums_up, exact, actual))
    if exact is None:
        return True
    fraction = Fraction(exact)
    return not isinstance(actual, Decimal) or abs(Fraction(actual) - fraction) <= abs(fraction) / 10**33


class TestCases:
    @pytest.mark.parametrize("case", SERVED, ids=lambda case: f"{case['id']}-{case['calculator']}")
    def test_case(self, case: dict[str, Any]) -> None:
        """What the library answers is what the case expects."""
        expected = case["expected"]
        adapter = ADAPTERS[case["calculator"]]
        if isinstance(expected, dict) and "error" in expected:
            with refused(CrmcoreError):
                adapter(case["inputs"])
        else:
            actual = adapter(case["inputs"])
            assert equals(expected, actual, case["tolerance"]), actual

    @pytest.mark.parametrize(
        "case",
        [case for case in SERVED if "exact_fraction" in case and case["id"] not in ROUNDED],
        ids=lambda case: f"{case['id']}-{case['calculator']}",
    )
    def test_exact_fraction(self, case: dict[str, Any]) -> None:
        """Where the case knows the exact fraction, a Decimal agrees with it to its last digit but one."""
        assert _sums_up(case["exact_fraction"], ADAPTERS[case["calculator"]](case["inputs"]))

    @pytest.mark.parametrize(
        ("expected", "actual", "tolerance", "equal"),
        [
            ("6", Decimal("6.0"), "exact", True),
            ("6", 6, "exact", True),
            ("6", Decimal("6.0000000000000001"), "exact", False),
            ("0.5", 0.5 + 1e-10, "1e-9", True),
            ("0.5", 0.5 + 2e-9, "1e-9", False),
            ("1000", Decimal("1000.0000009"), "1e-9", True),
            ("1000", Decimal("1000.000002"), "1e-9", False),
            ("0", None, "exact", False),
            ("1", True, "exact", False),
            (None, Decimal(0), "exact", False),
            (None, {"low": None, "high": None}, "exact", True),
            (None, {"low": None, "high": 0.0}, "exact", False),
            ({"low": None}, None, "exact", True),
            ({"low": "0"}, None, "exact", False),
            ({"low": "0"}, {"low": 0.0, "high": 1.0}, "exact", True),
            (["30", "30"], [30, 30], "exact", True),
            (["30", "30"], [30], "exact", False),
            (True, 1, "exact", False),
            ("at_risk", "churned", "exact", False),
            ("6", {"value": 6}, "exact", False),
        ],
    )
    def test_comparison(self, expected: Any, actual: Any, tolerance: str, equal: bool) -> None:
        """The comparison itself tells right from wrong."""
        assert equal is equals(expected, actual, tolerance)


class TestOptionalInputs:
    @pytest.mark.parametrize(
        ("label", "inputs", "expected"),
        [
            ("churn.annualise", {"period_churn": "0.05"}, "0.459639912337363037109375"),
            ("churn.annualise", {"period_churn": "0.05", "periods_per_year": "4"}, "0.18549375"),
            ("churn.annualise", {"period_churn": 0, "periods_per_year": 365}, "0"),
            (
                "churn.customer",
                {"start": 1000, "end": 1400, "churned": 100, "convention": "average_of_start_and_end"},
                "0.0833333",
            ),
            ("churn.customer", {"start": 1000, "new": "500", "churned": 150, "convention": "start_plus_new"}, "0.1"),
            ("churn.customer", {"start": "100", "churned": "0"}, "0"),
            ("churn.customer", {"start": 100, "end": 110}, {"error": "growth is not churn"}),
            (
                "churn.customer",
                {
                    "days": [
                        {"start": 100, "end_of_starters": 98},
                        {"start": 103, "end_of_starters": 101},
                        {"start": 101, "end_of_starters": 101},
                        {"start": 105, "end_of_starters": 100},
                    ],
                    "convention": "sum_of_daily",
                },
                "0.0870365",
            ),
            ("churn.customer", {"days": [], "convention": "compounded_daily"}, None),
            ("churn.deannualise", {"annual_churn": 0.2, "periods_per_year": 1}, "0.2"),
            ("churn.from_half_life", {"half_life_years": 3, "periods_per_year": 12}, "0.019069894"),
            ("churn.from_half_life", {"half_life_months": "36"}, "0.019069894"),
            (
                "churn.logo_vs_revenue",
                {"start_mrr": {"a": 100, "b": "100", "c": "800"}, "end_mrr": {"a": "100", "b": "100", "d": "5"}},
                {"logo": "0.33333333333", "revenue": "0.8"},
            ),
            ("churn.logo_vs_revenue", {"start_mrr": {}, "end_mrr": {"a": "1"}}, {"logo": None, "revenue": None}),
            ("churn.person_time", {"events": 0, "exposure_years": 480}, "0"),
            ("churn.person_time", {"events": 1, "exposure_days": "0"}, None),
            ("churn.revenue_gross", {"start": "100", "end": "95"}, "0.05"),
            ("churn.revenue_gross", {"start": ["100", "EUR"], "churn": ["5", "EUR"]}, "0.05"),
            ("churn.revenue_gross", {"start": "100", "end": "105"}, {"error": "more at the end"}),
            ("churn.zero_event_upper", {"n": "1"}, "0.95"),
            ("churn.zero_event_upper", {"n": 0, "confidence": 0.9}, None),
            ("dissolution.summary", {"events": []}, {"by_cause": {}, "customer_initiated_share": None}),
            ("dissolution.summary", {}, {"by_initiator": {}, "supplier_initiated_share": None, "abrupt_share": None}),
            (
                "dissolution.summary",
                {"events": [["fraud", "supplier", True], ["mutual", "mutual"]]},
                {
                    "by_cause": {"fraud": "1", "better_offer": "0"},
                    "by_initiator": {"mutual": "1"},
                    "abrupt_share": "0.5",
                },
            ),
            (
                "inactivity.percentile_threshold",
                {"gaps_days": [7, 14, 21, 29, 30, 31, 31, 47, "60", 90], "percentile": 0.8, "method": "linear"},
                "49.6",
            ),
            (
                "inactivity.percentile_threshold",
                {"gaps_days": [7, 14, 21, 29, 30, 31, 31, 47, 60, 90], "percentile": "0.8"},
                "47",
            ),
            ("inactivity.status", {"days_since_last": 400, "churned_days": 47}, "churned"),
            ("inactivity.status", {"days_since_last": "0", "churned_days": "47"}, "active"),
            ("inactivity.status", {"days_since_last": -1, "churned_days": 47}, {"error": "in the future"}),
            ("interval.wilson", {"successes": 0, "n": 0}, None),
            ("lifecycle.allowed", {"from": "exploration", "to": "awareness"}, True),
            ("lifecycle.allowed", {"from": "exploration", "to": "expansion"}, False),
            ("lifecycle.allowed", {"order": "dwyer_schurr_oh", "from": "exploration", "to": "expansion"}, True),
            ("lifecycle.allowed", {"order": "dwyer_schurr_oh", "from": "awareness", "to": "expansion"}, False),
            ("lifecycle.allowed", {"order": "seed", "from": "awareness", "to": "commitment"}, False),
            ("lifecycle.allowed", {"order": "seed", "from": "awareness", "to": "awareness"}, False),
            ("lifecycle.allowed", {"from": "commitment", "to": "dissolution"}, True),
            ("lifecycle.allowed", {"from": "dissolution", "to": "exploration"}, False),
            ("lifecycle.allowed", {"from": "dissolution", "to": "exploration", "reactivation": False}, False),
            (
                "lifecycle.allowed",
                {"order": "seed", "from": "dissolution", "to": "exploration", "reactivation": True},
                True,
            ),
            ("lifecycle.allowed", {"from": "dissolution", "to": "commitment"}, False),
            ("lifecycle.allowed", {"from": "dissolution", "to": "commitment", "reactivation": True}, False),
            ("lifecycle.allowed", {"from": "dissolution", "to": "dissolution", "reactivation": True}, False),
            ("lifecycle.allowed", {"from": "awareness", "to": "exploration", "reactivation": True}, True),
            ("lifecycle.allowed", {"from": None, "to": "expansion"}, True),
            ("lifecycle.allowed", {"to": "dissolution"}, True),
            ("lifecycle.durations_days", {"entries": []}, {}),
            (
                "lifecycle.durations_days",
                {"entries": [["2024-01-01", "exploration"], ["2024-02-01", "awareness"]], "as_of": "2024-02-02T12:00"},
                {"exploration": "31", "awareness": "1.5"},
            ),
            (
                "lifecycle.durations_days",
                {"entries": [["2024-01-01", "awareness"], ["2024-01-02", "exploration"], ["2024-01-04", "expansion"]]},
                {"awareness": "1", "exploration": "2"},
            ),
            (
                "lifecycle.durations_days",
                {"entries": [["2024-02-01", "exploration"], ["2024-01-01", "awareness"]]},
                {"error": "out of order"},
            ),
            (
                "lifecycle.durations_days",
                {"order": "seed", "entries": [["2024-01-01", "exploration"], ["2024-01-01", "expansion"]]},
                {"error": "a stage skipped"},
            ),
            ("lifetime.exponential_mle", {"events": 0, "exposure_months": "480"}, None),
            ("lifetime.from_churn", {"half_life_years": "3"}, "4.8473221"),
            ("ltv.orders_per_year", {"interval_months": 3}, "4"),
            ("ltv.single_purchase", {"order_value": "1000", "gross_margin": "0.4"}, "400"),
            ("cac.blended", {"spend": 100, "new_customers": "0"}, None),
            ("clv.constant_retention", {"margin": 100, "retention": 0.8, "discount": 0.1}, "266.6666666667"),
            (
                "clv.residual_constant",
                {"margin": "100", "retention": ".8", "discount": ".1", "timing": "renewing"},
                "293.333333333",
            ),
            ("clv.residual_beyond_horizon", {"margin": 1, "retention": 1, "discount": 0, "periods": 5}, None),
            ("clv.retention_elasticity", {"margin": 0, "retention": 0.8, "discount": 0.1}, None),
            ("ltv.arpa_over_churn", {"arpa": 100, "retention": 0.98}, "5000"),
            ("npv.by_dates", {"rate": 0.1, "flows": [["2026-01-01", 1]], "as_of": "2025-01-01"}, "0.909090909"),
            ("npv.periodic", {"rate": 0.1, "flows": []}, "0"),
            ("payback.simple_months", {"cac": 1000, "margin": 80}, "12.5"),
            ("retention.mixture_by_period", {"segments": [{"share": 1, "retention": 0}], "periods": 2}, ["0", None]),
            ("ltv.annual_value", {"average_order_value": 40, "orders_per_year": 6, "currency": "EUR"}, "240"),
            ("ltv.historical_net", {"revenue": [], "cost": []}, "0"),
            ("ltv.historical_net", {"revenue": [["10", "EUR"], ["-2.5", "EUR"]]}, "7.5"),
            ("ltv.historical_net", {"revenue": 10, "cost": ["1", 2]}, "7"),
            ("ltv.historical_net", {"revenue": [["10", "USD"]], "currency": "EUR"}, {"error": "another currency"}),
            (
                "ltv.net_of_costs",
                {
                    "average_order_value": "1000",
                    "orders_per_year": "6",
                    "lifespan_years": 2,
                    "service_cost_per_year": ["900", "500"],
                },
                "10600",
            ),
            ("ltv.spend_guard", {"ltv": "30000", "planned_spend": "30000"}, {"allowed": True, "excess": "0"}),
            ("moments.all_good_probability", {"p_good": 0.5, "moments": "2"}, "0.25"),
            ("moments.balance", {}, {"balance": "0", "offset": True, "coverage": None}),
            ("moments.balance_by_scope", {"scopes": {}}, {"total": "0", "sum_of_deficits": "0"}),
            ("moments.balance_by_scope", {"scopes": {"a": {"bad": 1}}}, {"a": "-12", "total_deficit": "12"}),
            ("moments.break_even_failure_rate", {}, "0.076923077"),
            ("moments.break_even_good_share", {}, "0.923076923"),
            ("moments.expected_balance", {"moments": "10", "p_good": 1, "p_bad": 0}, "10"),
            ("moments.expected_balance", {"moments": 10, "p_good": 0.6, "p_bad": 0.6}, {"error": "more than all"}),
            ("moments.required_good_rate", {"neutral_share": 1}, "0"),
            (
                "moments.windowed_balance",
                {
                    "as_of": "2024-12-31T00:00+01:00",
                    "moments": [["2024-12-30", "good", "2"], ["2024-12-30", "neutral"]],
                },
                "2",
            ),
            (
                "relationship.types",
                {"source": "strategyzer"},
                [
                    "transactional",
                    "long_term",
                    "personal_assistance",
                    "dedicated_personal_assistance",
                    "self_service",
                    "automated_services",
                    "communities",
                    "co_creation",
                ],
            ),
            ("purchases.gaps_days", {"dates": []}, []),
            ("retention.complement", {"retention": "0.85"}, "0.15"),
            ("retention.crr", {"start": 0, "end": "5", "new": "5"}, None),
            ("retention.survivors", {"churn": "0.2", "periods": 3}, "0.512"),
            ("retention.survivors", {"start": "1000", "half_life_years": 3, "months": 36}, "500"),
            ("trend.two_proportion_z", {"before": [0, 5], "after": [0, 9]}, None),
            ("trend.newcombe_difference", {"before": [0, 0], "after": [1, 9]}, None),
        ],
    )
    def test_are_optional(self, label: str, inputs: dict[str, Any], expected: Any) -> None:
        """A case may leave out what is optional, and write numbers as text or not."""
        if isinstance(expected, dict) and "error" in expected:
            with pytest.raises(CrmcoreError):
                ADAPTERS[label](inputs)
        else:
            assert equals(expected, ADAPTERS[label](inputs), "1e-7")


class TestMistakes:
    @pytest.mark.parametrize(
        "case",
        [case for case in CASES if case["calculator"] == "okr.actual_over_target"],
        ids=lambda case: case["id"],
    )
    def test_okr_actual_over_target(self, case: dict[str, Any]) -> None:
        """Progress starts at the baseline: the current figure over the target would praise what was there before."""
        inputs = case["inputs"]
        progress = KeyResult(name="figure", **inputs).progress
        assert equals(case["expected"], progress, case["tolerance"])
        assert progress != Decimal(inputs["current"]) / Decimal(inputs["target"])

    @pytest.mark.parametrize(
        "case",
        [case for case in CASES if case["calculator"] == "churn.naive_times_twelve"],
        ids=lambda case: case["id"],
    )
    def test_churn_naive_times_twelve(self, case: dict[str, Any]) -> None:
        """Twelve times the monthly churn is what the case says, and is not the churn of a year."""
        monthly = Retention.from_churn(case["inputs"]["period_churn"], TimeUnit.MONTH)
        naive = Context(prec=60).multiply(monthly.churn, 12)
        yearly = monthly.to(TimeUnit.YEAR).churn

        assert equals(case["expected"], naive, case["tolerance"])
        assert yearly < naive

    @pytest.mark.parametrize(
        "case",
        [case for case in CASES if case["calculator"] == "ltv.unweighted_mean_is_wrong"],
        ids=lambda case: case["id"],
    )
    def test_ltv_unweighted_mean_is_wrong(self, case: dict[str, Any]) -> None:
        """The mean of the segments is what the case says, is not the mean of the customers, and cannot be asked for."""
        segments = case["inputs"]["segments"]
        naive = sum(Fraction(segment["ltv"]) for segment in segments) / len(segments)
        mix = ValueMix.of({number: (one["customers"], Money(one["ltv"], "XXX")) for number, one in enumerate(segments)})

        assert Fraction(case["expected"]) == naive
        assert mix.value is not None
        assert naive != Fraction(mix.value.amount)
        with pytest.raises(CrmcoreError, match="say how many each has"):
            ValueMix.of({number: Money(one["ltv"], "XXX") for number, one in enumerate(segments)})  # type: ignore[misc]  # pyright: ignore[reportArgumentType]

    @pytest.mark.parametrize(
        "case",
        [case for case in CASES if case["calculator"] == "lifetime.pooled_churn_is_biased"],
        ids=lambda case: case["id"],
    )
    def test_lifetime_pooled_churn_is_biased(self, case: dict[str, Any]) -> None:
        """The lifetime of the average churn is what the case says, and far below the average lifetime."""
        mix = RetentionMix.of(
            (one["share"], Retention.from_churn(one["churn"], TimeUnit.MONTH)) for one in case["inputs"]["segments"]
        )

        assert equals(case["expected"], mix.pooled.mean_lifetime, case["tolerance"])
        assert mix.mean_lifetime is not None
        assert mix.mean_lifetime > Fraction(case["expected"]) * Fraction(3, 2)

    @pytest.mark.parametrize(
        "case", [case for case in CASES if case["calculator"] == "survey.unweighted_nps"], ids=lambda case: case["id"]
    )
    def test_survey_unweighted_nps(self, case: dict[str, Any]) -> None:
        """The sum of the strata is what the case says, and is not the score of all customers."""
        names = ("promoters", "passives", "detractors")
        strata = [Nps(**{name: one[name] for name in names}) for one in case["inputs"]["strata"]]
        of_all = surveys.post_stratified(dict(enumerate(strata)), {0: 900, 1: 100}).score

        assert equals(case["expected"], Nps.total(strata).score, case["tolerance"])
        assert Nps.total(strata).score != of_all

    @pytest.mark.parametrize(
        "case", [case for case in CASES if case["calculator"] == "nps.from_rounded_shares"], ids=lambda case: case["id"]
    )
    def test_nps_from_rounded_shares(self, case: dict[str, Any]) -> None:
        """The score is rounded once: shares that are rounded first show one point more or less."""
        inputs = case["inputs"]
        shares = [round(Fraction(100 * inputs[name], sum(inputs.values()))) for name in ("promoters", "detractors")]

        assert equals(case["expected"], Nps(**inputs).displayed(), case["tolerance"])
        assert shares[0] - shares[1] != Nps(**inputs).displayed()

    @pytest.mark.parametrize(
        "case",
        [case for case in CASES if case["calculator"] == "lifetime.naive_mean_of_churned_is_biased"],
        ids=lambda case: case["id"],
    )
    def test_lifetime_naive_mean_of_churned_is_biased(self, case: dict[str, Any]) -> None:
        """The mean of those who left carries a caution, beside the time for each end that counts those who stay too."""
        mean = Survival.of_durations(case["inputs"]["durations"], case["inputs"]["observed"]).mean_of_ended()
        actual = {"mean_of_churned": mean.value, "exposure_over_events": mean.time_per_end}

        assert equals(case["expected"], actual, case["tolerance"])
        assert ["mean_of_ended_only"] == [finding.rule for finding in mean.cautions]


class TestLaws:
    @pytest.mark.parametrize(
        "case", [case for case in CASES if case["calculator"] == "clv.identity"], ids=lambda case: case["id"]
    )
    def test_clv_identity(self, case: dict[str, Any]) -> None:
        """The forms with and without the first margin differ by that margin (property test beside the room)."""
        inputs = case["inputs"]
        included, excluded = (
            _number(ADAPTERS["clv.constant_retention"]({**inputs, "first_margin": form}))
            for form in ("included", "excluded")
        )

        assert _is_near(Fraction(case["expected"]["included_minus_excluded"]), included - excluded, "1e-30")

    @pytest.mark.parametrize(
        "case", [case for case in CASES if case["calculator"] == "segments.simpson"], ids=lambda case: case["id"]
    )
    def test_segments_simpson(self, case: dict[str, Any]) -> None:
        """Better in every segment and worse in all: the change of the mix is told from the change of the values."""
        (a, b), expected = (case["inputs"][name] for name in "AB"), case["expected"]
        before, after = (
            ValueMix.of({name: (n, Money(yes, "XXX") / n) for name, (yes, n) in treated.items()}) for treated in (a, b)
        )

        for name, mix in (("A", before), ("B", after)):
            assert mix.value is not None
            assert equals(expected[f"{name}_total"], mix.value.amount, case["tolerance"])
            for segment in ("small", "large"):
                rate = mix.segments[segment].value
                assert rate is not None
                assert equals(expected[f"{name}_{segment}"], rate.amount, case["tolerance"])
        assert expected["reversal"] is after.since(before).is_reversal


class TestLabels:
    def test_adapters_serve_known_labels(self) -> None:
        """Every adapter serves a label of kind `adapter`, and stands in its alphabetical place."""
        assert set() == {label for label in ADAPTERS if LABELS.get(label, {}).get("kind") != "adapter"}
        assert sorted(ADAPTERS) == list(ADAPTERS)

    def test_unserved_labels(self) -> None:
        """What nothing serves yet is listed, by room: a room without its adapters is a decision that is seen."""
        tested = {
            name.removeprefix("test_") for name in {**vars(TestMistakes), **vars(TestLaws)} if name.startswith("test_")
        }
        unserved: dict[str, set[str]] = {}
        for label, about in LABELS.items():
            if label not in ADAPTERS and label.replace(".", "_") not in tested:
                unserved.setdefault(about["room"], set()).add(label)

        assert unserved == UNSERVED

    def test_cases_have_labels(self) -> None:
        """Every case has a label that some room serves or will serve, and an id of its own."""
        assert set() == {case["calculator"] for case in CASES} - set(LABELS)
        assert len(CASES) == len({case["id"] for case in CASES})


def _computed(tree: ast.AST) -> list[str]:
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if (isinstance(node, ast.BinOp) and not isinstance(node.op, ast.BitOr))
        or isinstance(node, ast.AugAssign)
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in COMPUTING)
    ]


def _private(tree: ast.AST) -> list[str]:
    nodes = list(ast.walk(tree))
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("crmcore")]
    imported = [f"{node.module}.{alias.name}" for node in imports for alias in node.names]
    attributes = [f".{node.attr}" for node in nodes if isinstance(node, ast.Attribute)]
    return [name for name in imported + attributes if "._" in name]


class TestAdapters:
    @pytest.mark.parametrize("module", SOURCES)
    def test_compute_nothing(self, module: str) -> None:
        """An adapter converts and picks: no other arithmetic, so that the answer is the library's own."""
        assert [each for each in _computed(SOURCES[module]) if each not in CONVERSIONS] == []

    def test_every_conversion_is_one(self) -> None:
        """What no adapter computes any more is not listed."""
        assert {each for source in SOURCES.values() for each in _computed(source)} == set(CONVERSIONS)

    @pytest.mark.parametrize("module", SOURCES)
    def test_use_public_names_only(self, module: str) -> None:
        """An adapter calls what users can call: nothing private is imported, no private attribute is read."""
        assert _private(SOURCES[module]) == []

    @pytest.mark.parametrize("source", ["a - b", "a ** b", "a -= b", "sum(a)", "f(max(a, b))", "a if b % c else d"])
    def test_arithmetic_is_noticed(self, source: str) -> None:
        """Arithmetic does not pass."""
        assert len(_computed(ast.parse(source))) == 1

    @pytest.mark.parametrize(
        "source", ["from crmcore.primitives import _decimals", "from crmcore.primitives._decimals import EXACT", "a._b"]
    )
    def test_private_names_are_noticed(self, source: str) -> None:
        """Private names do not pass."""
        assert len(_private(ast.parse(source))) == 1
