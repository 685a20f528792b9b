from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

import attrs
import pytest
from hypothesis import given

from crmcore import Audit
from crmcore.model.checklist import Checklist, ChecklistAnswer, ChecklistItem, Verdict
from crmcore.model.customer import Id
from crmcore.primitives.errors import CrmcoreError, InvalidValueError, WrongTypeError
from tests.model.test_refusals import NOT_IDS, NOT_INSTANTS, REQUIRED
from tests.voice_strategies import answered_checklists

AT = datetime(2026, 3, 2, 10, 15, tzinfo=timezone(timedelta(hours=2)))
SECRET = "Anna Kalnina, +371 200 000 00"
Answered = tuple[Checklist, list[ChecklistAnswer]]

CLEAN = ChecklistItem(id="clean", text="The rooms are clean.", group="premises")
QUEUE = ChecklistItem(id="queue", text="Nobody waits long.", group="services")
SIGNS = ChecklistItem(id="signs", text="The signs are clear.", group="premises")
SHOP = Checklist(id="shop", items=[CLEAN, QUEUE, SIGNS])

NOUNS: dict[type, dict[str, Any]] = {
    ChecklistItem: {"id": 1, "text": "The rooms are clean."},
    ChecklistAnswer: {"item_id": 1},
    Checklist: {"id": 1, "items": [CLEAN]},
}
"""The least that makes each noun."""

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


def answer(item_id: Id, verdict: Verdict | None = Verdict.MET, subject_id: Id | None = None) -> ChecklistAnswer:
    """Answer an item on a subject."""
    return ChecklistAnswer(item_id=item_id, verdict=verdict, subject_id=subject_id)


def subjects(answers: list[ChecklistAnswer]) -> list[Id | None]:
    """Whom or what the answers look at, as first named; nobody known where there are none."""
    return list(dict.fromkeys(one.subject_id for one in answers)) or [None]


class TestRefusals:
    @pytest.mark.parametrize(("noun", "field", "value", "error", "message"), CASES)
    def test_names_the_field_and_what_to_do(
        self, noun: type, field: str, value: Any, error: type[CrmcoreError], message: str
    ) -> None:
        """A bad value is refused by name, and no text is shown."""
        with pytest.raises(error, match=message) as caught:
            noun(**{**NOUNS[noun], field: value})
        assert re.search(rf"\b{field}\b", str(caught.value))
        assert "Anna" not in repr(caught.value)

    def test_every_field_is_tried(self) -> None:
        """No field of a noun is without a hostile value."""
        assert {(noun, name) for noun in NOUNS for name in attrs.fields_dict(noun)} == {one[:2] for one in FIELDS}


class TestVerdict:
    def test_every_member_is_described(self) -> None:
        """The docstring says of each member what it means."""
        assert [one.name for one in Verdict if f"\n        {one.name}: " not in (Verdict.__doc__ or "")] == []


class TestChecklist:
    def test_items_come_from_any_iterable(self) -> None:
        """In their order; a draft may have none, and the number one and the text one are two items."""
        assert SHOP == Checklist(id="shop", items=iter((CLEAN, QUEUE, SIGNS)))
        assert SHOP != Checklist(id="shop", items=(QUEUE, CLEAN, SIGNS))
        assert ("", "") == (Checklist(id=1, items=[]).name, ChecklistItem(id=1, text="?").group)
        assert 2 == len(Checklist(id=1, items=[attrs.evolve(CLEAN, id=1), attrs.evolve(CLEAN, id="1")]).items)


class TestChecklistAnswer:
    def test_is_blank_at_first(self) -> None:
        """A line of the form, not answered yet."""
        assert (1, None, "", None, None, None) == attrs.astuple(ChecklistAnswer(item_id=1))

    def test_the_evidence_stays_out_of_repr(self) -> None:
        """It may be personal."""
        assert SECRET not in repr(ChecklistAnswer(item_id=1, evidence=SECRET))

    def test_equality_goes_through_utc(self) -> None:
        """Two records of one instant are equal in whatever zone it is written."""
        there = AT.astimezone(timezone(timedelta(hours=-7)))

        assert ChecklistAnswer(item_id=1, at=AT) == ChecklistAnswer(item_id=1, at=there)


class TestGaps:
    def test_names_what_is_unmet_or_unanswered(self) -> None:
        """In the checklist's order, with the answer where there is one."""
        unmet = ChecklistAnswer(item_id="signs", verdict=Verdict.UNMET, evidence="hidden by a tree", subject_id="desk")
        answers = [unmet, answer("clean", subject_id="desk")]

        assert (ChecklistAnswer(item_id="queue", subject_id="desk"), unmet) == SHOP.gaps(answers)

    def test_is_gapless_where_all_is_met_or_does_not_arise(self) -> None:
        """There is nothing left to do."""
        answers = [answer("clean"), answer("signs"), answer("queue", Verdict.NOT_APPLICABLE)]

        assert () == SHOP.gaps(iter(answers))
        assert () == Checklist(id=1, items=[]).gaps([])

    def test_without_answers_everything_is_a_gap(self) -> None:
        """Nobody has looked yet."""
        assert tuple(ChecklistAnswer(item_id=item.id) for item in SHOP.items) == SHOP.gaps([])

    @given(answered_checklists())
    def test_agrees_with_the_audit(self, answered: Answered) -> None:
        """There are as many gaps as items unmet and unanswered, and every subject has its own."""
        checklist, answers = answered
        gaps = checklist.gaps(answers)
        audit = Audit.of(checklist, answers)

        assert audit.unmet == sum(gap.verdict is Verdict.UNMET for gap in gaps)
        assert audit.unanswered == sum(gap.verdict is None for gap in gaps)
        assert len(gaps) == audit.unmet + audit.unanswered == len({(gap.subject_id, gap.item_id) for gap in gaps})
