"""Monthly revenue from the start of a period to its end, as a picture and as a table of Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Final

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
    draw_line,
    draw_text,
    escape,
    write_money,
    write_number,
    write_percent,
)
from crmcore.render._table import Markdown, write_row
from crmcore.render._widths import cut
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.retention.revenue import RevenueMovements

_ROW: Final = 32
_LABEL: Final = 120
_FIGURES: Final = 160
_TITLE: Final = "Monthly revenue from start to end"
_STYLE: Final = """
.crmcore .whole { fill: $line }
.crmcore .gain { fill: $good }
.crmcore .loss { fill: $bad }
"""


@attrs.frozen
class _Row:
    """A bar: a whole amount, or what it gained or lost."""

    kind: str
    label: str
    amount: Money
    customers: int | None
    before: float
    after: float

    def write(self) -> str:
        """Write the amount with its sign."""
        sign = {"gain": "+", "loss": "\N{MINUS SIGN}"}.get(self.kind, "") if self.amount else ""
        return f"{sign}{write_money(self.amount)}"


def revenue_bridge(
    movements: RevenueMovements, /, *, title: str = _TITLE, words: Mapping[str, str] | None = None
) -> Svg:
    """Draw a bridge from the monthly revenue at the start to that at the end: each movement begins where the last ends.

    Examples:
        >>> from crmcore import Money, RevenueMovements, render
        >>> march = RevenueMovements.from_amounts(
        ...     start=Money(350, "EUR"), new=Money(80, "EUR"), contraction=Money(80, "EUR"), churn=Money(50, "EUR")
        ... )
        >>> picture = render.revenue_bridge(march, title="March")
        >>> "Start: 350.00 EUR. New: +80.00 EUR." in str(picture)
        True

    Args:
        movements: The movements.
        title: The title above the picture.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    say = as_words(words)
    rows = _list_rows(movements, say)
    left, right = 18 + _LABEL + 14, WIDTH - 18 - _FIGURES
    bottom = TOP + 8 + _ROW * len(rows)
    ticks = choose_ticks(0.0, max(max(row.before, row.after) for row in rows))
    across = Scale(ticks[0], ticks[-1], left, right)
    middles = [TOP + 8 + _ROW * (place + 0.5) for place in range(len(rows))]
    parts = [
        *(draw_line("grid", across.at(tick), TOP, across.at(tick), bottom) for tick in ticks),
        *(draw_text(across.at(tick), bottom + 18, write_number(tick, ticks), "soft", "middle") for tick in ticks),
    ]
    for row, y in zip(rows, middles, strict=True):
        parts += _draw_row(row, y, across)
    for (row, y), (_, below) in pairwise(zip(rows, middles, strict=True)):
        parts.append(draw_line("zero", across.at(row.after), y + 10, across.at(row.after), below - 10))
    rates = _write_rates(movements, say)
    for place, text in enumerate(rates):
        parts.append(draw_text(left, bottom + 42 + 18 * place, cut(text, WIDTH - MARGIN - left), "", "start"))
    about = [*(f"{row.label}: {row.write()}." for row in rows), *(f"{text}." for text in rates)]
    return build_document(title, " ".join(about), bottom + 42 + 18 * len(rates), parts, style=_STYLE)


def revenue_bridge_table(movements: RevenueMovements, /, *, words: Mapping[str, str] | None = None) -> Markdown:
    """Write the movements of monthly revenue as a table of Markdown, with the customers of each and the rates below.

    Examples:
        >>> from crmcore import Money, RevenueMovements, render
        >>> march = RevenueMovements.from_amounts(start=Money(100, "EUR"), expansion=Money(5, "EUR"))
        >>> table = str(render.revenue_bridge_table(march))
        >>> for line in table.splitlines()[:9]:
        ...     print(line)
        |  | Monthly revenue | Customers |
        | --- | ---: | ---: |
        | Start | 100.00 EUR |  |
        | New | 0.00 EUR |  |
        | Reactivation | 0.00 EUR |  |
        | Expansion | +5.00 EUR |  |
        | Contraction | 0.00 EUR |  |
        | Churn | 0.00 EUR |  |
        | End | 105.00 EUR |  |

    Args:
        movements: The movements.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    say = as_words(words)
    lines = [write_row("", say("Monthly revenue"), say("Customers")), "| --- | ---: | ---: |"]
    lines += [
        write_row(row.label, row.write(), "" if row.customers is None else f"{row.customers:,}")
        for row in _list_rows(movements, say)
    ]
    lines += ["", *(f"- {text}" for text in _write_rates(movements, say))]
    return Markdown("\n".join(lines) + "\n")


def _list_rows(movements: RevenueMovements, say: Words) -> list[_Row]:
    from crmcore.retention.revenue import RevenueMovements  # noqa: PLC0415 - a picture loads the room it is of

    given = checks.as_instance(movements, RevenueMovements, "movements")
    known = bool(given.customers or given.end_customers)
    start, end = float(given.start.amount), float(given.end.amount)
    rows = [_Row("whole", say("Start"), given.start, given.customers if known else None, 0.0, start)]
    reached = given.start
    for kind, word, amount, customers in (
        ("gain", "New", given.new, given.customers_new),
        ("gain", "Reactivation", given.reactivation, given.customers_reactivated),
        ("gain", "Expansion", given.expansion, given.customers_expanded),
        ("loss", "Contraction", given.contraction, given.customers_contracted),
        ("loss", "Churn", given.churn, given.customers_churned),
    ):
        before, reached = reached, reached + amount if kind == "gain" else reached - amount
        bounds = float(before.amount), float(reached.amount)
        rows.append(_Row(kind, say(word), amount, customers if known else None, *bounds))
    rows.append(_Row("whole", say("End"), given.end, given.end_customers if known else None, 0.0, end))
    return rows


def _draw_row(row: _Row, y: float, across: Scale) -> Iterator[str]:
    """Draw a bar with its name and its amount."""
    low, high = sorted((across.at(row.before), across.at(row.after)))
    yield f"<g><title>{escape(f'{row.label}: {row.write()}')}</title>"
    yield draw_text(across.start - 14, y + 4, cut(row.label, _LABEL), "", "end")
    yield draw_box(row.kind, low, y - 10, high - low, 20)
    yield draw_text(WIDTH - 18, y + 4, cut(row.write(), _FIGURES - 14), "", "end")
    yield "</g>"


def _write_rates(movements: RevenueMovements, say: Words) -> list[str]:
    """Write the churn and the retention, as far as there was revenue at the start."""
    gross, net = movements.gross_churn, movements.net_churn
    kept, grown = movements.gross_retention, movements.net_retention
    if gross is None or net is None or kept is None or grown is None:
        return []
    return [
        say("gross churn {gross}, net churn {net}", gross=write_percent(gross), net=write_percent(net)),
        say(
            "of the start, {kept} is kept, {grown} with expansion", kept=write_percent(kept), grown=write_percent(grown)
        ),
    ]
