"""Methods that share conversions out by the position of a touch in its path."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import attrs

from crmcore.journeys._names import build_caution, check_spelling
from crmcore.journeys.attribution._attribution import Attribution, as_digits
from crmcore.journeys.attribution._credits import WHOLE, P, Shares, read_conversions, share_equally, share_out
from crmcore.journeys.attribution._outcomes import Outcome, Path
from crmcore.primitives import checks
from crmcore.primitives._nearest import find_nearest
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id, as_id

__all__ = ["first", "last", "last_non_direct", "linear", "position"]


def first(outcomes: Mapping[P, Outcome], /) -> Attribution:
    """Give each conversion to the first touch of its path.

    Examples:
        >>> from crmcore import Outcome, attribution
        >>> paths = {("search", "email"): Outcome(conversions=3, nulls=1), ("email",): Outcome(conversions=1)}
        >>> attribution.first(paths).credits
        (('search', Decimal('3')), ('email', Decimal('1')))

    Args:
        outcomes: What each path led to, as `outcomes` gives it.

    Raises:
        CurrencyMismatchError: The paths brought money in two currencies.
        WrongTypeError: `outcomes` is not a mapping of paths to an `Outcome` each.
    """
    return share_out("first", read_conversions(outcomes), lambda _: [(WHOLE, slice(1))])


def last(outcomes: Mapping[P, Outcome], /) -> Attribution:
    """Give each conversion to the last touch of its path.

    Examples:
        >>> from crmcore import Outcome, attribution
        >>> paths = {("search", "email"): Outcome(conversions=3, nulls=1), ("email",): Outcome(conversions=1)}
        >>> attribution.last(paths).credits
        (('email', Decimal('4')), ('search', Decimal('0')))

    Args:
        outcomes: What each path led to, as `outcomes` gives it.

    Raises:
        CurrencyMismatchError: The paths brought money in two currencies.
        WrongTypeError: `outcomes` is not a mapping of paths to an `Outcome` each.
    """
    return share_out("last", read_conversions(outcomes), _share_to_last)


def last_non_direct(outcomes: Mapping[P, Outcome], /, *, direct: Id) -> Attribution:
    """Give each conversion to the last touch that is not direct; to direct only if the path has nothing else.

    Examples:
        >>> from crmcore import Outcome, attribution
        >>> paths = {("search", "direct"): Outcome(conversions=3), ("direct", "direct"): Outcome(conversions=1)}
        >>> attribution.last_non_direct(paths, direct="direct").credits
        (('search', Decimal('3')), ('direct', Decimal('1')))

    Args:
        outcomes: What each path led to, as `outcomes` gives it.
        direct: The touchpoint of customers who came by themselves. If no path has it, the result has a caution.

    Raises:
        CurrencyMismatchError: The paths brought money in two currencies.
        UnknownNameError: The paths have it only in other capitals, with other spaces or of another type.
        WrongTypeError: `outcomes` is not a mapping of paths to an `Outcome` each.
    """
    direct = as_id(direct, "direct")
    conversions = read_conversions(outcomes)
    check_spelling([direct], conversions.touchpoints, "direct")
    if conversions.touchpoints and direct not in conversions.touchpoints:
        near = find_nearest(direct, conversions.touchpoints)
        caution = build_caution("direct_not_visited", direct, "no path has this touchpoint, so each touch counts", near)
        conversions = attrs.evolve(conversions, cautions=(*conversions.cautions, caution))

    def remove_direct(path: Path) -> Path:
        return tuple([touchpoint_id for touchpoint_id in path if touchpoint_id != direct]) or path

    return share_out("last_non_direct", conversions, _share_to_last, remove_direct)


def linear(outcomes: Mapping[P, Outcome], /) -> Attribution:
    """Share each conversion equally among the touches of its path; a touchpoint met twice earns twice.

    Examples:
        >>> from crmcore import Outcome, attribution
        >>> attribution.linear({("search", "search", "email"): Outcome(conversions=6)}).credits
        (('search', Decimal('4')), ('email', Decimal('2')))

    Args:
        outcomes: What each path led to, as `outcomes` gives it.

    Raises:
        CurrencyMismatchError: The paths brought money in two currencies.
        WrongTypeError: `outcomes` is not a mapping of paths to an `Outcome` each.
    """
    return share_out("linear", read_conversions(outcomes), share_equally)


def position(
    outcomes: Mapping[P, Outcome],
    /,
    *,
    first: Decimal | int | str | float = "0.4",
    last: Decimal | int | str | float = "0.4",
) -> Attribution:
    """Give the first and the last touch a share each, and share the rest equally among the touches between them.

    In a path of two touches each gets its part of the sum of the two shares, or half if both shares are zero. A single
    touch gets the whole conversion.

    Examples:
        >>> from crmcore import Outcome, attribution
        >>> paths = {("search", "social", "shop", "email"): Outcome(conversions=10)}
        >>> attribution.position(paths).credits
        (('email', Decimal('4')), ('search', Decimal('4')), ('shop', Decimal('1')), ('social', Decimal('1')))
        >>> attribution.position({("search", "email"): Outcome(conversions=10)}, first="0.3", last="0.7").credits
        (('email', Decimal('7')), ('search', Decimal('3')))

    Args:
        outcomes: What each path led to, as `outcomes` gives it.
        first: The share of the first touch, 0 to 1. The default is a convention of web analytics, not a measurement.
        last: The share of the last touch, 0 to 1, by the same convention.

    Raises:
        CurrencyMismatchError: The paths brought money in two currencies.
        InvalidValueError: The sum of the shares is above 1.
        WrongTypeError: `outcomes` is not a mapping of paths to an `Outcome` each.
    """
    opening = Fraction(checks.as_share(first, "first"))
    closing = Fraction(checks.as_share(last, "last"))
    ends = opening + closing
    if ends > 1:
        raise InvalidValueError(
            "shares_above_one",
            f"first + last must be at most 1, got {show(as_digits(ends.numerator, ends.denominator))}",
            field="first",
            operands=(first, last),
        )

    def share_by_position(length: int) -> Shares:
        if length == 1:
            return [(WHOLE, slice(1))]
        if length == 2:
            part = opening / ends if ends else Fraction(1, 2)
            return [(part, slice(1)), (1 - part, slice(1, 2))]
        return [(opening, slice(1)), ((1 - ends) / (length - 2), slice(1, -1)), (closing, slice(-1, None))]

    return share_out("position", read_conversions(outcomes), share_by_position)


def _share_to_last(length: int) -> Shares:
    return [(WHOLE, slice(length - 1, length))]
