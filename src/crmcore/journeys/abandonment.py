"""Contacts that customers gave up, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from operator import attrgetter
from typing import Final, Self, TypeVar

import attrs

from crmcore.model.interaction import AbandonReason, Interaction
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import KeyGuard, iterate_once
from crmcore.primitives.proportions import Interval, wilson
from crmcore.primitives.tally import Tally, TallyBy

__all__ = ["AbandonedContacts"]

_K = TypeVar("_K", bound=Hashable)
_A = TypeVar("_A", bound="AbandonedContacts")

_reason: Final = attrgetter("abandoned")
_REASONS: Final = tuple(reason.value for reason in AbandonReason)


@attrs.frozen(kw_only=True)
class AbandonedContacts(Tally):
    """Number of contacts that customers gave up, by reason. Records of disjoint contacts can be added.

    Examples:
        >>> from crmcore import AbandonedContacts
        >>> saturday = AbandonedContacts(contacts=200, queue=14, stock_out=5, phone=1)
        >>> saturday.abandoned, saturday.rate
        (20, Decimal('0.1'))
        >>> [(reason.value, count) for reason, count in saturday.by_reason]
        [('queue', 14), ('stock_out', 5), ('phone', 1)]

    A customer who gives up before the company notices them is not counted, so the true rate is at least this high.

    Attributes:
        contacts: All contacts, abandoned or not.
        queue: Abandoned because it took too long.
        stock_out: Abandoned because the wanted product was not there.
        website: Abandoned because the site or the app failed the customer.
        phone: Abandoned because the company did not answer the phone, or its menu led nowhere.
        premises: Abandoned because of the premises.
        other: Abandoned for another reason, or for an unknown one.

    Raises:
        InconsistentCountsError: More abandoned contacts than contacts.
    """

    ratios = ("abandoned", "rate")

    contacts: int = 0
    queue: int = 0
    stock_out: int = 0
    website: int = 0
    phone: int = 0
    premises: int = 0
    other: int = 0

    def _check(self) -> None:
        super()._check()
        if self.abandoned > self.contacts:
            raise InconsistentCountsError(
                "more_abandoned_than_contacts",
                f"contacts must be >= abandoned={self.abandoned}, got {show(self.contacts)}",
                field="contacts",
                advice="count every contact, abandoned or not",
                operands=(self.contacts, self.abandoned),
            )

    @classmethod
    def of(cls, interactions: Iterable[Interaction], /) -> Self:
        """Count interactions, in a single pass; the order does not matter.

        Examples:
            >>> from crmcore import AbandonedContacts, AbandonReason, Interaction, instant
            >>> waited = Interaction(
            ...     touchpoint_id="till", at=instant("2026-03-07T11:00"), abandoned=AbandonReason.QUEUE
            ... )
            >>> paid = Interaction(touchpoint_id="till", at=instant("2026-03-07T11:05"))
            >>> AbandonedContacts.of([waited, paid]).rate
            Decimal('0.5')
        """
        reasons: list[AbandonReason | None] = []
        reasons += map(_reason, iterate_once(interactions, Interaction, "interactions"))
        return _count(cls, reasons)

    @classmethod
    def by(cls, interactions: Iterable[Interaction], key: Callable[[Interaction], _K], /) -> TallyBy[_K, Self]:
        """Count interactions by a key, such as the touchpoint, in a single pass; the order does not matter.

        Examples:
            >>> from crmcore import AbandonedContacts, AbandonReason, Interaction, instant
            >>> interactions = [
            ...     Interaction(touchpoint_id=touchpoint_id, at=instant("2026-03-07T11:00"), abandoned=reason)
            ...     for touchpoint_id, reason in [("till", AbandonReason.QUEUE), ("shelf", None), ("till", None)]
            ... ]
            >>> by_touchpoint = AbandonedContacts.by(interactions, lambda interaction: interaction.touchpoint_id)
            >>> {touchpoint_id: contacts.rate for touchpoint_id, contacts in by_touchpoint.items()}
            {'till': Decimal('0.5'), 'shelf': Decimal('0')}
        """
        checks.check_callable(key, "key", "lambda interaction: interaction.touchpoint_id")
        groups: defaultdict[_K, list[AbandonReason | None]] = defaultdict(list)
        guard = KeyGuard(groups)
        kind: type | None = None
        for interaction in iterate_once(interactions, Interaction, "interactions"):
            # not `group_by`: to keep the interactions takes 25x the memory and half as much time again
            group = key(interaction)
            if type(group) is not kind:
                kind = guard.admit(group)
            groups[group].append(interaction.abandoned)
        return TallyBy({group: _count(cls, reasons) for group, reasons in groups.items()})

    @property
    def abandoned(self) -> int:
        """The number of abandoned contacts."""
        return sum(getattr(self, name) for name in _REASONS)

    @property
    def rate(self) -> Decimal | None:
        """The share of abandoned contacts, ``abandoned / contacts``; None if there are no contacts."""
        return ratio(self.abandoned, self.contacts)

    @property
    def by_reason(self) -> tuple[tuple[AbandonReason, int], ...]:
        """The reasons that occurred and their counts, most frequent first, equals by name: a Pareto chart."""
        counts = [(reason, getattr(self, reason.value)) for reason in AbandonReason]
        occurred = [(reason, count) for reason, count in counts if count]
        return tuple(sorted(occurred, key=lambda pair: (-pair[1], pair[0].value)))

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the rate, or None if there are no contacts.

        The interval assumes independent contacts. The contacts of one long queue are not independent.
        """
        return wilson(self.abandoned, self.contacts, confidence=confidence)

    def explain(self) -> Explanation:
        """Explain the rate, line by line."""
        return Explanation(
            (
                term("contacts", self.contacts, "contacts"),
                *(term(name, getattr(self, name), "contacts") for name in _REASONS),
                term("abandoned", self.abandoned, "contacts", " + ".join(_REASONS)),
                term("rate", self.rate, "", "abandoned / contacts"),
            )
        )


def _count(cls: type[_A], reasons: list[AbandonReason | None]) -> _A:
    counts = {reason.value: reasons.count(reason) for reason in AbandonReason}
    return cls(contacts=len(reasons), **counts)
