from __future__ import annotations

import pickle
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import combinations, permutations
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import Id, Interaction, Journey, Journeys, Money, Outcome, PathEnd, TallyBy, instant
from crmcore.interop.hypothesis import attributions
from crmcore.journeys.attribution import (
    Attribution,
    chain,
    first,
    last,
    last_non_direct,
    linear,
    markov,
    outcomes,
    position,
    shapley,
    shapley_value,
    time_decay,
)
from crmcore.primitives.errors import (
    CrmcoreError,
    CurrencyMismatchError,
    InconsistentCountsError,
    InvalidValueError,
    NaiveInstantError,
    WrongTypeError,
)
from tests.support.chains import converts_by_hand
from tests.support.hostile import CONTEXTS, Index
from tests.support.refusals import refused
from tests.support.replay import replay

Path = tuple[Id, ...]
WRONG: Any = [1]
METHOD: dict[str, Any] = {"method": "mine"}
Row = tuple[Id | None, Id, datetime]

START = instant("2026-03-02")
THIRD = Decimal("0.3333333333333333333333333333333333")
TWO_THIRDS = Decimal("0.6666666666666666666666666666666667")
EURO = Money(1, "EUR")
NEAR = Fraction(1, 10**30)
HEURISTICS: dict[str, Callable[[Any], Attribution]] = {
    "first": first,
    "last": last,
    "linear": linear,
    "position": position,
    "last_non_direct": lambda paths: last_non_direct(paths, direct="a"),
    "shapley": shapley,
}
METHODS: dict[str, Callable[[Any], Attribution]] = {
    **HEURISTICS,
    "markov": markov,
    "markov of order 2": lambda paths: markov(paths, order=2),
}

every_method = pytest.mark.parametrize("method", [pytest.param(one, id=name) for name, one in METHODS.items()])
every_heuristic = pytest.mark.parametrize("method", [pytest.param(one, id=name) for name, one in HEURISTICS.items()])


def at(hour: int) -> datetime:
    """So many hours after the start."""
    return START + timedelta(hours=hour)


def rows(*journeys: str) -> list[Row]:
    """A customer for each journey, who visits a touchpoint an hour, by the letters of a text; G is the goal."""
    return [(n, letter, at(hour)) for n, journey in enumerate(journeys) for hour, letter in enumerate(journey)]


def paths_of(**paths: tuple[int, int]) -> dict[Path, Outcome]:
    """Ways by the letters of their names, with conversions and nulls."""
    return {tuple(path): Outcome(conversions=yes, nulls=no) for path, (yes, no) in paths.items()}


def counts_of(found: Mapping[Path, Outcome]) -> dict[Path, tuple[int, int]]:
    """The conversions and nulls of each path."""
    return {path: (outcome.conversions, outcome.nulls) for path, outcome in found.items()}


touchpoints = st.sampled_from(["a", "b", "c", 1, "1"])
logs = st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abcG"), st.integers(0, 30).map(at)), max_size=30)
counted = st.builds(
    lambda yes, no, cents: Outcome(
        conversions=yes, nulls=no, value=Money(cents, "EUR") / 100 if yes else Money(0, "EUR")
    ),
    st.integers(0, 4),
    st.integers(0, 4),
    st.integers(0, 10**6),
)
maps = st.dictionaries(st.lists(touchpoints, max_size=5).map(tuple), counted, max_size=8)


def near(expected: Fraction, actual: Decimal) -> bool:
    """Whether a Decimal is a fraction, to some thirty digits."""
    return abs(expected - Fraction(actual)) <= NEAR * max(Fraction(1), abs(expected))


def total(numbers: Iterable[Decimal]) -> Decimal:
    """The exact sum."""
    with localcontext(prec=1000):
        return sum(numbers, Decimal(0))


def paths_by_hand(log: list[Row], *, first_only: bool = False) -> dict[Path, tuple[int, int]]:
    """What `outcomes` counts, one visit after the other."""
    found: defaultdict[Path, list[int]] = defaultdict(lambda: [0, 0])
    for customer in {customer for customer, _, _ in log}:
        path: list[Id] = []
        over = False
        for _, touchpoint, _ in sorted((row for row in log if row[0] == customer), key=lambda row: row[2]):
            if touchpoint == "G" and not over:
                found[tuple(path)][0] += 1
                path = []
                over = first_only
            elif not over:
                path.append(touchpoint)
        if path:
            found[tuple(path)][1] += 1
    return {path: (yes, no) for path, (yes, no) in found.items()}


