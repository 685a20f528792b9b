"""The shares of the levels of loyalty over time, as a picture."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeVar, cast

import attrs

from crmcore.model.reading import LoyaltyLevel
from crmcore.primitives import checks
from crmcore.primitives.errors import InconsistentCountsError, PolicyMismatchError
from crmcore.render._document import (
    MARGIN,
    TOP,
    WIDTH,
    Scale,
    Svg,
    build_document,
    draw_box,
    draw_cautions,
    draw_diamond,
    draw_line,
    draw_text,
    escape,
    write_percent,
)
from crmcore.render._rated import name_label
from crmcore.render._trend import draw_labels
from crmcore.render._widths import cut, measure
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.voice.loyalty import BaseDistribution, EarlyWarning

_K = TypeVar("_K")

_COLUMNS: Final = TOP + 34
_BOTTOM: Final = 318
_UP: Final = Scale(0.0, 1.0, _BOTTOM, _COLUMNS)
_LEFT: Final = 66
_RIGHT: Final = WIDTH - 64
_WIDEST: Final = 64.0  # of a column
_NAME: Final = 120  # the widest name of a level
_STYLE: Final = """
.crmcore .highest { fill: $good; opacity: 0.5 }
.crmcore .lowest { fill: $bad; opacity: 0.5 }
.crmcore .even { fill: $edge }
.crmcore .odd { fill: $soft; opacity: 0.45 }
.crmcore .missing { fill: $band }
.crmcore .alarm { fill: $bad }
.crmcore .baseline { stroke: $soft; stroke-width: 1.5 }
"""


@attrs.frozen
class _Column:
    """The customers of a period: those at each level, best first, and all others."""

    label: str
    counts: tuple[int, ...]
    shares: tuple[Decimal, ...] | None
    others: int

    def describe(self, names: Sequence[str], say: Words) -> str:
        """Write the shares and the counts of a period, without a full stop."""
        told = [say("no data")]
        if self.shares is not None:
            each = [f"{name} {write_percent(share)}" for name, share in zip(names, self.shares, strict=True)]
            told = [say("{shares} of {count}", shares=", ".join(each), count=f"{sum(self.counts):,}")]
        if self.others:
            told.append(say("{count} without a level", count=f"{self.others:,}"))
        return f"{self.label}: {', '.join(told)}"


@attrs.frozen
class _Alarms:
    """What a warning says of the columns: those of its baseline, the column of its alarm, the level it watches."""

    baseline: tuple[int, ...]
    alarm: int | None
    level: int


def base_over_time(
    base: "Mapping[_K, BaseDistribution] | Iterable[tuple[_K, BaseDistribution]]",
    /,
    *,
    warning: "EarlyWarning | None" = None,
    title: str = "Customers by level",
    words: Mapping[str, str] | None = None,
) -> Svg:
    """Draw a column for each period, with the shares of the levels stacked: the best at the top, the worst at zero.

    Examples:
        >>> from crmcore import BaseDistribution, Period, render
        >>> from crmcore.voice import loyalty
        >>> base = {
        ...     Period.month(2026, month): BaseDistribution(counts=(120, 80 - unhappy, unhappy))
        ...     for month, unhappy in enumerate([20, 22, 19, 20, 41], 1)
        ... }
        >>> warning = loyalty.early_warning(base, baseline_periods=4)
        >>> picture = render.base_over_time(base, warning=warning, title="Our customers")
        >>> "2026-05: loyal 60.0%, satisfied 19.5%, aggrieved 20.5% of 200, alarm." in str(picture)
        True

    The number below a column is that of the customers who have a level. A column is shaded if none has one. A diamond
    marks the period of the alarm, and a line the periods of the baseline.

    Args:
        base: The distribution of each period or label, in order, as a mapping or as pairs; all of the same levels.
        warning: What `loyalty.early_warning` says of the same base.
        title: The title above the picture.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        InconsistentCountsError: The warning is of other counts.
        PolicyMismatchError: Two distributions have different levels.
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    say = as_words(words)
    keys, rows = _read_rows(base)
    names = [name_level(level, say) for level in rows[0].levels] if rows else []
    found = _find_alarms(keys, rows, warning)
    columns = [
        _Column(name_label(key, say), row.counts, row.shares, row.customers - row.known)
        for key, row in zip(keys, rows, strict=True)
    ]
    step = (_RIGHT - _LEFT) / (len(columns) or 1)
    across = Scale(0.0, 1.0, _LEFT + step / 2, _LEFT + step / 2 + step)
    told = [f"{column.describe(names, say)}." for column in columns]
    if found and found.alarm is not None:
        told[found.alarm] = f"{columns[found.alarm].describe(names, say)}, {say('alarm')}."
    parts = [
        *(draw_line("grid", _LEFT, _UP.at(tick / 5), _RIGHT, _UP.at(tick / 5)) for tick in range(6)),
        *(draw_text(_LEFT - 10, _UP.at(tick / 5) + 4, f"{20 * tick}%", "soft", "end") for tick in range(6)),
        *_draw_columns(columns, told, across, step, say),
        *(_draw_alarms(found, across, step, say) if found else ()),
        *draw_labels([column.label for column in columns], across, step, _BOTTOM + 20),
        *draw_labels([f"{sum(column.counts):,}" for column in columns], across, step, _BOTTOM + 36),
        *_draw_legend(names, found, say),
    ]
    if not columns:
        parts.append(draw_text((_LEFT + _RIGHT) / 2, (_COLUMNS + _BOTTOM) / 2, say("no rows"), "soft", "middle"))
    cautions = warning.cautions if warning is not None else ()
    warned, warnings, end = draw_cautions(cautions, MARGIN, _BOTTOM + 46, WIDTH - 2 * MARGIN)
    about = " ".join([*told, *warnings]) or f"{say('no rows')}."
    return build_document(title, about, end + 14, [*parts, *warned], style=_STYLE)


