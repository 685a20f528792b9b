from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, strategies as st

from crmcore import (
    AssessmentSource,
    InconsistentCountsError,
    InvalidValueError,
    LeadOverTime,
    LoyaltyLevel,
    MarketPosition,
    MeasureKind,
    PerceptionGap,
    Period,
    Reading,
    RelativeAdvantage,
    Scale,
    SubjectKind,
    TimeUnit,
    WrongTypeError,
    expectations,
    instant,
)
from crmcore.primitives.proportions import two_proportions
from crmcore.voice.expectations import wallet_share, wallet_shares
from tests.support.refusals import refused
from tests.support.replay import replay

DAY = instant("2026-03-02")
SELF, SURVEY = AssessmentSource.SELF_ASSESSMENT, AssessmentSource.SURVEY
US, THEM = SubjectKind.COMPANY, SubjectKind.COMPETITOR


def reading(value: Any, subject: SubjectKind = US, name: Any = None, **fields: Any) -> Reading:
    """A reading of a perception."""
    usual: dict[str, Any] = {"kind": MeasureKind.PERCEPTION, "at": DAY}
    return Reading(subject_kind=subject, subject_id=name, value=value, **{**usual, **fields})


def offers(*scores: Any, **fields: Any) -> list[Reading]:
    """A reading of the company, and one of each rival."""
    rivals = [reading(score, THEM, f"rival {number}", **fields) for number, score in enumerate(scores[1:])]
    return [*([] if scores[0] is None else [reading(scores[0], **fields)]), *rivals]


class TestPerceptionGap:
    def test_published(self) -> None:
        """Of companies 80 per cent believe it, of customers 8 per cent agree: 72 points, and ten times as often."""
        gap = PerceptionGap(company_good=80, company_judged=100, customer_good=8, customer_judged=100)

        assert (Decimal("0.72"), Decimal(10)) == (gap.value, gap.ratio)
        replay(gap.explain())

    def test_sides(self) -> None:
        """A self-assessment is the company's; every other source is a customer's; no source is in no share."""
        sources = [SELF, SURVEY, AssessmentSource.PERSONAL_TALK, "a letter", None]
        gap = PerceptionGap.of([reading(9, source=source) for source in sources], threshold=8)

        assert (1, 3, 1) == (gap.company_judged, gap.customer_judged, gap.unknown_source)
        assert ["judgements_of_unknown_source"] == [caution.rule for caution in gap.cautions]

    @pytest.mark.parametrize(("value", "good"), [("7.99", 0), (8, 1), ("8.01", 1)])
    def test_threshold_is_good(self, value: Any, good: int) -> None:
        """A judgement of exactly the threshold is good."""
        assert good == PerceptionGap.of([reading(value, source=SURVEY)], threshold=8).customer_good

    @pytest.mark.parametrize(("value", "good"), [(1, 1), (2, 1), (3, 0)])
    def test_low_is_better(self, value: int, good: int) -> None:
        """On a scale where low is better, a number at or below the threshold is good."""
        effort = reading(value, source=SURVEY, kind=MeasureKind.EFFORT, scale=Scale.EFFORT_1_5)

        assert good == PerceptionGap.of([effort], threshold=2).customer_good

    def test_unknown(self) -> None:
        """Without one side there is no gap; without an agreeing customer there is a gap and no ratio."""
        nothing = PerceptionGap.of([], threshold=8)
        praise = PerceptionGap(company_good=1, company_judged=2, customer_judged=5)

        assert [None] * 5 == [nothing.value, nothing.ratio, nothing.company_share, nothing.interval(), nothing.scale]
        assert Decimal(8) == nothing.threshold
        assert ["company", "customer"] == [caution.subject for caution in nothing.cautions]
        assert (Decimal("0.5"), None) == (praise.value, praise.ratio)

    def test_bounds(self) -> None:
        """The bounds are Newcombe's for the difference of two shares."""
        gap = PerceptionGap(company_good=290, company_judged=362, customer_good=8, customer_judged=100)
        other = two_proportions((8, 100), (290, 362))

        assert other is not None
        assert other.interval(confidence=0.9) == gap.interval(confidence=0.9)

    def test_by(self) -> None:
        """A gap for each aspect; their sum is the gap of all."""
        readings = [
            reading(value, source=source, aspect=aspect)
            for value, source, aspect in [(9, SELF, "staff"), (5, SURVEY, "staff"), (9, SELF, "prices")]
        ]
        by = PerceptionGap.by(readings, lambda one: one.aspect, threshold=8)

        assert ["staff", "prices"] == [*by]
        assert PerceptionGap.of(readings, threshold=8) == by.total

    def test_refusals(self) -> None:
        """One kind, one scale, numbers, and a threshold on that scale."""
        level = Reading(subject_kind=US, kind=MeasureKind.LOYALTY, at=DAY, level=LoyaltyLevel.LOYAL)
        stars = reading(4, scale=Scale.RATING_1_5)
        with refused(InvalidValueError, "reading_without_a_value: readings[0]"):
            PerceptionGap.of([level], threshold=8)
        with refused(InvalidValueError, "readings_of_two_measures: readings[1]"):
            PerceptionGap.of([stars, reading(4, scale=Scale.RATING_1_10)], threshold=4)
        with refused(InvalidValueError, "readings_of_two_measures: readings[1]"):
            PerceptionGap.of([reading(4), reading(4, kind=MeasureKind.TRUST)], threshold=4)
        with refused(InvalidValueError, "not_on_the_scale: threshold"):
            PerceptionGap.of([stars], threshold=8)
        with refused(WrongTypeError, "not_a_function: key"):
            PerceptionGap.by([], "aspect", threshold=8)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a name is no function
        with refused(InconsistentCountsError, "more_good_than_judged: customer_good"):
            PerceptionGap(customer_good=1)

    def test_row_and_explanation(self) -> None:
        """The row has the scale as a text; the explanation leaves out what is unknown."""
        gap = PerceptionGap.of([reading(4, scale=Scale.RATING_1_5, source=SELF)], threshold=4)

        assert "rating_1_5" == gap.row()["scale"]
        assert ["company_share", "customer_share"] == [line.name for line in gap.explain()][-2:]


