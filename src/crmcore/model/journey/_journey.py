"""One journey: what one customer really did, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import cast

import attrs

from crmcore.model._ids import Id, check_id
from crmcore.model.interaction import Interaction
from crmcore.model.touchpoint import PurchasePhase, Touchpoint
from crmcore.primitives import _entry
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.periods import elapsed, in_utc

__all__ = ["Journey"]


def _interactions(interactions: Iterable[Interaction]) -> tuple[Interaction, ...]:
    return cast("tuple[Interaction, ...]", interactions)


@attrs.frozen(kw_only=True)
class Journey:
    """What one customer really did: his interactions in order of UTC, those of one instant in the order given.

    Examples:
        >>> from crmcore import instant
        >>> journey = Journey(
        ...     customer_id=7,
        ...     goal="paint the fence",
        ...     interactions=[
        ...         Interaction(touchpoint_id="checkout", at=instant("2026-03-02T10:40"), customer_id=7),
        ...         Interaction(touchpoint_id="aisle 10", at=instant("2026-03-02T10:15"), customer_id=7),
        ...     ],
        ... )
        >>> journey.touchpoint_ids
        ('aisle 10', 'checkout')

    Attributes:
        customer_id: Whose it is; None is an unknown customer.
        interactions: What he did, in any order; none may be another customer's.
        goal: What he himself wanted.
        reached: Whether he reached it; None where nobody knows.
        id: The journey's own id.

    Raises:
        InvalidValueError: An interaction of another customer.
        WrongTypeError: A value of the wrong type.
    """

    customer_id: Id | None
    interactions: tuple[Interaction, ...] = attrs.field(default=(), converter=_interactions)
    goal: str = ""
    reached: bool | None = None
    id: Id | None = None

    def __attrs_post_init__(self) -> None:
        check_id(self.customer_id, "customer_id")
        check_id(self.id, "id")
        _entry.text(self.goal, "goal")
        if self.reached is not None:
            _entry.of_type(self.reached, bool, "reached")
        interactions = _entry.several(self.interactions, Interaction, "interactions")
        if any(interaction.customer_id not in (None, self.customer_id) for interaction in interactions):
            raise InvalidValueError(
                "every interaction must be this customer's or an unknown one's; cut by customer first"
            )
        _entry.replace(self, "interactions", tuple(sorted(interactions, key=lambda one: in_utc(one.at))))

    def __len__(self) -> int:
        return len(self.interactions)

    def __iter__(self) -> Iterator[Interaction]:
        return iter(self.interactions)

    @property
    def first(self) -> Interaction | None:
        """The first interaction; None of none."""
        return self.interactions[0] if self.interactions else None

    @property
    def last(self) -> Interaction | None:
        """The last interaction; None of none."""
        return self.interactions[-1] if self.interactions else None

    @property
    def touchpoint_ids(self) -> tuple[Id, ...]:
        """Where he was, in order, each visit counted."""
        return tuple(interaction.touchpoint_id for interaction in self.interactions)

    @property
    def length(self) -> timedelta:
        """The time from the first interaction to the last; nought of none and of one."""
        if not self.interactions:
            return timedelta(0)
        return elapsed(self.interactions[0].at, self.interactions[-1].at)

    def phases(self, touchpoints: Iterable[Touchpoint], /) -> tuple[PurchasePhase | None, ...]:
        """The phase of each interaction, read off its touchpoint; None where that is unknown or has none."""
        phase_of = {
            touchpoint.id: touchpoint.phase for touchpoint in _entry.several(touchpoints, Touchpoint, "touchpoints")
        }
        return tuple(phase_of.get(touchpoint_id) for touchpoint_id in self.touchpoint_ids)

    def then(self, interaction: Interaction, /) -> Journey:
        """The same journey and one interaction more, put where its instant belongs."""
        return attrs.evolve(self, interactions=(*self.interactions, interaction))