class TestOutcome:
    def test_ratios(self) -> None:
        """The rate is of all paths, whatever they led to."""
        assert {
            "conversions": 3,
            "nulls": 1,
            "value": Money(9, "EUR"),
            "goal": "till",
            "first_only": False,
            "open": 0,
            "paths": 4,
            "rate": Decimal("0.75"),
        } == {
            name: cell
            for name, cell in Outcome(conversions=3, nulls=1, value=Money(9, "EUR"), goal="till").row().items()
            if cell is not None
        }

    def test_of_no_ways_there_is_no_rate(self) -> None:
        """Without paths the rate is None."""
        assert Outcome().rate is None

    @given(counted)
    def test_explanation(self, outcome: Outcome) -> None:
        """Every line follows from the lines above it."""
        replay(outcome.explain())

    @pytest.mark.parametrize(
        ("one", "other", "expected"),
        [
            (Money(0, "XXX"), Money(2, "EUR"), Money(2, "EUR")),
            (Money(2, "EUR"), Money(0, "XXX"), Money(2, "EUR")),
            (Money(0, "XXX"), Money(0, "EUR"), Money(0, "EUR")),
            (Money(0, "EUR"), Money(0, "XXX"), Money(0, "EUR")),
            (Money(0, "USD"), Money(2, "EUR"), Money(2, "EUR")),
            (Money(3, "EUR"), Money(2, "EUR"), Money(5, "EUR")),
        ],
    )
    def test_nought_has_no_currency(self, one: Money, other: Money, expected: Money) -> None:
        """An amount of zero takes the currency of the other amount."""
        assert expected == (Outcome(conversions=1, value=one) + Outcome(conversions=1, value=other)).value

    def test_nought_equals_nought(self) -> None:
        """Zero is equal in all currencies, with the same hash."""
        one, other = Outcome(nulls=1, value=Money(0, "EUR")), Outcome(nulls=1)

        assert one == other
        assert hash(one) == hash(other)
        assert Outcome(conversions=1, value=EURO) != Outcome(conversions=1, value=Money(1, "USD"))

    @pytest.mark.parametrize(
        ("fields", "error", "broken"),
        [
            ({"conversions": -1}, InvalidValueError, "too_small: conversions"),
            ({"nulls": 1.0}, WrongTypeError, "wrong_number_type: nulls"),
            ({"value": 1}, WrongTypeError, "wrong_type: value"),
            (
                {"conversions": 1, "value": Money(-1, "EUR")},
                InvalidValueError,
                ": value",
            ),
            (
                {"nulls": 1, "value": EURO},
                InconsistentCountsError,
                "value_without_a_conversion: value",
            ),
        ],
    )
    def test_refusals(self, fields: dict[str, Any], error: type[CrmcoreError], broken: str) -> None:
        """Contradictory counts are refused, and the message says why."""
        with refused(error, broken):
            Outcome(**fields)

    def test_currencies_do_not_mix(self) -> None:
        """Euro and dollars do not add, and neither do records of two classes."""
        with pytest.raises(CurrencyMismatchError):
            _ = Outcome(conversions=1, value=EURO) + Outcome(conversions=1, value=Money(1, "USD"))
        with pytest.raises(TypeError):
            _ = Outcome() + 1  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue] - a number is no record


