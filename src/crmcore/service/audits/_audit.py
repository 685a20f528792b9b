"""How much of a checklist is met, and how much of it was checked."""

from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from operator import attrgetter
from typing import Final, Self, TypeVar

import attrs

from crmcore.model.checklist import Checklist, ChecklistAnswer, Verdict
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import note_groups
from crmcore.primitives.ids import Id
from crmcore.primitives.tally import Tally, TallyBy

__all__ = ["Audit"]

_K = TypeVar("_K", bound=Hashable)

_subject_id: Final = attrgetter("subject_id")


@attrs.frozen(kw_only=True)
class Audit(Tally):
    """Number of met, unmet and unanswered items. Records of disjoint pairs of an item and a subject can be added.

    Examples:
        >>> from crmcore import Audit, Checklist, ChecklistAnswer, ChecklistItem, Verdict
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

    An audit counts. `Checklist.gaps` names the open items.

    Attributes:
        met: The number of items that are met.
        unmet: The number of items that are not met.
        not_applicable: The number of items that do not apply.
        unanswered: The number of items without an answer.
    """

    ratios = ("answered", "items", "coverage", "share_met")

    met: int = 0
    unmet: int = 0
    not_applicable: int = 0
    unanswered: int = 0

    @classmethod
    def of(cls, checklist: Checklist, answers: Iterable[ChecklistAnswer], /) -> Self:
        """Count the answers to a checklist. Every item is due for every subject that the answers name.

        If there are no answers, every item counts once as unanswered.

        Args:
            checklist: The items.
            answers: The answers, in any order, each item at most once for each subject.
        """
        checks.as_instance(checklist, Checklist, "checklist")
        return cls._of_lines(checklist.lines(answers))

    @classmethod
    def _of_lines(cls, lines: Iterable[ChecklistAnswer]) -> Self:
        verdicts = [line.verdict for line in lines]
        return cls(
            met=verdicts.count(Verdict.MET),
            unmet=verdicts.count(Verdict.UNMET),
            not_applicable=verdicts.count(Verdict.NOT_APPLICABLE),
            unanswered=verdicts.count(None),
        )

    @classmethod
    def by(
        cls, checklist: Checklist, answers: Iterable[ChecklistAnswer], key: Callable[[ChecklistAnswer], _K], /
    ) -> TallyBy[_K, Self]:
        """Count as `of` does, for each value of a key. All answers about one subject must have the same key.

        Examples:
            >>> from crmcore import Audit, Checklist, ChecklistAnswer, ChecklistItem, Verdict
            >>> manners = Checklist(id="manners", items=[ChecklistItem(id="name", text="Calls the customer by name.")])
            >>> answers = [
            ...     ChecklistAnswer(item_id="name", subject_id=name, verdict=verdict)
            ...     for name, verdict in [("anna", Verdict.MET), ("bob", Verdict.UNMET)]
            ... ]
            >>> {name: audit.share_met for name, audit in Audit.by(manners, answers, lambda a: a.subject_id).items()}
            {'anna': Decimal('1'), 'bob': Decimal('0')}

        Args:
            checklist: The items.
            answers: The answers, in any order, each item at most once for each subject. If there are no
                answers, there are no rows.
            key: Returns the key of an answer, such as its subject.

        Raises:
            InconsistentCountsError: A subject has answers under two keys.
        """
        checks.as_instance(checklist, Checklist, "checklist")
        by_group = group_answers(answers, key)
        return TallyBy({group: cls.of(checklist, found) for group, found in by_group.items()})

    @classmethod
    def by_group(cls, checklist: Checklist, answers: Iterable[ChecklistAnswer], /) -> TallyBy[str, Self]:
        """Count as `of` does, for each group of items.

        Examples:
            >>> from crmcore import Audit, Checklist, ChecklistAnswer, ChecklistItem, Verdict
            >>> areas = Checklist(
            ...     id="areas",
            ...     items=[
            ...         ChecklistItem(id="clean", text="The rooms are clean.", group="premises"),
            ...         ChecklistItem(id="queue", text="The queue is short.", group="services"),
            ...     ],
            ... )
            >>> audited = Audit.by_group(areas, [ChecklistAnswer(item_id="clean", verdict=Verdict.MET)])
            >>> {group: audit.coverage for group, audit in audited.items()}
            {'premises': Decimal('1'), 'services': Decimal('0')}

        Args:
            checklist: The items.
            answers: The answers, in any order, each item at most once for each subject.
        """
        checks.as_instance(checklist, Checklist, "checklist")
        group_of = {item.id: item.group for item in checklist.items}
        groups: dict[str, list[ChecklistAnswer]] = {item.group: [] for item in checklist.items}
        for line in checklist.lines(answers):
            groups[group_of[line.item_id]].append(line)
        return TallyBy({group: cls._of_lines(lines) for group, lines in groups.items()})

    @property
    def answered(self) -> int:
        """The number of items with an answer."""
        return self.met + self.unmet + self.not_applicable

    @property
    def items(self) -> int:
        """The number of items that were due."""
        return self.answered + self.unanswered

    @property
    def coverage(self) -> Decimal | None:
        """The share of the items with an answer, ``answered / items``; None if there are no items."""
        return ratio(self.answered, self.items)

    @property
    def share_met(self) -> Decimal | None:
        """The share of met items, ``met / (met + unmet)``; None if no item is met or unmet."""
        return ratio(self.met, self.met + self.unmet)

    def explain(self) -> Explanation:
        """Return how the shares come about, line by line."""
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


def group_answers(
    answers: Iterable[ChecklistAnswer], key: Callable[[ChecklistAnswer], _K]
) -> dict[_K, list[ChecklistAnswer]]:
    """Return the answers of each key, which is the same for all answers about a subject."""
    group_of: dict[Id | None, _K] = {}
    groups: dict[_K, list[ChecklistAnswer]] = {}
    example = "lambda answer: answer.subject_id"
    for answer in note_groups(
        answers, key, ChecklistAnswer, "answers", example, groups=group_of, owner=_subject_id, owner_name="subject"
    ):
        groups.setdefault(group_of[answer.subject_id], []).append(answer)
    return groups
