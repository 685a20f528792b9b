"""Which roles have a playbook for which situations, as a matrix."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from crmcore.primitives import checks
from crmcore.render._document import (
    MARGIN,
    WIDTH,
    Svg,
    build_document,
    draw_box,
    draw_dot,
    draw_text,
    escape,
    write_percent,
)
from crmcore.render._widths import cut, wrap
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.service.staff import PlaybookCoverage, Situation

_LABEL: Final = 150
_COUNT: Final = 76
_COLUMN: Final = 96  # the least width of a column
_ROW: Final = 34
_LINE: Final = 16
_TOP: Final = 74
_GAP: Final = 4
_STYLE: Final = """
.crmcore .gap { fill: none; stroke: $bad; stroke-dasharray: 5 3 }
"""


def playbook_coverage(
    coverage: "PlaybookCoverage", /, *, title: str = "Playbooks", words: Mapping[str, str] | None = None
) -> Svg:
    """Draw which roles have a playbook for which situations: a row for each role, a column for each situation.

    A dot is a playbook, and a dashed box is a gap.

    Examples:
        >>> from crmcore import Playbook, PlaybookCoverage, Situation, render
        >>> coverage = PlaybookCoverage.of(
        ...     [Playbook(role="seller", situation=Situation.QUESTION)],
        ...     roles=["seller", "operator"],
        ...     situations=[Situation.QUESTION, Situation.COMPLAINT],
        ... )
        >>> picture = render.playbook_coverage(coverage)
        >>> "1 of 4 have a playbook (25.0%)" in str(picture)
        True

    Args:
        coverage: The coverage.
        title: The title above the picture.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    from crmcore.service.staff import PlaybookCoverage  # noqa: PLC0415 - a picture loads only the room it is of

    checks.as_instance(coverage, PlaybookCoverage, "coverage")
    say = as_words(words)
    if coverage.share is None:
        nothing = draw_text(MARGIN, _TOP, say("no rows"), "soft", "start")
        return build_document(title, f"{say('no rows')}.", 96, [nothing])
    number = len(coverage.situations)
    column = max(_COLUMN, (WIDTH - 2 * MARGIN - _LABEL - _COUNT) / number)
    left = MARGIN + _LABEL
    end = left + number * column
    names = {situation: _name(situation, say) for situation in coverage.situations}
    heads = [wrap(name, column - 12, most=3) for name in names.values()]
    top = _TOP + _LINE * max(map(len, heads))
    all_of_it = say(
        "{covered} of {pairs} have a playbook ({share})",
        covered=coverage.covered,
        pairs=coverage.pairs,
        share=write_percent(coverage.share),
    )
    parts = [draw_text(MARGIN, 52, all_of_it, "soft", "start")]
    for place, lines in enumerate(heads):
        middle = left + column * (place + 0.5)
        y = top - 8 - _LINE * (len(lines) - 1)
        parts += [draw_text(middle, y + _LINE * step, line, "", "middle") for step, line in enumerate(lines)]
    for place, role in enumerate(coverage.roles):
        parts += _draw_role(coverage, role, (left, top + _ROW * place, column, end), say)
    gaps = " ".join(f"{role}, {names[situation]}: {say('no playbook')}." for role, situation in coverage.missing)
    height = top + _ROW * len(coverage.roles) + MARGIN
    return build_document(
        title, f"{all_of_it}. {gaps}".strip(), height, parts, width=end + _COUNT + MARGIN, style=_STYLE
    )


def _name(situation: "Situation | str", say: Words) -> str:
    """Name a situation; one of the caller's own is named by its text."""
    from crmcore.service.staff import Situation  # noqa: PLC0415 - a picture loads only the room it is of

    return say(situation.value.replace("_", " ")) if isinstance(situation, Situation) else situation


def _draw_role(
    coverage: "PlaybookCoverage", role: str, place: tuple[float, float, float, float], say: Words
) -> Iterator[str]:
    """Draw the row of a role, from its left and upper end, with the width of a column and the end of the last one."""
    left, y, column, end = place
    covered = [situation for owner, situation in coverage.pairs_covered if owner == role]
    yield draw_text(left - 14, y + _ROW / 2 + 4, cut(role, _LABEL - 14), "", "end")
    for number, situation in enumerate(coverage.situations):
        x = left + column * number
        has = situation in covered
        state = say("playbook" if has else "no playbook")
        yield f"<g><title>{escape(f'{role}, {_name(situation, say)}: {state}')}</title>"
        yield draw_box("band" if has else "gap", x + _GAP / 2, y + _GAP / 2, column - _GAP, _ROW - _GAP)
        if has:
            yield draw_dot("dot", x + column / 2, y + _ROW / 2)
        yield "</g>"
    count = say("{covered} of {pairs}", covered=len(covered), pairs=len(coverage.situations))
    yield draw_text(end + 14, y + _ROW / 2 + 4, cut(count, _COUNT, bold=not covered), "" if covered else "bad", "start")
