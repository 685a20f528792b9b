"""The customer: a person or an organisation."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, cast

import attrs

from crmcore.model._ids import Id, check_id
from crmcore.primitives import _entry
from crmcore.primitives.periods import by_utc

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Customer", "CustomerKind", "Id"]


class CustomerKind(StrEnum):
    """What a customer is: the big CRM products call the one a contact, the other an account."""

    PERSON = "person"
    ORGANIZATION = "organization"


def _names(names: Iterable[str]) -> frozenset[str]:
    return cast("frozenset[str]", names)


@attrs.frozen(kw_only=True)
class Customer:
    """Somebody who buys, bought or may buy.

    Examples:
        >>> anna = Customer(id=7, name="Anna Kalnina", segments=["book buyers", "Riga"])
        >>> sorted(anna.segments)
        ['Riga', 'book buyers']
        >>> "Anna" in repr(anna)
        False

    The name stays out of `repr` and of every message, for it is personal.

    Attributes:
        id: Opaque, a text or a whole number.
        kind: A person or an organisation.
        name: What to call the customer.
        segments: The groups the customer belongs to.
        since: When the customer was won.
        manager_id: Who looks after the customer.

    Raises:
        InvalidValueError: An empty id or segment.
        NaiveInstantError: `since` has no time zone.
        WrongTypeError: A value of the wrong type; a lone text where several segments are due.
    """

    id: Id
    kind: CustomerKind = CustomerKind.PERSON
    name: str | None = attrs.field(default=None, repr=False)
    segments: frozenset[str] = attrs.field(default=frozenset(), converter=_names, repr=_entry.sorted_repr)
    since: datetime | None = attrs.field(default=None, eq=by_utc)
    manager_id: Id | None = None

    def __attrs_post_init__(self) -> None:
        check_id(self.id, "id", required=True)
        _entry.member(self.kind, CustomerKind, "kind")
        if self.name is not None:
            _entry.text(self.name, "name")
        _entry.replace(self, "segments", _entry.texts(self.segments, "segments"))
        if self.since is not None:
            _entry.instant(self.since, "since")
        check_id(self.manager_id, "manager_id")