def name_level(level: str, say: Words) -> str:
    """Name a level; those of the caller are not translated."""
    return say(level.value) if isinstance(level, LoyaltyLevel) else str(level)


def _read_rows(base: object) -> "tuple[list[object], list[BaseDistribution]]":
    """Check rows of a label and a distribution, all of the same levels."""
    from crmcore.voice.loyalty import BaseDistribution  # noqa: PLC0415 - a picture loads the room it is of

    given = cast("Mapping[object, object]", base).items() if isinstance(base, Mapping) else base
    keys: list[object] = []
    rows: list[BaseDistribution] = []
    for place, row in enumerate(checks.iterate(cast("Iterable[object]", given), "base", "row")):
        key, counted = checks.as_pair(row, f"base[{place}]", "a period and a distribution")
        keys.append(key)
        rows.append(checks.as_instance(counted, BaseDistribution, f"base[{place}].distribution"))
        if rows[-1].levels != rows[0].levels:
            first, other = (", ".join(row.levels) for row in (rows[0], rows[-1]))
            raise PolicyMismatchError(
                "columns_of_other_levels",
                f"base must have the same levels in each row, got {first} and {other}",
                field="base",
                advice="count all periods with one levels=[...]",
                record=place,
                operands=(rows[0].levels, rows[-1].levels),
            )
    return keys, rows


