"""Groups of customers that are treated alike, and an invented typical customer of each."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import attrs

from crmcore.model.relationship import RelationshipType
from crmcore.primitives import checks
from crmcore.primitives._decimals import plain_repr
from crmcore.primitives.record import SHARE, Label, Name, Record, distinct, maybe_fraction, text

__all__ = ["Persona", "Segment"]


@attrs.frozen(kw_only=True)
class Segment(Record):
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
        types: The types of relationship that the company wants with the segment; empty if that is not decided.
        tools: What the company uses for it, such as ``"phone"`` or ``"forum"``.
        strategy: What the relationship is for: to win customers, to keep them, to sell more to them.
    """

    name: Name
    leaves_out: frozenset[str] = attrs.field(default=frozenset(), converter=distinct, repr=checks.sorted_repr)
    share_of_base: Annotated[Decimal, SHARE] | None = attrs.field(
        default=None, converter=maybe_fraction, repr=plain_repr
    )
    share_of_value: Annotated[Decimal, SHARE] | None = attrs.field(
        default=None, converter=maybe_fraction, repr=plain_repr
    )
    description: str = attrs.field(default="", converter=text)
    types: frozenset[Label[RelationshipType]] = attrs.field(
        default=frozenset(), converter=distinct, repr=checks.sorted_repr
    )
    tools: frozenset[str] = attrs.field(default=frozenset(), converter=distinct, repr=checks.sorted_repr)
    strategy: str = attrs.field(default="", converter=text)


@attrs.frozen(kw_only=True)
class Persona(Record):
    """The portrait of one invented, typical customer of a segment, or the portrait of the company itself.

    Examples:
        >>> from crmcore import Persona
        >>> vera = Persona(
        ...     name="Vera", segment="book buyers", values=["honesty"], interests=["history"], motives=["calm"]
        ... )
        >>> vera.values & {"honesty", "speed"}
        frozenset({'honesty'})

    Show it to everybody in the company. A persona is invented, so `repr` shows all its fields.

    The company presents itself in the same terms, so that the two can be compared: where it comes from, what it values,
    what it is interested in, and where it is going (`aims`). Its portrait has no segment.

    Attributes:
        name: The name of the persona, not empty.
        segment: The name of the segment that the persona represents.
        origin: Where such customers come from.
        values: What matters to them.
        interests: What they are interested in.
        motives: Why they buy.
        aims: What they want to achieve.
    """

    name: Name
    segment: Name | None = None
    origin: str = attrs.field(default="", converter=text)
    values: frozenset[str] = attrs.field(default=frozenset(), converter=distinct, repr=checks.sorted_repr)
    interests: frozenset[str] = attrs.field(default=frozenset(), converter=distinct, repr=checks.sorted_repr)
    motives: frozenset[str] = attrs.field(default=frozenset(), converter=distinct, repr=checks.sorted_repr)
    aims: frozenset[str] = attrs.field(default=frozenset(), converter=distinct, repr=checks.sorted_repr)
