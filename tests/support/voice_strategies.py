"""Strategies for the tests of feedback, surveys, readings and checklists, in addition to those of the library."""
# ruff: noqa: D103 - a strategy is named after what it makes

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from crmcore import Checklist, ChecklistAnswer, Response, Scale, Survey, Verdict
from crmcore.interop.hypothesis import checklist_items, durations, ids, instants
from crmcore.interop.hypothesis._values import later as _later
from tests.support.strategies import decimals

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from crmcore import Id

NUMBERED = [scale for scale in Scale.KNOWN if scale is not Scale.OPEN]
"""The known scales with numbers."""


def maybe_ids() -> st.SearchStrategy[Id | None]:
    return st.none() | ids()


def bounds(scale: Scale) -> tuple[int, int]:
    assert scale.low is not None
    assert scale.high is not None
    return scale.low, scale.high


def on_scale(scale: Scale) -> st.SearchStrategy[Decimal]:
    return decimals(*bounds(scale), places=6)


def later(at: datetime) -> st.SearchStrategy[datetime]:
    return durations().map(lambda passed: _later(at, passed))


def answers() -> st.SearchStrategy[list[tuple[Id, int | str]]]:
    values: st.SearchStrategy[int | str] = st.integers(0, 10**6) | st.text()
    return st.lists(st.tuples(ids(), values), max_size=5, unique_by=lambda pair: pair[0])


@st.composite
def responses_to(draw: st.DrawFn, survey: Survey) -> Response:
    """Return responses that answer questions of the survey on their scales, and are anonymous if the survey is."""
    given: list[tuple[Id, int | str]] = []
    for question in survey.questions:
        if draw(st.booleans()):
            fitting: st.SearchStrategy[int | str] = (
                st.text() if question.scale == Scale.OPEN else st.integers(*bounds(question.scale))
            )
            given.append((question.id, draw(fitting)))
    return Response(
        survey_id=survey.id,
        at=draw(instants()),
        answers=draw(st.permutations(given)),
        customer_id=None if survey.anonymous else draw(maybe_ids()),
        interaction_id=None if survey.anonymous else draw(maybe_ids()),
        segment=draw(st.none() | st.sampled_from(["young", "old"])),
    )


@st.composite
def answered_checklists(draw: st.DrawFn) -> tuple[Checklist, list[ChecklistAnswer]]:
    """Return checklists of at least one item, with answers about up to four subjects."""
    items = draw(st.lists(checklist_items(), min_size=1, max_size=5, unique_by=lambda item: item.id))
    pairs = [(item.id, subject) for item in items for subject in ("anna", "bob", 3, None)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=12))
    given = [
        ChecklistAnswer(item_id=item_id, subject_id=subject, verdict=draw(st.none() | st.sampled_from(Verdict)))
        for item_id, subject in chosen
    ]
    return Checklist(id="list", items=items), given
