"""Groups of customers that are treated alike, and an invented typical customer of each."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import plain_repr

__all__ = ["Persona", "Segment"]

# The converters tell type checkers what a field accepts; __attrs_post_init__ converts.


def _accept_texts(texts: Iterable[str]) -> frozenset[str]:
    return cast("frozenset[str]", texts)


def _accept_share(share: Decimal | int | str | float | None) -> Decimal | None:
    return cast("Decimal | None", share)


@attrs.frozen(kw_only=True)
class Segment:
    """A group of customers that the company treats alike, and the groups that it leaves out.

    Examples:
        >>> from crmcore import Segment
        >>> readers = Segment(
        ...     name="book buyers", leaves_out=["one-book gift buyers"], share_of_base="0.2", share_of_value="0.6"
        ... )
        >>> readers.share_of_value
        Decimal('0.6')

    Attributes:
        name: The name of the segment, not empty, as it appears in `Customer.segments`.
        leaves_out: The groups of customers that the company deliberately does not serve.
        share_of_base: The segment's share of all customers, 0 to 1.
        share_of_value: The segment's share of the value of all customers, 0 to 1.
        description: What the customers of the segment have in common.
    """

    name: str
    leaves_out: frozenset[str] = attrs.field(default=frozenset(), converter=_accept_texts, repr=checks.sorted_repr)
    share_of_base: Decimal | None = attrs.field(default=None, converter=_accept_share, repr=plain_repr)
    share_of_value: Decimal | None = attrs.field(default=None, converter=_accept_share, repr=plain_repr)
    description: str = ""

    def __attrs_post_init__(self) -> None:
        checks.as_nonempty_text(self.name, "name")
        checks.set_field(self, "leaves_out", checks.as_texts(self.leaves_out, "leaves_out"))
        for name in ("share_of_base", "share_of_value"):
            if getattr(self, name) is not None:
                checks.set_field(self, name, checks.as_share(getattr(self, name), name))
        checks.as_text(self.description, "description")


@attrs.frozen(kw_only=True)
class Persona:
    """The portrait of one invented, typical customer of a segment, to show to everybody in the company.

    Examples:
        >>> from crmcore import Persona
        >>> vera = Persona(
        ...     name="Vera", segment="book buyers", values=["honesty"], interests=["history"], motives=["calm"]
        ... )
        >>> vera.values & {"honesty", "speed"}
        frozenset({'honesty'})

    A persona is invented, so `repr` shows all its fields.

    Attributes:
        name: The name of the persona, not empty.
        segment: The name of the segment that the persona represents.
        origin: Where such customers come from.
        values: What matters to them.
        interests: What they are interested in.
        motives: Why they buy.
        aims: What they want to achieve.
    """

    name: str
    segment: str | None = None
    origin: str = ""
    values: frozenset[str] = attrs.field(default=frozenset(), converter=_accept_texts, repr=checks.sorted_repr)
    interests: frozenset[str] = attrs.field(default=frozenset(), converter=_accept_texts, repr=checks.sorted_repr)
    motives: frozenset[str] = attrs.field(default=frozenset(), converter=_accept_texts, repr=checks.sorted_repr)
    aims: frozenset[str] = attrs.field(default=frozenset(), converter=_accept_texts, repr=checks.sorted_repr)

    def __attrs_post_init__(self) -> None:
        checks.as_nonempty_text(self.name, "name")
        if self.segment is not None:
            checks.as_text(self.segment, "segment")
        checks.as_text(self.origin, "origin")
        for name in ("values", "interests", "motives", "aims"):
            checks.set_field(self, name, checks.as_texts(getattr(self, name), name))