class TestOutcomes:
    def test_journeys_are_cut_at_each_conversion(self) -> None:
        """The touches after a conversion begin a new path, and the last touches are a path without a conversion."""
        assert counts_of(paths_of(ab=(1, 0), c=(1, 1), ca=(0, 1))) == counts_of(outcomes(rows("abGcGca", "c"), "G"))

    def test_first_only(self) -> None:
        """A journey ends with its first conversion."""
        found = outcomes(rows("abGcGca", "c"), "G", first_only=True)

        assert counts_of(paths_of(ab=(1, 0), c=(0, 1))) == counts_of(found)

    def test_nothing_is_lost(self) -> None:
        """A conversion without a touch before it counts under the empty path; no path remains after the last one."""
        assert {(): (3, 0), ("a",): (1, 0)} == counts_of(outcomes(rows("GGaG", "G"), "G"))

    def test_channels(self) -> None:
        """Other touchpoints are left out, and the goal stays the goal, named or not."""
        log = rows("abGcG", "bb", "c")
        expected = {("a",): (1, 0), (): (1, 0)}

        assert expected == counts_of(outcomes(log, "G", channels=["a"]))
        assert expected == counts_of(outcomes(log, "G", channels=iter({"a": 0, "G": 0, "unheard of": 0})))
        assert {(): (2, 0)} == counts_of(outcomes(log, "G", channels=()))

    def test_a_goal_nobody_reached(self) -> None:
        """If no journey reaches the goal, no path led to a conversion."""
        assert {("a", "b"): (0, 2)} == counts_of(outcomes(rows("ab", "ab"), "G"))
        assert TallyBy() == outcomes([], "G", channels=["a"], worth=EURO)

    def test_worth_of_each(self) -> None:
        """Each conversion brings the same; a path without a conversion has the value zero in that currency."""
        counted = outcomes(rows("aG", "aG", "b"), "G", worth=Money("2.50", "EUR"))

        assert [Money("5", "EUR"), Money(0, "EUR")] == [outcome.value for outcome in counted.values()]

    def test_worth_by_customer_and_instant(self) -> None:
        """A function is called once for each conversion, with the instant in UTC."""
        asked: list[tuple[Id | None, datetime]] = []

        def worth(customer_id: Id | None, moment: datetime) -> Money:
            asked.append((customer_id, moment))
            return Money(moment.hour, "EUR")

        counted = outcomes(rows("aGaG", "b", "aaGc"), "G", worth=worth)

        assert [(0, at(1)), (0, at(3)), (2, at(2))] == asked
        assert {
            ("a",): Money(4, "EUR"),
            ("a", "a"): Money(2, "EUR"),
            ("b",): Money(0, "EUR"),
            ("c",): Money(0, "EUR"),
        } == {path: outcome.value for path, outcome in counted.items()}
        assert "EUR" == counted["b",].value.currency

    def test_worth_after_the_first_is_not_asked(self) -> None:
        """Conversions that do not count bring nothing."""
        assert (
            Money(1, "EUR")
            == outcomes(rows("aGaGaG"), "G", first_only=True, worth=lambda _, moment: Money(moment.hour, "EUR"))[
                "a",
            ].value
        )

    def test_worth_unasked(self) -> None:
        """Without a conversion a function names no currency."""
        assert Money(0, "XXX") == outcomes(rows("a"), "G", worth=lambda *_: EURO)["a",].value

    def test_records_of_every_kind(self) -> None:
        """Rows, interactions, journeys and packed journeys count alike."""
        log = [("anna", "a", at(0)), ("anna", "G", at(1))]
        met = [Interaction(customer_id=who, touchpoint_id=where, at=when) for who, where, when in log]
        expected = outcomes(log, "G")

        assert expected == outcomes(met, "G") == outcomes([Journey(customer_id="anna", interactions=met)], "G")
        assert expected == outcomes(Journeys.of(log), "G")

    @given(logs, st.booleans())
    def test_agrees_with_a_walk(self, log: list[Row], first_only: bool) -> None:
        """Counting one visit after the other gives the same result."""
        counted = outcomes(log, "G", first_only=first_only)

        assert paths_by_hand(log, first_only=first_only) == {
            path: (outcome.conversions, outcome.nulls) for path, outcome in counted.items()
        }

    @given(logs, st.booleans())
    def test_worth_adds_up(self, log: list[Row], first_only: bool) -> None:
        """A fixed worth and a function give the same values, with some channels or with all."""
        for channels in (None, "a"):
            fixed = outcomes(log, "G", channels=channels and [channels], first_only=first_only, worth=EURO)
            asked = outcomes(log, "G", channels=channels and [channels], first_only=first_only, worth=lambda *_: EURO)

            assert fixed == asked
            assert all(outcome.value == EURO * outcome.conversions for outcome in fixed.values())

    @given(logs, logs)
    def test_shards_add(self, one: list[Row], other: list[Row]) -> None:
        """The counts of two groups of customers add up to the count of all."""
        others: list[Row] = [(f"other {who}", where, when) for who, where, when in other]
        for worth in (None, EURO, lambda who, _: Money(len(str(who)), "EUR")):
            apart = outcomes(one, "G", worth=worth) + outcomes(others, "G", worth=worth)

            assert outcomes([*one, *others], "G", worth=worth) == apart

    @given(logs)
    def test_order_plays_no_part(self, log: list[Row]) -> None:
        """Customers may come in any order."""
        turned = sorted(log, key=lambda row: -int(str(row[0])))

        assert outcomes(log, "G") == outcomes(turned, "G")
        assert markov(outcomes(log, "G")) == markov(outcomes(turned, "G"))
        assert linear(outcomes(log, "G")).explain() == linear(outcomes(turned, "G")).explain()

    @pytest.mark.parametrize(
        ("arguments", "options", "error", "broken"),
        [
            (([], None), {}, WrongTypeError, "not_an_id: goal"),
            (([], ""), {}, InvalidValueError, "empty_id: goal"),
            (([], "G"), {"channels": "email"}, WrongTypeError, "one_for_several: channels"),
            (([], "G"), {"channels": [1.5]}, WrongTypeError, "not_an_id: channels[0]"),
            (([], "G"), {"first_only": 1}, WrongTypeError, "wrong_type: first_only"),
            (([], "G"), {"worth": 40}, WrongTypeError, "not_a_function: worth"),
            (
                ([], "G"),
                {"worth": Money(-1, "EUR")},
                InvalidValueError,
                "conversion_worth_negative: worth",
            ),
            ((rows("G"), "G"), {"worth": lambda *_: 1}, WrongTypeError, "wrong_type: worth"),
            (
                (rows("G"), "G"),
                {"worth": lambda *_: Money(-1, "EUR")},
                InvalidValueError,
                "conversion_worth_negative: worth[0]",
            ),
            (
                (rows("G", "aG"), "G"),
                {"worth": lambda who, _: Money(1, ["EUR", "USD"][who])},
                CurrencyMismatchError,
                ": worth",
            ),
            ((["a"], "G"), {}, WrongTypeError, "not_a_visit: records[0]"),
            (([("a", "b", datetime(2026, 1, 1))], "G"), {}, NaiveInstantError, "naive_instant: records[0]"),  # noqa: DTZ001 - naive on purpose
        ],
    )
    def test_refusals(
        self, arguments: tuple[Any, ...], options: dict[str, Any], error: type[CrmcoreError], broken: str
    ) -> None:
        """Wrong arguments are refused, and the message says why."""
        with refused(error, broken):
            outcomes(*arguments, **options)


