from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, strategies as st

from crmcore import HistoricValue, Id, Money, Retention, RetentionMix, TallyBy, TimeUnit, ValueMix
from crmcore.interop.hypothesis import ids, mix_shifts, monies, retention_mixes, value_mixes
from crmcore.primitives.errors import CurrencyMismatchError, InconsistentCountsError, InvalidValueError, WrongTypeError
from crmcore.value import lifetime_value
from crmcore.value.lifetime_value import LifetimeValue, MixShift, SegmentValue
from tests.support.hostile import CONTEXTS
from tests.support.refusals import refused
from tests.support.replay import replay

worths = st.dictionaries(st.integers(0, 30), monies(), max_size=12)


def euro(amount: int | str) -> Money:
    """Make euros."""
    return Money(amount, "EUR")


def monthly(share: str) -> Retention:
    """Make a retention per month."""
    return Retention(share, TimeUnit.MONTH)


def near(expected: Fraction, actual: Money | Decimal | None) -> bool:
    """Return whether two figures agree to 25 decimals."""
    assert actual is not None
    amount = actual.amount if isinstance(actual, Money) else actual
    return abs(expected - Fraction(amount)) < Fraction(1, 10**25)


class TestValueMix:
    @given(worths)
    def test_by_is_the_mean_of_the_people(self, values: dict[int, Money]) -> None:
        """The value of the mix is the mean over all customers, whatever the segments."""
        mix = ValueMix.by(values, lambda customer_id: customer_id % 3)
        if values:
            assert Money.total(values.values()) == mix.combined
            assert near(
                sum((Fraction(money.amount) for money in values.values()), Fraction(0)) / len(values), mix.value
            )
            assert near(sum((Fraction(mix.share(name) or 0) for name in mix.segments), Fraction(0)), Decimal(1))
        else:
            assert (0, None, None) == (mix.customers, mix.combined, mix.value)

    @given(worths, st.integers(0, 30))
    def test_mixes_of_splits_equal_the_split_of_mixes(self, values: dict[int, Money], cut: int) -> None:
        """The mixes of two shards of customers add up to the mix of all customers."""
        shards = [
            {customer_id: value for customer_id, value in values.items() if (customer_id < cut) is side}
            for side in (True, False)
        ]
        below, above = (ValueMix.by(shard, lambda customer_id: customer_id % 3) for shard in shards)

        assert ValueMix.by(values, lambda customer_id: customer_id % 3) == below + above

    @given(st.dictionaries(ids(), st.tuples(st.integers(0, 1000), monies()), max_size=4), st.integers(1, 9))
    def test_of_pairs(self, pairs: dict[Id, tuple[int, Money]], factor: int) -> None:
        """The value is the weighted mean in exact fractions, scales with money, and accepts results as values."""
        mix = ValueMix.of(pairs)
        people = sum(number for number, _ in pairs.values())
        together = sum((number * Fraction(money.amount) for number, money in pairs.values()), Fraction(0))
        results = {name: (number, LifetimeValue(value=money)) for name, (number, money) in pairs.items()}
        scaled = ValueMix.of({name: (number, money * factor) for name, (number, money) in pairs.items()})

        assert mix == ValueMix.of(results)
        if people:
            assert near(together / people, mix.value)
            assert near(together / people * factor, scaled.value)
        else:
            assert mix.value is None

    def test_what_the_average_hides(self) -> None:
        """A segment that loses money is listed, however good the average."""
        mix = ValueMix.of({"loyal": (100, euro(120)), "new": (10, euro(-30)), "empty": (0, euro(-5))})

        assert ("new",) == mix.losing
        assert "value_3" not in {line.name for line in mix.explain()}
        assert near(Fraction(100, 110), mix.share("loyal"))
        with refused(InvalidValueError, "no_such_segment: segment"):
            mix.share("old")

    def test_rows_and_explanations(self) -> None:
        """A notebook shows a row for each segment, and the average of one is explained."""
        mix = ValueMix.of({"loyal": (100, euro(120)), "empty": (0, euro(0))})

        assert "loyal" in mix._repr_html_()
        assert ["120", "None"] == [str(one.explain()["value"].value) for _, one in mix.rows]
        replay(mix.segments["loyal"].explain())

    def test_from_histories(self) -> None:
        """The result of `HistoricValue.by` can be grouped by segment."""
        rows = TallyBy(
            {7: HistoricValue(revenue=euro(30), cost=euro(10)), 8: HistoricValue(revenue=euro(5), cost=euro(0))}
        )

        assert euro("12.5") == ValueMix.by(rows, lambda _: "all").value

    @pytest.mark.parametrize(
        ("segments", "error", "message"),
        [
            ([(5, euro(1))], WrongTypeError, "not_a_mapping: segments"),
            (
                {"a": euro(1)},
                WrongTypeError,
                "not_a_pair: segments['a']",
            ),
            ({"a": (5,)}, WrongTypeError, "not_a_pair: segments['a']"),
            ({"a[b": (5,)}, WrongTypeError, "not_a_pair: segments['a[b']"),
            ({"a": (5, 1)}, WrongTypeError, "neither_money_nor_value: segments['a']"),
            (
                {"a": (5, None)},
                WrongTypeError,
                "neither_money_nor_value: segments['a']",
            ),
            ({"a": (5.0, euro(1))}, WrongTypeError, "wrong_number_type: segments['a']"),
            ({"a": (-5, euro(1))}, InvalidValueError, "too_small: segments['a']"),
            ({"a": (5, euro(1)), "b": (5, Money(1, "USD"))}, CurrencyMismatchError, ""),
        ],
    )
    def test_refuses_nonsense(self, segments: Any, error: type[Exception], message: str) -> None:
        """A segment needs a number of customers and a value, in one currency."""
        with refused(error, message):
            ValueMix.of(segments)

    def test_refuses_other_nonsense(self) -> None:
        """A mix built by its constructor or by customer is checked too."""
        with refused(WrongTypeError, "not_a_mapping: values"):
            ValueMix.by([euro(1)], str)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with refused(InvalidValueError, "value_of_unknown_customer: values"):
            ValueMix.by({None: euro(1)}, str)
        with refused(WrongTypeError, "not_a_function: key"):
            ValueMix.by({1: euro(1)}, "segment")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        one = SegmentValue(customers=1, combined=euro(1))
        with refused(WrongTypeError, "one_for_several: rows"):
            ValueMix(rows=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with refused(WrongTypeError, "wrong_number_of_parts: rows[0]"):
            ValueMix(rows=(one,))
        with refused(WrongTypeError, "not_hashable: rows"):
            ValueMix(rows=(([], one),))
        with refused(InvalidValueError, "not_unique: rows[1]"):
            ValueMix(rows=(("a", one), ("a", one)))
        with refused(WrongTypeError, "wrong_type: rows[0]"):
            ValueMix(rows=((1, euro(1)),))
        with pytest.raises(TypeError):
            ValueMix.of({}) + 5  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
        with refused(InconsistentCountsError, "value_without_customers: combined"):
            SegmentValue(customers=0, combined=euro(5))

    def test_cautions_travel(self) -> None:
        """A mix has the cautions of its values, each once, and so has a sum and a comparison of mixes."""
        lasting = lifetime_value.simple(average_order=euro(10), orders_per_year=2, years=5, observed=2)
        once = lifetime_value.one_time(order=euro(10), gross_margin="0.5", service_cost=euro(1))
        mix = ValueMix.of({"lasting": (5, lasting), "again": (5, lasting), "once": (5, once)})
        plain = ValueMix.of({"plain": (1, euro(5))})
        expected = ["longer_than_history", "revenue_not_profit", "service_cost_left_out"]

        for cautioned in (mix, mix + plain, plain + mix, mix.since(plain), plain.since(mix)):
            assert expected == [found.rule for found in cautioned.cautions]
        by = ValueMix.by({1: HistoricValue(revenue=euro(5), cost=euro(1), revenue_without_cost=euro(5))}, str)
        assert ["cost_unknown"] == [found.rule for found in by.cautions]
        assert () == plain.cautions

    @given(value_mixes(), mix_shifts(), retention_mixes())
    def test_the_callers_context_changes_nothing(
        self, mix: ValueMix[Id], shift: MixShift[Id, Id], kept: RetentionMix
    ) -> None:
        """The results are the same under every decimal context of the caller."""

        def everything() -> list[str]:
            return [
                repr((mix + mix, mix.value, mix.losing)),
                repr(mix.explain()),
                repr(shift.explain()),
                repr(shift.is_reversal),
                repr((kept, kept.pooled, kept.mean_lifetime, kept.by_period(3))),
            ]

        expected = everything()
        for context in CONTEXTS:
            with localcontext(context):
                assert expected == everything()


class TestMixShift:
    @given(mix_shifts())
    def test_the_parts_add_up(self, shift: MixShift[Id, Id]) -> None:
        """The parts add up to the difference; if the mixes are swapped, both change their sign."""
        back = MixShift(before=shift.after, after=shift.before)

        assert shift.difference == shift.from_values + shift.from_mix
        assert (-shift.difference, -shift.from_values, shift.is_reversal) == (
            back.difference,
            back.from_values,
            back.is_reversal,
        )

    @given(mix_shifts())
    def test_agrees_with_an_independent_sum(self, shift: MixShift[Id, Id]) -> None:
        """Each change is weighted by the mean share of before and after, in exact fractions."""
        expected = Fraction(0)
        for name in set(shift.before.segments) & set(shift.after.segments):
            earlier, later = shift.before.segments[name], shift.after.segments[name]
            if earlier.customers and later.customers:
                share = Fraction(earlier.customers, shift.before.customers) + Fraction(
                    later.customers, shift.after.customers
                )
                before, after = (Fraction(segment.combined.amount) / segment.customers for segment in (earlier, later))
                expected += share / 2 * (after - before)

        assert near(expected, shift.from_values)

    def test_only_the_mix(self) -> None:
        """If values stay, the whole difference comes from the mix; if shares stay, from the values."""
        before = ValueMix.of({"a": (10, euro(10)), "b": (30, euro(50))})
        moved = ValueMix.of({"a": (20, euro(10)), "b": (20, euro(50))}).since(before)
        dearer = ValueMix.of({"a": (1, euro(20)), "b": (3, euro(50))}).since(before)

        assert {"share_before_1", "value_after_2"} < {line.name for line in moved.explain()}
        assert (euro(-10), euro(0), euro(-10)) == (moved.difference, moved.from_values, moved.from_mix)
        assert (euro("2.5"), euro("2.5"), euro(0)) == (dearer.difference, dearer.from_values, dearer.from_mix)
        assert () == moved.cautions

    def test_a_new_segment_changes_the_mix(self) -> None:
        """A segment in only one of the mixes counts as a change of the mix."""
        shift = ValueMix.of({"a": (10, euro(10)), "b": (10, euro(50))}).since(ValueMix.of({"a": (10, euro(10))}))

        assert (euro(20), euro(0), euro(20)) == (shift.difference, shift.from_values, shift.from_mix)
        assert not shift.is_reversal

    def test_a_reversal_is_a_caution(self) -> None:
        """Simpson's paradox is a caution: the average moves against every segment, in either direction."""
        a = ValueMix.of({"small": (87, euro(93)), "large": (263, euro(73))})
        b = ValueMix.of({"small": (270, euro(87)), "large": (80, euro(69))})

        for shift in (b.since(a), a.since(b)):
            assert shift.is_reversal
            assert ["simpson_reversal"] == [caution.rule for caution in shift.cautions]

    def test_refuses_nonsense(self) -> None:
        """Both mixes need customers, and one currency."""
        somebody = ValueMix.of({"a": (1, euro(1))})
        with refused(InvalidValueError, "mix_without_customers: before"):
            somebody.since(ValueMix.of({}))
        with refused(InvalidValueError, "mix_without_customers: after"):
            ValueMix.of({"a": (0, euro(1))}).since(somebody)
        with pytest.raises(CurrencyMismatchError):
            somebody.since(ValueMix.of({"a": (1, Money(1, "USD"))}))
        with refused(WrongTypeError, "wrong_type: before"):
            somebody.since(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestRetentionMix:
    @given(retention_mixes(), st.integers(0, 6))
    def test_by_period_agrees_with_brute_force(self, mix: RetentionMix, periods: int) -> None:
        """The share kept follows from what is left of each group, in exact fractions, and never falls."""
        groups = [(Fraction(weight), Fraction(retention.share)) for weight, retention in mix.groups]
        left = [sum((weight * share**t for weight, share in groups), Fraction(0)) for t in range(periods + 1)]
        kept = mix.by_period(periods)

        assert periods == len(kept)
        for (before, after), retention in zip(pairwise(left), kept, strict=True):
            assert (retention is None) is (before == 0)
            assert retention is None or near(after / before, retention.share)
        shares = [Fraction(retention.share) for retention in kept if retention is not None]
        assert all(later >= earlier - Fraction(1, 10**30) for earlier, later in pairwise(shares) if later)

    @given(retention_mixes())
    def test_mean_lifetime_is_of_the_people(self, mix: RetentionMix) -> None:
        """The mean lifetime is the weighted mean of 1 / churn, and at least 1 / the mean churn."""
        if any(not retention.churn for _, retention in mix.groups):
            assert mix.mean_lifetime is None
        else:
            weights = sum((Fraction(weight) for weight, _ in mix.groups), Fraction(0))
            total = sum((Fraction(weight) / Fraction(kept.churn) for weight, kept in mix.groups), Fraction(0))
            assert near(total / weights, mix.mean_lifetime)
            pooled = mix.pooled.mean_lifetime
            assume(pooled is not None)
            assert Fraction(mix.mean_lifetime or 0) >= Fraction(pooled or 0) - Fraction(1, 10**20)

    def test_a_weight_of_zero_counts_nothing(self) -> None:
        """A group with a weight of 0 changes nothing, even if it never leaves."""
        assert Decimal(2) == RetentionMix.of([(1, monthly("0.5")), (0, monthly("1"))]).mean_lifetime

    @pytest.mark.parametrize(
        ("groups", "error", "message"),
        [
            ([], InvalidValueError, "no_group_with_weight: groups"),
            ([(0, monthly("0.5"))], InvalidValueError, "no_group_with_weight: groups"),
            ([(-1, monthly("0.5"))], InvalidValueError, "too_small: groups[0]"),
            ([(0.5, monthly("0.5"))], WrongTypeError, "float_is_inexact: groups[0]"),
            ([monthly("0.5")], WrongTypeError, "wrong_number_of_parts: groups[0]"),
            ([(1, "0.5")], WrongTypeError, "wrong_type: groups[0]"),
            (
                [(1, monthly("0.5")), (1, Retention("0.5", TimeUnit.YEAR))],
                InvalidValueError,
                "groups_of_several_units: groups",
            ),
            (5, WrongTypeError, "one_for_several: groups"),
        ],
    )
    def test_refuses_nonsense(self, groups: Any, error: type[Exception], message: str) -> None:
        """Weights are numbers, and the retentions are per one unit of time."""
        with refused(error, message):
            RetentionMix.of(groups)
