"""What customers like about a company, and whether it stays so."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from typing import Final, Self, TypeVar

import attrs

from crmcore.model.checklist import Checklist, ChecklistAnswer, ChecklistItem, Verdict
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import KeyGuard, in_one_group
from crmcore.primitives.tally import Tally, TallyBy

__all__ = ["ConstancyDrift", "constancy"]

_K = TypeVar("_K", bound=Hashable)

_ITEMS: Final = (
    ("recipe", "The product is as good as it was."),
    ("staff", "The staff are always pleasant."),
    ("place", "The company is as easy to reach as it was."),
    ("news", "The company still publishes what customers follow."),
    ("loyalty_programme", "The loyalty programme goes on."),
)

_CHANGES: Final = {
    (Verdict.MET, Verdict.MET): "kept",
    (Verdict.MET, Verdict.UNMET): "broken",
    (Verdict.UNMET, Verdict.MET): "restored",
    (Verdict.UNMET, Verdict.UNMET): "missing",
}


def constancy() -> Checklist:
    """Return the five questions whether what customers like about a company stays as it is.

    Examples:
        >>> from crmcore import Audit, ChecklistAnswer, Verdict
        >>> from crmcore.voice.expectations import constancy
        >>> answers = [ChecklistAnswer(item_id=item.id, verdict=Verdict.MET) for item in constancy().items[:4]]
        >>> [gap.item_id for gap in constancy().gaps(answers)], Audit.of(constancy(), answers).coverage
        (['loyalty_programme'], Decimal('0.8'))

    The items are ``recipe``, ``staff``, ``place``, ``news`` and ``loyalty_programme``.

    Source: the source articles (see why.md).
    """
    return Checklist(
        id="constancy",
        name="What customers like stays as it is",
        items=[ChecklistItem(id=name, text=text) for name, text in _ITEMS],
    )


@attrs.frozen(kw_only=True)
class ConstancyDrift(Tally):
    """Number of items that changed between two audits. Records of disjoint pairs of an item and a subject can be added.

    Examples:
        >>> from crmcore import ChecklistAnswer, ConstancyDrift, Verdict
        >>> from crmcore.voice.expectations import constancy
        >>> spring = [ChecklistAnswer(item_id=item.id, verdict=Verdict.MET) for item in constancy().items]
        >>> autumn = [*spring[:3], ChecklistAnswer(item_id="news", verdict=Verdict.UNMET)]
        >>> drift = ConstancyDrift.of(constancy(), spring, autumn)
        >>> drift.kept, drift.broken, drift.unknown, drift.rate
        (3, 1, 1, Decimal('0.25'))

    Attributes:
        kept: The number of items that were met and still are.
        broken: The number of items that were met and no longer are.
        restored: The number of items that were not met and now are.
        missing: The number of items that were not met and still are not.
        unknown: The number of items that one of the two audits leaves unanswered or takes for not applicable.
    """

    ratios = ("compared", "rate")

    kept: int = 0
    broken: int = 0
    restored: int = 0
    missing: int = 0
    unknown: int = 0

    @classmethod
    def of(cls, checklist: Checklist, before: Iterable[ChecklistAnswer], after: Iterable[ChecklistAnswer], /) -> Self:
        """Compare the answers of two audits, item by item and subject by subject.

        Args:
            checklist: The items, such as those of `constancy`.
            before: The answers of the earlier audit, in any order, each item at most once for each subject.
            after: The answers of the later audit, in the same way.
        """
        return cls._count(checklist, before, after, in_one_group).get(None) or cls()

    @classmethod
    def by(
        cls,
        checklist: Checklist,
        before: Iterable[ChecklistAnswer],
        after: Iterable[ChecklistAnswer],
        key: Callable[[ChecklistAnswer], _K],
        /,
    ) -> TallyBy[_K, Self]:
        """Compare as `of` does, for each value of a key of the later answer: by item, it says what broke.

        Examples:
            >>> from crmcore import ChecklistAnswer, ConstancyDrift, Verdict
            >>> from crmcore.voice.expectations import constancy
            >>> before, after = (
            ...     [ChecklistAnswer(item_id=item.id, verdict=verdict) for item in constancy().items[:2]]
            ...     for verdict in (Verdict.MET, Verdict.UNMET)
            ... )
            >>> drift = ConstancyDrift.by(constancy(), before, after, lambda answer: answer.item_id)
            >>> [item for item, row in drift.items() if row.broken]
            ['recipe', 'staff']

        Args:
            checklist: The items.
            before: The answers of the earlier audit, in any order, each item at most once for each subject.
            after: The answers of the later audit, in the same way.
            key: Returns the key of an answer, such as its item or its subject.
        """
        checks.check_callable(key, "key", "lambda answer: answer.item_id")
        return TallyBy(cls._count(checklist, before, after, key))

    @classmethod
    def _count(
        cls,
        checklist: Checklist,
        before: Iterable[ChecklistAnswer],
        after: Iterable[ChecklistAnswer],
        key: Callable[[ChecklistAnswer], _K],
    ) -> dict[_K, Self]:
        checks.as_instance(checklist, Checklist, "checklist")
        earlier = {(line.subject_id, line.item_id): line for line in _list_lines(checklist, before, "before")}
        later = {(line.subject_id, line.item_id): line for line in _list_lines(checklist, after, "after")}
        rows: dict[_K, Counter[str]] = {}
        guard = KeyGuard(rows)
        known: type | None = None
        for name in [*earlier, *(name for name in later if name not in earlier)]:
            line = later.get(name) or ChecklistAnswer(subject_id=name[0], item_id=name[1])
            group = key(line)
            if type(group) is not known:
                known = guard.admit(group)
            was = earlier[name].verdict if name in earlier else None
            change = "unknown" if was is None or line.verdict is None else _CHANGES.get((was, line.verdict), "unknown")
            rows.setdefault(group, Counter())[change] += 1
        return {group: cls(**row) for group, row in rows.items()}

    @property
    def compared(self) -> int:
        """The number of items with an answer in both audits, ``kept + broken + restored + missing``."""
        return self.kept + self.broken + self.restored + self.missing

    @property
    def rate(self) -> Decimal | None:
        """The drift: the share of what was met that no longer is, ``broken / (kept + broken)``. None if nothing was."""
        return ratio(self.broken, self.kept + self.broken)

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you read it: items that cannot be compared."""
        if not self.unknown:
            return ()
        return (
            Finding(
                rule="items_not_comparable",
                severity=Severity.INFO,
                subject="answers",
                message=f"{self.unknown} items have no answer in one of the two audits, and are in no rate",
                advice="ask all the questions each time",
                evidence=[("items", self.unknown)],
            ),
        )

    def explain(self) -> Explanation:
        """Return how the drift comes about, line by line."""
        names = ("kept", "broken", "restored", "missing", "unknown")
        return Explanation(
            (
                *(term(name, getattr(self, name), "items") for name in names),
                term("compared", self.compared, "items", "kept + broken + restored + missing"),
                term("rate", self.rate, "", "broken / (kept + broken)"),
            ),
            cautions=self.cautions,
        )


def _list_lines(checklist: Checklist, answers: Iterable[ChecklistAnswer], name: str) -> tuple[ChecklistAnswer, ...]:
    """Return the completed form of the subjects that the answers name; nothing if there are no answers."""
    given = [*checks.iterate_records(answers, ChecklistAnswer, name)]
    return checklist.lines(given) if given else ()
