"""The compensation fund, authority, and whether a remedy is worth it."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from crmcore import (
    Authority,
    CompensationFund,
    CrmcoreError,
    CurrencyMismatchError,
    Employee,
    FundEntry,
    FundEntryKind,
    GrantDecision,
    InconsistentCountsError,
    InvalidValueError,
    Money,
    Policy,
    RemedyKind,
    RemedyWorth,
    recovery,
)
from crmcore.interop.hypothesis import compensation_funds, fund_entries, remedy_worths
from tests.support.refusals import refused

DAY = datetime(2026, 3, 2, tzinfo=UTC)
PAVEL = Employee(
    id="pavel",
    authority=Authority(
        limit=Money(20, "EUR"),
        approver_id="olga",
        approval_limit=Money(50, "EUR"),
        sale_limit=Money(30, "EUR"),
    ),
)


def euro(amount: Decimal | int | str) -> Money:
    """Return an amount in euro."""
    return Money(amount, "EUR")


def fund(opening: int | str = 100, cap: int | str | None = None) -> CompensationFund:
    """Return a fund in euro."""
    return CompensationFund(opening=euro(opening), cap_per_case=None if cap is None else euro(cap))


class TestFund:
    def test_empties_exactly(self) -> None:
        """Ten grants of ten cents empty a euro, which floats do not."""
        held = fund(1)
        for case in range(10):
            held = held.grant(case, euro("0.1"), at=DAY)

        assert euro(0) == held.value == held.available("new")
        with refused(InvalidValueError, "fund_holds_less: entries[10]"):
            held.grant("new", euro("0.01"), at=DAY)

    def test_cap_is_over_all_grants_net_of_returns(self) -> None:
        """What came back can be granted to the case again, and no cent more."""
        held = fund(500, cap=100).grant("c", euro(60), at=DAY).grant("c", euro(40), at=DAY)
        with refused(InvalidValueError, "above_cap_per_case: entries[2]"):
            held.grant("c", euro("0.01"), at=DAY)
        held = held.take_back("c", euro(30), at=DAY)

        assert euro(30) == held.available("c")
        assert {"c": euro(100)} == held.grant("c", euro(30), at=DAY).by_case()

    def test_available_is_within_what_is_held(self) -> None:
        """Below the cap, the fund itself is the limit."""
        assert [euro(10), euro(5)] == [fund(10, cap=cap).available("c") for cap in (50, 5)]

    def test_no_more_comes_back_than_was_granted(self) -> None:
        """A return that is too large would make money out of nothing."""
        held = fund().grant("c", euro(10), at=DAY)
        with refused(InvalidValueError, "more_back_than_granted: entries[1]"):
            held.take_back("c", euro("10.01"), at=DAY)
        with refused(InvalidValueError, "more_back_than_granted: entries[1]"):
            held.take_back("another", euro(1), at=DAY)

    def test_an_entry_with_an_id_counts_once(self) -> None:
        """A grant that is sent twice is granted once; two grants of one id are refused."""
        once = fund().grant("c", euro(15), at=DAY, by=PAVEL, id="g1")

        assert once == once.grant("c", euro(15), at=DAY, by=PAVEL, id="g1")
        with refused(InconsistentCountsError, "two_records_of_one_id: entries[1]"):
            once.grant("c", euro(16), at=DAY, id="g1")

    def test_history_is_only_added_to(self) -> None:
        """A step returns another fund and leaves the old one as it was; a late entry has no place in between."""
        before = fund()
        after = before.grant("c", euro(1), at=DAY)

        assert () == before.entries
        assert before.entries == after.entries[:-1]
        with refused(InvalidValueError, "fund_out_of_order: entries[1]"):
            after.top_up(euro(1), at=DAY - timedelta(microseconds=1))

    def test_currencies_never_mix(self) -> None:
        """An amount in another currency is refused, wherever it stands."""
        dollar = Money(1, "USD")
        with refused(CurrencyMismatchError, "two_currencies: entries[0]"):
            fund().grant("c", dollar, at=DAY)
        with refused(CurrencyMismatchError, "two_currencies: amount"):
            fund().grant("c", dollar, at=DAY, by=PAVEL)
        with refused(CurrencyMismatchError, "two_currencies: cap_per_case"):
            CompensationFund(opening=euro(1), cap_per_case=dollar)

    def test_cases_of_entries(self) -> None:
        """A grant is for a case, a top-up for none, and none is of nothing."""
        with refused(InvalidValueError, "case_of_entry: case_id"):
            FundEntry(kind=FundEntryKind.GRANT, amount=euro(1), at=DAY)
        with refused(InvalidValueError, "case_of_entry: case_id"):
            FundEntry(kind=FundEntryKind.TOP_UP, amount=euro(1), at=DAY, case_id=1)
        with refused(InvalidValueError, "entry_of_nothing: amount"):
            fund().top_up(euro(0), at=DAY)

    def test_rows(self) -> None:
        """A row for each entry, with what the fund holds after it."""
        held = fund().grant("c", euro("12.50"), at=DAY, remedy=RemedyKind.COUPON).top_up(euro(5), at=DAY)

        assert [(12.5, 87.5, "coupon"), (5.0, 92.5, None)] == [
            (row["amount"], row["value"], row["remedy"]) for row in held.rows()
        ]
        assert [euro("87.50"), euro("92.50")] == [row["value"] for row in held.rows(plain=False)] == [*held.balances]
        assert "87.5" in held._repr_html_()
        assert "CompensationFund(entries=2, value=Money('92.50', 'EUR'))" == repr(held)

    @given(compensation_funds())
    def test_is_a_value(self, held: CompensationFund) -> None:
        """Built again from its entries, or read from a pickle, a fund is the same."""
        assert held == attrs.evolve(held) == pickle.loads(pickle.dumps(held))
        assert hash(held) == hash(attrs.evolve(held))
        assert held.value == held.opening + held.topped_up - held.granted + held.returned
        assert held.value.amount == held.explain()["value"].value

    @given(st.lists(fund_entries(), max_size=6))
    def test_agrees_with_fractions(self, entries: list[FundEntry]) -> None:
        """Any entries are kept or refused as a plain account in cents says."""
        entries = sorted(entries, key=lambda entry: entry.at)
        held, cases, fine = Fraction(50), dict[Any, Fraction](), True
        for entry in entries:
            amount = Fraction(entry.amount.amount)
            got = cases.get(entry.case_id, Fraction(0))
            if entry.kind is FundEntryKind.TOP_UP:
                held += amount
            elif entry.kind is FundEntryKind.GRANT:
                fine = fine and amount <= held and got + amount <= 60
                held, cases[entry.case_id] = held - amount, got + amount
            else:
                fine = fine and amount <= got
                held, cases[entry.case_id] = held + amount, got - amount
        try:
            value = CompensationFund(opening=euro(50), cap_per_case=euro(60), entries=entries).value
        except InvalidValueError:
            assert not fine
        else:
            assert fine
            assert held == Fraction(value.amount)


class TestAuthority:
    @pytest.mark.parametrize(
        ("amount", "to_sell", "decision"),
        [
            ("20", False, "within"),
            ("20.01", False, "needs_approval"),
            ("50", False, "needs_approval"),
            ("50.01", False, "refused"),
            ("30", True, "within"),
            ("30.01", True, "needs_approval"),
        ],
    )
    def test_limits_are_inclusive(self, amount: str, to_sell: bool, decision: str) -> None:
        """Up to and including a limit, also to close a sale."""
        assert GrantDecision(decision) is PAVEL.decide(euro(amount), to_sell=to_sell)

    @pytest.mark.parametrize(
        ("authority", "decision"),
        [
            (None, "refused"),
            (Authority(limit=euro(1)), "refused"),
            (Authority(limit=euro(1), approver_id="olga"), "needs_approval"),
            (Authority(limit=euro(1), approval_limit=euro(5)), "needs_approval"),
            (Authority(limit=euro(1), approver_id="olga", approval_limit=euro(4)), "refused"),
        ],
    )
    def test_approval(self, authority: Authority | None, decision: str) -> None:
        """An approver without a limit approves any amount; without approver and limit no larger amount is approved."""
        assert GrantDecision(decision) is Employee(id=1, authority=authority).decide(euro(5))
        assert GrantDecision.WITHIN is Employee(id=1, authority=authority).decide(euro(0))

    def test_limits_agree(self) -> None:
        """The limit with approval is the largest, and all have one currency."""
        higher: list[dict[str, Any]] = [
            {"approval_limit": euro(9)},
            {"sale_limit": euro(12), "approval_limit": euro(11)},
        ]
        for limits in higher:
            with refused(InvalidValueError, "approval_below_limit: approval_limit"):
                Authority(limit=euro(10), **limits)
        with refused(CurrencyMismatchError, "two_currencies: approval_limit"):
            Authority(limit=euro(10), approval_limit=Money(99, "USD"))
        with refused(CurrencyMismatchError, "two_currencies: sale_limit"):
            Authority(limit=euro(10), sale_limit=Money(99, "USD"))

    def test_grants_of_a_case_add_up(self) -> None:
        """Two grants within the limit are beyond it together."""
        held = fund(500).grant("c", euro(15), at=DAY, by=PAVEL)
        with refused(InvalidValueError, "not_approved: approved_by_id") as caught:
            held.grant("c", euro(15), at=DAY, by=PAVEL)

        assert "give approved_by_id='olga'" == caught.value.advice
        held = held.grant("c", euro(15), at=DAY, by=PAVEL, approved_by_id="olga")
        assert ("pavel", "olga") == (held.entries[-1].by_id, held.entries[-1].approved_by_id)
        with refused(InvalidValueError, "beyond_authority: amount"):
            held.grant("c", euro(25), at=DAY, by=PAVEL, approved_by_id="olga")

    def test_approval_of_the_wrong_one(self) -> None:
        """Only the approver approves, and an employee never approves a grant of their own."""
        ida = Employee(id="ida", authority=Authority(limit=euro(1), approval_limit=euro(50)))
        for by, approver in ((PAVEL, "ida"), (ida, "ida")):
            with refused(InvalidValueError, "approved_by_the_wrong_one: approved_by_id"):
                fund().grant("c", euro(21), at=DAY, by=by, approved_by_id=approver)
        with refused(InvalidValueError, "not_approved: approved_by_id") as caught:
            fund().grant("c", euro(21), at=DAY, by=ida)

        assert "give approved_by_id" == caught.value.advice
        assert euro(79) == fund().grant("c", euro(21), at=DAY, by=ida, approved_by_id="any other").value

    def test_to_close_a_sale(self) -> None:
        """A concession to close a sale has its own limit."""
        assert euro(75) == fund().grant("deal", euro(25), at=DAY, by=PAVEL, to_sell=True).value


class FundMachine(RuleBasedStateMachine):
    """Grants, returns, approvals, repeats and top-ups in any order, against an account in whole cents."""

    done = Bundle("done")

    @initialize(opening=st.integers(0, 20_000), cap=st.none() | st.integers(0, 9_000))
    def open(self, opening: int, cap: int | None) -> None:
        """A fund with or without a cap."""
        self.fund = fund(cents(opening), None if cap is None else cents(cap))
        self.cap, self.held, self.number, self.at = cap, opening, 0, DAY
        self.cases: dict[int, int] = {}

    def step(self) -> dict[str, Any]:
        """Return the instant and the id of the next entry."""
        self.number += 1
        self.at += timedelta(minutes=self.number % 2)
        return {"at": self.at, "id": self.number}

    @rule(
        target=done, case=st.integers(1, 3), amount=st.integers(1, 6_000), approved=st.booleans(), to_sell=st.booleans()
    )
    def grant(self, case: int, amount: int, approved: bool, to_sell: bool) -> Any:
        """A grant goes through if fund, cap and authority allow it."""
        total = self.cases.get(case, 0) + amount
        alone = total <= (3_000 if to_sell else 2_000)
        may = (alone or (approved and total <= 5_000)) and amount <= self.held
        may = may and (self.cap is None or total <= self.cap)
        call = (case, euro(cents(amount)))
        options: dict[str, Any] = {
            "by": PAVEL,
            "approved_by_id": "olga" if approved else None,
            "to_sell": to_sell,
            **self.step(),
        }
        if not may:
            self.refuses(lambda: self.fund.grant(*call, **options))
            return call, options, False
        self.fund = self.fund.grant(*call, **options)
        self.held -= amount
        self.cases[case] = total
        return call, options, True

    @rule(case=st.integers(1, 3), amount=st.integers(1, 6_000))
    def take_back(self, case: int, amount: int) -> None:
        """A return goes through if the case has so much."""
        if amount > self.cases.get(case, 0):
            self.refuses(lambda: self.fund.take_back(case, euro(cents(amount)), **self.step()))
            return
        self.fund = self.fund.take_back(case, euro(cents(amount)), **self.step())
        self.held += amount
        self.cases[case] -= amount

    @rule(amount=st.integers(1, 6_000))
    def top_up(self, amount: int) -> None:
        """A top-up always goes through."""
        self.fund = self.fund.top_up(euro(cents(amount)), **self.step())
        self.held += amount

    @rule(grant=consumes(done))
    def repeat(self, grant: Any) -> None:
        """A grant that is sent again changes nothing."""
        call, options, went_through = grant
        if went_through:
            assert self.fund == self.fund.grant(*call, **options)

    @rule()
    def empty(self) -> None:
        """A fund can be emptied to the last cent, unless a cap forbids it."""
        held = self.fund.value
        if held and self.cap is None:
            assert euro(0) == self.fund.grant("rest", held, at=self.at).value
            self.refuses(lambda: self.fund.grant("rest", held + euro("0.01"), at=self.at))

    def refuses(self, step: Any) -> None:
        """Check that a step is refused, and leaves the fund as it was."""
        before = self.fund
        with pytest.raises(CrmcoreError):
            step()
        assert before == self.fund

    @invariant()
    def agrees(self) -> None:
        """The fund holds what the account says, is never below zero, and no case is above the cap."""
        if not hasattr(self, "fund"):
            return
        assert self.held == self.fund.value.amount * 100
        assert self.fund.value >= euro(0)
        assert self.cases == {case: money.amount * 100 for case, money in self.fund.by_case().items()}
        assert all(balance >= euro(0) for balance in self.fund.balances)
        if self.cap is not None:
            assert all(amount <= self.cap for amount in self.cases.values())
        for case in (1, 2, 3):
            available = self.fund.available(case)
            assert euro(0) <= available <= self.fund.value


def cents(amount: int) -> str:
    """Return an amount in cents as a text."""
    return f"{amount // 100}.{amount % 100:02}"


TestFundMachine = FundMachine.TestCase


class TestWorth:
    @given(remedy_worths())
    def test_verdict_is_exact(self, worth: RemedyWorth) -> None:
        """Worth it is what saves more than it costs, by fractions."""
        saved = Fraction(worth.value_at_risk.amount) * (Fraction(worth.churn_without) - Fraction(worth.churn_with))

        assert (saved > Fraction(worth.cost.amount)) is worth.is_worth_it
        assert saved == Fraction(worth.saved.amount)
        assert worth.saved - worth.cost == worth.value
        assert worth.value.amount == worth.explain()["value"].value
        assert max(saved, Fraction(0)) == Fraction(worth.break_even.amount)

    def test_a_tie_is_not_worth_it(self) -> None:
        """At break-even the remedy is not worth it, and a cent below it is."""
        worth = RemedyWorth(value_at_risk=euro(300), churn_without="0.4", churn_with="0.1", cost=euro(90))

        assert not worth.is_worth_it
        assert attrs.evolve(worth, cost=worth.break_even - euro("0.01")).is_worth_it

    def test_a_remedy_that_does_harm(self) -> None:
        """If more customers leave with it, it saves less than nothing, and is worth no cost at all."""
        worth = RemedyWorth(value_at_risk=euro(300), churn_without="0.1", churn_with="0.2", cost=euro(0))
        equal = attrs.evolve(worth, churn_without="0.2")

        assert ["more_leave_with_the_remedy"] == [caution.rule for caution in worth.cautions]
        assert worth.cautions == worth.explain().cautions
        assert equal.cautions == ()

        assert (euro(-30), euro(0), False) == (worth.saved, worth.break_even, worth.is_worth_it)

    def test_one_currency(self) -> None:
        """The cost is in the currency of the value."""
        with refused(CurrencyMismatchError, "two_currencies: cost"):
            RemedyWorth(value_at_risk=euro(1), churn_without=1, churn_with=0, cost=Money(1, "USD"))

    def test_sizes(self) -> None:
        """Expected sums are products, of nothing too."""
        assert euro(1800) == recovery.fund_size(failures=120, share="0.6", average=euro(25))
        assert euro(0) == recovery.rescued_value(detractors=0, rescue_rate=1, value=euro(25))
        with refused(InvalidValueError, "too_small: average"):
            recovery.fund_size(failures=1, share=1, average=euro(-1))
        with refused(InvalidValueError, "too_small: value"):
            recovery.rescued_value(detractors=1, rescue_rate=1, value=euro(-1))

    def test_policy(self) -> None:
        """A policy is in the customer's favour if it gives at least the harm."""
        assert [True, False] == [
            Policy(category="late", harm=euro(20), remedy=euro(amount)).is_below_harm for amount in ("19.99", 20)
        ]
        with refused(CurrencyMismatchError, "two_currencies: remedy"):
            Policy(category="late", harm=euro(20), remedy=Money(1, "USD"))
