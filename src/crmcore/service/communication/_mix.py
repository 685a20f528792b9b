"""Which kinds of contacts there are, and how much depends on one of them."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from typing import Any, Final, Self, TypeVar

import attrs

from crmcore.model.interaction import Interaction
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import KeyGuard, group_by, iterate_once
from crmcore.primitives.proportions import Interval, wilson
from crmcore.primitives.tally import Tally, TallyBy

__all__ = ["KindCount", "Mix"]

_K = TypeVar("_K", bound=Hashable)


@attrs.frozen(kw_only=True)
class KindCount(Tally):
    """Number of contacts of one kind. Records of disjoint contacts can be added.

    Examples:
        >>> from crmcore.service.communication import KindCount
        >>> KindCount(contacts=3) + KindCount(contacts=2)
        KindCount(contacts=5)

    Attributes:
        contacts: The contacts.
    """

    contacts: int = 0


_NO_KINDS: Final[TallyBy[str, KindCount]] = TallyBy()


@attrs.frozen(kw_only=True)
class Mix(Tally):
    """Number of contacts of each kind, and of those of an unknown kind. Records of disjoint contacts can be added.

    Examples:
        >>> from crmcore import Interaction, Mix, instant
        >>> noon = instant("2026-03-02T12:00")
        >>> purposes = ["inform", "sell", "sell", None, "relate", "sell", None, "inform"]
        >>> mix = Mix.of(
        ...     [Interaction(touchpoint_id="mail", at=noon, purpose=purpose) for purpose in purposes],
        ...     lambda interaction: interaction.purpose,
        ... )
        >>> mix.share("sell"), mix.unknown_share, mix.top
        (Decimal('0.5'), Decimal('0.25'), <Purpose.SELL: 'sell'>)

    The kind may also come from elsewhere, such as whether a person answers the customer at once:

        >>> from crmcore import Channel, Touchpoint
        >>> touchpoints = [Touchpoint(id="phone", channel=Channel.PHONE), Touchpoint(id="mail", channel=Channel.EMAIL)]
        >>> names = {True: "personal", False: "impersonal", None: None}
        >>> way = {touchpoint.id: names[touchpoint.is_personal] for touchpoint in touchpoints}
        >>> contacts = [
        ...     Interaction(touchpoint_id=where, at=noon) for where in ("phone", "mail", "mail", "mail", "fair")
        ... ]
        >>> in_person = Mix.of(contacts, lambda interaction: way.get(interaction.touchpoint_id))
        >>> in_person.share("personal"), in_person.unknown
        (Decimal('0.25'), 1)

    What is unknown is in no share: a contact whose purpose was not noted may have had any.

    Attributes:
        kinds: The contacts of each kind.
        unknown: The contacts of an unknown kind.

    Raises:
        WrongTypeError: A kind that is not a text.

    Source: Herfindahl 1950, Concentration in the U.S. Steel Industry (`concentration`).
    """

    ratios = ("known", "unknown_share", "top", "top_share", "concentration")

    kinds: TallyBy[str, KindCount] = _NO_KINDS
    unknown: int = 0

    def _check(self) -> None:
        super()._check()
        for kind in self.kinds:
            checks.as_text(kind, "kinds")

    @classmethod
    def of(cls, interactions: Iterable[Interaction], kind: Callable[[Interaction], str | None], /) -> Self:
        """Count the contacts of each kind, in a single pass; the order does not matter.

        Args:
            interactions: The contacts.
            kind: Returns the kind of a contact, a text, or None or an empty text if it is unknown, such as
                ``lambda interaction: interaction.purpose``.
        """
        checks.check_callable(kind, "kind", _EXAMPLE)
        return cls._count(list(iterate_once(interactions, Interaction, "interactions")), kind)

    @classmethod
    def by(
        cls,
        interactions: Iterable[Interaction],
        key: Callable[[Interaction], _K],
        kind: Callable[[Interaction], str | None],
        /,
    ) -> TallyBy[_K, Self]:
        """Count the contacts of each kind as `of` does, for each value of a key, such as the month or the customer.

        Examples:
            >>> from crmcore import Interaction, Mix, instant
            >>> calls = [
            ...     Interaction(touchpoint_id="phone", at=instant(at), topic=topic)
            ...     for at, topic in [("2026-03-02", "life"), ("2026-03-09", "products"), ("2026-04-06", "products")]
            ... ]
            >>> by_month = Mix.by(calls, lambda call: call.at.month, lambda call: call.topic)
            >>> {month: str(mix.share("life")) for month, mix in by_month.items()}
            {3: '0.5', 4: '0'}

        Args:
            interactions: The contacts.
            key: Returns the key of a contact.
            kind: Returns the kind of a contact, or None if it is unknown.
        """
        checks.check_callable(kind, "kind", _EXAMPLE)
        groups = group_by(interactions, key, Interaction, "interactions", "lambda interaction: interaction.customer_id")
        return TallyBy({group: cls._count(contacts, kind) for group, contacts in groups.items()})

    @classmethod
    def _count(cls, contacts: list[Interaction], kind: Callable[[Interaction], str | None]) -> Self:
        guard = KeyGuard()
        guard.check(kinds := [kind(contact) for contact in contacts])
        counts = Counter(kinds)
        unknown = counts.pop(None, 0) + counts.pop("", 0)
        rows = {found: KindCount(contacts=number) for found, number in counts.items() if found is not None}
        return cls(kinds=TallyBy(rows), unknown=unknown)

    @property
    def known(self) -> int:
        """The number of contacts of a known kind."""
        return sum(count.contacts for count in self.kinds.values())

    @property
    def unknown_share(self) -> Decimal | None:
        """The share of all contacts whose kind is unknown; None if there are no contacts."""
        return ratio(self.unknown, self.known + self.unknown)

    @property
    def top(self) -> str | None:
        """The most common kind, of equals the first by name; None if there is none."""
        counted = [(kind, count.contacts) for kind, count in self.kinds.items() if count.contacts]
        return min(counted, key=lambda pair: (-pair[1], pair[0]))[0] if counted else None

    @property
    def top_share(self) -> Decimal | None:
        """The share of the most common kind among the known; None if there is none."""
        return None if self.top is None else self.share(self.top)

    @property
    def concentration(self) -> Decimal | None:
        """The Herfindahl index: the sum of the squared shares. 1 is a single kind; None if there are none."""
        return ratio(sum(count.contacts**2 for count in self.kinds.values()), self.known**2)

    def share(self, kind: str, /) -> Decimal | None:
        """Return the share of a kind among the contacts of a known kind, from 0 to 1; None if there are none."""
        return ratio(self._get_contacts(kind), self.known)

    def interval(self, kind: str, /, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the share of a kind, or None if there are no contacts of a known kind."""
        return wilson(self._get_contacts(kind), self.known, confidence=confidence)

    def _get_contacts(self, kind: str) -> int:
        name = checks.as_nonempty_text(kind, "kind")
        return self.kinds[name].contacts if name in self.kinds else 0

    def rows(self, *, plain: bool = True) -> list[dict[str, Any]]:
        """Return a row for each kind: ``kind`` and ``contacts``.

        Args:
            plain: Whether cells are plain, as `Tally.row` says. Otherwise they are exact.
        """
        checks.as_instance(plain, bool, "plain")
        return self.kinds.rows("kind", plain=plain)

    def _list_rows(self) -> list[dict[str, Any]]:
        return self.rows(plain=False)

    def explain(self) -> Explanation:
        """Explain the shares, line by line."""
        return Explanation(
            (
                term("known", self.known, "contacts"),
                term("unknown", self.unknown, "contacts"),
                term("unknown_share", self.unknown_share, "", "unknown / (known + unknown)"),
                term("top_contacts", 0 if self.top is None else self._get_contacts(self.top), "contacts"),
                term("top_share", self.top_share, "", "top_contacts / known"),
            ),
            source="Herfindahl 1950, Concentration in the U.S. Steel Industry",
        )


_EXAMPLE: Final = "lambda interaction: interaction.purpose"
