"""What customers did and when, read from pairs, from purchases or from the columns of a table of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import chain, compress, count, islice, repeat
from operator import attrgetter, is_, lt
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
    """What members, who are numbered, paid at which places, in one currency."""

    members: Sequence[int]
    places: Sequence[int]
    amounts: Sequence[Decimal]
    currency: str


class Activity:
    """The places at which each customer was active, and the one at which each member was acquired.

    Args:
        ruler: Finds the places.
        acquired: When each member was acquired. Without it, the first activity is the acquisition.
        name: The argument with the activity, for errors.

    Attributes:
        numbers: The number of each member, from 0. A row looks its customer up once, and what is kept of members are
            lists: 1.3x over dicts by customer.
    """

    def __init__(self, ruler: Ruler, acquired: Mapping[Any, datetime] | None, name: str) -> None:
        self.ruler, self._name = ruler, name
        self.until = ruler.find_place(ruler.as_of, None, "as_of")
        self.numbers: defaultdict[Id, int] = defaultdict(partial(next, count()))
        self._masks = open_masks(ruler)
        self._acquired: dict[Id, datetime] = {}
        self._begins: list[int] | None = None
        if acquired is not None:
            self._acquired = _read_acquired(acquired, ruler)
            self._begins = [ruler.find_place(at, who, "acquired") for who, at in self._acquired.items()]
            self._number(self._acquired)

    def find_begins(self) -> list[int]:
        """Return the place at which each member was acquired."""
        return self._masks.find_begins(self.until) if self._begins is None else self._begins

    def find_ages(self, begins: Iterable[int]) -> Iterator[int]:
        """Yield the ages at which each member was active, a bit for each, from the places of the acquisitions."""
        return self._masks.find_ages(begins)

    def add_pairs(self, pairs: Iterable[tuple[Id, datetime]]) -> None:
        """Add pairs of a customer and an instant."""
        for customer_ids, instants in _read_pairs(pairs, self._name, self.numbers):
            members, places = self._number(customer_ids), self.ruler.find_places(instants, customer_ids, self._name)
            self._check(customer_ids, members, places, instants.__getitem__)
            self._masks = self._masks.add(members, places)

    def add_purchases(self, purchases: Iterable[Purchase]) -> Spending | None:
        """Add purchases. Return what was spent; None if there are none."""
        bought = _read_table(purchases, self.ruler) or _read_records(purchases, self.ruler)
        if bought is None:
            return None
        members, places = self._number(bought.customer_ids), bought.places
        refunds = [*compress(range(len(places)), map(Decimal.is_signed, bought.amounts))]  # no amount is -0
        self._check(bought.customer_ids, members, places, bought.find_instant, refunds)
        self._masks = self._masks.add(members, places, refunds)
        if self._begins is None:
            begins = self._begins = self.find_begins()
            for row in refunds:  # a refund is no activity, but the first one may be the acquisition
                begins[members[row]] = min(begins[members[row]], places[row])
        return Spending(members, places, bought.amounts, bought.currency)

    def _number(self, customer_ids: Iterable[Id]) -> list[int]:
        members = [*map(self.numbers.__getitem__, customer_ids)]
        self._masks.grow(len(self.numbers))
        return members

    def _check(
        self,
        customer_ids: Sequence[Id],
        members: Sequence[int],
        places: Sequence[int],
        find_instant: Callable[[int], datetime],
        refunds: Sequence[int] = (),
    ) -> None:
        """Refuse rows after the reference date, of customers without an acquisition, and activity from before it."""
        name = self._name
        if max(places) >= self.until:
            for row, place in enumerate(places):
                if place >= self.until:
                    check_not_after(self.ruler.as_of, find_instant(row), name, customer_ids[row])
        begins = self._begins
        if begins is None:
            return
        if len(self.numbers) > len(begins):
            who = next(islice(self.numbers, len(begins), None))
            raise InvalidValueError(
                "active_but_never_acquired",
                f"{name} must be of customers in acquired, got {show(who)}",
                field=name,
                advice="leave others out, or leave acquired out to take the first activity",
                operands=(who,),
                record=who,
            )
        starts = [*map(begins.__getitem__, members)]
        if any(map(lt, places, starts)):
            passed = {*refunds}
            for row, (begin, place) in enumerate(zip(starts, places, strict=True)):
                if row not in passed and self.ruler.age_between(begin, place) < 0:
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
    pairs: Iterable[tuple[Id, datetime]], name: str, seen: Mapping[Id, object]
) -> Iterator[tuple[Sequence[Id], Sequence[datetime]]]:
    """Yield pairs in columns of some thousands, each value checked; an error counts from the first pair of all.

    Args:
        pairs: The pairs.
        name: The argument, for errors.
        seen: The customers so far, to whom the caller adds those of a column, in order.
    """
    before = 0
    for customer_ids, instants in _list_columns(pairs, name):
        known, who, at = len(seen), customer_ids, instants
        if not set(map(type, who)) <= _IDS:
            who = [as_id(one, f"{name}[{before + row}]") for row, one in enumerate(who)]
        if set(map(type, at)) != {datetime} or not all(map(is_, map(_zone_of, at), repeat(UTC))):
            at = [in_utc(checks.as_instant(one, f"{name}[{before + row}]")) for row, one in enumerate(at)]
        yield who, at
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


class _Bought(NamedTuple):
    """The columns of purchases, and what finds the instant of a row."""

    customer_ids: Sequence[Id]
    places: Sequence[int]
    amounts: Sequence[Decimal]
    currency: str
    find_instant: Callable[[int], datetime]


def _read_table(purchases: Iterable[Purchase], ruler: Ruler) -> _Bought | None:
    """Return purchases straight from the columns of a table; None if they must be read one by one."""
    table = tables.as_columns(purchases, Purchase, checked=["cost"])
    code = None if table is None else table.currency("amount")
    if table is None or code is None or ("cost" in table.fields and table.currency("cost") != code):
        return None
    customer_ids: Sequence[Id] = table.column("customer_id")
    if ruler.rule is AgeRule.ELAPSED:
        begin, times = _clock.since_epoch(ruler.as_of), table.microseconds("at")
        places = [time - begin for time in times if time is not None]
    elif ruler.tz is UTC:
        places = ruler.find_places_of_days(tables.iterate_days(table, "at"))
    else:
        places = ruler.find_places(table.column("at"), customer_ids, "purchases")
    amounts: Any = table.numbers("amount")  # none of them is missing, as they are required

    def find_instant(row: int) -> datetime:
        at: datetime = table.column("at")[row]  # only then, because a column of microseconds has no instants yet
        return at

    return _Bought(customer_ids, places, amounts, code, find_instant)


def _read_records(purchases: Iterable[Purchase], ruler: Ruler) -> _Bought | None:
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
        return None
    places = ruler.find_places(instants, customer_ids, "purchases")
    return _Bought(customer_ids, places, amounts, code, instants.__getitem__)
