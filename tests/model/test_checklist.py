from __future__ import annotations

import inspect
import re
from datetime import datetime, timedelta, timezone
from typing import Any

import attrs
import pytest
from hypothesis import given

from crmcore import Audit
from crmcore.model.checklist import Checklist, ChecklistAnswer, ChecklistItem, Verdict
from crmcore.primitives.errors import CrmcoreError, InvalidValueError, WrongTypeError
from tests.model.test_refusals import NOT_IDS, NOT_INSTANTS, REQUIRED
from tests.support.checklists import CLEAN, QUEUE, SHOP, SIGNS, Answered, answer
from tests.support.voice_strategies import answered_checklists

AT = datetime(2026, 3, 2, 10, 15, tzinfo=timezone(timedelta(hours=2)))
SECRET = "Anna Kalnina, +371 200 000 00"

NOUNS: dict[type, dict[str, Any]] = {
    ChecklistItem: {"id": 1, "text": "The rooms are clean."},
    ChecklistAnswer: {"item_id": 1},
    Checklist: {"id": 1, "items": [CLEAN]},
}
"""The required fields of each noun."""

Refusal = tuple[Any, type[CrmcoreError], str]
NOT_TEXTS: list[Refusal] = [
    (5, WrongTypeError, "must be a str, got an object of type int"),
    (None, WrongTypeError, "must be a str, got an object of type NoneType"),
    (SECRET.encode(), WrongTypeError, "must be a str, got an object of type bytes"),
]

FIELDS: list[tuple[type, str, list[Refusal]]] = [
    (ChecklistItem, "id", NOT_IDS + REQUIRED),
    (ChecklistItem, "text", NOT_TEXTS),
    (ChecklistItem, "group", NOT_TEXTS),
    (ChecklistAnswer, "item_id", NOT_IDS + REQUIRED),
    (ChecklistAnswer, "verdict", [("met", WrongTypeError, r"must be a member of .*Verdict\('met'\)")]),
    (ChecklistAnswer, "evidence", NOT_TEXTS),
    (ChecklistAnswer, "subject_id", NOT_IDS),
    (ChecklistAnswer, "at", NOT_INSTANTS),
    (ChecklistAnswer, "answered_by_id", NOT_IDS),
    (Checklist, "id", NOT_IDS + REQUIRED),
    (
        Checklist,
        "items",
        [
            (CLEAN, WrongTypeError, "must be several ChecklistItems, such as a list"),
            ("clean", WrongTypeError, "must be several ChecklistItems"),
            (None, WrongTypeError, "must be several ChecklistItems"),
            (["clean"], WrongTypeError, "each of items must be a ChecklistItem"),
            ([CLEAN, QUEUE, CLEAN], InvalidValueError, "must each have an id of their own, 'clean' comes twice"),
        ],
    ),
    (Checklist, "name", NOT_TEXTS),
]
CASES = [
    pytest.param(noun, field, *case, id=f"{noun.__name__}.{field}-{number}")
    for noun, field, cases in FIELDS
    for number, case in enumerate(cases)
]


class TestRefusals:
    @pytest.mark.parametrize(("noun", "field", "value", "error", "message"), CASES)
    def test_names_the_field_and_what_to_do(
        self, noun: type, field: str, value: Any, error: type[CrmcoreError], message: str
    ) -> None:
        """An invalid value raises an error that names the field and shows no text."""
        with pytest.raises(error, match=message) as caught:
            noun(**{**NOUNS[noun], field: value})
        assert re.search(rf"\b{field}\b", str(caught.value))
        assert "Anna" not in repr(caught.value)

    def test_every_field_is_tried(self) -> None:
        """Every field of every noun is tested with invalid values."""
        assert {(noun, name) for noun in NOUNS for name in attrs.fields_dict(noun)} == {case[:2] for case in FIELDS}


class TestVerdict:
    def test_every_member_is_described(self) -> None:
        """The docstring of the enum describes every member."""
        assert [
            verdict.name for verdict in Verdict if f"\n    {verdict.name}: " not in (inspect.getdoc(Verdict) or "")
        ] == []


class TestChecklist:
    def test_items_come_from_any_iterable(self) -> None:
        """Items come from any iterable, in order; the ids 1 and "1" are different; a checklist may be empty."""
        assert SHOP == Checklist(id="shop", items=iter((CLEAN, QUEUE, SIGNS)))
        assert SHOP != Checklist(id="shop", items=(QUEUE, CLEAN, SIGNS))
        assert ("", "") == (Checklist(id=1, items=[]).name, ChecklistItem(id=1, text="?").group)
        assert 2 == len(Checklist(id=1, items=[attrs.evolve(CLEAN, id=1), attrs.evolve(CLEAN, id="1")]).items)


class TestChecklistAnswer:
    def test_is_blank_at_first(self) -> None:
        """An answer without a verdict is blank."""
        assert (1, None, "", None, None, None) == attrs.astuple(ChecklistAnswer(item_id=1))

    def test_the_evidence_stays_out_of_repr(self) -> None:
        """The evidence may be personal and is not in `repr`."""
        assert SECRET not in repr(ChecklistAnswer(item_id=1, evidence=SECRET))

    def test_equality_goes_through_utc(self) -> None:
        """Two records with the same instant in different zones are equal."""
        there = AT.astimezone(timezone(timedelta(hours=-7)))

        assert ChecklistAnswer(item_id=1, at=AT) == ChecklistAnswer(item_id=1, at=there)


class TestGaps:
    def test_names_what_is_unmet_or_unanswered(self) -> None:
        """The gaps are the unmet and unanswered items, in the order of the checklist, with their answers."""
        unmet = ChecklistAnswer(item_id="signs", verdict=Verdict.UNMET, evidence="hidden by a tree", subject_id="desk")
        answers = [unmet, answer("clean", subject_id="desk")]

        assert (ChecklistAnswer(item_id="queue", subject_id="desk"), unmet) == SHOP.gaps(answers)

    def test_is_empty_if_all_is_met_or_not_applicable(self) -> None:
        """There are no gaps if every item is met or not applicable."""
        answers = [answer("clean"), answer("signs"), answer("queue", Verdict.NOT_APPLICABLE)]

        assert () == SHOP.gaps(iter(answers))
        assert () == Checklist(id=1, items=[]).gaps([])

    def test_without_answers_everything_is_a_gap(self) -> None:
        """Without answers every item is a gap."""
        assert tuple(ChecklistAnswer(item_id=item.id) for item in SHOP.items) == SHOP.gaps([])

    @given(answered_checklists())
    def test_agrees_with_the_audit(self, answered: Answered) -> None:
        """The number of gaps is the audit's unmet plus unanswered items, and each gap has its own subject and item."""
        checklist, answers = answered
        gaps = checklist.gaps(answers)
        audit = Audit.of(checklist, answers)

        assert audit.unmet == sum(gap.verdict is Verdict.UNMET for gap in gaps)
        assert audit.unanswered == sum(gap.verdict is None for gap in gaps)
        assert len(gaps) == audit.unmet + audit.unanswered == len({(gap.subject_id, gap.item_id) for gap in gaps})
