"""Cohorts, compared with counts of single members, ages and days."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise, repeat
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from crmcore import (
    UTC,
    AgeRule,
    Cohort,
    CohortReading,
    CohortTriangle,
    Id,
    Money,
    Purchase,
    Table,
    TallyBy,
    TimeUnit,
    instant,
)
from crmcore.interop.hypothesis import cohort_counts, cohort_triangles
from crmcore.primitives.errors import (
    CurrencyMismatchError,
    InconsistentCountsError,
    InvalidValueError,
    PolicyMismatchError,
    WrongTypeError,
)
from tests.support.refusals import refused

BEGIN = instant("2025-12-20T10:00")
HOUR = timedelta(hours=1)
RIGA = ZoneInfo("Europe/Riga")
AGES: list[int | tuple[int, int]] = [0, 1, 2, (1, 2), (3, 5)]
Visits = list[tuple[Id, datetime]]
NAMED = frozenset({"a", "b"})
visits = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(0, 24 * 90).map(lambda hours: BEGIN + hours * HOUR)), max_size=20
)
late = st.integers(24 * 90, 24 * 130).map(lambda hours: BEGIN + hours * HOUR)
RULES: list[tuple[TimeUnit, AgeRule]] = [
    *((unit, AgeRule.CALENDAR) for unit in TimeUnit),
    (TimeUnit.DAY, AgeRule.ELAPSED),
    (TimeUnit.WEEK, AgeRule.ELAPSED),
]


def age_of(start: datetime, at: datetime, step: TimeUnit, rule: AgeRule) -> int:
    """Count the age by walking: windows of hours, or days, weeks, months, quarters and years of the calendar."""
    if rule is AgeRule.ELAPSED:
        window, age = timedelta(days=1 if step is TimeUnit.DAY else 7), 0
        while start + (age + 1) * window <= at:
            age += 1
        return age
    one, other = start.astimezone(RIGA).date(), at.astimezone(RIGA).date()
    if step in (TimeUnit.DAY, TimeUnit.WEEK):
        return (other - one).days // (1 if step is TimeUnit.DAY else 7)
    names = {
        TimeUnit.MONTH: lambda day: (day.year, day.month),
        TimeUnit.QUARTER: lambda day: (day.year, (day.month + 2) // 3),
        TimeUnit.YEAR: lambda day: (day.year,),
    }
    name = cast("Any", names[step])
    return len({name(date.fromordinal(day)) for day in range(one.toordinal(), other.toordinal() + 1)}) - 1


def spend(visited: Visits) -> list[Purchase]:
    """Make a purchase of each visit, and a refund of each fourth one."""
    return [
        Purchase(customer_id=who, at=at, amount=Money(-3 if place % 4 == 3 else 5 + place, "EUR"))
        for place, (who, at) in enumerate(visited)
    ]


class TestCohort:
    @given(visits, late, st.sampled_from(RULES))
    def test_agrees_with_single_members(self, visited: Visits, as_of: datetime, how: tuple[TimeUnit, AgeRule]) -> None:
        """A column has the members who have lived through it, and of them those who were active in it or later."""
        step, rule = how
        found = Cohort.by(visited, as_of=as_of, ages=AGES, step=step, age_rule=rule, tz=RIGA)
        first = {who: min(at for one, at in visited if one == who) for who, _ in visited}
        months = {who: f"{at.astimezone(RIGA):%Y-%m}" for who, at in first.items()}

        assert sorted(set(months.values())) == list(found)
        for month, cohort in found.items():
            members = {who: at for who, at in first.items() if months[who] == month}
            assert len(members) == cohort.size
            for place, column in enumerate(AGES):
                low, high = column if isinstance(column, tuple) else (column, column)
                old = [who for who, at in members.items() if age_of(at, as_of, step, rule) > high]
                ages = {who: [age_of(first[who], at, step, rule) for one, at in visited if one == who] for who in old}
                active = [who for who in old if any(low <= age <= high for age in ages[who])]
                later = [who for who in old if any(low <= age for age in ages[who])]
                counts = (cohort.observed[place], cohort.active[place], cohort.active_later[place])
                assert (len(old), len(active), len(later)) == counts

    @pytest.mark.parametrize("how", RULES)
    @given(visits, late)
    def test_revenue(self, how: tuple[TimeUnit, AgeRule], visited: Visits, as_of: datetime) -> None:
        """The revenue of a column is what its observed members spent in it, less refunds, and at age 0."""
        step, rule = how
        bought = spend(visited)
        found = Cohort.by_purchases(bought, lambda _: "all", as_of=as_of, ages=AGES, step=step, age_rule=rule, tz=RIGA)
        first = {who: min(at for one, at in visited if one == who) for who, _ in visited}
        for cohort in found.values():
            for place, column in enumerate(AGES):
                low, high = column if isinstance(column, tuple) else (column, column)
                of_old = [
                    (age_of(first[one.customer_id], one.at, step, rule), one.amount.amount)
                    for one in bought
                    if age_of(first[one.customer_id], as_of, step, rule) > high
                ]
                spent, begun = (
                    sum((amount for age, amount in of_old if bounds[0] <= age <= bounds[1]), Decimal(0))
                    for bounds in ((low, high), (0, 0))
                )
                assert (spent, begun) == (cohort.revenue[place].amount, cohort.first_revenue[place].amount)
                assert cohort.revenue_rates[place] == (
                    None if not begun else cohort.revenue[place].ratio_to(cohort.first_revenue[place])
                )

    @given(visits, late, st.data())
    def test_shards_add(self, visited: Visits, as_of: datetime, data: st.DataObject) -> None:
        """The order does not matter, and disjoint members add up to all, with their revenue."""
        shuffled = data.draw(st.permutations(visited))
        shards = [[one for one in visited if (one[0] in NAMED) is part] for part in (True, False)]

        assert Cohort.by(visited, as_of=as_of) == Cohort.by(iter(shuffled), as_of=as_of)
        for by, form in ((Cohort.by, list), (Cohort.by_purchases, spend_plain)):
            whole = cast("Any", by)(form(visited), as_of=as_of)
            parts = [cast("Any", by)(form(shard), as_of=as_of) for shard in shards]
            assert whole == parts[0] + parts[1]

    @given(visits)
    def test_rolling_never_rises(self, visited: Visits) -> None:
        """If all members are observed to the end, rolling retention falls or stays; classic is at most as high."""
        for cohort in Cohort.by(visited, as_of=instant("2030-01-01"), ages=9, step=TimeUnit.WEEK).values():
            rolling = cohort.rates_by(CohortReading.ON_OR_AFTER)
            assert all(cast("Decimal", one) >= cast("Decimal", other) for one, other in pairwise(rolling))
            assert all(
                cast("Decimal", on) <= cast("Decimal", after) for on, after in zip(cohort.rates, rolling, strict=True)
            )
            assert Decimal(1) == cohort.rates[0]

    @given(st.lists(st.integers(0, 1000), min_size=1, max_size=8).map(lambda found: sorted(found, reverse=True)))
    def test_counts_are_the_survival(self, left: list[int]) -> None:
        """Without returns, the counts are the survival of the cohort, and the product of its retention rates."""
        cohort = Cohort.from_counts(left)
        kept = Fraction(1)
        for place, (one, other) in enumerate(pairwise(left)):
            step, gone = cohort.step_rates[place], cohort.churn_rates[place]
            assert (None, None) == (step, gone) if not one else step is not None
            if one and left[0]:
                kept *= Fraction(other, one)
                assert abs(Fraction(cast("Decimal", step)) + Fraction(cast("Decimal", gone)) - 1) < Fraction(1, 10**33)
                assert abs(kept - Fraction(cast("Decimal", cohort.rates[place + 1]))) < Fraction(1, 10**30)

    @pytest.mark.parametrize("tz", [UTC, RIGA])
    @pytest.mark.parametrize("how", RULES)
    @given(visits, late, st.booleans())
    def test_a_table_counts_as_its_records(
        self, how: tuple[TimeUnit, AgeRule], tz: tzinfo, visited: Visits, as_of: datetime, refunded: bool
    ) -> None:
        """Purchases give one answer as records and as a table, of instants or of microseconds, with refunds or not."""
        step, rule = how
        bought = [one for one in spend(visited) if refunded or one.amount.amount >= 0]
        options: dict[str, Any] = {"as_of": as_of, "ages": AGES, "step": step, "age_rule": rule, "tz": tz}
        for acquired in (None, {one.customer_id: BEGIN - HOUR for one in bought} | {"e": BEGIN}):
            expected = Cohort.by_purchases(bought, **options, acquired=acquired)
            for at in ([one.at for one in bought], [f"{one.at:%Y-%m-%dT%H:%M}Z" for one in bought]):
                columns = {
                    "customer_id": [one.customer_id for one in bought],
                    "at": at,
                    "amount": [one.amount.amount for one in bought],
                    "cost": [1 for _ in bought],
                }
                table = Table(Purchase, columns, currency="EUR")
                assert expected == Cohort.by_purchases(table, **options, acquired=acquired)

    @pytest.mark.parametrize("how", RULES)
    @given(visits, late, st.booleans())
    def test_columns_count_as_pairs(
        self, how: tuple[TimeUnit, AgeRule], visited: Visits, as_of: datetime, old: bool
    ) -> None:
        """A zip of columns counts as a list of pairs, of texts, numbers and keys, in any zone, however old."""
        step, rule = how
        seen = [*visited, ("a", instant("0001-01-02"))] if old else visited
        options: dict[str, Any] = {"as_of": as_of, "ages": AGES, "step": step, "age_rule": rule}
        expected = Cohort.by(seen, **options)
        customers, instants = [who for who, _ in seen], [at for _, at in seen]

        assert expected == Cohort.by(zip(customers, instants, strict=True), **options)
        assert expected == Cohort.by([[*pair] for pair in seen], **options)  # type: ignore[misc]  # pyright: ignore[reportArgumentType] - lists
        for ids in ([ord(str(who)) for who in customers], [UUID(int=ord(str(who))) for who in customers]):
            local = [at.astimezone(RIGA) if at.year > 1 else at for at in instants]
            assert expected == Cohort.by(zip(ids, local, strict=True), **options)

    def test_the_order_of_groups(self) -> None:
        """The groups of a key have the order in which their members first occur, whatever the step."""
        seen: Visits = [("b", instant("2026-02-01")), ("a", instant("2026-01-01")), ("b", instant("2026-01-01"))]
        for step in (TimeUnit.MONTH, TimeUnit.QUARTER):
            assert ["b", "a"] == list(Cohort.by(seen, str, as_of=instant("2026-03-01"), step=step))

    def test_ids_of_two_types(self) -> None:
        """Members 7 and "7" count as two, with a caution that the triangle has too."""
        seen: Visits = [(7, BEGIN), ("7", BEGIN)]
        found = Cohort.by(seen, as_of=instant("2026-03-01"))

        assert (1, 2) == (found["2025-12"].lookalikes, found["2025-12"].size)
        assert ["mixed_customer_ids"] == [caution.rule for caution in CohortTriangle(found).cautions]
        assert () == Cohort.by(seen[:1], as_of=instant("2026-03-01")).cautions

    def test_not_observed_yet(self) -> None:
        """A member whose day is not over is in no denominator, whether they were active or not."""
        seen: Visits = [("a", instant("2026-03-01")), ("b", instant("2026-03-02")), ("b", instant("2026-03-03T01:00"))]
        day = Cohort.by(seen, lambda _: 0, as_of=instant("2026-03-03T12:00"), ages=1, step=TimeUnit.DAY)[0]

        assert (2, 1) == day.observed
        assert (Decimal(1), Decimal(0)) == day.rates
        assert (None, None) == (day.step_rates[0], day.churn_rates[0])

    def test_a_day_is_a_date_or_24_hours(self) -> None:
        """A visit on the next morning is on day 1 of the calendar, and within the first 24 hours."""
        seen: Visits = [("a", instant("2026-03-01T22:00")), ("a", instant("2026-03-02T06:00"))]
        late = instant("2026-04-01")
        dates, hours = (
            Cohort.by(seen, as_of=late, ages=1, step=TimeUnit.DAY, age_rule=rule)["2026-03"].active for rule in AgeRule
        )

        assert ((1, 1), (1, 0)) == (dates, hours)
        # in Riga, both are on 2 March
        assert (1, 0) == Cohort.by(seen, as_of=late, ages=1, step=TimeUnit.DAY, tz=RIGA)["2026-03"].active

    def test_members_without_activity(self) -> None:
        """A member who was never active lowers the rates; the cohort is that of the acquisition."""
        members: dict[Id, datetime] = {7: instant("2026-01-31T23:00"), 8: instant("2026-01-05")}
        found = Cohort.by([(7, instant("2026-02-07"))], as_of=instant("2026-03-01"), acquired=members, ages=1, tz=RIGA)

        assert ["2026-01", "2026-02"] == list(found)
        assert (Decimal(0), Decimal(0)) == found["2026-01"].rates
        assert (Decimal(1), None) == found["2026-02"].rates

    @pytest.mark.parametrize("first", ["2026-02-27", "2020-01-01", "1700-01-01"])
    def test_rows_that_go_back_in_time(self, first: str) -> None:
        """Rows that go back by days, years or centuries, thousands of rows later, count as in any order."""
        many = [("a", instant("2026-03-01"))] * 16_384
        rows = [*many, ("b", instant(first)), *many, ("b", instant("2026-03-01")), ("a", instant("2026-03-02"))]
        customer_ids, instants = zip(*rows, strict=True)
        found = Cohort.by(
            zip(customer_ids, instants, strict=True), as_of=instant("2026-03-09"), ages=[0, 1, 2], step=TimeUnit.DAY
        )

        assert found == Cohort.by(
            [*dict.fromkeys(rows)], as_of=instant("2026-03-09"), ages=[0, 1, 2], step=TimeUnit.DAY
        )
        assert (1, 1, 0) == found["2026-03"].active
        assert (1, 0, 1 if first == "2026-02-27" else 0) == found[first[:7]].active

    @pytest.mark.parametrize("acquired", ["2026-02-27", "2025-12-01", "1700-01-01"])
    def test_acquired_before_all_activity(self, acquired: str) -> None:
        """An acquisition may lie any time before the first activity of all."""
        (cohort,) = Cohort.by(
            [("a", instant("2026-03-01")), ("a", instant("2026-03-04"))],
            as_of=instant("2026-03-09"),
            acquired={"a": instant(acquired)},
            ages=[0, 2, (3, 9)],
            step=TimeUnit.DAY,
        ).values()

        later = acquired == "2026-02-27"
        assert (0, int(later), int(later)) == cohort.active
        assert (1, 1, 1) == cohort.active_later

    def test_refund_before_the_first_purchase(self) -> None:
        """The first refund is the acquisition of a customer who bought later, or never."""
        bought = [
            Purchase(customer_id=who, at=instant(day), amount=Money(amount, "EUR"))
            for who, day, amount in (
                ("a", "2026-02-02", 25),
                ("a", "2026-01-02", -5),
                ("a", "2026-02-03", -1),
                ("b", "2026-01-09", -3),
            )
        ]
        (cohort,) = Cohort.by_purchases(bought, as_of=instant("2026-04-01"), ages=1).values()

        assert ((2, 2), (0, 1)) == (cohort.observed, cohort.active)
        assert (Money(-8, "EUR"), Money(24, "EUR")) == cohort.revenue

    def test_refunds(self) -> None:
        """A refund is no activity; one from before the acquisition lowers the first revenue."""
        bought = [
            Purchase(customer_id="a", at=instant(day), amount=Money(amount, "EUR"))
            for day, amount in (("2025-12-30", -5), ("2026-01-02", 25), ("2026-02-02", -10))
        ]
        (cohort,) = Cohort.by_purchases(
            bought, as_of=instant("2026-03-01"), acquired={"a": instant("2026-01-02")}, ages=1
        ).values()

        assert ((1, 0), (1, 0)) == (cohort.active, cohort.active_later)
        assert (Decimal(1), Decimal("-0.5")) == cohort.revenue_rates

    def test_nothing_at_first(self) -> None:
        """A member who spends nothing at age 0 counts there with 0."""
        bought = [
            Purchase(customer_id=who, at=instant(day), amount=Money(8, "EUR"))
            for who, day in (("a", "2026-01-02"), ("a", "2026-02-02"), ("b", "2026-02-03"))
        ]
        members = {who: instant("2026-01-01") for who in "ab"}
        (cohort,) = Cohort.by_purchases(bought, as_of=instant("2026-03-01"), acquired=members, ages=1).values()

        assert (Decimal(1), Decimal(2)) == cohort.revenue_rates

    def test_nothing(self) -> None:
        """Nothing has no cohorts; columns that no member has reached are unknown."""
        late = instant("2026-03-01")

        assert TallyBy() == Cohort.by(zip([], [], strict=True), as_of=late)
        assert TallyBy() == Cohort.by_purchases(Table(Purchase, []), as_of=late)
        assert TallyBy() == Cohort.by([], as_of=late) == Cohort.by_purchases([], as_of=late)
        assert (None,) == Cohort.by([], as_of=late, acquired={7: late}, ages=0)["2026-03"].rates
        assert () == Cohort.by_purchases([], as_of=late, acquired={7: late}, ages=0)["2026-03"].revenue
        assert () == Cohort.from_counts([]).rates == CohortTriangle(TallyBy()).whole

    def test_refusals(self) -> None:
        """What cannot be a cohort is refused with what is wrong."""
        late = instant("2026-03-01")
        seen: Visits = [("a", instant("2026-02-01"))]
        calls: list[tuple[Any, type[Exception], str]] = [
            (
                lambda: Cohort.by(seen, as_of=instant("2026-01-01")),
                InvalidValueError,
                "after_reference_date: activity['a']",
            ),
            (
                lambda: Cohort.by([], as_of=late, acquired={"b": instant("2026-04-01")}),
                InvalidValueError,
                "after_reference_date: acquired['b']",
            ),
            (
                lambda: Cohort.by(seen, as_of=late, acquired={"b": late}),
                InvalidValueError,
                "active_but_never_acquired: activity['a']",
            ),
            (
                lambda: Cohort.by(seen, as_of=late, acquired={"a": late}),
                InvalidValueError,
                "active_before_acquired: activity['a']",
            ),
            (
                lambda: Cohort.by_purchases(spend(seen), as_of=late, acquired={"a": late}),
                InvalidValueError,
                "active_before_acquired: purchases['a']",
            ),
            (
                lambda: Cohort.by_purchases(
                    Table(Purchase, {"customer_id": ["a"], "at": [late], "amount": [1]}, currency="EUR"),
                    as_of=instant("2026-02-28T12:00"),
                ),
                InvalidValueError,
                "after_reference_date: purchases['a']",
            ),
            (lambda: Cohort.by(zip("a", strict=True), as_of=late), WrongTypeError, ": activity[0]"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - one column
            (lambda: Cohort.by([*seen, ("", late)], as_of=late), InvalidValueError, "empty_id: activity[1]"),
            (lambda: Cohort.by([*seen, (True, late)], as_of=late), WrongTypeError, "not_an_id: activity[1]"),
            (lambda: Cohort.by([*seen, (1, late.date())], as_of=late), WrongTypeError, "not_an_instant: activity[1]"),  # type: ignore[list-item]  # pyright: ignore - a date
            (lambda: Cohort.by(seen, as_of=late, acquired=[]), WrongTypeError, "not_a_mapping: acquired"),  # type: ignore[call-overload]  # pyright: ignore - a list
            (
                lambda: Cohort.by(seen, as_of=late, age_rule=AgeRule.ELAPSED),
                InvalidValueError,
                "step_without_fixed_length: step",
            ),
            (lambda: Cohort.by(seen, "a", as_of=late), WrongTypeError, ": key"),  # type: ignore[call-overload]  # pyright: ignore - a text
            (lambda: Cohort.by(["a"], as_of=late), WrongTypeError, ": activity[0]"),  # type: ignore[list-item]  # pyright: ignore - no pair
            (
                lambda: Cohort.by(seen, as_of=late, ages=[(2, 1)]),
                InvalidValueError,
                "bracket_ends_before_it_begins: ages[0]",
            ),
            (lambda: Cohort.by(seen, as_of=late, ages=[-1]), InvalidValueError, ": ages[0]"),
            (lambda: Cohort.by(seen, as_of=late, ages=-1), InvalidValueError, ": ages"),
            (lambda: Cohort.from_counts([1, 2]), InconsistentCountsError, "cohort_grows: counts[1]"),
            (
                lambda: Cohort.by_purchases(
                    [
                        Purchase(customer_id=1, at=late, amount=Money(1, "EUR")),
                        Purchase(customer_id=1, at=late, amount=Money(1, "USD")),
                    ],
                    as_of=late,
                ),
                CurrencyMismatchError,
                "spent_in_two_currencies: purchases[1]",
            ),
            (
                lambda: CohortTriangle(TallyBy({1: Cohort.from_counts([1])}), of_revenue=True),
                InvalidValueError,
                "no_revenue_known: cohorts[1]",
            ),
            (lambda: Cohort().rates_by("on"), WrongTypeError, "not_a_member: reading"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a text
        ]
        for call, error, broken in calls:
            with refused(error, broken):
                call()

    def test_payments_in_the_middle_of_a_week(self) -> None:
        """What is spent on the tenth day belongs to week 1."""
        buys = [
            Purchase(customer_id=1, at=BEGIN + timedelta(days=day), amount=Money(euros, "EUR"))
            for day, euros in ((0, 10), (10, 5))
        ]
        (cohort,) = Cohort.by_purchases(
            buys, as_of=BEGIN + timedelta(days=21), ages=2, step=TimeUnit.WEEK, age_rule=AgeRule.ELAPSED
        ).values()

        assert [Money(10, "EUR"), Money(5, "EUR"), Money(0, "EUR")] == [*cohort.revenue]

    def test_acquired_long_before_they_are_active(self) -> None:
        """The age begins with the acquisition, however many days before the first activity that is."""
        at = instant("2026-03-01")
        (cohort,) = Cohort.by(
            [("a", at)],
            as_of=at + timedelta(days=2),
            acquired={"a": instant("2006-03-01")},
            step=TimeUnit.DAY,
            ages=[0, 7_305],
        ).values()

        assert (0, 1) == cohort.active

    def test_cost_of_a_table_in_another_currency(self) -> None:
        """Costs in another currency than the amounts are refused in a table, though no cohort reads them."""
        columns = {"customer_id": ["a"], "at": [BEGIN], "amount": [Money(1, "EUR")], "cost": [Money(1, "USD")]}
        with refused(CurrencyMismatchError, "cost_in_another_currency: cost[0]"):
            Cohort.by_purchases(Table(Purchase, columns), as_of=BEGIN)

    def test_acquired_before_the_calendar_begins(self) -> None:
        """The error names the member whose acquisition has no day in the zone."""
        first = datetime(1, 1, 1, 1, tzinfo=UTC)
        with refused(InvalidValueError, "no_day_in_calendar: acquired['b']"):
            Cohort.by([], as_of=instant("2026-03-01"), acquired={"b": first}, tz=ZoneInfo("America/Lima"))

    def test_elapsed_before_the_calendar_begins(self) -> None:
        """If the age is elapsed time, the zone gives the month of the acquisition, which has to have one."""
        first = datetime(1, 1, 1, 1, tzinfo=UTC)
        days: Any = {"step": TimeUnit.DAY, "age_rule": AgeRule.ELAPSED, "tz": ZoneInfo("America/Lima")}
        with refused(InvalidValueError, "no_day_in_calendar: activity"):
            Cohort.by([("a", first)], as_of=first + HOUR, **days)

    def test_without_end(self) -> None:
        """Ages and counts that never end are refused."""
        with refused(InvalidValueError, "too_many_to_collect: ages"):
            Cohort.by([], as_of=instant("2026-03-01"), ages=repeat(1))
        with refused(InvalidValueError, "too_many_to_collect: counts"):
            Cohort.from_counts(repeat(1))

    @pytest.mark.parametrize(
        ("fields", "broken"),
        [
            ({"active": (1, 1)}, "columns_of_a_cohort_differ: active"),
            ({"revenue": (Money(1, "EUR"),)}, "columns_of_a_cohort_differ: first_revenue"),
            ({"active": (3,)}, "cohort_counts_contradict: active[0]"),
            ({"observed": (4,)}, "cohort_counts_contradict: active[0]"),
            ({"ages": ((1, 0),)}, "bracket_ends_before_it_begins: ages[0]"),
        ],
    )
    def test_counts_that_contradict(self, fields: dict[str, Any], broken: str) -> None:
        """Each column has counts of its own, and none is above the next."""
        counted: dict[str, Any] = {"size": 3, "observed": (3,), "active": (1,), "active_later": (2,), "ages": ((0, 0),)}
        with refused(Exception, broken):
            Cohort(**counted | fields)

    def test_policies(self) -> None:
        """Cohorts by days and by months do not add."""
        with refused(PolicyMismatchError, "policies_differ: step"):
            _ = Cohort.from_counts([1], step=TimeUnit.DAY) + Cohort.from_counts([1])


def spend_plain(visited: Visits) -> list[Purchase]:
    """Make a purchase of each visit."""
    return [Purchase(customer_id=who, at=at, amount=Money(at.day, "EUR")) for who, at in visited]


class TestTriangle:
    def test_without_cohorts(self) -> None:
        """A triangle without cohorts has no columns."""
        assert () == CohortTriangle(TallyBy[str, Cohort]()).names

    @given(cohort_triangles())
    def test_rows(self, found: CohortTriangle) -> None:
        """Each cohort has a row with its rates, and the whole is that of the sum."""
        rows = found.rows(plain=False)

        assert [*found.cohorts] == [row["cohort"] for row in rows]
        assert sum(cohort.size for cohort in found.cohorts.values()) == found.size
        for row, cohort in zip(rows, found.cohorts.values(), strict=True):
            rates = cohort.revenue_rates if found.of_revenue else cohort.rates_by(found.reading)
            assert rates == tuple(row[name] for name in found.names)
        total = found.cohorts.total
        assert found.whole == (() if total is None else found.rates_of(total))
        assert "<table" in found._repr_html_()

    @given(cohort_counts())
    def test_names(self, cohort: Cohort) -> None:
        """A column is named by its age or its bracket, and the lines of the explanation too."""
        assert ("0", "1", "2", "3-6") == cohort.names
        assert "active_3_to_6 / observed_3_to_6" == cohort.explain()["rate_3_to_6"].formula
