from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from typing import Any

import attrs
import mpmath
import pytest
from hypothesis import given, strategies as st

from crmcore import Balance, Feedback, FeedbackKind, MomentOfTruth, TallyBy, Valence, instant
from crmcore.interop.hypothesis import balances, instants, moments, tallies_by
from crmcore.primitives.errors import (
    InconsistentCountsError,
    InvalidValueError,
    NaiveInstantError,
    PolicyMismatchError,
    WrongTypeError,
)
from crmcore.service.balance import Deficits
from tests.support.hostile import CONTEXTS
from tests.support.refusals import refused
from tests.support.strategies import REFERENCE_DATE, decimals, records

GOOD, NEUTRAL, BAD = Valence
DAY = timedelta(days=1)
AS_OF = instant("2024-12-31")

POLICIES: list[dict[str, Any]] = [
    {},
    {"ratio": Decimal(5)},
    {"as_of": REFERENCE_DATE},
    {"as_of": REFERENCE_DATE, "window": 2000 * DAY},
    {"as_of": REFERENCE_DATE, "half_life": 700 * DAY},
    {"as_of": REFERENCE_DATE, "window": 3000 * DAY, "half_life": 900 * DAY, "resolved_weight": Decimal("0.25")},
    {"resolved_weight": 0},
]
policies = st.sampled_from(POLICIES)


def moment(valence: Valence, day: str = "2024-12-31", **more: Any) -> MomentOfTruth:
    """Return a moment on a day."""
    return MomentOfTruth(valence=valence, at=instant(day), **more)


