"""The change of an average value between two mixes of customers, as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs

from crmcore.primitives import checks
from crmcore.primitives.money import Money
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
    write_label,
    write_money,
    write_number,
    write_percent,
)
from crmcore.render._intervals import write_tick
from crmcore.render._widths import cut
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.value.lifetime_value import MixShift, ValueMix

_ROW: Final = 30
_SHARES: Final = (190.0, 430.0)
_VALUES: Final = (474.0, 724.0)
_STYLE: Final = """
.crmcore .before { fill: $page; stroke: $line; stroke-width: 2 }
.crmcore .whole { fill: $soft }
.crmcore .rise { fill: $good }
.crmcore .fall { fill: $bad }
"""


def mix_shift(
    shift: MixShift[Any, Any], /, *, title: str = "Change of the average value", words: Mapping[str, str] | None = None
) -> Svg:
    """Draw the change of an average value: shares and values of the segments, and what each contributed to the change.

    Examples:
        >>> from crmcore import Money, ValueMix, render
        >>> before = ValueMix.of({"small": (87, Money(93, "EUR")), "large": (263, Money(73, "EUR"))})
        >>> after = ValueMix.of({"small": (270, Money(87, "EUR")), "large": (80, Money(69, "EUR"))})
        >>> picture = render.mix_shift(after.since(before))
        >>> "small: share 24.9% to 77.1%, value 93.00 EUR to 87.00 EUR." in str(picture)
        True

    A row has a hollow dot for the earlier mix and a full one for the later mix. A segment that only one of the mixes
    has is shown with one dot of its value, and a share of zero in the other mix. The bars below add up: the average
    before, the change that comes from the values, the change that comes from the mix, the average after.

    Args:
        shift: The change, as `ValueMix.since` returns it.
        title: The title above the picture.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    from crmcore.value.lifetime_value import MixShift  # noqa: PLC0415 - a picture loads the room it is of, not all of them

    checks.as_instance(shift, MixShift, "shift")
    say = as_words(words)
    rows = _list_segments(shift, say)
    rows.append(_Segment(say("all customers"), None, None, shift.before.value, shift.after.value))
    monies = [money for row in rows for money in (row.value_before, row.value_after) if money is not None]
    amounts = [float(money.amount) for money in monies]
    shares = choose_ticks(
        0.0, max((share for row in rows for share in (row.before or 0.0, row.after or 0.0)), default=1.0)
    )
    ticks = choose_ticks(min(0.0, *amounts), max(0.0, *amounts))
    left, right = Scale(shares[0], shares[-1], *_SHARES), Scale(ticks[0], ticks[-1], *_VALUES)
    top = TOP + 24.0
    bottom = top + _ROW * len(rows)
    parts = [
        draw_text(_SHARES[0], TOP + 2, cut(say("share of customers"), 230, bold=True), "strong", "start"),
        draw_text(
            _VALUES[0], TOP + 2, cut(f"{say('average value')}, {monies[0].currency}", 250, bold=True), "strong", "start"
        ),
        *_draw_grid(left, shares, top, bottom, [write_tick(tick, shares) for tick in shares]),
        *_draw_grid(right, ticks, top, bottom, [write_number(tick, ticks) for tick in ticks]),
    ]
    told: list[str] = []
    for number, row in enumerate(rows):
        y = top + _ROW * (number + 0.5)
        told.append(row.describe(say))
        is_last = number == len(rows) - 1
        label = cut(row.label, 154, bold=is_last)
        parts += [
            f"<g><title>{escape(told[-1])}</title>",
            draw_text(_SHARES[0] - 16, y + 4, label, "strong" if is_last else "", "end"),
            *_draw_change(left, row.before, row.after, y),
            *_draw_change(right, _as_float(row.value_before), _as_float(row.value_after), y),
            "</g>",
        ]
    y = bottom + 44
    parts += [
        draw_dot("before", _SHARES[0], y - 4),
        draw_text(_SHARES[0] + 12, y, cut(say("before"), 110), "soft", "start"),
        draw_dot("dot", _SHARES[0] + 140, y - 4),
        draw_text(_SHARES[0] + 152, y, cut(say("after"), 110), "soft", "start"),
    ]
    drawn, sentences, y = _draw_bars(shift, say, y + 14)
    warned, warnings, y = draw_cautions(shift.cautions, MARGIN, y, WIDTH - 2 * MARGIN)
    about = " ".join([*told, *sentences, *warnings])
    return build_document(title, about, y + 16, [*parts, *drawn, *warned], style=_STYLE)