def _find_alarms(
    keys: "Sequence[object]", rows: "Sequence[BaseDistribution]", warning: "EarlyWarning | None"
) -> _Alarms | None:
    """Find the columns of the periods of a warning, and the level whose counts it has."""
    if warning is None:
        return None
    from crmcore.voice.loyalty import EarlyWarning  # noqa: PLC0415 - a picture loads the room it is of

    checks.as_instance(warning, EarlyWarning, "warning")
    places: dict[object, int] = {key: place for place, key in enumerate(keys)}
    columns = [places.get(period) for period in warning.periods] if warning.periods else [*range(len(rows))]
    counted = [rows[column] for column in columns if column is not None]
    for level in range(len(rows[0].levels) if rows else 0):
        if len(rows) == len(counted) and warning.counts == tuple((row.counts[level], row.known) for row in counted):
            whole = cast("list[int]", columns)
            alarm = None if warning.alarm is None else whole[warning.alarm]
            return _Alarms(tuple(whole[: warning.baseline_periods]), alarm, level)
    raise InconsistentCountsError(
        "warning_of_another_base",
        f"warning must have the counts of one level in each of the {len(rows)} periods of base",
        field="warning",
        advice="give early_warning(...) of this base",
        operands=(len(rows), len(warning.counts)),
    )


def _name_kind(level: int, levels: int) -> str:
    """Name the style of a level, by its place."""
    if level in {0, levels - 1}:
        return "lowest" if level else "highest"
    return "odd" if level % 2 else "even"


def _draw_columns(
    columns: Sequence[_Column], told: Sequence[str], across: Scale, step: float, say: Words
) -> Iterator[str]:
    """Draw the columns, and shade the place of one without customers who have a level."""
    wide = min(step * 0.8, _WIDEST)
    for place, column in enumerate(columns):
        left = across.at(place) - wide / 2
        yield f"<g><title>{escape(told[place])}</title>"
        if column.shares is None:
            yield draw_box("missing", left, _COLUMNS, wide, _BOTTOM - _COLUMNS)
            if measure(say("no data")) <= wide - 4:
                yield draw_text(across.at(place), _COLUMNS + 16, say("no data"), "soft", "middle")
        else:
            yield from _draw_shares(column, left, wide)
        yield "</g>"


def _draw_shares(column: _Column, left: float, wide: float) -> Iterator[str]:
    """Draw the shares of a column from zero up, the worst level first."""
    known, below = sum(column.counts), 0
    for level in range(len(column.counts) - 1, -1, -1):
        count = column.counts[level]
        if count:
            top, end = _UP.at((below + count) / known), _UP.at(below / known)
            kind = _name_kind(level, len(column.counts))
            yield draw_box(kind, left, top, wide, end - top)
            share = write_percent(count / known)
            if end - top >= 16 and measure(share) <= wide - 4:
                yield draw_text(left + wide / 2, (top + end) / 2 + 4, share, "", "middle")
        below += count


def _draw_alarms(found: _Alarms, across: Scale, step: float, say: Words) -> Iterator[str]:
    """Draw a diamond above the column of the alarm, and a line above each column of the baseline."""
    y = _COLUMNS - 10
    for place in found.baseline:
        yield draw_line("baseline", across.at(place) - step / 2, y, across.at(place) + step / 2, y)
    x = across.at(min(found.baseline)) - step / 2
    yield draw_text(x, y - 5, cut(say("baseline"), _NAME), "soft", "start")
    if found.alarm is not None:
        yield draw_diamond("alarm", across.at(found.alarm), y, 7)


def _draw_legend(names: Sequence[str], found: _Alarms | None, say: Words) -> Iterator[str]:
    """Draw the colours with the names of the levels, best first, and the sign of an alarm."""
    named = [(_name_kind(level, len(names)), name) for level, name in enumerate(names)]
    if found and found.alarm is not None:
        named.append(("alarm", say("alarm: {level}", level=names[found.level])))
    x = float(_LEFT)
    for kind, name in named:
        shown = cut(name, _NAME)
        if x + 18 + measure(shown) > WIDTH - MARGIN:
            return
        yield draw_diamond(kind, x + 6, TOP - 8, 6) if kind == "alarm" else draw_box(kind, x, TOP - 14, 12, 12)
        yield draw_text(x + 18, TOP - 4, shown, "soft", "start")
        x += 36 + measure(shown)
