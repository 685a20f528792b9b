"""The value of a customer against their retention, with a planned spend, as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import attrs

from crmcore.primitives import checks
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.money import Money, as_non_negative, same_currency
from crmcore.primitives.rates import Retention
from crmcore.render._document import (
    MARGIN,
    TOP,
    WIDTH,
    Scale,
    Svg,
    build_document,
    choose_ticks,
    draw_box,
    draw_cautions,
    draw_dot,
    draw_label,
    draw_line,
    draw_text,
    escape,
    n,
    write_label,
    write_money,
    write_number,
    write_percent,
)
from crmcore.render._intervals import write_tick
from crmcore.render._widths import cut, measure
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.primitives.findings import Finding
    from crmcore.value.lifetime_value import LifetimeValue

_BOTTOM: Final = 300
_LEFT: Final = 92
_RIGHT: Final = WIDTH - 96
_STYLE: Final = """
.crmcore .spend { stroke: $ink; stroke-width: 1.25; stroke-dasharray: 7 4 }
.crmcore .covered { fill: $good }
.crmcore .uncovered { fill: $bad }
.crmcore .missing { fill: $band }
"""
_KINDS: Final = {True: "covered", False: "uncovered", None: "dot"}


def value_by_retention(
    values: Mapping[Retention, LifetimeValue | Money | None],
    /,
    *,
    spend: Money | None = None,
    marks: Mapping[str, Retention] | None = None,
    title: str = "Value by retention",
    words: Mapping[str, str] | None = None,
) -> Svg:
    """Draw the value of a customer at several retentions, and which of them covers a planned spend.

    Examples:
        >>> from crmcore import Discount, FirstMargin, Money, Retention, TimeUnit, lifetime_value, render
        >>> values = {
        ...     retention: lifetime_value.constant_retention(
        ...         margin=Money(100, "EUR"),
        ...         retention=retention,
        ...         discount=Discount("0.1", TimeUnit.YEAR),
        ...         first_margin=FirstMargin.INCLUDED,
        ...     )
        ...     for retention in (Retention(f"0.{share}", TimeUnit.YEAR) for share in (60, 70, 80, 90))
        ... }
        >>> picture = render.value_by_retention(values, spend=Money(300, "EUR"))
        >>> "70.0%: 275.00 EUR, does not cover the spend." in str(picture)
        True

    A dot is the value at a retention. Its colour and its description say whether the value covers the spend, as
    `LifetimeValue.guard` decides it. Between the dots the line is straight, so give as many retentions as you want it
    to be smooth.

    Args:
        values: The value at each retention, in any order; None is shown as unknown, as a gap of the line.
        spend: The planned spend on one customer.
        marks: Retentions to compare with, by their names, such as that of today.
        title: The title above the picture.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        CurrencyMismatchError: The values or the spend are in two currencies.
        InvalidValueError: The retentions are per different units of time, or the spend is below 0.
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    checks.check_mapping(values, "values", "retention to value")
    say = as_words(words)
    lines = _as_lines(marks, say)
    units = {retention.per for retention in (*_as_retentions(values), *(retention for _, retention in lines))}
    if len(units) > 1:
        raise InvalidValueError(
            "retentions_of_several_units",
            f"values and marks must be per one unit of time, got {', '.join(sorted(units))}",
            field="values",
            advice="convert with .to(...)",
            operands=tuple(sorted(units)),
        )
    points = sorted(_as_points(values, spend), key=lambda point: point.share)
    amounts = [point.money for point in points if point.money is not None]
    heights = [float(money.amount) for money in (*amounts, *([] if spend is None else [spend]))]
    shares = [point.share for point in points] + [float(retention.share) for _, retention in lines]
    ticks = choose_ticks(min(0.0, *heights, 0.0), max(0.0, *heights, 0.0))
    steps = choose_ticks(min(shares, default=0.0), max(shares, default=1.0))
    across, up = Scale(steps[0], steps[-1], _LEFT, _RIGHT), Scale(ticks[0], ticks[-1], _BOTTOM, TOP + 12)
    unit = say("".join(f"retention per {unit.value}" for unit in units) or "retention")
    told = [f"{point.describe(say)}." for point in points]
    parts = [
        *(draw_line("grid", _LEFT, up.at(tick), _RIGHT, up.at(tick)) for tick in ticks),
        *(draw_text(_LEFT - 10, up.at(tick) + 4, write_number(tick, ticks), "soft", "end") for tick in ticks),
        *(draw_text(_LEFT - 10, TOP - 6, money.currency, "soft", "end") for money in amounts[:1]),
        draw_line("zero", _LEFT, up.at(0.0), _RIGHT, up.at(0.0)),
        *(draw_text(across.at(step), _BOTTOM + 20, write_tick(step, steps), "soft", "middle") for step in steps),
        draw_text((_LEFT + _RIGHT) / 2, _BOTTOM + 40, cut(unit, 400), "soft", "middle"),
    ]
    for number, (name, retention) in enumerate(lines):
        x = across.at(float(retention.share))
        told.append(f"{name}: {write_percent(retention.share)}.")
        parts += [
            draw_line("mark", x, TOP + 2, x, _BOTTOM),
            draw_label(x, TOP - 2 + 16 * (number % 2), cut(name, 120, bold=True), "bad", "middle"),
        ]
    if spend is not None:
        label = say("planned spend {amount}", amount=write_money(spend))
        told.append(f"{label}.")
        y = up.at(float(spend.amount))
        parts += [draw_line("spend", _LEFT, y, _RIGHT, y), draw_label(_LEFT + 8, y - 5, cut(label, 500), "", "start")]
    parts += _draw_points(points, across, up, say)
    if not points:
        parts.append(draw_text((_LEFT + _RIGHT) / 2, (TOP + _BOTTOM) / 2, say("no data"), "soft", "middle"))
        told.append(f"{say('no data')}.")
    y = _BOTTOM + 46.0
    if spend is not None:
        drawn, y = _draw_legend(points, say, y)
        parts += drawn
    cautions = [caution for point in points for caution in point.cautions]
    warned, warnings, y = draw_cautions(cautions, MARGIN, y, WIDTH - 2 * MARGIN)
    about = " ".join([*told, *warnings])
    return build_document(title, about, y + 14, [*parts, *warned], style=_STYLE)