class TestRules:
    def test_ids_of_any_kind(self) -> None:
        """A touchpoint may be a UUID; an id that is none is named by its place in the paths."""
        one: Any = UUID(int=7)
        ways: dict[Any, Outcome] = {("ad",): Outcome(conversions=1), ("ad", one): Outcome(conversions=3)}

        assert {"ad": Decimal("2.5"), one: Decimal("1.5")} == dict(linear(ways).credits)
        wrong: Any = {("ad",): Outcome(conversions=1), ("ad", 1.5): Outcome()}
        with refused(WrongTypeError, "not_an_id: outcomes[1]"):
            linear(wrong)

    PATHS = paths_of(a=(1, 5), abc=(3, 1), abbc=(4, 0), cc=(2, 0), d=(0, 7))

    @pytest.mark.parametrize(
        ("earned", "expected"),
        [
            (first(PATHS), {"a": 8, "b": 0, "c": 2, "d": 0}),
            (last(PATHS), {"a": 1, "b": 0, "c": 9, "d": 0}),
            (last_non_direct(PATHS, direct="c"), {"a": 1, "b": 7, "c": 2, "d": 0}),
            (linear(PATHS), {"a": 3, "b": 3, "c": 4, "d": 0}),
            (position(PATHS), {"a": "3.8", "b": "1.4", "c": "4.8", "d": 0}),
            (position(PATHS, first=1, last=0), {"a": 8, "b": 0, "c": 2, "d": 0}),
            (position(PATHS, first="0", last="0"), {"a": 1, "b": 7, "c": 2, "d": 0}),
            (position(PATHS, first=0.1, last=0.9), {"a": "1.7", "b": 0, "c": "8.3", "d": 0}),
        ],
    )
    def test_credits(self, earned: Attribution, expected: dict[Id, Any]) -> None:
        """Each rule looks at the position of a touch in the path; a path without a conversion earns nothing."""
        assert {one: Decimal(number) for one, number in expected.items()} == dict(earned.credits)
        assert (10, 0) == (earned.conversions, earned.unattributed)

    def test_two_touches(self) -> None:
        """The shares of both ends are taken in proportion to each other; half each if both are zero."""
        paths = paths_of(ab=(10, 0))

        assert {"a": 3, "b": 7} == dict(position(paths, first="0.3", last="0.7").credits)
        assert {"a": 6, "b": 4} == dict(position(paths, first="0.3", last="0.2").credits)
        assert {"a": 5, "b": 5} == dict(position(paths, first=0, last=0).credits)

    def test_shapley_knows_no_repeats(self) -> None:
        """A touchpoint that was met twice took part once."""
        assert {"a": 3, "b": 3} == dict(shapley(paths_of(aab=(6, 0))).credits)

    def test_unattributed(self) -> None:
        """A conversion without a touch before it is reported, and no touchpoint earns it."""
        paths = {(): Outcome(conversions=5, value=Money(50, "EUR")), **paths_of(a=(1, 0))}
        for method in METHODS.values():
            earned = method(paths)

            assert (1, 5, Money(0, "XXX")) == (earned.conversions, earned.unattributed, earned.value)
            assert (("a", Decimal(1)),) == earned.credits

    def test_money_goes_its_own_way(self) -> None:
        """The money of a path follows the path, not the number of conversions."""
        paths = {
            ("a",): Outcome(conversions=9, value=Money(1, "EUR")),
            ("b",): Outcome(conversions=1, value=Money(99, "EUR")),
        }

        assert (("a", Money("1.00", "EUR")), ("b", Money("99.00", "EUR"))) == linear(paths).split()
        assert (("a", Decimal(9)), ("b", Decimal(1))) == linear(paths).credits

    @every_method
    @given(paths=maps)
    def test_credit_is_conserved(self, method: Any, paths: dict[Path, Outcome]) -> None:
        """Credits add up to the conversions, amounts to the value, and the rest is unattributed."""
        earned = method(paths)
        touched = [outcome for path, outcome in paths.items() if path]

        assert sum(outcome.conversions for outcome in touched) == earned.conversions
        assert near(Fraction(earned.conversions), total(part for _, part in earned.credits))
        assert sum((Fraction(outcome.value.amount) for outcome in touched), Fraction(0)) == Fraction(
            earned.value.amount
        )
        assert paths.get((), Outcome()).conversions == earned.unattributed
        assert {one for path in paths for one in path} == {one for one, _ in earned.credits}

    @every_method
    @given(paths=maps, digits=st.integers(0, 5))
    def test_money_is_conserved(self, method: Any, paths: dict[Path, Outcome], digits: int) -> None:
        """Rounded money adds up to the value, to any number of decimals."""
        earned = method(paths)
        parts = [money for _, money in earned.split(digits=digits)]

        assert earned.value == Money.total(parts, currency=earned.value.currency)
        assert [one for one, _ in earned.credits] == [one for one, _ in earned.split()]

    @every_method
    @given(paths=maps, chance=st.randoms(use_true_random=False))
    def test_order_plays_no_part(self, method: Any, paths: dict[Path, Outcome], chance: Any) -> None:
        """Paths may come in any order."""
        turned = list(paths.items())
        chance.shuffle(turned)

        assert method(paths) == method(dict(turned))
        assert repr(method(paths)) == repr(method(TallyBy(turned)))
        assert method(paths).split() == method(dict(turned)).split()

    @every_method
    @given(paths=maps)
    def test_nobody_earns_for_nothing(self, method: Any, paths: dict[Path, Outcome]) -> None:
        """A touchpoint that is unknown or never led to a conversion earns nothing."""
        earned = method(paths)
        idle = {one for path in paths for one in path} - {
            one for path in paths if paths[path].conversions for one in path
        }

        assert 0 == earned.credit("no visit")
        if method not in (METHODS["markov"], METHODS["markov of order 2"]):  # a chain mixes paths
            assert {one: Decimal(0) for one in idle} == {one: earned.credit(one) for one in idle}

    @every_method
    @given(paths=maps, times=st.integers(2, 9))
    def test_scale(self, method: Any, paths: dict[Path, Outcome], times: int) -> None:
        """Credits grow in proportion to the counts."""
        more = {
            path: Outcome(conversions=one.conversions * times, nulls=one.nulls * times, value=one.value * times)
            for path, one in paths.items()
        }
        earned, earned_more = method(paths), method(more)

        for one, part in earned.credits:
            assert near(Fraction(part) * times, earned_more.credit(one))

    @every_heuristic
    @given(one=maps, other=maps)
    def test_shards_add(self, method: Any, one: dict[Path, Outcome], other: dict[Path, Outcome]) -> None:
        """The credits of two parts by a rule add up to the credits of the whole."""
        whole = method(TallyBy(one) + TallyBy(other))
        parts = method(one), method(other)

        for touchpoint, credit in whole.credits:
            assert near(Fraction(credit), total(part.credit(touchpoint) for part in parts))

    @given(maps)
    def test_linear_by_hand(self, paths: dict[Path, Outcome]) -> None:
        """Sharing touch by touch gives the same conversions and money."""
        shares: defaultdict[Id, Fraction] = defaultdict(Fraction)
        amounts: defaultdict[Id, Fraction] = defaultdict(Fraction)
        for path, outcome in paths.items():
            for one in path:
                shares[one] += Fraction(outcome.conversions, len(path))
                amounts[one] += Fraction(outcome.value.amount) / len(path)
        earned = linear(paths)

        assert all(near(shares[one], part) for one, part in earned.credits)
        assert all(near(amounts[one], part) for one, part in earned.amounts)

    @every_method
    @pytest.mark.parametrize("context", CONTEXTS)
    def test_the_callers_context_changes_nothing(self, method: Any, context: Any) -> None:
        """Any decimal context gives the same digits."""
        paths = {
            path: attrs.evolve(one, value=Money("99.99", "EUR") if one.conversions else EURO * 0)
            for path, one in self.PATHS.items()
        }

        def told() -> str:
            earned = method(paths)
            return f"{earned!r} {earned.split()!r} {earned.explain()}"

        usual = told()
        with localcontext(context):
            assert usual == told()

    @every_method
    def test_of_nothing(self, method: Any) -> None:
        """Without paths, or without conversions, no touchpoint earns anything."""
        assert () == method({}).credits == method({}).split() == method({(): Outcome(conversions=3)}).credits
        assert (("a", Decimal(0)), ("b", Decimal(0))) == method(paths_of(ba=(0, 3))).credits
        assert method({}).share("a") is None

    @every_method
    @pytest.mark.parametrize(
        ("paths", "broken"),
        [
            ([("a", Outcome())], "outcomes_not_a_mapping: outcomes"),
            ({"ab": Outcome()}, "not_a_path_and_outcome: outcomes[0]"),
            ({("a",): 3}, "not_a_path_and_outcome: outcomes[0]"),
            ({(1.5,): Outcome(conversions=1)}, "not_an_id: outcomes[0]"),
        ],
    )
    def test_refusals(self, method: Any, paths: Any, broken: str) -> None:
        """An argument that is not a mapping of paths to outcomes is refused."""
        with refused(WrongTypeError, broken):
            method(paths)

    @every_method
    def test_currencies_do_not_mix(self, method: Any) -> None:
        """Euro and dollars have no sum; zero in another currency does not matter."""
        euro, dollars = (Outcome(conversions=1, value=Money(1, code)) for code in ("EUR", "USD"))
        with pytest.raises(CurrencyMismatchError):
            method({("a",): euro, ("b",): dollars})
        nought = {code: Outcome(conversions=1, value=Money(0, code)) for code in ("USD", "EUR", "XXX")}

        assert EURO == method({("a",): euro, ("b",): nought["USD"]}).value
        assert Money(0, "XXX") == method({("a",): nought["EUR"], ("b",): nought["USD"]}).value
        assert Money(0, "EUR") == method({("a",): nought["EUR"], ("b",): nought["XXX"]}).value
        assert Money(0, "EUR") == method({("a",): Outcome(nulls=1, value=Money(0, "EUR"))}).value

    @pytest.mark.parametrize(
        ("ask", "error", "broken"),
        [
            (
                lambda: position({}, first="0.7", last="0.4"),
                InvalidValueError,
                "shares_above_one: first",
            ),
            (lambda: position({}, first=40), InvalidValueError, "not_a_share: first"),
            (lambda: last_non_direct({}, direct=""), InvalidValueError, "empty_id: direct"),
            (lambda: markov({}, order=0), InvalidValueError, "too_small: order"),
            (lambda: chain({}, order=0), InvalidValueError, "too_small: order"),
            (lambda: chain(WRONG), WrongTypeError, "outcomes_not_a_mapping: outcomes"),
            (lambda: markov({}, order=WRONG), WrongTypeError, "wrong_number_type: order"),
            (lambda: first({}).credit(""), InvalidValueError, "empty_id: touchpoint_id"),
        ],
    )
    def test_wrong_questions(self, ask: Any, error: type[CrmcoreError], broken: str) -> None:
        """A wrong option is an error that says what is allowed."""
        with refused(error, broken):
            ask()


