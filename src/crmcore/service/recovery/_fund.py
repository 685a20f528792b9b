"""The fund from which customers are compensated: what it holds, and who got how much."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

import attrs

from crmcore.model.employee import Employee, GrantDecision
from crmcore.primitives import checks
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import is_repeated
from crmcore.primitives.ids import Id, as_id
from crmcore.primitives.money import NON_NEGATIVE, Money, same_currency
from crmcore.primitives.periods import by_utc, in_utc
from crmcore.primitives.record import Label, several

__all__ = ["CompensationFund", "FundEntry", "FundEntryKind", "RemedyKind"]


class RemedyKind(StrEnum):
    """What a customer gets after something went wrong.

    The members are suggestions: a field takes a text of your own too.

    Attributes:
        REFUND: Money back.
        FREE_OPTION: Something free of charge, such as an option or a service.
        BONUS: A bonus, such as points.
        COUPON: A coupon.
        NEXT_DISCOUNT: A discount on the next purchase.
        CANCELLED_DEAL: The deal is cancelled.
        APOLOGY: An apology.
    """

    REFUND = "refund"
    FREE_OPTION = "free_option"
    BONUS = "bonus"
    COUPON = "coupon"
    NEXT_DISCOUNT = "next_discount"
    CANCELLED_DEAL = "cancelled_deal"
    APOLOGY = "apology"


class FundEntryKind(StrEnum):
    """What an entry does to a fund.

    Attributes:
        TOP_UP: Money is added to the fund.
        GRANT: A case gets money, or something that costs as much.
        RETURNED: Money that a case got comes back, such as a coupon that was not used.
    """

    TOP_UP = "top_up"
    GRANT = "grant"
    RETURNED = "returned"


@attrs.frozen(kw_only=True)
class FundEntry(Result):
    """A line of the history of a fund.

    Examples:
        >>> from crmcore import FundEntry, FundEntryKind, Money, RemedyKind, instant
        >>> FundEntry(
        ...     kind=FundEntryKind.GRANT,
        ...     amount=Money(15, "EUR"),
        ...     at=instant("2026-03-02"),
        ...     case_id="c1",
        ...     remedy=RemedyKind.COUPON,
        ... ).row(plain=True)["amount"]
        15.0

    Attributes:
        kind: What it does: add to the fund, grant to a case, or take back.
        amount: How much, > 0.
        at: When it happened.
        case_id: The case, such as the id of feedback or of an incident; None for a top-up, which has none.
        remedy: What the customer gets.
        by_id: The employee who granted it.
        approved_by_id: The employee who approved it.
        id: The id of the entry. An entry that has one counts once, even if it is given twice.

    Raises:
        InvalidValueError: The amount is not > 0; a grant or a return has no case, or a top-up has one.
    """

    kind: FundEntryKind
    amount: Annotated[Money, NON_NEGATIVE]
    at: datetime = attrs.field(eq=by_utc)
    case_id: Id | None = None
    remedy: Label[RemedyKind] | None = None
    by_id: Id | None = None
    approved_by_id: Id | None = None
    id: Id | None = None

    def _check(self) -> None:
        super()._check()
        if not self.amount:
            raise InvalidValueError(
                "entry_of_nothing",
                f"amount must be > 0, got {show(self.amount.amount)}",
                field="amount",
                operands=(self.amount.amount,),
            )
        if (self.kind is FundEntryKind.TOP_UP) is not (self.case_id is None):
            raise InvalidValueError(
                "case_of_entry",
                f"case_id must be given unless the entry is a top-up, got {show(self.case_id)} for {self.kind}",
                field="case_id",
                advice="name the case that gets the money; a top-up has none",
                operands=(self.case_id, self.kind),
            )


@attrs.define(eq=False)
class _Figures:
    """The figures that follow from the entries of a fund."""

    value: Money
    topped_up: Money
    granted: Money
    returned: Money
    balances: list[Money] = attrs.field(factory=list[Money])
    by_case: dict[Id, Money] = attrs.field(factory=dict[Id, Money])


class _WithFigures:
    """The slot for the figures of a fund, which are not fields: they follow from the entries."""

    __module__ = "crmcore.service.recovery"  # `help` shows it as a base of CompensationFund
    __slots__ = ("_figures",)

    _figures: _Figures


@attrs.frozen(kw_only=True, repr=False)
class CompensationFund(_WithFigures, Result):
    """A fund for compensations, and its whole history. It is exact to the cent, and never below zero.

    Examples:
        >>> from crmcore import CompensationFund, Money, instant
        >>> day = instant("2026-03-02")
        >>> fund = CompensationFund(opening=Money(200, "EUR"), cap_per_case=Money(150, "EUR"))
        >>> fund = fund.grant("c1", Money("120.50", "EUR"), at=day)
        >>> fund = fund.take_back("c1", Money("20.50", "EUR"), at=day)
        >>> fund.value, fund.available("c1")
        (Money('100.00', 'EUR'), Money('50.00', 'EUR'))
        >>> fund.grant("c1", Money(51, "EUR"), at=day)
        Traceback (most recent call last):
        ...
        crmcore.primitives.errors.InvalidValueError: a case must get at most 150 EUR, got 151.00 EUR; see `available`

    A fund is a value: `top_up`, `grant` and `take_back` return another fund with one more entry, and entries are never
    changed. Each step builds the history again, so build a long history at once, from its entries.

    Attributes:
        opening: What the fund holds before its first entry, >= 0.
        cap_per_case: The most that a case may get, over all its grants less what came back; None for no cap.
        entries: The history, in order of time. Entries with the same instant keep the order in which they are given.

    Raises:
        InvalidValueError: A grant is above what the fund holds or takes a case above the cap; more comes back than a
            case has; the entries are not in order of time.
        CurrencyMismatchError: Two amounts have different currencies.
        InconsistentCountsError: Two different entries have one id.
    """

    ratios = ("value", "topped_up", "granted", "returned")

    opening: Annotated[Money, NON_NEGATIVE]
    cap_per_case: Annotated[Money, NON_NEGATIVE] | None = None
    entries: tuple[FundEntry, ...] = attrs.field(default=(), converter=several)

    def _check(self) -> None:
        super()._check()
        if self.cap_per_case is not None:
            same_currency(self.opening, self.cap_per_case, "cap_per_case")
        nothing = Money.zero(self.opening.currency)
        figures = _Figures(value=self.opening, topped_up=nothing, granted=nothing, returned=nothing)
        seen: dict[Id, FundEntry] = {}
        kept: list[FundEntry] = []
        for place, entry in enumerate(self.entries):
            if entry.id is not None and is_repeated(entry, seen, "entries", place):
                continue
            same_currency(self.opening, entry.amount, "entries", place)
            if kept and in_utc(entry.at) < in_utc(kept[-1].at):
                raise InvalidValueError(
                    "fund_out_of_order",
                    f"entries must be in order of time, got {show(entry.at)} after {show(kept[-1].at)}",
                    field="entries",
                    advice="a history is only added to: give a late entry the instant at which it is entered",
                    operands=(entry.at, kept[-1].at),
                    record=place,
                )
            self._enter(entry, figures, place)
            kept.append(entry)
        checks.set_field(self, "entries", tuple(kept))
        checks.set_field(self, "_figures", figures)

    def _enter(self, entry: FundEntry, figures: _Figures, place: int) -> None:
        """Add an entry to the figures, or refuse it."""
        amount = entry.amount
        if entry.case_id is None:
            figures.value += amount
            figures.topped_up += amount
        else:
            before = figures.by_case.get(entry.case_id, Money.zero(amount.currency))
            if entry.kind is FundEntryKind.GRANT:
                after = before + amount
                self._check_grant(amount, figures.value, after, place)
                figures.value -= amount
                figures.granted += amount
            else:
                after = before - amount
                if amount > before:
                    raise InvalidValueError(
                        "more_back_than_granted",
                        f"a case must give back at most the {before} that it has, got {amount}",
                        field="entries",
                        advice="look whether the same return was entered before; an id makes it count once",
                        operands=(before.amount, amount.amount),
                        record=place,
                    )
                figures.value += amount
                figures.returned += amount
            figures.by_case[entry.case_id] = after
        figures.balances.append(figures.value)

    def _check_grant(self, amount: Money, held: Money, after: Money, place: int) -> None:
        if amount > held:
            raise InvalidValueError(
                "fund_holds_less",
                f"a grant must be at most the {held} that the fund holds, got {amount}",
                field="entries",
                advice="top the fund up first, or see `available`",
                operands=(held.amount, amount.amount),
                record=place,
            )
        cap = self.cap_per_case
        if cap is not None and after > cap:
            raise InvalidValueError(
                "above_cap_per_case",
                f"a case must get at most {cap}, got {after}",
                field="entries",
                advice="see `available`",
                operands=(cap.amount, after.amount),
                record=place,
            )

    def __repr__(self) -> str:
        return f"CompensationFund(entries={len(self.entries)}, value={self.value!r})"

    @property
    def value(self) -> Money:
        """What the fund holds after its last entry."""
        return self._figures.value

    @property
    def topped_up(self) -> Money:
        """What was added to it after it was opened."""
        return self._figures.topped_up

    @property
    def granted(self) -> Money:
        """What was granted, before returns."""
        return self._figures.granted

    @property
    def returned(self) -> Money:
        """What came back."""
        return self._figures.returned

    @property
    def balances(self) -> tuple[Money, ...]:
        """What the fund holds after each entry."""
        return tuple(self._figures.balances)

    def by_case(self) -> dict[Id, Money]:
        """Return what each case has: its grants less its returns, in the order of the first grants."""
        return dict(self._figures.by_case)

    def available(self, case_id: Id, /) -> Money:
        """Return the most that can still be granted to a case: what the fund holds, within the cap.

        Args:
            case_id: The case, which may be new.
        """
        case, held = as_id(case_id, "case_id"), self.value
        if self.cap_per_case is None:
            return held
        left = self.cap_per_case - self._net(case)
        return min(held, left)

    def _net(self, case_id: Id) -> Money:
        return self._figures.by_case.get(case_id, Money.zero(self.opening.currency))

    def top_up(self, amount: Money, /, *, at: datetime, id: Id | None = None) -> Self:
        """Return the fund with money added.

        Args:
            amount: How much, > 0.
            at: When; not before the last entry.
            id: The id of the entry; one that is there already, with the same fields, changes nothing.
        """
        return self._with(FundEntry(kind=FundEntryKind.TOP_UP, amount=amount, at=at, id=id))

    def grant(
        self,
        case_id: Id,
        amount: Money,
        /,
        *,
        at: datetime,
        remedy: Label[RemedyKind] | None = None,
        by: Employee | None = None,
        approved_by_id: Id | None = None,
        to_sell: bool = False,
        id: Id | None = None,
    ) -> Self:
        """Return the fund with a grant to a case.

        If `by` is given, their authority is checked against all that the case has, this grant included. Without it no
        authority is checked, which `recovery.lint` mentions.

        Examples:
            >>> from crmcore import Authority, CompensationFund, Employee, Money, instant
            >>> pavel = Employee(id="pavel", authority=Authority(limit=Money(20, "EUR"), approver_id="olga"))
            >>> fund = CompensationFund(opening=Money(100, "EUR"))
            >>> fund = fund.grant("c1", Money(15, "EUR"), at=instant("2026-03-02"), by=pavel)
            >>> fund.grant("c1", Money(15, "EUR"), at=instant("2026-03-03"), by=pavel)
            Traceback (most recent call last):
            ...
            crmcore.primitives.errors.InvalidValueError: 30 EUR in all must be approved; give approved_by_id='olga'
            >>> fund.grant("c1", Money(15, "EUR"), at=instant("2026-03-03"), by=pavel, approved_by_id="olga").value
            Money('70', 'EUR')

        Args:
            case_id: The case.
            amount: How much, > 0; for a remedy that is not money, what it costs.
            at: When; not before the last entry.
            remedy: What the customer gets.
            by: The employee who grants it; None checks no authority.
            approved_by_id: The employee who approved it.
            to_sell: Whether it is to close a sale, under `Authority.sale_limit`.
            id: The id of the entry; one that is there already, with the same fields, changes nothing.

        Raises:
            InvalidValueError: The fund holds less; the case would be above the cap; the grant is beyond the authority
                of the employee, or is not approved by another one who may approve it.
        """
        checks.as_instance(to_sell, bool, "to_sell")
        entry = FundEntry(
            kind=FundEntryKind.GRANT,
            amount=amount,
            at=at,
            case_id=case_id,
            remedy=remedy,
            by_id=None if by is None else checks.as_instance(by, Employee, "by").id,
            approved_by_id=approved_by_id,
            id=id,
        )
        is_new = entry.id is None or all(known.id != entry.id for known in self.entries)
        if by is not None and entry.case_id is not None and is_new:
            same_currency(self.opening, entry.amount, "amount")
            total = self._net(entry.case_id) + entry.amount
            _check_authority(by, total, entry.approved_by_id, to_sell=to_sell)
        return self._with(entry)

    def take_back(self, case_id: Id, amount: Money, /, *, at: datetime, id: Id | None = None) -> Self:
        """Return the fund with money of a case back, such as a coupon that was not used.

        Args:
            case_id: The case.
            amount: How much, > 0, and at most what the case has.
            at: When; not before the last entry.
            id: The id of the entry; one that is there already, with the same fields, changes nothing.
        """
        return self._with(FundEntry(kind=FundEntryKind.RETURNED, amount=amount, at=at, case_id=case_id, id=id))

    def _with(self, entry: FundEntry) -> Self:
        return attrs.evolve(self, entries=(*self.entries, entry))

    def rows(self, *, plain: bool = True) -> list[dict[str, Any]]:
        """Return a row for each entry, with what the fund holds after it.

        Args:
            plain: Whether cells are plain, as `Tally.row` says.
        """
        checks.as_instance(plain, bool, "plain")
        pairs = zip(self.entries, self._figures.balances, strict=True)
        if plain:
            return [{**entry.row(plain=True), "value": float(value.amount)} for entry, value in pairs]
        return [{**entry.row(), "value": value} for entry, value in pairs]

    def _list_rows(self) -> list[dict[str, Any]]:
        return self.rows(plain=False)

    def explain(self) -> Explanation:
        """Return how the balance comes about, line by line."""
        return Explanation(
            (
                term("opening", self.opening),
                term("topped_up", self.topped_up),
                term("granted", self.granted),
                term("returned", self.returned),
                term("value", self.value, "", "opening + topped_up - granted + returned"),
            )
        )


def _check_authority(by: Employee, total: Money, approved_by_id: Id | None, *, to_sell: bool) -> None:
    """Refuse a grant that an employee may not make, or not without an approval that is missing."""
    decision = by.decide(total, to_sell=to_sell)
    if decision is GrantDecision.WITHIN:
        return
    if decision is GrantDecision.REFUSED:
        raise InvalidValueError(
            "beyond_authority",
            f"a grant of {total} in all must be within the authority of the employee",
            field="amount",
            advice="let an employee with more authority grant it",
            operands=(total.amount,),
        )
    approver_id = None if by.authority is None else by.authority.approver_id
    if approved_by_id is None:
        raise InvalidValueError(
            "not_approved",
            f"{total} in all must be approved",
            field="approved_by_id",
            advice=f"give approved_by_id{'' if approver_id is None else f'={approver_id!r}'}",
            operands=(total.amount,),
        )
    if approved_by_id == by.id or approver_id not in (None, approved_by_id):
        raise InvalidValueError(
            "approved_by_the_wrong_one",
            f"approved_by_id must be the employee who may approve it, got {show(approved_by_id)}",
            field="approved_by_id",
            advice="ask the approver of the employee's authority",
            operands=(approved_by_id,),
        )
