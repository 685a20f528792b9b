"""What customers did and when, read from pairs, from purchases or from the columns of a table of them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain, compress, islice, repeat
from operator import attrgetter, is_, lt, not_
from typing import Any, Final, NamedTuple

from crmcore.model.purchase import Purchase
from crmcore.primitives import _clock, checks, ids, table as tables
from crmcore.primitives.checks import show
from crmcore.primitives.errors import CurrencyMismatchError, InvalidValueError
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.ids import Id, as_id
from crmcore.primitives.periods import UTC, check_not_after, in_utc
from crmcore.retention.cohorts._ages import AgeRule, Ruler
from crmcore.retention.cohorts._masks import open_masks

__all__ = ["Activity", "Spending"]

_CHUNK: Final = 16_384
_PAIRS: Final = "write (purchase.customer_id, purchase.at), or take Cohort.by_purchases for what they spend"
_IDS: Final = frozenset({int, str})
_zone_of: Final = attrgetter("tzinfo")


class Spending(NamedTuple):
    """What customers paid at which places, in one currency."""

    customer_ids: Sequence[Id]
    places: Sequence[int]
    amounts: Sequence[Decimal]
    currency: str


class Activity:
    """The places at which each customer was active, and the one at which each member was acquired.

    Args:
        ruler: Finds the places.
        acquired: When each member was acquired. Without it, the first activity is the acquisition.
        name: The argument with the activity, for errors.
    """

    def __init__(self, ruler: Ruler, acquired: Mapping[Any, datetime] | None, name: str) -> None:
        self.ruler, self._name = ruler, name
        self.until = ruler.find_place(ruler.as_of, None, "as_of")
        self._masks = open_masks(ruler)
        self._acquired: dict[Id, datetime] = {}
        self._begins: dict[Id, int] | None = None
        if acquired is not None:
            self._acquired = _read_acquired(acquired, ruler)
            self._begins = {who: ruler.find_place(at, who, "acquired") for who, at in self._acquired.items()}

    @property
    def members(self) -> Collection[Id]:
        """The members."""
        return (self._masks.customers if self._begins is None else self._begins).keys()

    def find_ages(self) -> Iterator[tuple[Id, int, int]]:
        """Yield each member with the place of their acquisition and the ages at which they were active."""
        return self._masks.find_ages(self._begins)

    def add_pairs(self, pairs: Iterable[tuple[Id, datetime]]) -> None:
        """Add pairs of a customer and an instant."""
        for customer_ids, instants in _read_pairs(pairs, self._name, lambda: self._masks.customers):
            places = self.ruler.find_places(instants, customer_ids, self._name)
            self._check(customer_ids, places, instants.__getitem__)
            self._masks = self._masks.add(customer_ids, places)

    def add_purchases(self, purchases: Iterable[Purchase]) -> Spending | None:
        """Add purchases. Return what was spent; None if there are none."""
        spent, find_instant = _read_table(purchases, self.ruler) or _read_records(purchases, self.ruler)
        if spent is None:
            return None
        customer_ids, places, amounts, _ = spent
        refunded = [*map(Decimal.is_signed, amounts)]  # no amount is -0
        if not any(refunded):
            self._check(customer_ids, places, find_instant)
            self._masks = self._masks.add(customer_ids, places)
            return spent
        bought = [*map(not_, refunded)]
        self._check(customer_ids, places, find_instant, bought)
        self._masks = self._masks.add([*compress(customer_ids, bought)], [*compress(places, bought)])
        if self._begins is None:  # a refund is no activity, but the first one may be the acquisition
            begins = self._masks.find_begins()
            for who, place in zip(compress(customer_ids, refunded), compress(places, refunded), strict=True):
                if begins.get(who, place) >= place:
                    begins[who] = place
            self._begins = begins
        return spent

    def _check(
        self,
        customer_ids: Sequence[Id],
        places: Sequence[int],
        find_instant: Callable[[int], datetime],
        bought: Sequence[bool] | None = None,
    ) -> None:
        """Refuse rows after the reference date, of customers without an acquisition, and activity from before it."""
        name = self._name
        if max(places) >= self.until:
            for row, place in enumerate(places):
                if place >= self.until:
                    check_not_after(self.ruler.as_of, find_instant(row), name, customer_ids[row])
        if self._begins is None:
            return
        starts: list[Any] = [*map(self._begins.get, customer_ids)]
        if None in starts:
            who = customer_ids[starts.index(None)]
            raise InvalidValueError(
                "active_but_never_acquired",
                f"{name} must be of customers in acquired, got {show(who)}",
                field=name,
                advice="leave others out, or leave acquired out to take the first activity",
                operands=(who,),
                record=who,
            )
        if any(map(lt, places, starts)):
            for row, (begin, place) in enumerate(zip(starts, places, strict=True)):
                if (bought is None or bought[row]) and self.ruler.age_between(begin, place) < 0:
                    who, at = customer_ids[row], find_instant(row)
                    raise InvalidValueError(
                        "active_before_acquired",
                        f"{name} must not lie before the acquisition, got {show(at)} and {show(self._acquired[who])}",
                        field=name,
                        record=who,
                        operands=(at, self._acquired[who]),
                    )


def _read_acquired(acquired: Mapping[Any, datetime], ruler: Ruler) -> dict[Id, datetime]:
    checks.check_mapping(acquired, "acquired", "customers to the instants of their acquisition")
    members: dict[Id, datetime] = {}
    for who, at in acquired.items():
        members[as_id(who, "acquired")] = moment = in_utc(checks.as_instant(at, f"acquired[{show(who)}]"))
        check_not_after(ruler.as_of, moment, "acquired", who)
    return members


def _read_pairs(
    pairs: Iterable[tuple[Id, datetime]], name: str, find_seen: Callable[[], Mapping[Id, object]]
) -> Iterator[tuple[Sequence[Id], Sequence[datetime]]]:
    """Yield pairs in columns of some thousands, each value checked; an error counts from the first pair of all.

    Args:
        pairs: The pairs.
        name: The argument, for errors.
        find_seen: Returns the customers so far, to whom the caller adds those of a column, in order.
    """
    before = 0
    for customer_ids, instants in _list_columns(pairs, name):
        known, who, at = len(find_seen()), customer_ids, instants
        if not set(map(type, who)) <= _IDS:
            who = [as_id(one, f"{name}[{before + row}]") for row, one in enumerate(who)]
        if set(map(type, at)) != {datetime} or not all(map(is_, map(_zone_of, at), repeat(UTC))):
            at = [in_utc(checks.as_instant(one, f"{name}[{before + row}]")) for row, one in enumerate(at)]
        yield who, at
        seen = find_seen()
        if not ids.are_plain((*islice(reversed(seen), len(seen) - known),)):
            for row, one in enumerate(who):
                as_id(one, f"{name}[{before + row}]")
        before += len(who)


def _list_columns(pairs: Iterable[tuple[Id, datetime]], name: str) -> Iterator[tuple[list[Any], list[Any]]]:
    """Yield the customers and the instants of some thousand pairs."""
    walk: Iterator[Any] = checks.iterate(pairs, name, "pair")
    if type(pairs) is zip:  # 4x as fast as to keep each tuple: they are alike, and zip uses one again that is not kept
        first = next(walk, ())
        if len(first) == 2:
            walk = chain([first], walk)
            while values := [*chain.from_iterable(islice(walk, _CHUNK))]:
                yield values[::2], values[1::2]
            return
        walk = chain([first] if first else (), walk)
    before = 0
    for chunk in checks.iterate_chunks(walk, name, "pair"):
        if set(map(type, chunk)) != {tuple} or set(map(len, chunk)) != {2}:
            for row, pair in enumerate(chunk):
                chunk[row] = checks.as_pair(pair, f"{name}[{before + row}]", "a customer and an instant", advice=_PAIRS)
        values = [*chain.from_iterable(chunk)]
        yield values[::2], values[1::2]
        before += len(chunk)


_Purchases = tuple[Spending | None, Callable[[int], datetime]]


def _read_table(purchases: Iterable[Purchase], ruler: Ruler) -> _Purchases | None:
    """Return what was spent straight from the columns of a table; None if its purchases must be read one by one."""
    table = tables.as_columns(purchases, Purchase, checked=["cost"])
    code = None if table is None else table.currency("amount")
    if table is None or code is None or ("cost" in table.fields and table.currency("cost") != code):
        return None
    customer_ids: Sequence[Id] = table.column("customer_id")
    if ruler.rule is AgeRule.ELAPSED:
        begin, times = _clock.since_epoch(ruler.as_of), table.microseconds("at")
        places = [time - begin for time in times if time is not None]
    elif ruler.tz is UTC:
        places = ruler.find_places_of_days(tables.list_days(table, "at"))
    else:
        places = ruler.find_places(table.column("at"), customer_ids, "purchases")
    amounts: Any = table.numbers("amount")  # none of them is missing, as they are required
    return Spending(customer_ids, places, amounts, code), lambda row: table.column("at")[row]


def _read_records(purchases: Iterable[Purchase], ruler: Ruler) -> _Purchases:
    customer_ids: list[Id] = []
    instants: list[datetime] = []
    amounts: list[Decimal] = []
    code: str | None = None
    for place, purchase in enumerate(iterate_once(purchases, Purchase, "purchases")):
        at, amount = purchase.at, purchase.amount
        if amount.currency != code:
            if code is not None:
                raise CurrencyMismatchError(
                    "spent_in_two_currencies",
                    f"purchases must be in one currency, {code}, got {amount.currency}",
                    field="purchases",
                    advice="convert one with exchanged(...)",
                    operands=(code, amount.currency),
                    record=place,
                )
            code = amount.currency
        customer_ids.append(purchase.customer_id)
        instants.append(at if at.tzinfo is UTC else in_utc(at))
        amounts.append(amount.amount)
    if code is None:
        return None, instants.__getitem__
    places = ruler.find_places(instants, customer_ids, "purchases")
    return Spending(customer_ids, places, amounts, code), instants.__getitem__
