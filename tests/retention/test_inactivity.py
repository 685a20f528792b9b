from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter
from typing import Any, ClassVar

import pytest
from hypothesis import given, strategies as st

from crmcore import Inactivity, Money, Purchase, Table, TallyBy, instant
from crmcore.interop.hypothesis import purchases
from crmcore.model.customer import Id
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, NaiveInstantError, WrongTypeError
from crmcore.retention.inactivity import Activeness, status_of
from tests.support.refusals import refused
from tests.support.strategies import REFERENCE_DATE, records

DAY = timedelta(days=1)
AS_OF = instant("2026-06-30")
logs = records(purchases(), max_size=25)
limits = st.tuples(st.integers(1, 12000), st.integers(1, 12000)).filter(lambda pair: pair[0] != pair[1])


def bought(customer_id: Id, day: str) -> Purchase:
    """Build a purchase of a day."""
    return Purchase(customer_id=customer_id, at=instant(day), amount=Money(1, "EUR"))


class TestInactivity:
    @given(logs, limits)
    def test_agrees_with_an_independent_count(self, log: list[Purchase], days: tuple[int, int]) -> None:
        """Each customer is judged by the time since the last purchase, and both limits are inclusive."""
        risk, gone = sorted(days)
        silences: dict[Id, timedelta] = {}
        bought_once = {purchase.customer_id for purchase in log if purchase.amount.amount >= 0}
        for purchase in log:
            if purchase.amount.amount < 0 and purchase.customer_id in bought_once:
                continue
            silence = REFERENCE_DATE - purchase.at.astimezone(UTC)
            silences[purchase.customer_id] = min(silence, silences.get(purchase.customer_id, silence))
        counted = Inactivity.of(log, as_of=REFERENCE_DATE, churned_after=gone * DAY, at_risk_after=risk * DAY)

        assert sum(silence >= gone * DAY for silence in silences.values()) == counted.churned
        assert sum(risk * DAY <= silence < gone * DAY for silence in silences.values()) == counted.at_risk
        assert len(silences) == counted.customers == counted.active + counted.at_risk + counted.churned

    @given(logs, st.randoms(use_true_random=False))
    def test_order_and_shards_of_customers_do_not_matter(self, log: list[Purchase], random: Any) -> None:
        """Any order gives the same record, and parts cut by customer add up to it."""
        rules: dict[str, Any] = {"as_of": REFERENCE_DATE, "churned_after": 3000 * DAY, "at_risk_after": 900 * DAY}
        whole = Inactivity.of(log, **rules)
        shuffled = log.copy()
        random.shuffle(shuffled)
        some = {purchase.customer_id for purchase in log if random.random() < 0.5}
        shards = [[one for one in log if (one.customer_id in some) == side] for side in (True, False)]

        assert whole == Inactivity.of(iter(shuffled), **rules)
        assert whole == Inactivity.total(Inactivity.of(shard, **rules) for shard in shards)

    @given(logs)
    def test_by_a_key_of_the_customer(self, log: list[Purchase]) -> None:
        """Rows add up to the whole, and each row counts its own customers."""
        rules: dict[str, Any] = {"as_of": REFERENCE_DATE, "churned_after": 3000 * DAY}
        by = Inactivity.by(log, lambda purchase: type(purchase.customer_id).__name__, **rules)

        assert (Inactivity.of(log, **rules) if log else None) == by.total
        for kind, row in by.items():
            assert Inactivity.of([one for one in log if type(one.customer_id).__name__ == kind], **rules) == row

    @given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
    def test_rate(self, active: int, at_risk: int, churned: int) -> None:
        """The rate is the share of customers who are gone, and None without customers."""
        counted = Inactivity(active=active, at_risk=at_risk, churned=churned)
        customers = active + at_risk + churned

        if customers:
            assert counted.rate is not None
            assert abs(Fraction(counted.rate) - Fraction(churned, customers)) <= Fraction(1, 10**34)
        else:
            assert counted.rate is None

    @pytest.mark.parametrize(
        ("last", "status"),
        [
            ("2026-06-30", Activeness.ACTIVE),
            ("2026-06-01T00:00:01", Activeness.ACTIVE),
            ("2026-05-31", Activeness.AT_RISK),
            ("2026-05-02T00:00:01", Activeness.AT_RISK),
            ("2026-05-01", Activeness.CHURNED),
            ("1999-01-01", Activeness.CHURNED),
        ],
    )
    def test_limits_are_reached_at_equality(self, last: str, status: Activeness) -> None:
        """Exactly 30 days are at risk and exactly 60 are gone, whatever was bought before."""
        log = [bought("a", "1998-01-01"), bought("a", last), bought("a", "1997-01-01")]

        assert {"a": status} == status_of(log, as_of=AS_OF, churned_after=60 * DAY, at_risk_after=30 * DAY)

    def test_without_a_limit_nobody_is_at_risk(self) -> None:
        """Without `at_risk_after`, no customer is at risk."""
        assert {"a": Activeness.ACTIVE} == status_of([bought("a", "2026-05-02")], as_of=AS_OF, churned_after=60 * DAY)

    def test_silence_goes_through_utc(self) -> None:
        """An hour that the local clock repeats counts as an hour."""
        first = Purchase(customer_id=1, at=instant("2026-10-25T02:30+02:00"), amount=Money(1, "EUR"))
        hour = timedelta(hours=1)

        assert 1 == Inactivity.of([first], as_of=instant("2026-10-25T02:30+01:00"), churned_after=hour).churned

    def test_of_no_purchases(self) -> None:
        """Without purchases there are no customers, and the rate is None."""
        empty = Inactivity.of([], as_of=AS_OF, churned_after=DAY)

        assert (0, None) == (empty.customers, empty.rate)
        assert TallyBy() == Inactivity.by([], lambda purchase: purchase.id, as_of=AS_OF, churned_after=DAY)

    def test_a_purchase_after_the_day_is_an_error(self) -> None:
        """A purchase after the reference date is refused, because its silence would be negative."""
        with refused(InvalidValueError, "after_reference_date: purchases[1]"):
            Inactivity.of([bought(1, "2026-07-01")], as_of=AS_OF, churned_after=DAY)

    def test_groups(self) -> None:
        """Each group is what its purchases are by themselves, under the same limits."""
        log = [bought("a", "2026-06-29"), bought("b", "2026-05-02"), bought("c", "2026-01-01")]
        limits: dict[str, Any] = {"as_of": AS_OF, "churned_after": 60 * DAY, "at_risk_after": 30 * DAY}

        expected = {True: Inactivity.of(log[:1], **limits), False: Inactivity.of(log[1:], **limits)}
        assert expected == dict(Inactivity.by(log, lambda purchase: purchase.customer_id == "a", **limits).items())

    def test_a_customer_counts_once(self) -> None:
        """A key of the purchase instead of the customer is refused."""
        log = [bought(1, "2026-01-01"), bought(1, "2026-02-01")]
        with pytest.raises(InconsistentCountsError, match="^purchases of one customer .* got 1 and 2"):
            Inactivity.by(log, lambda purchase: purchase.at.month, as_of=AS_OF, churned_after=DAY)

    @pytest.mark.parametrize(
        ("rules", "error", "message"),
        [
            ({"as_of": datetime(2026, 6, 30)}, NaiveInstantError, "naive_instant: as_of"),  # noqa: DTZ001
            ({"as_of": None}, WrongTypeError, "not_an_instant: as_of"),
            (
                {"churned_after": 180},
                WrongTypeError,
                "not_a_duration: churned_after",
            ),
            ({"churned_after": timedelta(0)}, InvalidValueError, "duration_not_positive: churned_after"),
            ({"at_risk_after": -DAY}, InvalidValueError, "duration_not_positive: at_risk_after"),
            ({"at_risk_after": 60 * DAY}, InvalidValueError, "at_risk_not_before_churned: at_risk_after"),
        ],
    )
    def test_refuses_nonsense(self, rules: dict[str, Any], error: type[Exception], message: str) -> None:
        """All three functions check their policies, even without purchases."""
        given: dict[str, Any] = {"as_of": AS_OF, "churned_after": 60 * DAY, **rules}
        for count in (
            lambda: Inactivity.of([], **given),
            lambda: Inactivity.by([], lambda purchase: purchase.id, **given),
            lambda: status_of([], **given),
        ):
            with refused(error, message):
                count()

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"active": -1}, "too_small: active"),
            ({"churned_after": DAY, "at_risk_after": DAY}, "at_risk_not_before_churned: at_risk_after"),
        ],
    )
    def test_ready_counts_are_checked(self, values: dict[str, Any], message: str) -> None:
        """A record built from counts obeys the same rules."""
        with refused(InvalidValueError, message):
            Inactivity(**values)

    def test_a_refund_is_no_sign_of_life(self) -> None:
        """Only purchases count, even free ones; a customer with refunds only is judged by the last refund."""
        refund = Purchase(customer_id="a", at=instant("2026-06-29"), amount=Money(-1, "EUR"))
        free = Purchase(customer_id="b", at=instant("2026-06-29"), amount=Money(0, "EUR"))
        rules: dict[str, Any] = {"as_of": AS_OF, "churned_after": 60 * DAY}

        assert {"a": Activeness.CHURNED} == status_of([refund, bought("a", "2026-01-01"), refund], **rules)
        assert {"a": Activeness.ACTIVE} == status_of([refund], **rules)
        assert {"b": Activeness.ACTIVE} == status_of([free, bought("b", "2026-01-01")], **rules)

    def test_a_purchase_at_the_first_instant_of_all(self) -> None:
        """A customer whose only purchase is at the earliest instant is counted, and a refund changes nothing."""
        first = Purchase(customer_id="a", at=datetime.min.replace(tzinfo=UTC), amount=Money(1, "EUR"))
        refund = Purchase(customer_id="a", at=instant("2026-06-29"), amount=Money(-1, "EUR"))

        for log in ([first], [first, refund], [refund, first]):
            assert {"a": Activeness.CHURNED} == status_of(log, as_of=AS_OF, churned_after=DAY)

    @pytest.mark.parametrize("item", [None, 1, Money(1, "EUR")])
    def test_strangers_are_named(self, item: Any) -> None:
        """A value that is not a purchase or not a function is refused, and the message names the argument."""
        with refused(WrongTypeError, "wrong_type: purchases[0]"):
            Inactivity.of([item], as_of=AS_OF, churned_after=DAY)
        with refused(WrongTypeError, "one_for_several: purchases"):
            Inactivity.of(item, as_of=AS_OF, churned_after=DAY)
        with refused(WrongTypeError, "not_a_function: key"):
            Inactivity.by([], item, as_of=AS_OF, churned_after=DAY)
        with refused(WrongTypeError, "wrong_type: purchases[0]"):
            Inactivity.by([item], lambda purchase: purchase.id, as_of=AS_OF, churned_after=DAY)

    def test_the_result_keeps_its_policies(self) -> None:
        """A row has the counts and the policies."""
        row = Inactivity.of(
            [bought(1, "2026-06-30")], as_of=AS_OF, churned_after=60 * DAY, at_risk_after=30 * DAY
        ).row()

        assert {
            "active": 1,
            "at_risk": 0,
            "churned": 0,
            "lookalikes": 0,
            "as_of": AS_OF,
            "churned_after": 60 * DAY,
            "at_risk_after": 30 * DAY,
            "customers": 1,
            "rate": Decimal(0),
        } == row

    def test_the_explanation_names_the_limits(self) -> None:
        """The explanation begins with the limits, in days."""
        counted = Inactivity.of([], as_of=AS_OF, churned_after=60 * DAY, at_risk_after=timedelta(hours=36))
        lines = counted.explain()

        assert (Decimal(60), "days to 2026-06-30T00:00:00+00:00") == (
            lines["churned_after"].value,
            lines["churned_after"].unit,
        )
        assert Decimal("1.5") == lines["at_risk_after"].value
        assert "days" == Inactivity(churned_after=DAY).explain()["churned_after"].unit

    def test_the_reference_date_keeps_its_zone(self) -> None:
        """The same instant in two zones is the same policy, and a row shows it as it was given."""
        east = instant("2026-06-30T03:00+03:00")

        assert Inactivity(active=2, as_of=AS_OF) == Inactivity(active=1, as_of=AS_OF) + Inactivity(active=1, as_of=east)
        assert "2026-06-30T03:00:00+03:00" == str(Inactivity(as_of=east).row()["as_of"]).replace(" ", "T")


class TestTables:
    ROWS: ClassVar[dict[str, Any]] = {
        "who": ["a", "b", "a"],
        "day": ["2026-01-05", "2026-02-01", "2026-03-01"],
        "paid": [5, 6, 7],
    }

    def test_counts_straight_from_columns(self) -> None:
        """A table counts as its records do, by a field too."""
        table = Table(Purchase, self.ROWS, customer_id="who", at="day", amount="paid", currency="EUR", tz=UTC)
        policy: dict[str, Any] = {"as_of": instant("2026-03-02"), "churned_after": timedelta(days=20)}
        assert Inactivity.of(table, **policy) == Inactivity.of(list(table), **policy)
        key = attrgetter("customer_id")
        assert Inactivity.by(table, key, **policy) == Inactivity.by(list(table), key, **policy)

    def test_a_purchase_later_than_the_reference_date_is_refused(self) -> None:
        """As among records."""
        table = Table(Purchase, self.ROWS, customer_id="who", at="day", amount="paid", currency="EUR", tz=UTC)
        with pytest.raises(InvalidValueError):
            Inactivity.of(table, as_of=instant("2026-02-02"), churned_after=timedelta(days=20))
