"""Named items to check, answers with evidence, and what the answers leave open."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import attrs

from crmcore.model.survey import Scale
from crmcore.primitives import _moved, checks
from crmcore.primitives._decimals import ONE, plain_repr
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import by_utc
from crmcore.primitives.record import (
    NON_NEGATIVE,
    Personal,
    Record,
    maybe_number,
    number,
    several,
    text as text_or_none,
)

__all__ = ["Checklist", "ChecklistAnswer", "ChecklistItem", "Verdict"]


class Verdict(StrEnum):
    """The answer to an item of a checklist; an item that is not answered yet has None.

    Attributes:
        MET: The item is met.
        UNMET: The item is not met.
        NOT_APPLICABLE: The item does not apply to this subject.
    """

    MET = "met"
    UNMET = "unmet"
    NOT_APPLICABLE = "not_applicable"


@attrs.frozen(kw_only=True)
class ChecklistItem(Record):
    """One requirement on a checklist.

    Examples:
        >>> from crmcore import ChecklistItem
        >>> ChecklistItem(id="mobile_site", text="The site can be read on a phone.", group="micro-moments").group
        'micro-moments'

    Attributes:
        id: The id that answers refer to, unique within a checklist.
        text: The requirement.
        group: The part of the checklist it belongs to.
        weight: How much it counts in a score, >= 0.
        critical: Whether a review in which it fails scores 0.
        scale: The scale of its score; None for a share from 0 to 1.

    Raises:
        InvalidValueError: A scale of words, without numbers.
    """

    id: Id
    text: str = attrs.field(converter=text_or_none)
    group: str = attrs.field(default="", converter=text_or_none)
    weight: Annotated[Decimal, NON_NEGATIVE] = attrs.field(default=ONE, converter=number, repr=plain_repr)
    critical: bool = False
    scale: Scale | None = None

    def _check(self) -> None:
        super()._check()
        if self.scale is not None and self.scale.low is None:
            raise InvalidValueError(
                "score_in_words",
                f"scale must have numbers, got the scale {self.scale}",
                field="scale",
                advice="leave it out, and give a verdict",
                operands=(self.scale,),
            )


@attrs.frozen(kw_only=True)
class ChecklistAnswer(Record):
    """The answer to one item, for one subject, with its evidence.

    Examples:
        >>> from crmcore import ChecklistAnswer, Verdict
        >>> ChecklistAnswer(item_id="mobile_site", verdict=Verdict.UNMET, evidence="the menu hides the price").verdict
        <Verdict.UNMET: 'unmet'>

    The evidence may be personal. It is left out of `repr` and of every message.

    Attributes:
        item_id: The item.
        verdict: Met, unmet or not applicable; None if it is not answered yet.
        evidence: What was observed.
        subject_id: The subject that was checked: a touchpoint, an employee, an interaction.
        at: When it was checked.
        answered_by_id: Who checked it.
        score: How well it is met, on the scale of the item; `AuditScore` reads it. An answer with a score may leave the
            verdict out, but `Audit` and `gaps` count verdicts only.

    Raises:
        InvalidValueError: A score of an item that does not apply.
    """

    item_id: Id
    verdict: Verdict | None = None
    evidence: Personal = attrs.field(default="", converter=text_or_none)
    subject_id: Id | None = None
    at: datetime | None = attrs.field(default=None, eq=by_utc)
    answered_by_id: Id | None = None
    score: Decimal | None = attrs.field(default=None, converter=maybe_number, repr=plain_repr)

    def _check(self) -> None:
        super()._check()
        if self.score is not None and self.verdict is Verdict.NOT_APPLICABLE:
            raise InvalidValueError(
                "score_of_the_not_applicable",
                f"score must be empty if the item does not apply, got {show(self.score)}",
                field="score",
                operands=(self.score,),
            )


@attrs.frozen(kw_only=True)
class Checklist(Record):
    """A list of requirements, in order.

    Examples:
        >>> from crmcore import Checklist, ChecklistAnswer, ChecklistItem, Verdict
        >>> mobile = Checklist(
        ...     id="mobile",
        ...     items=[
        ...         ChecklistItem(id="site", text="The site can be read on a phone."),
        ...         ChecklistItem(id="reviews", text="Somebody watches the review sites."),
        ...         ChecklistItem(id="prices", text="Somebody watches the prices of competitors."),
        ...     ],
        ... )
        >>> answers = [
        ...     ChecklistAnswer(item_id="site", verdict=Verdict.MET),
        ...     ChecklistAnswer(item_id="prices", verdict=Verdict.UNMET),
        ... ]
        >>> [gap.item_id for gap in mobile.gaps(answers)]
        ['reviews', 'prices']

    Attributes:
        id: The id of the checklist.
        items: The items, in the order in which they are checked.
        name: The name of the checklist.

    Raises:
        InvalidValueError: Two items have the same id.
    """

    id: Id
    items: tuple[ChecklistItem, ...] = attrs.field(converter=several)
    name: str = attrs.field(default="", converter=text_or_none)

    def _check(self) -> None:
        super()._check()
        checks.check_unique([item.id for item in self.items], "items", "an id")

    def gaps(self, answers: Iterable[ChecklistAnswer], /) -> tuple[ChecklistAnswer, ...]:
        """Return what is unmet or unanswered: the entries of `lines` whose verdict is unmet or None.

        Args:
            answers: The answers, in any order, at most one for each item and subject.
        """
        return tuple(line for line in self.lines(answers) if line.verdict is None or line.verdict is Verdict.UNMET)

    def lines(self, answers: Iterable[ChecklistAnswer], /) -> tuple[ChecklistAnswer, ...]:
        """Return the completed form: one answer for each subject and item, a blank one if no answer is given.

        Subjects are in the order in which they first occur, items in the order of the checklist. If there are no
        answers, the result contains one blank answer for each item, for an unknown subject. The result has an
        entry for each pair of a subject and an item, however few of them are answered.

        Examples:
            >>> from crmcore import Checklist, ChecklistAnswer, ChecklistItem, Verdict
            >>> shop = Checklist(id="shop", items=[ChecklistItem(id=name, text=name) for name in ("clean", "open")])
            >>> lines = shop.lines([ChecklistAnswer(item_id="open", subject_id="Riga", verdict=Verdict.MET)])
            >>> [(line.subject_id, line.item_id, line.verdict) for line in lines]
            [('Riga', 'clean', None), ('Riga', 'open', <Verdict.MET: 'met'>)]

        Args:
            answers: The answers, in any order, at most one for each item and subject.

        Raises:
            InvalidValueError: An answer names an item that is not on the checklist, or an item is answered twice for
                one subject.
        """
        known = {item.id for item in self.items}
        by_subject: dict[Id | None, dict[Id, ChecklistAnswer]] = {}
        for place, answer in enumerate(checks.iterate_records(answers, ChecklistAnswer, "answers")):
            if answer.item_id not in known:
                raise InvalidValueError(
                    "item_not_on_the_checklist",
                    f"answers must name items of the checklist, got {show(answer.item_id)}",
                    field="answers",
                    record=place,
                    operands=(answer.item_id,),
                )
            given = by_subject.setdefault(answer.subject_id, {})
            if answer.item_id in given:
                raise InvalidValueError(
                    "item_answered_twice",
                    f"answers must answer an item once for each subject, {show(answer.item_id)} is answered twice",
                    field="answers",
                    record=place,
                    advice="keep the latest answer",
                    operands=(answer.item_id,),
                )
            given[answer.item_id] = answer
        return tuple(
            given.get(item.id) or ChecklistAnswer(item_id=item.id, subject_id=subject_id)
            for subject_id, given in (by_subject or {None: {}}).items()
            for item in self.items
        )


if not TYPE_CHECKING:  # hidden from type checkers, which would take any name for granted
    __getattr__ = _moved.find_names_of(__name__)
