"""How a record reads the declarations of its fields, also in classes of a caller."""

from __future__ import annotations

import gc
import weakref
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from crmcore import Customer, Feedback, InvalidValueError, Money, Tally, WrongTypeError
from crmcore.primitives import _clock, checks
from crmcore.primitives.record import former_names_of, hints_of
from tests.support.refusals import refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

AT = datetime(2026, 3, 2, 10, 15, tzinfo=UTC)


class TestOwnClasses:
    def test_a_name_that_only_a_function_knows(self) -> None:
        """A field whose annotation names what a function hides goes unchecked, and all others are checked."""

        class Card:
            """A class that the module does not know."""

        @attrs.frozen(kw_only=True)
        class Member(Customer):
            card: Card | None = None
            tier: int = 0

        card = Card()

        assert card is Member(id=7, card=card).card
        with refused(InvalidValueError, "empty_id: id"):
            Member(id="")
        with refused(InvalidValueError, "too_small: tier"):
            Member(id=7, tier=-1)

    def test_a_class_of_no_module(self) -> None:
        """A class that a tool defines outside of any module is checked as far as its annotations are types."""
        body: dict[str, Any] = {"__module__": "nowhere", "__annotations__": {"tier": int}, "tier": 0}
        member: Any = attrs.frozen(kw_only=True)(type("Member", (Customer,), body))

        assert 2 == member(id=7, tier=2).tier
        with refused(InvalidValueError, "empty_id: id"):
            member(id="")

    @pytest.mark.parametrize("base", [Customer, Tally])
    def test_nothing_keeps_a_class_alive(self, base: Any) -> None:
        """A class that the caller drops is gone, although its declarations were read."""
        own: Any = attrs.make_class(
            "Own", {"seats": attrs.field(default=0, type=int)}, (base,), frozen=True, kw_only=True
        )
        own(**{"id": 7} if base is Customer else {})
        known = weakref.ref(own)
        del own
        gc.collect()

        assert known() is None

    def test_a_class_of_attrs_beside_a_record(self) -> None:
        """Fields that come from a class that is no record are checked by their annotations too."""

        @attrs.frozen(kw_only=True, slots=False)
        class Noted:
            note: str = ""

        @attrs.frozen(kw_only=True, slots=False)
        class Member(Noted, Customer):
            size: int = 1

        assert {"note": str, "size": int} == {name: hints_of(Member)[name] for name in ("note", "size")}
        assert "a" == Member(id=1, note="a").note
        with refused(WrongTypeError, "not_a_text: note"):
            Member(id=1, note=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    def test_former_names_are_those_of_the_class(self) -> None:
        """A record has the former names that it declares; a class that is no record has none."""
        assert [{"wish": "request"}, {}, {}] == [dict(former_names_of(cls)) for cls in (Feedback, Customer, object)]

    def test_money_has_no_subclasses(self) -> None:
        """A sum could not keep what a subclass adds."""
        with refused(WrongTypeError, "money_subclassed: None"):
            type("Cash", (Money,), {})


class TestChecks:
    def test_an_asynchronous_iterator(self) -> None:
        """Rows of an asynchronous cursor have to be collected first, and the error says how."""

        async def rows() -> AsyncIterator[int]:
            yield 1

        given: Any = rows()
        with refused(WrongTypeError, "one_for_several: amounts") as caught:
            next(checks.iterate_chunks(given, "amounts", "number"))
        assert caught.value.advice == "collect it first, with [... async for ...]"

    def test_an_instant_is_no_duration(self) -> None:
        """A datetime, which a missing value of pandas is too, is refused where a duration is due."""
        with refused(WrongTypeError, "not_a_duration: window"):
            checks.as_duration(AT, "window")

    def test_the_other_fold(self) -> None:
        """A zone that answers only for the second of two equal times, as some of dateutil do, is asked for both."""

        class Odd(tzinfo):
            """On the way to UTC two hours ahead, on the way back one."""

            def utcoffset(self, moment: datetime | None, /) -> timedelta:
                return timedelta(hours=1 if moment is not None and moment.fold else 2)

            def fromutc(self, moment: datetime, /) -> datetime:
                return (moment + timedelta(hours=1)).replace(fold=1)

            def dst(self, _: datetime | None, /) -> None:
                return None

            def tzname(self, _: datetime | None, /) -> None:
                return None

        found = _clock.find_instant(datetime(2026, 3, 2, 10, 15, tzinfo=Odd()))

        assert (10, 15, 1) == (found.hour, found.minute, found.fold)