class TestRelativeAdvantage:
    def test_level_with_the_best(self) -> None:
        """Level with the best rival: no lead, a shared first rank, and at the standard."""
        found = RelativeAdvantage(own="8.4", rivals={"north": "8.40", "south": "7.2"})

        assert (Decimal(0), Decimal("0.6"), 1, Decimal("1.5")) == (
            found.value,
            found.vs_mean,
            found.rank,
            found.mean_rank,
        )
        replay(found.explain())
        replay(RelativeAdvantage(own=5, rivals={"north": 3}).explain())
        assert (MarketPosition.AT, ("north",), 3) == (found.position, found.best, found.brands)

    @pytest.mark.parametrize(
        ("own", "position"),
        [("8.1", "above"), (8, "at"), ("7.5", "at"), (7, "at"), ("6.9", "below")],
    )
    def test_position(self, own: Any, position: str) -> None:
        """The standard is the range of the rivals, its ends included."""
        assert RelativeAdvantage(own=own, rivals={"north": 8, "south": 7}).position == MarketPosition(position)

    def test_without_rivals_or_own_score(self) -> None:
        """Nothing to compare: None; alone the rank is the first."""
        alone, unknown = RelativeAdvantage(own=5, rivals=[]), RelativeAdvantage(own=None, rivals={"north": 5})

        assert (1, Decimal(1), (), None) == (alone.rank, alone.mean_rank, alone.best, alone.value)
        for found in (alone, unknown):
            assert [None] * 3 == [found.value, found.vs_mean, found.position]
        assert (None, None) == (unknown.rank, unknown.mean_rank)
        assert 2 == len(unknown.explain())

    def test_of_readings(self) -> None:
        """Each offer has the mean of its readings; the id of the company's own does not matter."""
        readings = [*offers(8, 9, 5), reading(7, US, "ours"), reading(6, THEM, "rival 1")]
        found = RelativeAdvantage.of(readings)

        assert RelativeAdvantage(own="7.5", rivals=[("rival 0", 9), ("rival 1", "5.5")]) == found

    def test_low_is_better(self) -> None:
        """On a scale where low is better, the offer that costs less effort is ahead."""
        found = RelativeAdvantage.of(offers(1, 3, kind=MeasureKind.EFFORT, scale=Scale.EFFORT_1_5))

        assert (Decimal(5), Decimal(2), 1) == (found.own, found.value, found.rank)

    def test_by_aspect(self) -> None:
        """An aspect that only rivals were judged on is there, and its own score is unknown."""
        found = RelativeAdvantage.by(
            [*offers(9, 6, aspect="staff"), *offers(None, 6, aspect="prices")], lambda one: one.aspect
        )

        assert {"staff": Decimal(3), "prices": None} == {aspect: one.value for aspect, one in found.items()}

    def test_no_readings(self) -> None:
        """Nothing is known of nothing."""
        assert RelativeAdvantage(own=None, rivals=[]) == RelativeAdvantage.of([])
        assert {} == RelativeAdvantage.by([], lambda one: one.aspect)

    def test_refusals(self) -> None:
        """Only the company and named competitors are compared."""
        with refused(InvalidValueError, "neither_company_nor_competitor: readings[1]"):
            RelativeAdvantage.of([reading(5), reading(5, SubjectKind.PRODUCT, "tea")])
        with refused(InvalidValueError, "competitor_without_an_id: readings[0]"):
            RelativeAdvantage.of([reading(5, THEM)])
        with refused(InvalidValueError, "not_unique: rivals[1]"):
            RelativeAdvantage(own=5, rivals=[("north", 5), ("north", 6)])


