from __future__ import annotations

import inspect
from datetime import datetime, timedelta, timezone
from typing import Any

import attrs
from hypothesis import given

from crmcore import Audit
from crmcore.model.checklist import Checklist, ChecklistAnswer, ChecklistItem, Verdict
from crmcore.primitives.errors import WrongTypeError
from tests.support.checklists import CLEAN, QUEUE, SHOP, SIGNS, Answered, answer
from tests.support.refusals import breaks
from tests.support.voice_strategies import answered_checklists

AT = datetime(2026, 3, 2, 10, 15, tzinfo=timezone(timedelta(hours=2)))
SECRET = "Anna Kalnina, +371 200 000 00"


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

    def test_ids_are_unique(self) -> None:
        """Two items with one id are refused; the error says which item is the second."""
        with breaks("not_unique", "items", record=2):
            Checklist(id=1, items=[CLEAN, QUEUE, CLEAN])


class TestLines:
    def test_unknown_item(self) -> None:
        """An answer to an item that the checklist does not have is refused; the error says which answer it is."""
        with breaks("item_not_on_the_checklist", "answers", record=1):
            SHOP.lines([answer("clean"), answer("toilets")])

    def test_answered_twice(self) -> None:
        """Two answers to an item for one subject are refused."""
        with breaks("item_answered_twice", "answers", record=2):
            SHOP.lines([answer("clean"), answer("clean", subject_id="desk"), answer("clean")])

    def test_answers_are_answers(self) -> None:
        """A value that is not an answer is refused; the error says which one it is."""
        wrong: Any = [answer("clean"), "clean"]
        with breaks("wrong_type", "answers", record=1, kind=WrongTypeError):
            SHOP.lines(wrong)


class TestChecklistAnswer:
    def test_is_blank_at_first(self) -> None:
        """An answer without a verdict is blank."""
        assert (1, None, "", None, None, None, None) == attrs.astuple(ChecklistAnswer(item_id=1))

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
