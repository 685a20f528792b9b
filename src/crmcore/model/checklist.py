"""Checklists: named items, answered with evidence, and what the answers leave open."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id, check_id
from crmcore.primitives.periods import by_utc

__all__ = ["Checklist", "ChecklistAnswer", "ChecklistItem", "Verdict"]


class Verdict(StrEnum):
    """How an item was answered; None is not answered yet.

    Attributes:
        MET: Yes, it is so.
        UNMET: No, it is not so.
        NOT_APPLICABLE: It does not arise here.
    """

    MET = "met"
    UNMET = "unmet"
    NOT_APPLICABLE = "not_applicable"


@attrs.frozen(kw_only=True)
class ChecklistItem:
    """One thing that ought to be so.

    Examples:
        >>> ChecklistItem(id="mobile_site", text="The site can be read on a phone.", group="micro-moments").group
        'micro-moments'

    Attributes:
        id: What answers refer to, once in a checklist.
        text: What ought to be so.
        group: Which part of the checklist it belongs to.

    Raises:
        InvalidValueError: An empty id.
        WrongTypeError: A value of the wrong type.
    """

    id: Id
    text: str
    group: str = ""

    def __attrs_post_init__(self) -> None:
        check_id(self.id, "id", required=True)
        checks.as_text(self.text, "text")
        checks.as_text(self.group, "group")


@attrs.frozen(kw_only=True)
class ChecklistAnswer:
    """Whether an item is met, by what one saw; an answer without a verdict is a line still blank.

    Examples:
        >>> ChecklistAnswer(item_id="mobile_site", verdict=Verdict.UNMET, evidence="the menu hides the price").verdict
        <Verdict.UNMET: 'unmet'>

    The evidence may be personal: it stays out of `repr` and of every message.

    Attributes:
        item_id: The item.
        verdict: Met, unmet or not applicable; None is not answered yet.
        evidence: What one saw.
        subject_id: Who or what was looked at: the touchpoint, the employee, the interaction.
        at: When.
        answered_by_id: Who looked.

    Raises:
        InvalidValueError: An empty id.
        NaiveInstantError: The instant has no time zone.
        WrongTypeError: A value of the wrong type.
    """

    item_id: Id
    verdict: Verdict | None = None
    evidence: str = attrs.field(default="", repr=False)
    subject_id: Id | None = None
    at: datetime | None = attrs.field(default=None, eq=by_utc)
    answered_by_id: Id | None = None

    def __attrs_post_init__(self) -> None:
        check_id(self.item_id, "item_id", required=True)
        if self.verdict is not None:
            checks.as_member(self.verdict, Verdict, "verdict")
        checks.as_text(self.evidence, "evidence")
        check_id(self.subject_id, "subject_id")
        if self.at is not None:
            checks.as_instant(self.at, "at")
        check_id(self.answered_by_id, "answered_by_id")


def _items(items: Iterable[ChecklistItem]) -> tuple[ChecklistItem, ...]:
    return cast("tuple[ChecklistItem, ...]", items)


@attrs.frozen(kw_only=True)
class Checklist:
    """Things that ought to be so, in order.

    Examples:
        >>> mobile = Checklist(
        ...     id="mobile",
        ...     items=[
        ...         ChecklistItem(id="site", text="The site can be read on a phone."),
        ...         ChecklistItem(id="reviews", text="Somebody watches the review sites."),
        ...         ChecklistItem(id="prices", text="Somebody watches the prices of rivals."),
        ...     ],
        ... )
        >>> answers = [
        ...     ChecklistAnswer(item_id="site", verdict=Verdict.MET),
        ...     ChecklistAnswer(item_id="prices", verdict=Verdict.UNMET),
        ... ]
        >>> [gap.item_id for gap in mobile.gaps(answers)]
        ['reviews', 'prices']

    Attributes:
        id: What to refer to it by.
        items: In the order in which they are gone through.
        name: What to call it.

    Raises:
        InvalidValueError: An empty id; two items of one id.
        WrongTypeError: A value of the wrong type; a single item where several are due.
    """

    id: Id
    items: tuple[ChecklistItem, ...] = attrs.field(converter=_items)
    name: str = ""

    def __attrs_post_init__(self) -> None:
        check_id(self.id, "id", required=True)
        checks.set_field(self, "items", checks.as_tuple(self.items, ChecklistItem, "items"))
        seen: set[Id] = set()
        for item in self.items:
            if item.id in seen:
                raise InvalidValueError(
                    f"items must each have an id of their own, {show(item.id)} comes twice", item.id
                )
            seen.add(item.id)
        checks.as_text(self.name, "name")

    def gaps(self, answers: Iterable[ChecklistAnswer], /) -> tuple[ChecklistAnswer, ...]:
        """Return what is unmet or unanswered: the lines of `lines` whose verdict is unmet or None.

        Args:
            answers: The answers, in any order, each item at most once for each subject.

        Raises:
            InvalidValueError: An answer names an item that is not on the checklist, or an item is answered twice.
        """
        return tuple(line for line in self.lines(answers) if line.verdict is None or line.verdict is Verdict.UNMET)

    def lines(self, answers: Iterable[ChecklistAnswer], /) -> tuple[ChecklistAnswer, ...]:
        """Return the form as filled in: one answer for each subject and item, a blank one where none was given.

        Subjects stand in the order in which they are first named, items in the checklist's order. Without any answer
        every item is blank once, for an unknown subject.

        Examples:
            >>> shop = Checklist(id="shop", items=[ChecklistItem(id=name, text=name) for name in ("clean", "open")])
            >>> lines = shop.lines([ChecklistAnswer(item_id="open", subject_id="Riga", verdict=Verdict.MET)])
            >>> [(line.subject_id, line.item_id, line.verdict) for line in lines]
            [('Riga', 'clean', None), ('Riga', 'open', <Verdict.MET: 'met'>)]

        Args:
            answers: The answers, in any order, each item at most once for each subject.

        Raises:
            InvalidValueError: An answer names an item that is not on the checklist, or an item is answered twice.
        """
        known = {item.id for item in self.items}
        by_subject: dict[Id | None, dict[Id, ChecklistAnswer]] = {}
        for answer in checks.iterate(answers, "answers", "ChecklistAnswer"):
            checks.as_instance(answer, ChecklistAnswer, "every item")
            if answer.item_id not in known:
                raise InvalidValueError(f"the checklist has no item {show(answer.item_id)}", answer.item_id)
            given = by_subject.setdefault(answer.subject_id, {})
            if answer.item_id in given:
                raise InvalidValueError(
                    f"item {show(answer.item_id)} is answered twice for one subject; keep the latest answer",
                    answer.item_id,
                )
            given[answer.item_id] = answer
        return tuple(
            given.get(item.id) or ChecklistAnswer(item_id=item.id, subject_id=subject_id)
            for subject_id, given in (by_subject or {None: {}}).items()
            for item in self.items
        )