class TestMarkov:
    LOOPS = paths_of(ABAB=(2, 3), AB=(1, 2), BA=(0, 4), AAC=(3, 1), C=(1, 8))

    @given(paths=maps, order=st.integers(1, 6))
    def test_agrees_with_equations(self, paths: dict[Path, Outcome], order: int) -> None:
        """A system of linear equations for each removal, in exact fractions, gives the same result."""
        earned = markov(paths, order=order)
        whole = converts_by_hand(paths, order)
        touched = {one for path in paths for one in path}

        if not any(path and outcome.paths for path, outcome in paths.items()):
            assert earned.conversion_probability is None
        else:
            assert earned.conversion_probability is not None
            assert near(whole, earned.conversion_probability)
        if whole:
            effects = {one: 1 - converts_by_hand(paths, order, one) / whole for one in touched}
            assert effects.keys() == dict(earned.removal_effects).keys()
            for one, effect in earned.removal_effects:
                assert near(effects[one], effect)
                assert near(earned.conversions * effects[one] / sum(effects.values()), earned.credit(one))
        else:
            assert () == earned.removal_effects

    @given(maps)
    def test_a_long_memory_loses_just_the_ways(self, paths: dict[Path, Outcome]) -> None:
        """A chain that remembers everything loses by a removal exactly the conversions of the paths through it."""
        earned = markov(paths, order=5)
        known = {path: outcome.conversions for path, outcome in paths.items() if path}

        for one, effect in earned.removal_effects:
            lost = sum(count for path, count in known.items() if one in path)
            assert near(Fraction(lost, sum(known.values())), effect)
        assert attrs.evolve(earned, order=99) == markov(paths, order=99)

    def test_loops(self) -> None:
        """Loops of any length are counted, and no path is cut short."""
        earned = markov(self.LOOPS)
        whole = converts_by_hand(self.LOOPS, 1)

        assert earned.conversion_probability is not None
        assert near(whole, earned.conversion_probability)
        for one, effect in earned.removal_effects:
            assert near(1 - converts_by_hand(self.LOOPS, 1, one) / whole, effect)

    def test_one_touchpoint(self) -> None:
        """Without the only touchpoint everything is lost, however often it repeats."""
        earned = markov(paths_of(aaa=(1, 3), a=(1, 0)))

        assert (("a", Decimal(1)),) == earned.removal_effects
        assert (("a", Decimal(2)),) == earned.credits

    def test_no_conversions(self) -> None:
        """Without conversions the probability is 0, removal effects are empty, and all credits are 0."""
        earned = markov(paths_of(ab=(0, 3), b=(0, 1)))

        assert (Decimal(0), (), 1) == (earned.conversion_probability, earned.removal_effects, earned.order)
        assert (("a", Decimal(0)), ("b", Decimal(0))) == earned.credits
        assert markov({}).conversion_probability is None
        assert markov({("a",): Outcome()}).conversion_probability is None

    def test_who_never_converts(self) -> None:
        """A touchpoint that leads nowhere has a removal effect of exactly 0."""
        earned = markov(paths_of(ab=(1, 0), xb=(0, 0), ay=(0, 2), z=(0, 3)))

        assert {"a": Decimal(1), "b": Decimal(1), "x": 0, "y": 0, "z": 0} == dict(earned.removal_effects)

    def test_many_touchpoints(self) -> None:
        """A hundred touchpoints that all lead to one another are solved together."""
        paths = {(n, n * 7 % 101, n * n % 101): Outcome(conversions=n % 3, nulls=n % 5) for n in range(1, 101)}
        earned = markov(paths)

        assert len(earned.removal_effects) == 100
        assert sum(outcome.conversions for outcome in paths.values()) == earned.conversions

    def test_rare_ways(self) -> None:
        """Probabilities far below the smallest float are exact."""
        paths: dict[Path, Outcome] = {tuple(range(100)): Outcome(conversions=1)}
        paths |= {(n,): Outcome(nulls=10**9) for n in range(100)}
        paths["sure",] = Outcome(conversions=1)
        earned = markov(paths)

        assert 0 < dict(earned.removal_effects)[50] < Decimal("1E-400")
        replay(earned.explain())

    @given(maps)
    def test_explanation(self, paths: dict[Path, Outcome]) -> None:
        """Credits follow from the removal effects, line by line."""
        replay(markov(paths).explain())
        replay(linear(paths).explain())


