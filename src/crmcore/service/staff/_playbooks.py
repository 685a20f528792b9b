"""What each role does and says in each situation, and where no rule exists."""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Self

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import UnknownNameError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.ids import Id
from crmcore.primitives.record import Label, Name, Record, several, text
from crmcore.service.staff._training import TrainingTopic

__all__ = ["Playbook", "PlaybookCoverage", "Situation"]


class Situation(StrEnum):
    """A situation in which an employee needs to know what to do.

    The members are suggestions: a field takes a text of your own too, such as a common problem.

    Attributes:
        QUESTION: The customer has a question.
        COMPLAINT: The customer complains.
        UNDECIDED: The customer cannot decide.
        OUT_OF_STOCK: What the customer wants is not there.
        REFUSED_REQUEST: What the customer wants is not possible.
    """

    QUESTION = "question"
    COMPLAINT = "complaint"
    UNDECIDED = "undecided"
    OUT_OF_STOCK = "out_of_stock"
    REFUSED_REQUEST = "refused_request"


@attrs.frozen(kw_only=True)
class Playbook(Record):
    """What an employee of a role does in a situation, with a weak and a strong answer.

    Examples:
        >>> from crmcore import Playbook, Situation
        >>> Playbook(
        ...     role="seller",
        ...     situation=Situation.QUESTION,
        ...     steps=["stop what you do", "name the aisle", "go there with the customer"],
        ...     weak="Somewhere at the back.",
        ...     strong="Aisle 10. Let me take you there.",
        ... ).strong
        'Aisle 10. Let me take you there.'

    All playbooks of a role are its guide. The playbook of a common problem holds its solution as `steps`.

    Attributes:
        role: The role, as in `Employee.role`.
        situation: The situation, or a common problem.
        steps: What to do, in order.
        weak: An answer that does not help.
        strong: An answer that does.
        taught_by: The topic of the training that teaches it.
        id: The id of the playbook.
    """

    role: Name
    situation: Label[Situation]
    steps: tuple[Name, ...] = attrs.field(default=(), converter=several)
    weak: str = attrs.field(default="", converter=text)
    strong: str = attrs.field(default="", converter=text)
    taught_by: Label[TrainingTopic] | None = None
    id: Id | None = None


@attrs.frozen(kw_only=True)
class PlaybookCoverage(Result):
    """Which roles have a playbook for which situations.

    Examples:
        >>> from crmcore import Playbook, PlaybookCoverage, Situation
        >>> coverage = PlaybookCoverage.of(
        ...     [
        ...         Playbook(role="seller", situation=Situation.QUESTION),
        ...         Playbook(role="seller", situation=Situation.UNDECIDED),
        ...         Playbook(role="operator", situation=Situation.COMPLAINT),
        ...     ],
        ...     roles=["seller", "operator"],
        ...     situations=[Situation.QUESTION, Situation.COMPLAINT, Situation.UNDECIDED],
        ... )
        >>> print(coverage.explain())
        covered    3  pairs
        pairs      6  pairs
        share    0.5         = covered / pairs
        >>> [(role, situation.value) for role, situation in coverage.missing]
        [('seller', 'complaint'), ('operator', 'question'), ('operator', 'undecided')]

    Attributes:
        roles: The roles, each once.
        situations: The situations, each once.
        pairs_covered: The pairs of a role and a situation that have a playbook, in the order of the roles and of the
            situations.

    Raises:
        UnknownNameError: A pair of a role or a situation that is not listed.
        InvalidValueError: A role or a situation is listed twice.
    """

    ratios = ("covered", "pairs", "share")

    roles: tuple[Name, ...] = attrs.field(converter=several)
    situations: tuple[Label[Situation], ...] = attrs.field(converter=several)
    pairs_covered: tuple[tuple[str, Label[Situation]], ...] = attrs.field(default=(), converter=several)

    def _check(self) -> None:
        super()._check()
        checks.check_unique(self.roles, "roles", "a name")
        checks.check_unique(self.situations, "situations", "a name")
        given: set[tuple[str, str]] = set()
        listed = (frozenset[str](self.roles), frozenset[str](self.situations))
        for place, pair in enumerate(self.pairs_covered):
            for value, known, what in zip(pair, listed, ("role", "situation"), strict=True):
                if value not in known:
                    raise UnknownNameError(
                        "playbook_of_an_unknown_name",
                        f"a playbook must be for a listed {what}, got {show(value)}",
                        field=f"{what}s",
                        record=place,
                        advice=f"add it to {what}s",
                        operands=(str(value),),
                    )
            given.add(pair)
        ordered = tuple((role, case) for role in self.roles for case in self.situations if (role, case) in given)
        checks.set_field(self, "pairs_covered", ordered)

    @classmethod
    def of(
        cls, playbooks: Iterable[Playbook], /, *, roles: Iterable[str], situations: Iterable[Situation | str]
    ) -> Self:
        """Return which roles have a playbook for which situations. Two of one pair count once.

        Args:
            playbooks: The playbooks, in any order.
            roles: The roles that need them.
            situations: The situations that occur.
        """
        given = iterate_once(playbooks, Playbook, "playbooks")
        return cls(roles=roles, situations=situations, pairs_covered=[(one.role, one.situation) for one in given])

    @property
    def covered(self) -> int:
        """The number of pairs that have a playbook."""
        return len(self.pairs_covered)

    @property
    def pairs(self) -> int:
        """The number of pairs of a role and a situation."""
        return len(self.roles) * len(self.situations)

    @property
    def share(self) -> Decimal | None:
        """The share of the pairs that have a playbook, ``covered / pairs``; None if there are no pairs."""
        return ratio(self.covered, self.pairs)

    @property
    def missing(self) -> tuple[tuple[str, Situation | str], ...]:
        """The pairs without a playbook, in the order of the roles and of the situations."""
        have = frozenset(self.pairs_covered)
        return tuple((role, case) for role in self.roles for case in self.situations if (role, case) not in have)

    @property
    def roles_without_guide(self) -> tuple[str, ...]:
        """The roles that have no playbook at all."""
        have = {role for role, _ in self.pairs_covered}
        return tuple(role for role in self.roles if role not in have)

    def explain(self) -> Explanation:
        """Return how the share comes about, line by line."""
        return Explanation(
            (
                term("covered", self.covered, "pairs"),
                term("pairs", self.pairs, "pairs"),
                term("share", self.share, "", "covered / pairs"),
            )
        )
