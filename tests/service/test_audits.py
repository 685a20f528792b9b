from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import Audit, TallyBy
from crmcore.interop.hypothesis import audits
from crmcore.model.checklist import Checklist, ChecklistAnswer, Verdict
from crmcore.primitives.errors import CrmcoreError, InconsistentCountsError, InvalidValueError, WrongTypeError
from tests.support.checklists import CLEAN, SHOP, Answered, answer, subjects
from tests.support.refusals import refused
from tests.support.replay import replay
from tests.support.voice_strategies import answered_checklists

AT = datetime(2026, 3, 2, 10, 15, tzinfo=timezone(timedelta(hours=2)))


class TestAudit:
    @given(answered_checklists())
    def test_agrees_with_an_independent_count(self, answered: Answered) -> None:
        """Every item is due for every subject."""
        checklist, answers = answered
        verdicts = {(one.subject_id, one.item_id): one.verdict for one in answers}
        due = [verdicts.get((subject, item.id)) for subject, item in product(subjects(answers), checklist.items)]
        audit = Audit.of(checklist, iter(answers))

        assert [due.count(verdict) for verdict in (*Verdict, None)] == list(attrs.astuple(audit))
        assert len(due) == audit.items
        assert len(due) - due.count(None) == audit.answered

    @given(answered_checklists(), st.randoms(use_true_random=False))
    def test_order_and_shards_of_subjects_do_not_matter(self, answered: Answered, random: Any) -> None:
        """Any order gives the same record, and shards by subject add up to it."""
        checklist, answers = answered
        shuffled = answers.copy()
        random.shuffle(shuffled)
        shards = [[one for one in answers if one.subject_id == subject] for subject in subjects(answers)]
        whole = Audit.of(checklist, answers)

        assert whole == Audit.of(checklist, shuffled)
        assert whole == Audit.total(Audit.of(checklist, shard) for shard in shards)

    @given(answered_checklists())
    def test_by_a_key_of_the_subject(self, answered: Answered) -> None:
        """The rows add up to the whole, and each row counts its own subjects."""
        checklist, answers = answered
        by = Audit.by(checklist, answers, lambda one: isinstance(one.subject_id, str))

        assert (Audit.of(checklist, answers) if answers else None) == by.total
        for named, row in by.items():
            assert Audit.of(checklist, [one for one in answers if isinstance(one.subject_id, str) is named]) == row

    @given(answered_checklists())
    def test_by_group_of_the_items(self, answered: Answered) -> None:
        """The rows add up to the whole, and each row counts its own items."""
        checklist, answers = answered
        by = Audit.by_group(checklist, answers)

        assert Audit.of(checklist, answers) == by.total
        assert list(dict.fromkeys(item.group for item in checklist.items)) == list(by)
        for group, row in by.items():
            part = {item.id for item in checklist.items if item.group == group}
            blank = [ChecklistAnswer(item_id=item, subject_id=one) for item in part for one in subjects(answers)]
            given = {(one.item_id, one.subject_id): one for one in [*blank, *answers] if one.item_id in part}
            few = attrs.evolve(checklist, items=[item for item in checklist.items if item.group == group])
            assert Audit.of(few, given.values()) == row

    @given(audits())
    def test_ratios(self, audit: Audit) -> None:
        """Coverage is answered over all items, and the share met is met over met and unmet; a share over 0 is None."""
        for numerator, denominator, ratio in (
            (audit.answered, audit.items, audit.coverage),
            (audit.met, audit.met + audit.unmet, audit.share_met),
        ):
            if denominator:
                assert ratio is not None
                assert abs(Fraction(ratio) - Fraction(numerator, denominator)) <= Fraction(1, 10**34)
            else:
                assert ratio is None

    @given(audits())
    def test_no_explanation_lies(self, audit: Audit) -> None:
        """Every line follows from the lines above it, and equals the attribute of its name."""
        replay(audit.explain())
        assert [getattr(audit, line.name) for line in audit.explain()] == [line.value for line in audit.explain()]

    def test_explains_itself(self) -> None:
        """The counts come first, then the figures derived from them."""
        lines = Audit(met=1, unmet=1, not_applicable=2, unanswered=4).explain()

        assert [
            ("met", 1, "items", ""),
            ("unmet", 1, "items", ""),
            ("not_applicable", 2, "items", ""),
            ("unanswered", 4, "items", ""),
            ("answered", 4, "items", "met + unmet + not_applicable"),
            ("items", 8, "items", "answered + unanswered"),
            ("coverage", Decimal("0.5"), "", "answered / items"),
            ("share_met", Decimal("0.5"), "", "met / (met + unmet)"),
        ] == [attrs.astuple(line) for line in lines]

    def test_nothing_looked_at(self) -> None:
        """Without answers every item is unanswered once; without items a share is None."""
        assert Audit(unanswered=3) == Audit.of(SHOP, [])
        assert (Decimal(0), None) == (Audit.of(SHOP, []).coverage, Audit.of(SHOP, []).share_met)
        assert Audit() == Audit.of(Checklist(id=1, items=[]), [])
        assert (None, None) == (Audit().coverage, Audit().share_met)
        assert TallyBy() == Audit.by(SHOP, [], lambda one: one.subject_id)
        assert TallyBy() == Audit.by_group(Checklist(id=1, items=[]), [])
        assert {"premises": 2, "services": 1} == {
            group: row.unanswered for group, row in Audit.by_group(SHOP, []).items()
        }

    def test_what_does_not_arise_is_looked_at_but_neither_met_nor_unmet(self) -> None:
        """An item that does not apply counts for the coverage only; an unanswered item counts for neither share."""
        audit = Audit.of(SHOP, [answer("clean"), answer("queue", Verdict.NOT_APPLICABLE), answer("signs", None)])

        assert Audit(met=1, not_applicable=1, unanswered=1) == audit
        assert Decimal(1) == audit.share_met

    @pytest.mark.parametrize(
        ("answers", "error", "broken"),
        [
            ([answer("toilets")], InvalidValueError, "item_not_on_the_checklist: answers[0]"),
            ([answer("clean"), answer(1)], InvalidValueError, "item_not_on_the_checklist: answers[1]"),
            ([answer("clean"), answer("clean", None)], InvalidValueError, "item_answered_twice: answers[1]"),
            (None, WrongTypeError, "one_for_several: answers"),
            (answer("clean"), WrongTypeError, "one_for_several: answers"),
            ([CLEAN], WrongTypeError, "wrong_type: answers[0]"),
            (["clean"], WrongTypeError, "wrong_type: answers[0]"),
        ],
    )
    def test_refuses_answers_to_something_else(self, answers: Any, error: type[CrmcoreError], broken: str) -> None:
        """An answer to an unknown item, or a second answer, is refused in every way of counting."""
        for count in (
            lambda: Audit.of(SHOP, answers),
            lambda: Audit.by(SHOP, answers, lambda one: one.subject_id),
            lambda: Audit.by_group(SHOP, answers),
            lambda: SHOP.gaps(answers),
        ):
            with refused(error, broken):
                count()

    @pytest.mark.parametrize(("answers", "item"), [([answer("toilets")], "toilets"), ([answer("clean")] * 2, "clean")])
    def test_tells_programs_which_item(self, answers: list[ChecklistAnswer], item: str) -> None:
        """The item is the operand of the error."""
        with pytest.raises(InvalidValueError) as caught:
            Audit.of(SHOP, answers)
        assert (item,) == caught.value.operands

    def test_one_item_may_be_answered_for_many_subjects(self) -> None:
        """Every item is also due for a subject that answered only one."""
        assert Audit(met=2, unanswered=4) == Audit.of(
            SHOP, [answer("clean", subject_id=1), answer("clean", subject_id=2)]
        )

    @pytest.mark.parametrize("wrong", [None, "shop", CLEAN])
    def test_other_types_are_named(self, wrong: Any) -> None:
        """A value that is not a checklist, or a key that is not a function, is refused."""
        for count in (
            lambda: Audit.of(wrong, []),
            lambda: Audit.by(wrong, [], lambda one: one.subject_id),
            lambda: Audit.by_group(wrong, []),
        ):
            with pytest.raises(WrongTypeError, match="checklist must be a Checklist"):
                count()
        with pytest.raises(WrongTypeError, match="key must be a function, such as lambda answer"):
            Audit.by(SHOP, [], wrong)

    def test_a_subject_counts_once(self) -> None:
        """A key that differs between the answers about one subject is refused."""
        with refused(InconsistentCountsError, "owner_under_two_keys: key"):
            Audit.by(SHOP, [answer("clean"), answer("queue")], lambda one: one.item_id)

    @pytest.mark.parametrize("name", ["met", "unmet", "not_applicable", "unanswered"])
    def test_ready_counts_are_checked(self, name: str) -> None:
        """A record of ready counts is checked too."""
        with pytest.raises(InvalidValueError, match=f"{name} must be >= 0"):
            Audit(**{name: -1})
