"""Contacts that customers gave up."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from typing import Final, Self, TypeVar

import attrs

from crmcore.model.interaction import AbandonReason, Interaction
from crmcore.primitives._decimals import ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import group_by, in_one_group
from crmcore.primitives.proportions import Interval, wilson
from crmcore.primitives.tally import Tally, TallyBy, check_counts

__all__ = ["AbandonedContacts"]

_K = TypeVar("_K", bound=Hashable)
_A = TypeVar("_A", bound="AbandonedContacts")

_REASONS: Final = tuple(reason.value for reason in AbandonReason)


@attrs.frozen(kw_only=True)
class AbandonedContacts(Tally):
    """Adds over disjoint contacts: how many customers gave up, and what made them.

    Examples:
        >>> saturday = AbandonedContacts(contacts=200, queue=14, stock_out=5, phone=1)
        >>> saturday.abandoned, saturday.rate
        (20, Decimal('0.1'))
        >>> [(reason.value, count) for reason, count in saturday.by_reason]
        [('queue', 14), ('stock_out', 5), ('phone', 1)]

    A customer who gave up before anybody noticed is not among them: the rate says how bad it is at least.

    Attributes:
        contacts: All contacts, given up or not.
        queue: Given up because it took too long.
        stock_out: Given up because what was wanted was not there.
        website: Given up because the site or the app let the customer down.
        phone: Given up because nobody answered, or the menu led nowhere.
        premises: Given up because the place put the customer off.
        other: Given up for something else, or nobody knows why.

    Raises:
        InconsistentCountsError: More were given up than there were.
        InvalidValueError: A negative count.
        WrongTypeError: A count that is no whole number.
    """

    ratios = ("abandoned", "rate")

    contacts: int = 0
    queue: int = 0
    stock_out: int = 0
    website: int = 0
    phone: int = 0
    premises: int = 0
    other: int = 0

    def __attrs_post_init__(self) -> None:
        check_counts(self, "contacts", *_REASONS)
        if self.abandoned > self.contacts:
            raise InconsistentCountsError(
                f"contacts must not be below the {self.abandoned} that were given up, got {show(self.contacts)}; "
                f"count every contact, given up or not",
                self.contacts,
                self.abandoned,
            )

    @classmethod
    def of(cls, interactions: Iterable[Interaction], /) -> Self:
        """Count interactions, in one pass and any order.

        Examples:
            >>> from crmcore import instant
            >>> waited = Interaction(
            ...     touchpoint_id="till", at=instant("2026-03-07T11:00"), abandoned=AbandonReason.QUEUE
            ... )
            >>> paid = Interaction(touchpoint_id="till", at=instant("2026-03-07T11:05"))
            >>> AbandonedContacts.of([waited, paid]).rate
            Decimal('0.5')

        Raises:
            WrongTypeError: An item is no `Interaction`.
        """
        return cls.by(interactions, in_one_group).get(None, cls())

    @classmethod
    def by(cls, interactions: Iterable[Interaction], key: Callable[[Interaction], _K], /) -> TallyBy[_K, Self]:
        """Count apart by a key, such as the touchpoint, in one pass and any order.

        Examples:
            >>> from crmcore import instant
            >>> met = [
            ...     Interaction(touchpoint_id=where, at=instant("2026-03-07T11:00"), abandoned=why)
            ...     for where, why in [("till", AbandonReason.QUEUE), ("shelf", None), ("till", None)]
            ... ]
            >>> {where: row.rate for where, row in AbandonedContacts.by(met, lambda one: one.touchpoint_id).items()}
            {'till': Decimal('0.5'), 'shelf': Decimal('0')}

        Raises:
            WrongTypeError: As for `of`.
        """
        groups = group_by(
            interactions, key, Interaction, "interactions", "lambda interaction: interaction.touchpoint_id"
        )
        return TallyBy({group: _counted(cls, [one.abandoned for one in found]) for group, found in groups.items()})

    @property
    def abandoned(self) -> int:
        """How many were given up."""
        return sum(getattr(self, name) for name in _REASONS)

    @property
    def rate(self) -> Decimal | None:
        """The share that was given up, ``abandoned / contacts``; None of no contacts."""
        return ratio(self.abandoned, self.contacts)

    @property
    def by_reason(self) -> tuple[tuple[AbandonReason, int], ...]:
        """The reasons there were, the most frequent first and equals by name: ready for a Pareto chart."""
        counts = [(reason, getattr(self, reason.value)) for reason in AbandonReason]
        return tuple(sorted(((one, n) for one, n in counts if n), key=lambda pair: (-pair[1], pair[0].value)))

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Bounds of the rate by Wilson's method; None of no contacts.

        They take the contacts for independent. Those of one long queue are not.

        Raises:
            InvalidValueError: A confidence that is not between 0 and 1.
        """
        return wilson(self.abandoned, self.contacts, confidence=confidence)

    def explain(self) -> Explanation:
        """How the rate comes about, line by line."""
        return Explanation(
            (
                term("contacts", self.contacts, "contacts"),
                *(term(name, getattr(self, name), "contacts") for name in _REASONS),
                term("abandoned", self.abandoned, "contacts", " + ".join(_REASONS)),
                term("rate", self.rate, "", "abandoned / contacts"),
            )
        )


def _counted(cls: type[_A], reasons: list[AbandonReason | None]) -> _A:
    counts = {reason.value: reasons.count(reason) for reason in AbandonReason}
    return cls(contacts=len(reasons), **counts)
