"""What has to be done in a programme, in which phase, and what it delivers."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import plain_repr
from crmcore.primitives.ids import Id
from crmcore.primitives.record import NON_NEGATIVE, Label, Record, number, several, text

__all__ = ["Activity", "Deliverable", "ProgrammePhase"]


class ProgrammePhase(StrEnum):
    """A phase of a programme of customer orientation, in order.

    Attributes:
        PREPARATION: The documents exist, and the responsible person is trained.
        ASSESSMENT: The satisfaction of customers is measured, and problems are solved systematically.
        CULTURE: Employees are trained, motivated and checked.
        EXTRA_VALUE: Customers get more than they expect, and fewer of them leave.
    """

    PREPARATION = "preparation"
    ASSESSMENT = "assessment"
    CULTURE = "culture"
    EXTRA_VALUE = "extra_value"


class Deliverable(StrEnum):
    """What an activity of the programme delivers.

    The members are suggestions: a field takes a text of your own too.

    Attributes:
        RULES_OF_INTERACTION: The standards for meetings, phone calls, letters and the appearance of employees.
        DECLARATION: The principles by which the company treats its customers.
        SIGN_OFF: The leaders have signed the documents, told all employees about them, and set an example.
        RESPONSIBLE_PERSON: The responsible person has a job description and is trained.
        TOUCHPOINTS: It is known where customers meet the company, and at each stage of communication.
        SATISFACTION: The satisfaction of customers is measured.
        SOLVED_PROBLEMS: Problems are solved systematically.
        TRAINED_STAFF: Employees are trained.
        MOTIVATED_STAFF: Successes are told, and the best are rewarded.
        CHECKED_STAFF: It is checked how employees treat customers.
        EXTRA_VALUE: Customers get extra value.
        EMOTIONAL_BOND: Customers are attached to the company, and fewer of them leave.
    """

    RULES_OF_INTERACTION = "rules_of_interaction"
    DECLARATION = "declaration"
    SIGN_OFF = "sign_off"
    RESPONSIBLE_PERSON = "responsible_person"
    TOUCHPOINTS = "touchpoints"
    SATISFACTION = "satisfaction"
    SOLVED_PROBLEMS = "solved_problems"
    TRAINED_STAFF = "trained_staff"
    MOTIVATED_STAFF = "motivated_staff"
    CHECKED_STAFF = "checked_staff"
    EXTRA_VALUE = "extra_value"
    EMOTIONAL_BOND = "emotional_bond"

    @property
    def phase(self) -> ProgrammePhase:
        """The phase to which it belongs."""
        return _PHASES[self]


_PHASES: Final = {
    Deliverable.RULES_OF_INTERACTION: ProgrammePhase.PREPARATION,
    Deliverable.DECLARATION: ProgrammePhase.PREPARATION,
    Deliverable.SIGN_OFF: ProgrammePhase.PREPARATION,
    Deliverable.RESPONSIBLE_PERSON: ProgrammePhase.PREPARATION,
    Deliverable.TOUCHPOINTS: ProgrammePhase.ASSESSMENT,
    Deliverable.SATISFACTION: ProgrammePhase.ASSESSMENT,
    Deliverable.SOLVED_PROBLEMS: ProgrammePhase.ASSESSMENT,
    Deliverable.TRAINED_STAFF: ProgrammePhase.CULTURE,
    Deliverable.MOTIVATED_STAFF: ProgrammePhase.CULTURE,
    Deliverable.CHECKED_STAFF: ProgrammePhase.CULTURE,
    Deliverable.EXTRA_VALUE: ProgrammePhase.EXTRA_VALUE,
    Deliverable.EMOTIONAL_BOND: ProgrammePhase.EXTRA_VALUE,
}


@attrs.frozen(kw_only=True)
class Activity(Record):
    """One activity of a plan: how long it takes, and which activities must be finished before it starts.

    Examples:
        >>> from crmcore import Activity, Deliverable
        >>> survey = Activity(id="survey", days=30, after=["touchpoints"], deliverable=Deliverable.SATISFACTION)
        >>> survey.phase
        <ProgrammePhase.ASSESSMENT: 'assessment'>

    Attributes:
        id: The id of the activity.
        days: How many days it takes, >= 0; a milestone takes none.
        after: The ids of the activities that must be finished before it starts, each once.
        name: The name of the activity, for pictures.
        deliverable: What it delivers; None if it delivers nothing that has a name.
        phase: The phase to which it belongs. By default it is that of the deliverable, and None if that has none.
        owner_id: The employee who is responsible for it.

    Source: Kelley and Walker 1959, Proceedings of the Eastern Joint Computer Conference 16:160-173 (activities).
    """

    id: Id
    days: Annotated[Decimal, NON_NEGATIVE] = attrs.field(converter=number, repr=plain_repr)
    after: tuple[Id, ...] = attrs.field(default=(), converter=several)
    name: str = attrs.field(default="", converter=text)
    deliverable: Label[Deliverable] | None = None
    phase: ProgrammePhase | None = None
    owner_id: Id | None = None

    def _check(self) -> None:
        super()._check()
        checks.check_unique(self.after, "after", "an activity")
        if self.phase is None and isinstance(self.deliverable, Deliverable):
            checks.set_field(self, "phase", self.deliverable.phase)

    @property
    def label(self) -> str:
        """The name, or the id as text if it has no name."""
        return self.name if self.name.strip() else str(self.id)