class TestChain:
    def test_shares(self) -> None:
        """The chain gives what follows a state, including itself and both ends."""
        paths = paths_of(aab=(1, 0), a=(0, 2))

        assert {
            (): {("a",): Decimal(1)},
            ("a",): {("a",): Decimal("0.25"), ("b",): Decimal("0.25"), PathEnd.NULL: Decimal("0.5")},
            ("b",): {PathEnd.CONVERSION: Decimal(1)},
        } == chain(paths)
        assert {
            (): {("a",): Decimal(1)},
            ("a",): {("a", "a"): THIRD, PathEnd.NULL: TWO_THIRDS},
            ("a", "a"): {("a", "b"): Decimal(1)},
            ("a", "b"): {PathEnd.CONVERSION: Decimal(1)},
        } == chain(paths, order=2)

    def test_of_nothing(self) -> None:
        """Without paths the chain is empty."""
        assert {} == chain({}) == chain({(): Outcome(conversions=1), ("a",): Outcome()})

    @given(maps, st.integers(1, 3))
    def test_shares_add_up(self, paths: dict[Path, Outcome], order: int) -> None:
        """The shares of what follows a state add up to 1."""
        for row in chain(paths, order=order).values():
            assert near(Fraction(1), total(row.values()))


def shapley_by_hand(game: dict[frozenset[Id], Fraction]) -> dict[Id, Fraction]:
    """What each player adds, over all orders of joining."""
    players = sorted({one for some in game for one in some}, key=str)
    added: defaultdict[Id, Fraction] = defaultdict(Fraction)
    orders = list(permutations(players))
    for order in orders:
        for n, one in enumerate(order):
            added[one] += game[frozenset(order[: n + 1])] - game.get(frozenset(order[:n]), Fraction(0))
    return {one: value / len(orders) for one, value in added.items()}


def coalitions(players: str) -> list[frozenset[Id]]:
    """All of them but the empty one."""
    return [frozenset(some) for size in range(1, len(players) + 1) for some in combinations(players, size)]


class TestShapley:
    @given(st.dictionaries(st.lists(st.sampled_from("abcd"), max_size=5).map(tuple), counted, max_size=6))
    def test_is_the_average_over_orders(self, paths: dict[Path, Outcome]) -> None:
        """Equal shares among the touchpoints of a path equal the average over all orders of joining."""
        game = {
            some: Fraction(sum(one.conversions for path, one in paths.items() if path and some.issuperset(path)))
            for some in coalitions("abcd")
        }
        expected = shapley_by_hand(game)
        shared = dict(shapley_value({some: Decimal(int(worth)) for some, worth in game.items()}))

        for one in "abcd":
            assert near(expected[one], shapley(paths).credit(one))
            assert near(expected[one], shared[one])

    @given(st.lists(st.decimals(-100, 100, places=2), min_size=7, max_size=7))
    def test_any_game(self, worths: list[Decimal]) -> None:
        """Shares add up to what all players reach, even if some coalitions do harm."""
        game = dict(zip(coalitions("abc"), worths, strict=True))
        expected = shapley_by_hand({some: Fraction(worth) for some, worth in game.items()})
        shared = dict(shapley_value({**game, frozenset(): 0}))

        assert expected.keys() == shared.keys()
        assert all(near(expected[one], value) for one, value in shared.items())
        assert near(Fraction(worths[-1]), total(shared.values()))

    def test_many_players(self) -> None:
        """Sixteen players who each add 1 get 1 each."""
        game = {some: len(some) for some in coalitions("abcdefghijklmnop")}

        assert tuple((one, Decimal(1)) for one in "abcdefghijklmnop") == shapley_value(game)

    def test_of_nobody(self) -> None:
        """Without players there is nothing to share."""
        assert () == shapley_value({}) == shapley_value({frozenset(): "0"})

    @pytest.mark.parametrize(
        ("worth", "error", "broken"),
        [
            ([], WrongTypeError, "worth_not_a_mapping: worth"),
            ({"a": 1}, WrongTypeError, "coalition_not_a_frozenset: worth[0]"),
            ({frozenset({None}): 1}, WrongTypeError, "not_an_id: worth[0]"),
            ({frozenset("a"): 0.5}, WrongTypeError, "float_is_inexact: worth[0]"),
            ({frozenset(): 1}, InvalidValueError, "empty_coalition_has_worth: worth[0]"),
            ({frozenset("ab"): 1}, InvalidValueError, "coalition_missing: worth"),
            ({frozenset(range(17)): 1}, InvalidValueError, "too_many_players: worth"),
        ],
    )
    def test_refusals(self, worth: Any, error: type[CrmcoreError], broken: str) -> None:
        """A game must name every coalition, by frozensets of ids."""
        with refused(error, broken):
            shapley_value(worth)