class TestWalletShare:
    @pytest.mark.parametrize(
        ("rank", "brands", "share"),
        [(1, 1, Fraction(1)), (1, 2, Fraction(2, 3)), ("1.5", 3, Fraction(5, 12)), (3, 3, Fraction(1, 6))],
    )
    def test_rule(self, rank: Any, brands: int, share: Fraction) -> None:
        """The share is (1 - rank / (n + 1)) * 2 / n."""
        assert abs(Fraction(wallet_share(rank, brands)) - share) <= share / 10**33

    @pytest.mark.parametrize(("rank", "brands"), [(0, 2), ("0.5", 2), (3, 2), ("2.5", 2), ("1.25", 2), (-1, 1)])
    def test_not_a_rank(self, rank: Any, brands: int) -> None:
        """A rank is whole or a half, from the first to the last."""
        with refused(InvalidValueError, "not_a_rank: rank"):
            wallet_share(rank, brands)

    def test_no_brands(self) -> None:
        """Without a brand there is nothing to share."""
        with refused(InvalidValueError, "too_small: brands"):
            wallet_share(1, 0)
        assert {} == wallet_shares({})

    def test_ties(self) -> None:
        """Brands that are level share; three of them differ in the last decimal, so that the sum is one."""
        shares = [*wallet_shares({"a": 5, "b": 5, "c": "5.0"}).values()]

        assert 1 == sum(map(Fraction, shares))
        assert Decimal("1E-40") == max(shares) - min(shares)

    @given(st.dictionaries(st.integers(0, 30), st.integers(0, 5), min_size=1, max_size=12))
    def test_they_add_up_to_one(self, scores: dict[int, int]) -> None:
        """The shares add up to exactly one, and each is that of its mean rank, whatever is level."""
        shares = wallet_shares(scores)

        assert 1 == sum(map(Fraction, shares.values()))
        assert [*scores] == [*shares]
        for brand, score in scores.items():
            rivals = [(name, other) for name, other in scores.items() if name != brand]
            rank = RelativeAdvantage(own=score, rivals=rivals).mean_rank
            assert rank is not None
            assert abs(shares[brand] - wallet_share(rank, len(scores))) <= Decimal("1E-33")

    def test_keys(self) -> None:
        """A brand has an id, and a score that is an exact number."""
        with refused(WrongTypeError, "float_is_inexact: scores"):
            wallet_shares({"a": 5.5})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType] - a float is no exact score
        with refused(InvalidValueError, "empty_id: scores"):
            wallet_shares({"": 5})


