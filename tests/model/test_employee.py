"""Tests of employees and their authority, contact people, segments and personas."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from crmcore import (
    Authority,
    CompensationFund,
    ContactPerson,
    CurrencyMismatchError,
    Customer,
    CustomerKind,
    Employee,
    InvalidValueError,
    Money,
    Persona,
    Segment,
    WrongTypeError,
    instant,
)
from crmcore.interop.hypothesis import authorities, employees, monies
from tests.support.refusals import breaks, refused

EURO = Money(1, "EUR")
CENT = Money("0.01", "EUR")
SECRET = "Anna Kalnina, +371 200 000 00"


class TestAuthority:
    @given(authorities(), monies(low=0))
    def test_covers_up_to_its_limit(self, authority: Authority, amount: Money) -> None:
        """An authority covers its limit and every smaller amount, but not one cent more."""
        assert authority.covers(authority.limit)
        assert not authority.covers(authority.limit + CENT)
        assert (amount <= authority.limit) is authority.covers(amount)

    def test_zero_is_a_limit(self) -> None:
        """A limit of zero covers zero only."""
        authority = Authority(limit=Money.zero("EUR"), approver_id="lead")

        assert authority.covers(Money.zero("EUR"))
        assert not authority.covers(CENT)

    def test_limit_is_not_negative(self) -> None:
        """A negative limit is refused."""
        with pytest.raises(InvalidValueError, match="limit must be >= 0, got -0.01"):
            Authority(limit=-CENT)

    def test_currencies_do_not_mix(self) -> None:
        """An amount in another currency raises an error."""
        with pytest.raises(CurrencyMismatchError):
            Authority(limit=EURO).covers(Money(1, "USD"))

    @pytest.mark.parametrize("amount", [1, "1", None, Decimal(1)])
    def test_amount_is_money(self, amount: Any) -> None:
        """A number is refused where money is expected."""
        with pytest.raises(WrongTypeError, match="amount must be a Money"):
            Authority(limit=EURO).covers(amount)


class TestEmployee:
    @given(employees(), monies(low=0))
    def test_may_grant_what_the_authority_covers(self, employee: Employee, amount: Money) -> None:
        """An employee may grant what their authority covers, or zero without authority."""
        expected = not amount if employee.authority is None else employee.authority.covers(amount)

        assert expected is employee.may_grant(amount)

    def test_without_authority(self) -> None:
        """An employee without authority may grant zero in any currency, but not one cent."""
        assert Employee(id=1).may_grant(Money.zero("USD"))
        assert not Employee(id=1).may_grant(CENT)

    @pytest.mark.parametrize("authority", [None, Authority(limit=EURO)])
    def test_amount_is_money(self, authority: Authority | None) -> None:
        """A number is refused where money is expected, with and without authority."""
        number: Any = 1

        with pytest.raises(WrongTypeError, match="amount must be a Money"):
            Employee(id=1, authority=authority).may_grant(number)

    @pytest.mark.parametrize("employee", [Employee(id=1), Employee(id=1, authority=Authority(limit=EURO))])
    def test_grants_nothing_below_zero(self, employee: Employee) -> None:
        """An amount below zero is refused, as a grant of a fund refuses it, with and without authority."""
        fund = CompensationFund(opening=EURO)
        for ask in (
            employee.may_grant,
            employee.decide,
            lambda amount: fund.grant("c1", amount, at=instant("2026-03-02"), by=employee),
        ):
            with refused(InvalidValueError, ": amount"):
                ask(-CENT)

    def test_does_not_approve_themselves(self) -> None:
        """An employee cannot be the approver of their own grants; the ids 1 and "1" are different people."""
        with breaks("approves_themselves", "authority"):
            Employee(id="olga", authority=Authority(limit=EURO, approver_id="olga"))

        assert Employee(id=1, authority=Authority(limit=EURO, approver_id="1")).authority is not None

    def test_does_not_report_to_themselves(self) -> None:
        """An employee cannot report to themselves; the ids 1 and "1" are different people."""
        with breaks("reports_to_themselves", "reports_to_id"):
            Employee(id="olga", reports_to_id="olga")

        assert Employee(id=1, reports_to_id="1").reports_to_id == "1"

    def test_name_is_personal(self) -> None:
        """Name and role are not in `repr`."""
        assert "Employee(id=1, reports_to_id=None, authority=None)" == repr(Employee(id=1, name=SECRET))

    def test_authority_is_one(self) -> None:
        """Money is refused where an authority is expected."""
        limit: Any = EURO

        with pytest.raises(WrongTypeError, match="authority must be a"):
            Employee(id=1, authority=limit)


class TestContactPerson:
    def test_personal_data_stay_out_of_reprs(self) -> None:
        """Name, role, e-mail address and phone number are not in `repr`."""
        person = ContactPerson(name=SECRET, id="k", role="buyer", email=SECRET, phone=SECRET)

        assert "ContactPerson(id='k')" == repr(person)

    @pytest.mark.parametrize("field", ["name", "email", "phone"])
    def test_personal_data_stay_out_of_errors(self, field: str) -> None:
        """Name, e-mail address and phone number are not in errors, even if they are invalid."""
        values: dict[str, Any] = {"name": "Karlis", field: SECRET.encode()}

        with pytest.raises(WrongTypeError) as caught:
            ContactPerson(**values)

        assert "Anna" not in repr(caught.value)

    def test_name_is_not_empty(self) -> None:
        """An empty name is refused."""
        with pytest.raises(InvalidValueError, match="name must not be empty"):
            ContactPerson(name="")

    def test_only_organizations_have_them(self) -> None:
        """An organisation has contact people in the order given; a person has none."""
        people = [ContactPerson(name="Karlis"), ContactPerson(name="Vera")]

        assert tuple(people) == Customer(id=1, kind=CustomerKind.ORGANIZATION, contacts=iter(people)).contacts
        assert Customer(id=1, contacts=[]).contacts == ()
        with pytest.raises(InvalidValueError, match="contacts must be empty for a person, got 2; set kind="):
            Customer(id=1, contacts=people)

    def test_one_is_not_several(self) -> None:
        """A single contact person is refused where several are expected."""
        lone: Any = ContactPerson(name="Karlis")

        with pytest.raises(WrongTypeError, match="contacts"):
            Customer(id=1, kind=CustomerKind.ORGANIZATION, contacts=lone)

    def test_ids_are_unique(self) -> None:
        """Two contact people with one id are refused; any number may have no id."""
        people = [ContactPerson(name="Karlis"), ContactPerson(name="Vera"), ContactPerson(name="Ilze", id="k")]

        assert 3 == len(Customer(id=1, kind=CustomerKind.ORGANIZATION, contacts=people).contacts)
        with breaks("not_unique", "contacts", record=3):
            Customer(id=1, kind=CustomerKind.ORGANIZATION, contacts=[*people, ContactPerson(name="Oto", id="k")])


class TestSegment:
    @pytest.mark.parametrize("field", ["share_of_base", "share_of_value"])
    @pytest.mark.parametrize(("share", "expected"), [(0.2, "0.2"), ("1", "1"), (0, "0")])
    def test_shares(self, field: str, share: Any, expected: str) -> None:
        """A share may be a text, a float or a whole number."""
        values: dict[str, Any] = {field: share}

        assert Decimal(expected) == getattr(Segment(name="tea", **values), field)

    @pytest.mark.parametrize("field", ["share_of_base", "share_of_value"])
    @pytest.mark.parametrize("outside", ["-0.01", "1.01", 20])
    def test_shares_are_from_0_to_1(self, field: str, outside: Any) -> None:
        """A share outside 0 to 1 is refused."""
        values: dict[str, Any] = {field: outside}

        with pytest.raises(InvalidValueError, match=field):
            Segment(name="tea", **values)

    def test_leaves_out(self) -> None:
        """`leaves_out` comes from any iterable of texts."""
        assert frozenset({"a", "b"}) == Segment(name="tea", leaves_out=iter(["b", "a", "b"])).leaves_out

    @pytest.mark.parametrize("noun", [Segment, Persona])
    def test_name_is_not_empty(self, noun: type[Segment | Persona]) -> None:
        """An empty name is refused."""
        with pytest.raises(InvalidValueError, match="name must not be empty"):
            noun(name="")


class TestPersona:
    @pytest.mark.parametrize("field", ["values", "interests", "motives", "aims"])
    def test_traits(self, field: str) -> None:
        """Every trait comes from any iterable of texts."""
        traits: dict[str, Any] = {field: iter(["honesty", "calm"])}

        assert frozenset({"calm", "honesty"}) == getattr(Persona(name="Vera", **traits), field)

    @pytest.mark.parametrize("field", ["values", "interests", "motives", "aims"])
    @pytest.mark.parametrize(("traits", "error"), [("calm", WrongTypeError), (["calm", ""], InvalidValueError)])
    def test_traits_are_several(self, field: str, traits: Any, error: type[Exception]) -> None:
        """A single text and an empty text are refused."""
        values: dict[str, Any] = {field: traits}

        with pytest.raises(error, match=field):
            Persona(name="Vera", **values)

    @pytest.mark.parametrize("segment", [None, "tea"])
    def test_segment(self, segment: str | None) -> None:
        """The segment of a persona may be any name or None."""
        assert segment == Persona(name="Vera", segment=segment).segment

    def test_is_invented(self) -> None:
        """`repr` shows all fields, in the same order every time."""
        assert repr(Persona(name="Vera", values=["b", "a"])) == repr(Persona(name="Vera", values=["a", "b"]))
        assert "Vera" in repr(Persona(name="Vera"))
