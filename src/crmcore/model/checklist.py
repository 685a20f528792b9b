"""Checklists: named items, answered with evidence, and what the answers leave open."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar, cast

import attrs

from crmcore.model._ids import Id, check_id
from crmcore.primitives import _entry
from crmcore.primitives._decimals import ratio
from crmcore.primitives._entry import shown
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation
from crmcore.primitives.periods import by_utc
from crmcore.primitives.tally import Tally, TallyBy, settle_counts, term

__all__ = ["Audit", "Checklist", "ChecklistAnswer", "ChecklistItem", "Verdict"]

_K = TypeVar("_K", bound=Hashable)


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
        >>> ChecklistItem(id="mobile_site", text="The site can be read on a telephone.", group="micro-moments").group
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
        _entry.text(self.text, "text")
        _entry.text(self.group, "group")


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
            _entry.member(self.verdict, Verdict, "verdict")
        _entry.text(self.evidence, "evidence")
        check_id(self.subject_id, "subject_id")
        if self.at is not None:
            _entry.instant(self.at, "at")
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
        ...         ChecklistItem(id="site", text="The site can be read on a telephone."),
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
        _entry.replace(self, "items", _entry.several(self.items, ChecklistItem, "items"))
        seen: set[Id] = set()
        for item in self.items:
            if item.id in seen:
                raise InvalidValueError(
                    f"items must each have an id of their own, {shown(item.id)} comes twice", item.id
                )
            seen.add(item.id)
        _entry.text(self.name, "name")

    def gaps(self, answers: Iterable[ChecklistAnswer], /) -> tuple[ChecklistAnswer, ...]:
        """What is unmet or unanswered: the answer that says so or, where there is none, a blank one.

        Subject by subject as they are first named, item by item in the checklist's order; without any answer every item
        is a gap. Arguments and errors as for `Audit.of`.
        """
        return tuple(
            answer
            for subject_id, given in _by_subject(self, answers).items()
            for answer in _filled_in(self, subject_id, given)
            if answer.verdict is None or answer.verdict is Verdict.UNMET
        )


@attrs.frozen(kw_only=True)
class Audit(Tally):
    """Adds over disjoint pairs of an item and a subject: what is met, what is not, and what nobody looked at.

    Examples:
        >>> mobile = Checklist(
        ...     id="mobile", items=[ChecklistItem(id=name, text=name) for name in ("site", "reviews", "prices")]
        ... )
        >>> answers = [
        ...     ChecklistAnswer(item_id="site", verdict=Verdict.MET),
        ...     ChecklistAnswer(item_id="prices", verdict=Verdict.UNMET),
        ... ]
        >>> print(Audit.of(mobile, answers).explain())
        met                           1  items
        unmet                         1  items
        not_applicable                0  items
        unanswered                    1  items
        answered                      2  items  = met + unmet + not_applicable
        items                         3  items  = answered + unanswered
        coverage        0.6666666666...         = answered / items
        share_met                   0.5         = met / (met + unmet)

    Which items are open is not counted: `Checklist.gaps` names them.

    Attributes:
        met: Items found to be so.
        unmet: Items found not to be so.
        not_applicable: Items that do not arise.
        unanswered: Items that nobody looked at.
    """

    ratios = ("answered", "items", "coverage", "share_met")

    met: int = 0
    unmet: int = 0
    not_applicable: int = 0
    unanswered: int = 0

    def __attrs_post_init__(self) -> None:
        settle_counts(self, "met", "unmet", "not_applicable", "unanswered")

    @staticmethod
    def of(checklist: Checklist, answers: Iterable[ChecklistAnswer], /) -> Audit:
        """Count the answers to a checklist; every subject that the answers name was due every item.

        Without any answer all items are unanswered once.

        Args:
            checklist: The items.
            answers: The answers, in any order, each item at most once for each subject.

        Raises:
            InvalidValueError: An answer names an item that is not on the checklist, or an item is answered twice.
            WrongTypeError: The checklist is no `Checklist`, or an answer no `ChecklistAnswer`.
        """
        by_subject = _by_subject(checklist, answers)
        return Audit.total(_counted(_filled_in(checklist, one, given)) for one, given in by_subject.items())

    @staticmethod
    def by(
        checklist: Checklist, answers: Iterable[ChecklistAnswer], key: Callable[[ChecklistAnswer], _K], /
    ) -> TallyBy[_K, Audit]:
        """Count as `of` does, apart by a key that is the same for all answers on a subject.

        Examples:
            >>> manners = Checklist(id="manners", items=[ChecklistItem(id="name", text="Calls the customer by name.")])
            >>> answers = [
            ...     ChecklistAnswer(item_id="name", subject_id=who, verdict=verdict)
            ...     for who, verdict in [("anna", Verdict.MET), ("bob", Verdict.UNMET)]
            ... ]
            >>> {who: audit.share_met for who, audit in Audit.by(manners, answers, lambda a: a.subject_id).items()}
            {'anna': Decimal('1'), 'bob': Decimal('0')}

        Args:
            checklist: As for `of`.
            answers: As for `of`; without any there are no rows.
            key: What to count apart by, such as the subject.

        Raises:
            InconsistentCountsError: A subject has answers under two keys.
            InvalidValueError: As for `of`.
            WrongTypeError: As for `of`.
        """
        _entry.function(key, "key", "lambda answer: answer.subject_id")
        group_of: dict[Id | None, _K] = {}
        by_subject = _by_subject(checklist, _grouped(answers, key, group_of))
        rows: dict[_K, Audit] = {}
        for subject_id, group in group_of.items():
            counted = _counted(_filled_in(checklist, subject_id, by_subject[subject_id]))
            rows[group] = rows[group] + counted if group in rows else counted
        return TallyBy(rows)

    @staticmethod
    def by_group(checklist: Checklist, answers: Iterable[ChecklistAnswer], /) -> TallyBy[str, Audit]:
        """Count as `of` does, apart by the items' groups.

        Examples:
            >>> areas = Checklist(
            ...     id="areas",
            ...     items=[
            ...         ChecklistItem(id="clean", text="The rooms are clean.", group="premises"),
            ...         ChecklistItem(id="queue", text="Nobody waits long.", group="services"),
            ...     ],
            ... )
            >>> audited = Audit.by_group(areas, [ChecklistAnswer(item_id="clean", verdict=Verdict.MET)])
            >>> {group: audit.coverage for group, audit in audited.items()}
            {'premises': Decimal('1'), 'services': Decimal('0')}

        Args:
            checklist: As for `of`.
            answers: As for `of`.

        Raises:
            InvalidValueError: As for `of`.
            WrongTypeError: As for `of`.
        """
        by_subject = _by_subject(checklist, answers)
        groups: dict[str, list[ChecklistAnswer]] = {item.group: [] for item in checklist.items}
        for subject_id, given in by_subject.items():
            for item, answer in zip(checklist.items, _filled_in(checklist, subject_id, given), strict=True):
                groups[item.group].append(answer)
        return TallyBy({group: _counted(lines) for group, lines in groups.items()})

    @property
    def answered(self) -> int:
        """Items that somebody looked at."""
        return self.met + self.unmet + self.not_applicable

    @property
    def items(self) -> int:
        """All items that were due."""
        return self.answered + self.unanswered

    @property
    def coverage(self) -> Decimal | None:
        """The share that was looked at, ``answered / items``; None of no items."""
        return ratio(self.answered, self.items)

    @property
    def share_met(self) -> Decimal | None:
        """The share met of what arises and was looked at, ``met / (met + unmet)``; None of nothing."""
        return ratio(self.met, self.met + self.unmet)

    def explain(self) -> Explanation:
        """How the shares come about, line by line."""
        return Explanation(
            (
                term("met", self.met, "items"),
                term("unmet", self.unmet, "items"),
                term("not_applicable", self.not_applicable, "items"),
                term("unanswered", self.unanswered, "items"),
                term("answered", self.answered, "items", "met + unmet + not_applicable"),
                term("items", self.items, "items", "answered + unanswered"),
                term("coverage", self.coverage, "", "answered / items"),
                term("share_met", self.share_met, "", "met / (met + unmet)"),
            )
        )


_Given = Mapping[Id, ChecklistAnswer]
_BySubject = Mapping[Id | None, _Given]


def _by_subject(checklist: Checklist, answers: Iterable[ChecklistAnswer]) -> _BySubject:
    """The answers by subject and item; where there are none, those of one unknown subject."""
    _entry.of_type(checklist, Checklist, "checklist")
    known = {item.id for item in checklist.items}
    found: dict[Id | None, dict[Id, ChecklistAnswer]] = {}
    for answer in _entry.each(answers, "answers", "ChecklistAnswer"):
        _entry.of_type(answer, ChecklistAnswer, "every item")
        if answer.item_id not in known:
            raise InvalidValueError(f"the checklist has no item {shown(answer.item_id)}", answer.item_id)
        given = found.setdefault(answer.subject_id, {})
        if answer.item_id in given:
            raise InvalidValueError(
                f"item {shown(answer.item_id)} is answered twice for one subject; keep the latest answer",
                answer.item_id,
            )
        given[answer.item_id] = answer
    return found or {None: {}}


def _filled_in(checklist: Checklist, subject_id: Id | None, given: _Given) -> Iterator[ChecklistAnswer]:
    """One answer for each item, in order; a blank one where none was given."""
    for item in checklist.items:
        yield given.get(item.id) or ChecklistAnswer(item_id=item.id, subject_id=subject_id)


def _counted(answers: Iterable[ChecklistAnswer]) -> Audit:
    verdicts = [answer.verdict for answer in answers]
    return Audit(
        met=verdicts.count(Verdict.MET),
        unmet=verdicts.count(Verdict.UNMET),
        not_applicable=verdicts.count(Verdict.NOT_APPLICABLE),
        unanswered=verdicts.count(None),
    )


def _grouped(
    answers: Iterable[ChecklistAnswer], key: Callable[[ChecklistAnswer], _K], group_of: dict[Id | None, _K]
) -> Iterator[ChecklistAnswer]:
    """Pass the answers on, noting the group of each subject."""
    for answer in _entry.each(answers, "answers", "ChecklistAnswer"):
        group = key(_entry.of_type(answer, ChecklistAnswer, "every item"))
        if group_of.setdefault(answer.subject_id, group) != group:
            raise InconsistentCountsError(
                f"a subject has answers under two keys, {shown(group_of[answer.subject_id])} and {shown(group)}, "
                f"and would be due every item twice; take a key of the subject, not of the answer"
            )
        yield answer