def leads(*points: Any) -> LeadOverTime:
    """Leads from month to month."""
    months = Period.year(2026).split(TimeUnit.MONTH)
    return LeadOverTime(points=[(month.start, lead) for month, lead in zip(months, points, strict=False)])


def month(number: int) -> Any:
    """The start of a month."""
    return Period.month(2026, number).start


class TestLeadOverTime:
    def test_erosion(self) -> None:
        """What is left of the largest lead, which may be less than nothing."""
        lead = leads(1, 3, "2.4", "-0.6")
        replay(lead.explain())
        replay(leads(-1).explain())

        assert (Decimal(3), month(2), Decimal("3.6"), Decimal("1.2")) == (
            lead.peak,
            lead.peak_at,
            lead.eroded,
            lead.eroded_share,
        )

    @pytest.mark.parametrize(
        ("points", "ahead", "lost"),
        [
            ((), None, None),
            ((None, None), None, None),
            ((1, 2), 1, None),
            ((-1, 2, None, 1), 2, None),
            ((1, 0), None, 2),
            ((1, None, -1, 0), None, 3),
            ((1, -1, 1, -1), None, 4),
            ((-1, 0), None, None),
        ],
    )
    def test_runs(self, points: Any, ahead: int | None, lost: int | None) -> None:
        """Level is not ahead; an unknown lead ends no run; what was never there is not lost."""
        lead = leads(*points)

        assert (ahead and month(ahead), lost and month(lost)) == (lead.ahead_since, lead.lost_at)

    def test_never_ahead(self) -> None:
        """Without a lead above zero there is no share of it."""
        assert (Decimal(2), None) == (leads(-1, -3).eroded, leads(-1, -3).eroded_share)
        assert [None] * 4 == [getattr(leads(None), name) for name in ("value", "peak", "peak_at", "eroded")]
        assert 0 == len(leads().explain())

    def test_of_readings(self) -> None:
        """The lead of each period stands at its start; readings outside are counted."""
        days = ["2026-01-31T23:59:59", "2026-02-01", "2026-04-01", "2025-12-31"]
        readings = [one for number, day in enumerate(days) for one in offers(9 - number, 5, at=instant(day))]
        lead = LeadOverTime.of(readings, [Period.month(2026, 1), Period.month(2026, 2), Period.month(2026, 3)])

        assert ((month(1), Decimal(4)), (month(2), Decimal(3)), (month(3), None)) == lead.points
        assert 4 == lead.outside
        assert ["readings_outside_the_periods"] == [caution.rule for caution in lead.cautions]

    def test_periods(self) -> None:
        """Periods may have gaps, but neither overlap nor go back."""
        assert 2 == len(LeadOverTime.of([], [Period.month(2026, 1), Period.month(2026, 3)]).points)
        for second in (Period.month(2026, 1), Period.quarter(2026, 1)):
            with refused(InvalidValueError, "periods_not_in_order: periods[1]"):
                LeadOverTime.of([], [Period.month(2026, 2), second])

    def test_order(self) -> None:
        """One lead for each instant, in order; the same instants in another zone are equal."""
        with refused(InvalidValueError, "leads_not_in_order: points[1]"):
            LeadOverTime(points=[(DAY, 1), (DAY, 2)])
        one, other = (LeadOverTime(points=[(instant(at), 1)]) for at in ("2026-03-02T00:00Z", "2026-03-02T02:00+02:00"))
        assert (one, hash(one)) == (other, hash(other))


def test_the_room_is_lazy() -> None:
    """A name of the room is found by the room."""
    assert expectations.PerceptionGap is PerceptionGap