class TestBalance:
    @given(decimals(0, 10**6), decimals(0, 10**6), decimals(1, 100, places=6))
    def test_reads_off_its_counts(self, good: Decimal, bad: Decimal, ratio: Decimal) -> None:
        """Every figure equals its formula, in exact fractions."""
        balance = Balance(good=good, bad=bad, ratio=ratio)
        value = Fraction(good) - Fraction(ratio) * Fraction(bad)

        assert value == Fraction(balance.value)
        assert max(0, -value) == Fraction(balance.deficit)
        assert (value >= 0) == balance.is_offset
        assert -(min(Fraction(0), value) // 1) == balance.good_needed
        if bad:
            assert balance.coverage is not None
            assert balance.positivity is not None
            assert (
                abs(Fraction(balance.coverage) - Fraction(good) / Fraction(ratio) / Fraction(bad))
                <= Fraction(balance.coverage) / 10**33
            )
            assert (
                abs(Fraction(balance.positivity) - Fraction(good) / Fraction(bad))
                <= Fraction(balance.positivity) / 10**33
            )
        else:
            assert (None, None) == (balance.coverage, balance.positivity)

    @given(balances(), balances())
    def test_values_add_and_deficits_do_not(self, one: Balance, other: Balance) -> None:
        """The value of a sum is the sum of the values; its deficit is at most the sum of the deficits."""
        together = one + other

        assert Fraction(together.value) == Fraction(one.value) + Fraction(other.value)
        assert Fraction(together.deficit) <= Fraction(one.deficit) + Fraction(other.deficit)

    @given(balances())
    def test_as_many_more_as_needed_and_not_one_less(self, balance: Balance) -> None:
        """With `good_needed` more good moments the balance is offset, with one fewer it is not."""
        needed = balance.good_needed

        assert (balance + Balance(good=needed)).is_offset
        assert not needed or not (balance + Balance(good=needed - 1)).is_offset

    def test_of_nothing(self) -> None:
        """Without moments the value is 0, the balance is offset, and the ratios are None."""
        empty = Balance()

        assert (Decimal(0), Decimal(0), True, 0) == (empty.value, empty.deficit, empty.is_offset, empty.good_needed)
        assert empty == Balance.of([])
        assert TallyBy() == Balance.by([], lambda m: m.id)

    @pytest.mark.parametrize(
        ("values", "error", "broken"),
        [
            ({"good": -1}, InvalidValueError, "too_small: good"),
            ({"bad": "-0.5"}, InvalidValueError, "too_small: bad"),
            ({"good": 1.5}, WrongTypeError, "float_is_inexact: good"),
            ({"neutral": -1}, InvalidValueError, "too_small: neutral"),
            ({"neutral": Decimal(1)}, WrongTypeError, "wrong_number_type: neutral"),
            ({"neutral": True}, WrongTypeError, "wrong_number_type: neutral"),
            ({"ratio": 0}, InvalidValueError, "not_positive: ratio"),
            ({"ratio": -12}, InvalidValueError, "not_positive: ratio"),
            ({"ratio": 12.0}, WrongTypeError, "float_is_inexact: ratio"),
            ({"resolved_weight": 2}, InvalidValueError, "not_a_share: resolved_weight"),
            ({"window": DAY}, InvalidValueError, "no_date_to_count_back_from: as_of"),
            ({"half_life": DAY}, InvalidValueError, "no_date_to_count_back_from: as_of"),
            ({"as_of": AS_OF, "window": 36 * timedelta(hours=1)}, InvalidValueError, "window_not_whole_days: window"),
            ({"as_of": AS_OF, "window": timedelta(0)}, InvalidValueError, "duration_not_positive: window"),
            ({"as_of": AS_OF, "window": 365}, WrongTypeError, "not_a_duration: window"),
            ({"as_of": AS_OF, "half_life": -DAY}, InvalidValueError, "duration_not_positive: half_life"),
            ({"as_of": datetime(2024, 12, 31)}, NaiveInstantError, "naive_instant: as_of"),  # noqa: DTZ001
        ],
    )
    def test_refuses_nonsense(self, values: dict[str, Any], error: type[Exception], broken: str) -> None:
        """Counts and policies are checked in the constructor, in `of` and in `by`."""
        with refused(error, broken):
            Balance(**values)
        policy = {name: value for name, value in values.items() if name not in {"good", "bad", "neutral"}}
        if policy:
            with refused(error, broken):
                Balance.of([], **policy)
            with refused(error, broken):
                Balance.by([], lambda m: m.id, **policy)

    def test_explains_itself(self) -> None:
        """Counts and ratio are given; every other line is a formula over them, with its unit."""
        expected = (
            "good                      30  moments\n"
            "bad                        3  moments\n"
            "ratio                     12  good for one bad\n"
            "value                     -6  moments           = good - ratio * bad\n"
            "deficit                    6  moments           = max(0, -value)\n"
            "good_needed                6  moments           = ceil(deficit)\n"
            "coverage     0.8333333333...                    = good / (ratio * bad)"
        )

        assert expected == str(Balance(good=30, bad=3).explain())

    def test_the_reference_date_is_one_instant(self) -> None:
        """One reference date in two zones is one policy, so the records add."""
        east = AS_OF.astimezone(instant("2024-12-31T02:00+02:00").tzinfo)

        assert Balance(good=2, as_of=AS_OF) == Balance(good=1, as_of=AS_OF) + Balance(good=1, as_of=east)

    def test_the_explanation_names_the_policies(self) -> None:
        """Window, half-life and resolved weight precede the counts."""
        lines = Balance(as_of=AS_OF, window=30 * DAY, half_life=DAY / 2, resolved_weight="0.5").explain()

        assert ["window", "half_life", "resolved_weight", "good"] == [line.name for line in lines][:4]
        assert (Decimal(30), "days to 2024-12-31T00:00:00+00:00") == (lines["window"].value, lines["window"].unit)
        assert Decimal("0.5") == lines["half_life"].value
        assert "good" == next(iter(Balance().explain())).name

    def test_a_share_may_be_a_float(self) -> None:
        """The resolved weight is a share, and a float means its shortest repr."""
        assert Decimal("0.1") == Balance(resolved_weight=0.1).resolved_weight


class TestOf:
    @given(records(moments(), max_size=20), policies, st.randoms(use_true_random=False))
    def test_order_and_shards_do_not_matter(
        self, given: list[MomentOfTruth], rules: dict[str, Any], random: Any
    ) -> None:
        """Any order gives the same record, and any two shards add up to it."""
        whole = Balance.of(given, **rules)
        shuffled = given.copy()
        random.shuffle(shuffled)
        cut = random.randint(0, len(given))

        assert whole == Balance.of(iter(shuffled), **rules)
        assert whole == Balance.of(given[:cut], **rules) + Balance.of(given[cut:], **rules)

    @given(records(moments(), max_size=20), policies)
    def test_agrees_with_an_independent_count(self, given: list[MomentOfTruth], rules: dict[str, Any]) -> None:
        """The weights equal those of an independent computation, moment by moment."""
        weights: dict[Valence, Any] = dict.fromkeys(Valence, mpmath.mpf(0))
        for one in given:
            age = (REFERENCE_DATE - one.at.astimezone(UTC)) / DAY
            weight = mpmath.mpf(str(one.severity))
            if "window" in rules and age >= rules["window"].days + 1:
                continue
            if "half_life" in rules:
                weight *= mpmath.mpf("0.5") ** (mpmath.mpf(age) / rules["half_life"].days)
            if one.resolved_at is not None:
                weight *= mpmath.mpf(str(rules.get("resolved_weight", 1)))
            weights[one.valence] += mpmath.mpf(1) if one.valence is NEUTRAL else weight
        balance = Balance.of(given, **rules)

        assert int(weights[NEUTRAL]) == balance.neutral
        for valence, counted in ((GOOD, balance.good), (BAD, balance.bad)):
            assert abs(weights[valence] - mpmath.mpf(str(counted))) <= mpmath.mpf(10) ** -9 * max(1, weights[valence])

    @given(records(moments(), max_size=20))
    def test_without_policies_it_is_exact(self, given: list[MomentOfTruth]) -> None:
        """Severities add exactly."""
        balance = Balance.of(given)

        for valence, counted in ((GOOD, balance.good), (BAD, balance.bad)):
            assert sum(Fraction(one.severity) for one in given if one.valence is valence) == Fraction(counted)
        assert sum(one.valence is NEUTRAL for one in given) == balance.neutral

    @pytest.mark.parametrize(
        ("at", "counted"),
        [
            ("2024-12-31", True),
            ("2024-01-01", True),  # 365 days old: the oldest day is included
            ("2023-12-31T00:00:01", True),  # 365 whole days and nearly another
            ("2023-12-31", False),  # 366 days old
        ],
    )
    def test_a_window_counts_whole_days_of_age(self, at: str, *, counted: bool) -> None:
        """A window counts whole days of age and includes its oldest day."""
        assert (1 if counted else 0) == Balance.of([moment(GOOD, at)], as_of=AS_OF, window=365 * DAY).good

    def test_a_half_life_halves(self) -> None:
        """A moment has its full weight at age 0, half after one half-life and a quarter after two."""
        given = [moment(GOOD, "2024-12-31"), moment(GOOD, "2024-12-21"), moment(BAD, "2024-12-11")]
        balance = Balance.of(given, as_of=AS_OF, half_life=10 * DAY)

        assert (Decimal("1.5"), Decimal("0.25")) == (balance.good, balance.bad)
        assert "good=Decimal('1.5')" in repr(balance)

    def test_a_resolved_moment_weighs_less(self) -> None:
        """The resolved weight applies to resolved bad moments only."""
        given = [moment(BAD, resolved_at=AS_OF), moment(BAD), moment(GOOD)]

        assert Decimal("1.5") == Balance.of(given, resolved_weight="0.5").bad
        assert Decimal(1) == Balance.of(given, resolved_weight=0).bad
        assert Decimal(1) == Balance.of(given, resolved_weight=0).good

    def test_a_later_resolution_changes_no_earlier_balance(self) -> None:
        """A moment that is resolved after the reference date has its full weight."""
        given = [moment(BAD, resolved_at=AS_OF), moment(BAD, resolved_at=AS_OF + DAY)]

        assert Decimal(1) == Balance.of(given, as_of=AS_OF, resolved_weight=0).bad
        assert Decimal(0) == Balance.of(given, as_of=AS_OF + DAY, resolved_weight=0).bad

    def test_feedback_is_no_moment(self) -> None:
        """Feedback has a valence and a severity too, but it is refused with advice."""
        complaint = Feedback(kind=FeedbackKind.COMPLAINT, received_at=AS_OF, valence=BAD)
        for wrong, rule in ((complaint, "feedback_for_a_moment"), (5, "wrong_type")):
            items: Any = [moment(GOOD), wrong]
            for rules in POLICIES[0], POLICIES[-1]:
                with refused(WrongTypeError, f"{rule}: moments[1]"):
                    Balance.of(items, **rules)
                with refused(WrongTypeError, f"{rule}: moments[1]"):
                    Balance.by(items, lambda one: one.employee_id, **rules)

    def test_a_moment_after_the_reference_date_is_an_error(self) -> None:
        """A moment after the reference date is refused."""
        for window in (None, DAY):
            for late in ([moment(NEUTRAL, "2025-01-01")], [moment(GOOD)] * 3 + [moment(NEUTRAL, "2025-01-01")]):
                broken = f"after_reference_date: moments[{len(late) - 1}]"
                with refused(InvalidValueError, broken):
                    Balance.of(late, as_of=AS_OF, window=window)
                with refused(InvalidValueError, broken):
                    Balance.by(late, lambda one: one.customer_id, as_of=AS_OF, window=window)

    def test_age_goes_through_utc(self) -> None:
        """The age of a moment includes an hour that occurs twice in its zone."""
        berlin = instant("2026-10-25T02:30+02:00")
        later = instant("2026-10-25T02:30+01:00")

        assert (
            Decimal("0.5")
            == Balance.of([MomentOfTruth(valence=GOOD, at=berlin)], as_of=later, half_life=timedelta(hours=1)).good
        )

    @pytest.mark.parametrize("wrong", [1, None, "good", Valence.GOOD, {"valence": "good"}])
    def test_other_types_are_named(self, wrong: Any) -> None:
        """An item that is not a moment is refused, first or last, in every way of counting."""
        for several in ([wrong], [moment(GOOD), wrong]):
            for rules in POLICIES:
                with refused(WrongTypeError, f"wrong_type: moments[{len(several) - 1}]"):
                    Balance.of(several, **rules)
                with refused(WrongTypeError, f"wrong_type: moments[{len(several) - 1}]"):
                    Balance.by(several, lambda m: m.customer_id, **rules)

    def test_what_the_callers_code_raises_passes(self) -> None:
        """An AttributeError in the iterable or the key of the caller is passed on."""

        def broken(*first: MomentOfTruth) -> Any:
            yield from first
            raise AttributeError("the caller's own")

        for first in ((), (moment(GOOD),)):
            with pytest.raises(AttributeError, match="the caller's own"):
                Balance.of(broken(*first))
            with pytest.raises(AttributeError, match="the caller's own"):
                Balance.by(broken(*first), lambda m: m.id)
        with pytest.raises(AttributeError, match="nonsense"):
            Balance.by([moment(GOOD)], lambda m: m.nonsense)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]

    def test_a_severity_of_one_counts_however_it_came(self) -> None:
        """A pickled or converted moment counts the same."""
        given = [
            attrs.evolve(moment(GOOD), severity=Decimal("1.00")),
            moment(GOOD, severity=1),
            moment(GOOD, severity="1"),
        ]

        assert Balance(good=3) == Balance.of(given)

    def test_moments_of_any_severity_add_to_one_record(self) -> None:
        """Moments of weight one and of other weights add in any order; a neutral moment counts as one."""
        given = [moment(valence, severity=severity) for valence in (GOOD, NEUTRAL, BAD) for severity in (1, 2, 1, 3)]
        expected = Balance(good=7, neutral=4, bad=7)

        assert expected == Balance.of(given) == Balance.of(reversed(given))
        assert expected == Balance.by(given, lambda _: None)[None]

    def test_an_old_moment_fades_to_nothing(self) -> None:
        """A weight below the fortieth decimal is 0, and it is computed quickly."""
        assert (
            Decimal(0)
            == Balance.of([moment(GOOD, "0002-01-01")], as_of=AS_OF, half_life=timedelta(microseconds=1)).good
        )


