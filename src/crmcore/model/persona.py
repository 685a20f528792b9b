"""Groups of customers that are treated alike, and an invented typical customer of each."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import plain_repr
from crmcore.primitives.record import SHARE, Name, Record, distinct, maybe_fraction, text

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


@attrs.frozen(kw_only=True)
class Persona(Record):
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

    name: Name
    segment: Name | None = None
    origin: str = attrs.field(default="", converter=text)
    values: frozenset[str] = attrs.field(default=frozenset(), converter=distinct, repr=checks.sorted_repr)
    interests: frozenset[str] = attrs.field(default=frozenset(), converter=distinct, repr=checks.sorted_repr)
    motives: frozenset[str] = attrs.field(default=frozenset(), converter=distinct, repr=checks.sorted_repr)
    aims: frozenset[str] = attrs.field(default=frozenset(), converter=distinct, repr=checks.sorted_repr)
