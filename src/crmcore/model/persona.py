"""Whom a company is for: segments, and the portrait of one typical customer of each."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import plain_repr
from crmcore.primitives.errors import InvalidValueError

__all__ = ["Persona", "Segment"]


def _texts(texts: Iterable[str]) -> frozenset[str]:
    return cast("frozenset[str]", texts)


def _share(share: Decimal | int | str | float | None) -> Decimal | None:
    return cast("Decimal | None", share)


def _named(name: object) -> None:
    if not checks.as_text(name, "name"):
        raise InvalidValueError("name must not be empty: others refer to it")


@attrs.frozen(kw_only=True)
class Segment:
    """A group of customers treated as one, and whom it leaves out: nobody can please all.

    Examples:
        >>> readers = Segment(
        ...     name="book buyers", leaves_out=["one-book gift buyers"], share_of_base="0.2", share_of_value="0.6"
        ... )
        >>> readers.share_of_value
        Decimal('0.6')

    Attributes:
        name: What customers' `segments` call it.
        leaves_out: Whom the company deliberately does not serve with it.
        share_of_base: Its share of all customers, 0 to 1.
        share_of_value: Its share of what all customers are worth, 0 to 1.
        description: What its members have in common.

    Raises:
        InvalidValueError: An empty name, or a share outside 0 to 1.
        WrongTypeError: A value of the wrong type.
    """

    name: str
    leaves_out: frozenset[str] = attrs.field(default=frozenset(), converter=_texts, repr=checks.sorted_repr)
    share_of_base: Decimal | None = attrs.field(default=None, converter=_share, repr=plain_repr)
    share_of_value: Decimal | None = attrs.field(default=None, converter=_share, repr=plain_repr)
    description: str = ""

    def __attrs_post_init__(self) -> None:
        _named(self.name)
        checks.set_field(self, "leaves_out", checks.as_texts(self.leaves_out, "leaves_out"))
        for name in ("share_of_base", "share_of_value"):
            if getattr(self, name) is not None:
                checks.set_field(self, name, checks.as_share(getattr(self, name), name))
        checks.as_text(self.description, "description")


@attrs.frozen(kw_only=True)
class Persona:
    """The portrait of one typical customer of a segment: write it, and hang it where all can see it.

    Examples:
        >>> vera = Persona(
        ...     name="Vera", segment="book buyers", values=["honesty"], interests=["history"], motives=["calm"]
        ... )
        >>> vera.values & {"honesty", "speed"}
        frozenset({'honesty'})

    A persona is invented, so that its words may be shown.

    Attributes:
        name: What the portrait is called.
        segment: The segment it stands for, by name.
        origin: Where such customers come from.
        values: What matters to them.
        interests: What they occupy themselves with.
        motives: Why they buy.
        aims: Where they are going, what they want to achieve.

    Raises:
        InvalidValueError: An empty name, or an empty text among several.
        WrongTypeError: A value of the wrong type; a lone text where several are due.
    """

    name: str
    segment: str | None = None
    origin: str = ""
    values: frozenset[str] = attrs.field(default=frozenset(), converter=_texts, repr=checks.sorted_repr)
    interests: frozenset[str] = attrs.field(default=frozenset(), converter=_texts, repr=checks.sorted_repr)
    motives: frozenset[str] = attrs.field(default=frozenset(), converter=_texts, repr=checks.sorted_repr)
    aims: frozenset[str] = attrs.field(default=frozenset(), converter=_texts, repr=checks.sorted_repr)

    def __attrs_post_init__(self) -> None:
        _named(self.name)
        if self.segment is not None:
            checks.as_text(self.segment, "segment")
        checks.as_text(self.origin, "origin")
        for name in ("values", "interests", "motives", "aims"):
            checks.set_field(self, name, checks.as_texts(getattr(self, name), name))