class TestTimeDecay:
    HOUR = timedelta(hours=1)

    def test_half_life(self) -> None:
        """A touch one half-life earlier weighs half."""
        assert {"a": Decimal(1), "b": Decimal(2), "c": Decimal(4)} == {
            one: round(part, 25) for one, part in time_decay(rows(*["abcG"] * 7), "G", half_life=self.HOUR).credits
        }

    def test_a_sum_has_a_limit(self) -> None:
        """Money that adds up to more than 10^30 is refused, as by the other methods."""
        with pytest.raises(InvalidValueError, match="the result must be at most"):
            time_decay(rows("aG", "aG"), "G", half_life=self.HOUR, worth=Money(10**30, "EUR"))

    @given(logs, st.booleans())
    def test_by_hand(self, log: list[Row], first_only: bool) -> None:
        """Sharing touch by touch in floats gives nearly the same result."""
        expected: defaultdict[Id, float] = defaultdict(float)
        for customer in {customer for customer, _, _ in log}:
            path: list[Row] = []
            for row in sorted((row for row in log if row[0] == customer), key=lambda row: row[2]):
                path.append(row)
                if row[1] == "G":
                    weights = [0.5 ** ((row[2] - touch[2]) / (7 * self.HOUR)) for touch in path[:-1]]
                    for touch, weight in zip(path, weights, strict=False):
                        expected[touch[1]] += weight / sum(weights)
                    path = []
                    if first_only:
                        break
        earned = time_decay(log, "G", half_life=7 * self.HOUR, first_only=first_only)

        assert all(abs(expected[one] - float(part)) < 1e-12 for one, part in earned.credits)
        assert sum(expected.values()) == pytest.approx(earned.conversions)

    @given(logs, st.booleans(), st.sampled_from([None, ["a", "b"]]))
    def test_long_half_life_is_linear(self, log: list[Row], first_only: bool, channels: list[Id] | None) -> None:
        """With a very long half-life all touches earn the same."""
        options: dict[str, Any] = {"first_only": first_only, "channels": channels, "worth": EURO}
        earned = time_decay(log, "G", half_life=timedelta.max, **options)
        alike = linear(outcomes(log, "G", **options))

        assert alike.conversions == earned.conversions
        assert alike.unattributed == earned.unattributed
        assert alike.value.amount == earned.value.amount
        for one, part in alike.credits:
            assert abs(part - earned.credit(one)) < Decimal("1E-9")
        assert dict(alike.credits).keys() == dict(earned.credits).keys()

    @given(st.lists(st.text("abcG", max_size=8), max_size=4))
    def test_equal_instants_are_linear(self, journeys: list[str]) -> None:
        """Touches of one instant weigh the same, to the last digit."""
        log = [(n, letter, START) for n, journey in enumerate(journeys) for letter in journey]
        for worth in (None, Money("0.07", "EUR"), lambda who, _: Money(who, "EUR") / 3):
            expected = linear(outcomes(log, "G", worth=worth))
            earned = time_decay(log, "G", half_life=self.HOUR, worth=worth)

            assert attrs.evolve(expected, method="time_decay") == earned

    def test_long_ago(self) -> None:
        """Touches share the whole conversion, however long before it they were."""
        log = [("anna", "a", START), ("anna", "b", at(1)), ("anna", "G", at(10**5))]

        assert {"a": Decimal(1), "b": Decimal(2)} == {
            one: round(3 * part, 25) for one, part in time_decay(log, "G", half_life=self.HOUR).credits
        }

    def test_channels(self) -> None:
        """Touches of other channels are left out before the weights are taken."""
        earned = time_decay(rows("abG", "bG"), "G", half_life=self.HOUR, channels=["a"])

        assert (("a", Decimal(1)),) == earned.credits
        assert (1, 1) == (earned.conversions, earned.unattributed)

    def test_money_follows_the_way(self) -> None:
        """The money of a conversion is shared as the conversion is, and adds up to the cent."""
        earned = time_decay(
            rows("abG", "cG", "d"), "G", half_life=self.HOUR, worth=lambda who, _: Money(200 if who else 100, "EUR")
        )

        assert (
            ("c", Money(200, "EUR")),
            ("b", Money("66.67", "EUR")),
            ("a", Money("33.33", "EUR")),
            ("d", Money(0, "EUR")),
        ) == earned.split()

    def test_of_nothing(self) -> None:
        """Without journeys or conversions all credits are empty or 0."""
        assert () == time_decay([], "G", half_life=self.HOUR).credits
        assert Money(0, "EUR") == time_decay(rows("a"), "G", half_life=self.HOUR, worth=EURO).value
        assert 2 == time_decay(rows("GG"), "G", half_life=self.HOUR).unattributed

    def test_shards_add(self) -> None:
        """The credits of two groups of customers add up."""
        one, other = rows("abGcG", "aG"), [("x", "c", at(0)), ("x", "b", at(5)), ("x", "G", at(6))]
        whole = time_decay([*one, *other], "G", half_life=self.HOUR)
        parts = [time_decay(part, "G", half_life=self.HOUR) for part in (one, other)]

        for touchpoint, credit in whole.credits:
            assert near(Fraction(credit), total(part.credit(touchpoint) for part in parts))

    @pytest.mark.parametrize(
        ("half_life", "error"), [(timedelta(0), InvalidValueError), (7, WrongTypeError), (None, WrongTypeError)]
    )
    def test_refusals(self, half_life: Any, error: type[CrmcoreError]) -> None:
        """A half-life must be a time above zero."""
        with pytest.raises(error, match="half_life must be"):
            time_decay([], "G", half_life=half_life)