@attrs.frozen
class _Point:
    share: float
    money: Money | None
    covers: bool | None
    cautions: tuple[Finding, ...]

    def describe(self, say: Words) -> str:
        """Write the retention, the value and the verdict."""
        share, money = write_percent(self.share), say("unknown") if self.money is None else write_money(self.money)
        if self.covers is None:
            return f"{share}: {money}"
        return f"{share}: {money}, {say('covers the spend' if self.covers else 'does not cover the spend')}"


def _as_retentions(values: Mapping[Retention, object]) -> list[Retention]:
    return [checks.as_instance(retention, Retention, f"values[{place}]") for place, retention in enumerate(values)]


def _as_lines(marks: Mapping[str, Retention] | None, say: Words) -> list[tuple[str, Retention]]:
    if marks is None:
        return []
    checks.check_mapping(marks, "marks", "names to retentions")
    return [
        (write_label(name, say("unknown")), checks.as_instance(retention, Retention, f"marks[{place}]"))
        for place, (name, retention) in enumerate(marks.items())
    ]


def _as_points(values: Mapping[Retention, LifetimeValue | Money | None], spend: Money | None) -> Iterator[_Point]:
    """Check the values, and compare each with the spend."""
    from crmcore.value.lifetime_value import LifetimeValue  # noqa: PLC0415 - a picture loads the room it is of, not all

    first = None if spend is None else as_non_negative(spend, "spend")
    for place, (retention, value) in enumerate(values.items()):
        share = float(retention.share)
        if value is None:
            yield _Point(share, None, None, ())
            continue
        worth = LifetimeValue(value=value) if isinstance(value, Money) else value
        checks.as_instance(worth, LifetimeValue, f"values[{place}]")
        first = first or worth.value
        same_currency(first, worth.value, "values", place)
        covers = None if spend is None else worth.guard(spend).allowed
        yield _Point(share, worth.value, covers, worth.cautions)


def _draw_points(points: Sequence[_Point], across: Scale, up: Scale, say: Words) -> Iterator[str]:
    """Draw a line through the values with a dot for each, and shade the places where the value is unknown."""
    course, before = "", False
    for point in points:
        if point.money is not None:
            place = f"{n(across.at(point.share))} {n(up.at(float(point.money.amount)))}"
            course += f"{'L' if before else 'M'}{place}"
        before = point.money is not None
    if course:
        yield f'<path class="line" d="{course}"/>'
    for point in points:
        x = across.at(point.share)
        told = f"<title>{escape(point.describe(say))}.</title>"
        if point.money is None:
            unknown = draw_text(x, _BOTTOM - 8, say("unknown"), "soft", "middle")
            yield f"<g>{told}{draw_box('missing', x - 4, TOP + 12, 8, _BOTTOM - TOP - 12)}{unknown}</g>"
        else:
            yield f"<g>{told}{draw_dot(_KINDS[point.covers], x, up.at(float(point.money.amount)))}</g>"


def _draw_legend(points: Sequence[_Point], say: Words, y: float) -> tuple[list[str], float]:
    """Explain the two colours, as far as they occur."""
    parts: list[str] = []
    x = float(_LEFT)
    for covers in (True, False):
        if any(point.covers is covers for point in points):
            label = say("covers the spend" if covers else "does not cover the spend")
            parts += [draw_dot(_KINDS[covers], x, y + 12), draw_text(x + 10, y + 16, cut(label, 300), "soft", "start")]
            x += min(measure(label), 300) + 36
    return parts, y + (20 if parts else 0)