@attrs.frozen
class _Segment:
    label: str
    before: float | None
    after: float | None
    value_before: Money | None
    value_after: Money | None

    def describe(self, say: Words) -> str:
        """Write the changes as a sentence."""
        values = [say("unknown") if one is None else write_money(one) for one in (self.value_before, self.value_after)]
        value = say("value {before} to {after}", before=values[0], after=values[1])
        if self.before is None or self.after is None:
            return f"{self.label}: {value}."
        share = say("share {before} to {after}", before=write_percent(self.before), after=write_percent(self.after))
        return f"{self.label}: {share}, {value}."


def _list_segments(shift: MixShift[Any, Any], say: Words) -> list[_Segment]:
    """List the segments of both mixes, in the order of the earlier one."""
    mixes = (shift.before, shift.after)
    names = dict.fromkeys(name for mix in mixes for name, _ in mix.rows)
    return [
        _Segment(write_label(name, say("unknown")), *_find_shares(mixes, name), *_find_values(mixes, name))
        for name in names
    ]


def _find_shares(mixes: Sequence[ValueMix[Any]], name: object) -> tuple[float, float]:
    before, after = (mix.segments[name].customers / mix.customers if name in mix.segments else 0.0 for mix in mixes)
    return before, after


def _find_values(mixes: Sequence[ValueMix[Any]], name: object) -> tuple[Money | None, Money | None]:
    before, after = (mix.segments[name].value if name in mix.segments else None for mix in mixes)
    return before, after


def _as_float(money: Money | None) -> float | None:
    return None if money is None else float(money.amount)


def _draw_grid(scale: Scale, ticks: Sequence[float], top: float, bottom: float, labels: Sequence[str]) -> list[str]:
    return [
        part
        for tick, label in zip(ticks, labels, strict=True)
        for part in (
            draw_line("grid", scale.at(tick), top, scale.at(tick), bottom),
            draw_text(scale.at(tick), bottom + 18, label, "soft", "middle"),
        )
    ]


def _draw_change(scale: Scale, before: float | None, after: float | None, y: float) -> list[str]:
    """Draw a line from the earlier figure to the later one, with a dot for each that is known."""
    parts: list[str] = []
    if before is not None and after is not None:
        parts.append(draw_line("line", scale.at(before), y, scale.at(after), y))
    if after is not None:
        parts.append(draw_dot("dot", scale.at(after), y))
    if before is not None:
        parts.append(draw_dot("before", scale.at(before), y))
    return parts


def _draw_bars(shift: MixShift[Any, Any], say: Words, y: float) -> tuple[list[str], list[str], float]:
    """Draw the bars that lead from the average before to the average after, with their descriptions."""
    before, after = (one for mix in (shift.before, shift.after) for one in [mix.value] if one is not None)
    middle = before + shift.from_values
    zero = Money.zero(before.currency)
    bars = (
        (say("average before"), zero, before, before, "whole"),
        (say("from the values"), before, middle, shift.from_values, ""),
        (say("from the mix"), middle, after, shift.from_mix, ""),
        (say("average after"), zero, after, after, "whole"),
    )
    amounts = [float(money.amount) for _, start, end, _, _ in bars for money in (start, end)]
    ticks = choose_ticks(min(amounts), max(amounts))
    scale = Scale(ticks[0], ticks[-1], _SHARES[0], WIDTH - 170)
    parts: list[str] = []
    told: list[str] = []
    for label, start, end, amount, kind in bars:
        y += _ROW
        low, high = sorted((scale.at(float(start.amount)), scale.at(float(end.amount))))
        written = write_money(amount) if kind or amount.amount <= 0 else f"+{write_money(amount)}"
        told.append(f"{label}: {written}.")
        colour = kind or ("rise" if amount.amount > 0 else "fall")
        parts += [
            f"<g><title>{escape(told[-1])}</title>",
            draw_text(_SHARES[0] - 16, y - 4, cut(label, 154, bold=bool(kind)), "strong" if kind else "", "end"),
            draw_box(colour, low, y - 17, max(high - low, 1), 18),
            draw_label(high + 8, y - 4, written, "strong" if kind else "", "start"),
            "</g>",
        ]
    return [draw_line("zero", scale.at(0.0), y - 4 * _ROW + 8, scale.at(0.0), y + 6), *parts], told, y + 10