class TestAttribution:
    @given(attributions())
    def test_comes_back(self, earned: Attribution) -> None:
        """A record pickles, and is built again from its parts in any order."""
        turned = attrs.evolve(
            earned,
            credits=earned.credits[::-1],
            amounts=earned.amounts[::-1],
            removal_effects=earned.removal_effects[::-1],
        )

        assert earned == pickle.loads(pickle.dumps(earned)) == turned
        assert hash(earned) == hash(turned)
        replay(earned.explain())

    def test_order_of_credits(self) -> None:
        """Credits stand highest first; equals by the text of their ids, a number after the same text."""
        earned = Attribution(method="mine", credits=[(1, 1), ("b", 1), ("1", 1), ("c", 2)], conversions=5)

        assert ["c", "1", 1, "b"] == [one for one, _ in earned.credits]

    def test_share(self) -> None:
        """A share is of the conversions that were shared out."""
        earned = linear(paths_of(ab=(1, 0), b=(1, 0)))

        assert (Decimal("0.25"), Decimal("0.75"), Decimal(0)) == (
            earned.share("a"),
            earned.share("b"),
            earned.share("c"),
        )

    @pytest.mark.parametrize("value", [Money("1E-40", "EUR"), Money("0.01", "EUR"), Money("1E+30", "EUR")])
    def test_split_of_any_size(self, value: Money) -> None:
        """The smallest and the largest amount are shared out in full."""
        earned = linear({("a", "b", "c"): Outcome(conversions=1, value=value)})

        for digits in (0, 2, 40):
            assert value == Money.total(money for _, money in earned.split(digits=digits))

    def test_cents_left_over_go_by_text(self) -> None:
        """A cent left over goes to the first of equals by text."""
        for path in permutations("abc"):
            earned = linear({path: Outcome(conversions=1, value=Money(100, "EUR"))})

            assert {"a": Money("33.34", "EUR"), "b": Money("33.33", "EUR"), "c": Money("33.33", "EUR")} == dict(
                earned.split()
            )

    @pytest.mark.parametrize(
        ("fields", "error", "broken"),
        [
            ({"method": ""}, InvalidValueError, "empty_text: method"),
            ({"method": 1}, WrongTypeError, "not_a_text: method"),
            ({"credits": [("a", 1)]}, InconsistentCountsError, "parts_do_not_add_up: credits"),
            ({"credits": "ab"}, WrongTypeError, "one_for_several: credits"),
            ({"credits": ["ab"]}, WrongTypeError, "wrong_number_of_parts: credits[0]"),
            (
                {"credits": [("a", 1), ("a", 1)]},
                InvalidValueError,
                "not_unique: credits[1]",
            ),
            ({"credits": [("a", -1)]}, InvalidValueError, "too_small: credits[0]"),
            ({"credits": [("a", 0.5)]}, WrongTypeError, "float_is_inexact: credits[0]"),
            ({"credits": [(None, 1)]}, WrongTypeError, "not_an_id: credits[0]"),
            ({"conversions": -1}, InvalidValueError, "too_small: conversions"),
            ({"unattributed": -1}, InvalidValueError, "too_small: unattributed"),
            ({"value": Money(-1, "EUR")}, InvalidValueError, ": value"),
            ({"value": EURO}, InconsistentCountsError, "parts_do_not_add_up: amounts"),
            ({"amounts": [("a", 0)]}, InconsistentCountsError, "other_touchpoints_than_credits: amounts"),
            (
                {"removal_effects": [("a", 0)]},
                InconsistentCountsError,
                "other_touchpoints_than_credits: removal_effects",
            ),
            (
                {"credits": [("a", 0)], "removal_effects": [("a", 2)]},
                InvalidValueError,
                "not_a_share: removal_effects[0]",
            ),
            ({"order": -1}, InvalidValueError, "too_small: order"),
            ({"conversion_probability": 2}, InvalidValueError, "not_a_share: conversion_probability"),
        ],
    )
    def test_refusals(self, fields: dict[str, Any], error: type[CrmcoreError], broken: str) -> None:
        """A record that contradicts itself is refused."""
        with refused(error, broken):
            Attribution(**{**METHOD, **fields})

    def test_numbers_of_other_libraries(self) -> None:
        """A count may be any whole number."""
        fields: dict[str, Any] = {"credits": [["a", Index(2)]], "conversions": Index(2), "order": Index(1)}
        earned = Attribution(**METHOD, **fields)

        assert (2, 1, Decimal(2)) == (earned.conversions, earned.order, earned.credit("a"))