class TestDecay:
    @given(instants(), st.timedeltas(timedelta(microseconds=1), timedelta.max), decimals(1, 10**30))
    def test_is_the_formula(self, at: datetime, half_life: timedelta, severity: Decimal) -> None:
        """To forty decimals a weight is ``severity * 0.5 ** (age / half_life)``, by an independent computation."""
        given = MomentOfTruth(valence=GOOD, at=at, severity=severity)
        age = (REFERENCE_DATE - at.astimezone(UTC)) // timedelta(microseconds=1)
        with mpmath.workdps(120):
            ages = mpmath.mpf(age) / (half_life // timedelta(microseconds=1))
            expected = mpmath.mpf(str(severity)) * mpmath.mpf("0.5") ** ages
            counted = Balance.of([given], as_of=REFERENCE_DATE, half_life=half_life).good

            assert abs(expected - mpmath.mpf(str(counted))) <= mpmath.mpf("0.5000001e-40")

    @pytest.mark.parametrize("half_lives", [1, 40, 41, 42, 133, 134, 300, 301])
    def test_whole_half_lives_halve_exactly(self, half_lives: int) -> None:
        """A weight is rounded half-even at the fortieth decimal, even after hundreds of half-lives."""
        given = [MomentOfTruth(valence=GOOD, at=AS_OF - half_lives * DAY)]
        exactly = Context(prec=400)
        expected = exactly.quantize(exactly.power(Decimal("0.5"), half_lives), Decimal("1E-40"))

        assert expected == Balance.of(given, as_of=AS_OF, half_life=DAY).good

    def test_a_moment_weighs_the_same_beside_others(self) -> None:
        """A weight does not depend on the moments weighed before."""
        given = [MomentOfTruth(valence=BAD, at=AS_OF - number * timedelta(hours=7, seconds=13)) for number in range(50)]
        rules: dict[str, Any] = {"as_of": AS_OF, "half_life": 3 * DAY, "resolved_weight": "0.5"}

        assert Balance.total(Balance.of([one], **rules) for one in given) == Balance.of(reversed(given), **rules)


class TestBy:
    @given(records(moments(), max_size=20), policies)
    def test_rows_are_the_balances_of_the_groups(self, given: list[MomentOfTruth], rules: dict[str, Any]) -> None:
        """Each row counts its own moments, unknown customers have a row, and the rows add up to the whole."""
        by = Balance.by(given, lambda m: m.customer_id, **rules)

        assert list(dict.fromkeys(one.customer_id for one in given)) == list(by)
        for customer, balance in by.items():
            assert Balance.of([one for one in given if one.customer_id == customer], **rules) == balance
        assert (Balance.of(given, **rules) if given else None) == by.total

    @given(records(moments(), max_size=20), policies)
    def test_the_callers_context_changes_nothing(self, given: list[MomentOfTruth], rules: dict[str, Any]) -> None:
        """The records are the same under every decimal context."""
        expected = repr(Balance.by(given, lambda m: m.touchpoint_id, **rules)), repr(Balance.of(given, **rules))
        for context in CONTEXTS:
            with localcontext(context):
                assert expected == (
                    repr(Balance.by(given, lambda m: m.touchpoint_id, **rules)),
                    repr(Balance.of(given, **rules)),
                )

    def test_a_key_is_a_function_and_several_are_several(self) -> None:
        """The name of an attribute as a key, and a single moment instead of a list, are refused."""
        with refused(WrongTypeError, "not_a_function: key"):
            Balance.by([], "employee_id")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with pytest.raises(
            WrongTypeError, match=r"^moments must be several MomentOfTruths.*put a single one into a list"
        ):
            Balance.of(moment(GOOD))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with pytest.raises(WrongTypeError, match="^moments must be several MomentOfTruths, such as a list, got 5; "):
            Balance.by(5, lambda m: m.id)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestDeficits:
    @given(tallies_by())
    def test_tells_what_the_total_hides(self, by: TallyBy[Any, Balance]) -> None:
        """Count and sum cover the groups below 0; the key None is reported apart."""
        unknown = Balance(good=1, bad=2)
        deficits = Deficits.of({**by, None: unknown})
        below = [balance for balance in by.values() if not balance.is_offset]

        assert (len(by), len(below)) == (deficits.groups, deficits.count)
        assert sum(Fraction(balance.deficit) for balance in below) == Fraction(deficits.sum)
        assert min((balance.value for balance in by.values()), default=None) == deficits.lowest
        assert unknown.value == deficits.unknown
        assert attrs.evolve(deficits, unknown=None) == Deficits.of(by)
        lone = Deficits.of({None: unknown})
        assert ["no_group_is_known"] == [caution.rule for caution in lone.cautions]
        assert (deficits.cautions == (), Deficits.of(by).cautions) == (bool(by), ())
        if by:
            assert by[deficits.worst].value == deficits.lowest
            assert next(key for key, balance in by.items() if balance.value == deficits.lowest) == deficits.worst

    @pytest.mark.parametrize("balances", [[Balance(good=1)], Balance(good=1), None])
    def test_of_a_mapping_only(self, balances: Any) -> None:
        """A list or a single balance is refused, and the message names `Balance.by`."""
        with refused(WrongTypeError, "not_a_mapping_of_balances: balances"):
            Deficits.of(balances)

    def test_of_equals_the_first_is_the_worst(self) -> None:
        """The first of two equally low groups is the worst."""
        by = TallyBy({"a": Balance(good=1), "b": Balance(bad=1), "c": Balance(bad=1)})

        assert Deficits(groups=3, count=2, sum=Decimal(24), worst="b", lowest=Decimal(-12)) == Deficits.of(by)

    def test_without_groups(self) -> None:
        """Without groups there is no worst group."""
        nothing: Deficits[str] = Deficits.of({})

        assert Deficits(groups=0, count=0, sum=Decimal(0), worst=None, lowest=None) == nothing
        assert "Deficits(groups=0, count=0, sum=Decimal('0'), worst=None, lowest=None, unknown=None)" == repr(nothing)

    @pytest.mark.parametrize(
        ("changed", "error", "broken"),
        [
            ({"groups": -1}, InvalidValueError, "too_small: groups"),
            ({"count": 1.0}, WrongTypeError, "wrong_number_type: count"),
            ({"count": 4}, InconsistentCountsError, "more_deficits_than_groups: count"),
            ({"sum": -1}, InvalidValueError, "too_small: sum"),
            ({"sum": None}, WrongTypeError, "wrong_number_type: sum"),
            ({"lowest": 0.5}, WrongTypeError, "float_is_inexact: lowest"),
            ({"unknown": "x"}, InvalidValueError, "not_a_number: unknown"),
            ({"worst": None}, InconsistentCountsError, "worst_without_groups: worst"),
            ({"lowest": None}, InconsistentCountsError, "worst_without_groups: lowest"),
            (
                {"groups": 0, "count": 0, "sum": 0},
                InconsistentCountsError,
                "worst_without_groups: worst",
            ),
            ({"lowest": 1}, InconsistentCountsError, "lowest_against_sum: lowest"),
            ({"count": 0}, InconsistentCountsError, "lowest_against_sum: lowest"),
            ({"count": 0, "sum": 0}, InconsistentCountsError, "lowest_against_sum: lowest"),
            ({"sum": "8.9"}, InconsistentCountsError, "lowest_against_sum: lowest"),
            ({"sum": "18.1"}, InconsistentCountsError, "lowest_against_sum: lowest"),
        ],
    )
    def test_by_hand_it_must_fit(self, changed: dict[str, Any], error: type[Exception], broken: str) -> None:
        """A record of ready figures is checked for contradictions."""
        right: dict[str, Any] = {"groups": 3, "count": 2, "sum": 9, "worst": "a", "lowest": -9}

        for fits in ({}, {"sum": 18}, {"unknown": -5}, {"count": 0, "sum": 0, "lowest": 0}):
            assert Deficits(**{**right, **fits}).groups == 3
        with refused(error, broken):
            Deficits(**{**right, **changed})

    def test_balances_of_one_ratio_only(self) -> None:
        """Balances with two ratios are refused."""
        with pytest.raises(PolicyMismatchError, match="different ratio, 5 and 12"):
            Deficits.of({"a": Balance(bad=1), "b": Balance(bad=1, ratio=5)})

    def test_of_balances_only(self) -> None:
        """A tally of another class is refused."""
        with refused(WrongTypeError, "wrong_type: balances[0]"):
            Deficits.of({"a": 5})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
