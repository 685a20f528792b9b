"""What employees were taught and checked on, until when it counts, and the tasks of a training that recurs."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Annotated

import attrs
from dateutil.relativedelta import relativedelta

from crmcore.model.occasion import Occasion
from crmcore.model.task import Task, TaskKind
from crmcore.primitives import checks
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id, as_ids
from crmcore.primitives.periods import Period
from crmcore.primitives.record import Label, Record, at_least, text
from crmcore.primitives.recurrence import Recurrence

__all__ = ["ExpiryRule", "Training", "TrainingTopic", "Validity", "plan"]


class TrainingTopic(StrEnum):
    """What a training teaches.

    The members are suggestions: a field takes a text of your own too, such as a field of knowledge.

    Attributes:
        PRINCIPLES: Principles and attitude, because no plan foresees every moment.
        COMPLAINTS: How to handle complaints.
        EMOTION: How to calm a situation in which emotions rise.
        KNOWLEDGE: Products, services and their uses.
    """

    PRINCIPLES = "principles"
    COMPLAINTS = "complaints"
    EMOTION = "emotion"
    KNOWLEDGE = "knowledge"


class ExpiryRule(StrEnum):
    """From which day the validity of a passed check counts.

    Attributes:
        FROM_CHECK: From the day on which it was passed last.
        FROM_EXPIRY: From the day on which it would have expired, if it is renewed shortly before. The day of the year
            stays the same.
        FIXED_DAY: It ends on the same day of every year.
    """

    FROM_CHECK = "from_check"
    FROM_EXPIRY = "from_expiry"
    FIXED_DAY = "fixed_day"


@attrs.frozen(kw_only=True)
class Training(Record):
    """A training or a knowledge check that an employee completed.

    Examples:
        >>> from datetime import date
        >>> from crmcore import Training, TrainingTopic
        >>> Training(
        ...     employee_id="pavel",
        ...     topic=TrainingTopic.COMPLAINTS,
        ...     on=date(2026, 3, 2),
        ...     passed=False,
        ...     method="lecture",
        ... ).method
        'lecture'

    Attributes:
        employee_id: The employee.
        topic: What it teaches or checks.
        on: The day.
        passed: Whether the employee passed the check; None if there was no check.
        method: How the topic was taught, such as ``"role play"``. It is what a failed check puts in question.
        id: The id of the training.
    """

    employee_id: Id
    topic: Label[TrainingTopic]
    on: date
    passed: bool | None = None
    method: str = attrs.field(default="", converter=text)
    id: Id | None = None


@attrs.frozen(kw_only=True)
class Validity(Record):
    """How long a passed check counts, by a named rule.

    Examples:
        >>> from datetime import date
        >>> from crmcore import ExpiryRule, Validity
        >>> passed = [date(2025, 6, 10), date(2026, 5, 20)]
        >>> Validity(rule=ExpiryRule.FROM_CHECK, months=12).until(passed)
        datetime.date(2027, 5, 20)
        >>> Validity(rule=ExpiryRule.FROM_EXPIRY, months=12, window_days=60).until(passed)
        datetime.date(2027, 6, 10)

    Attributes:
        rule: The rule.
        months: The number of calendar months, >= 1; for a fixed day None.
        window_days: How many days before it expires a pass renews it from the old expiry; only for `FROM_EXPIRY`.
        fixed: The day of the year on which it ends; only for `FIXED_DAY`.

    Raises:
        InvalidValueError: What the rule needs is missing, or what another rule needs is given.
    """

    rule: ExpiryRule
    months: Annotated[int, at_least(1)] | None = None
    window_days: int = 0
    fixed: Occasion | None = None

    def _check(self) -> None:
        super()._check()
        needed = "fixed" if self.rule is ExpiryRule.FIXED_DAY else "months"
        if getattr(self, needed) is None:
            raise InvalidValueError(
                "validity_without_its_length",
                f"{needed} must be given if rule is {self.rule}",
                field=needed,
                operands=(self.rule.value,),
            )
        foreign = "months" if needed == "fixed" else "fixed"
        if getattr(self, foreign) is None:
            foreign = "window_days"
            if self.rule is ExpiryRule.FROM_EXPIRY or self.window_days == 0:
                return
        raise InvalidValueError(
            "validity_of_another_rule",
            f"{foreign} must be left out if rule is {self.rule}",
            field=foreign,
            operands=(self.rule.value,),
        )

    def until(self, passed: Iterable[date], /) -> date | None:
        """Return the first day on which it is no longer valid, or None if there is no pass.

        In a month that is too short, the last day counts: twelve months after 29 February is 28 February. With
        `FROM_EXPIRY`, a pass on or after the first day of the window and before the expiry extends from the old expiry;
        any other pass counts from its own day, even if that
        ends sooner. With `FIXED_DAY` it is the first such day after the last pass.

        Examples:
            >>> from datetime import date
            >>> from crmcore import ExpiryRule, Occasion, Validity
            >>> Validity(rule=ExpiryRule.FROM_CHECK, months=12).until([date(2024, 2, 29)])
            datetime.date(2025, 2, 28)
            >>> season = Validity(rule=ExpiryRule.FIXED_DAY, fixed=Occasion(name="season", month=9, day=1))
            >>> season.until([date(2026, 9, 1)])
            datetime.date(2027, 9, 1)

        Args:
            passed: The days on which it was passed, in any order.

        Raises:
            InvalidValueError: It would end after the calendar.
        """
        given = checks.iterate(passed, "passed", "date")
        days = sorted(checks.as_date(day, f"passed[{place}]") for place, day in enumerate(given))
        if not days:
            return None
        if self.fixed is not None:
            return self.fixed.next(_step(days[-1], days=1))
        expiry = self._add_months(days[0])
        for day in days[1:]:
            renews = self.rule is ExpiryRule.FROM_EXPIRY and day < expiry and (expiry - day).days <= self.window_days
            expiry = self._add_months(expiry if renews else day)
        return expiry

    def is_valid(self, passed: Iterable[date], /, *, on: date) -> bool:
        """Return whether it is valid on a day. A pass after that day does not count yet.

        Examples:
            >>> from datetime import date
            >>> from crmcore import ExpiryRule, Validity
            >>> year = Validity(rule=ExpiryRule.FROM_CHECK, months=12)
            >>> [year.is_valid([date(2025, 3, 2)], on=date(2026, 3, day)) for day in (1, 2)]
            [True, False]

        Args:
            passed: The days on which it was passed, in any order.
            on: The day.
        """
        checks.as_date(on, "on")
        given = checks.iterate(passed, "passed", "date")
        days = [checks.as_date(day, f"passed[{place}]") for place, day in enumerate(given)]
        end = self.until([day for day in days if day <= on])
        return end is not None and on < end

    def _add_months(self, day: date) -> date:
        return _step(day, months=self.months or 0)


def _step(day: date, *, months: int = 0, days: int = 0) -> date:
    try:
        return day + relativedelta(months=months, days=days)
    except (OverflowError, ValueError):
        raise InvalidValueError(
            "valid_beyond_the_calendar",
            f"passed must be so early that the validity ends before the year 10000, got {show(day)}",
            field="passed",
            operands=(day,),
        ) from None


def plan(
    recurrence: Recurrence,
    period: Period,
    employee_ids: Iterable[Id],
    /,
    *,
    topic: TrainingTopic | str,
    kind: TaskKind | str = TaskKind.TRAINING,
    owner_id: Id | None = None,
) -> tuple[Task, ...]:
    """Return the tasks of a training or knowledge check that recurs: one for each occurrence and employee.

    Examples:
        >>> from datetime import date
        >>> from crmcore import UTC, Period, Recurrence, TaskKind, TimeUnit, TrainingTopic, staff
        >>> quarterly = Recurrence(first=date(2026, 1, 12), unit=TimeUnit.QUARTER, at="09:00", zone=UTC)
        >>> tasks = staff.plan(
        ...     quarterly,
        ...     Period.year(2026),
        ...     ["pavel", "olga"],
        ...     topic=TrainingTopic.COMPLAINTS,
        ...     kind=TaskKind.KNOWLEDGE_CHECK,
        ... )
        >>> [(task.due.date().isoformat(), task.employee_id) for task in tasks][:3]
        [('2026-01-12', 'pavel'), ('2026-01-12', 'olga'), ('2026-04-12', 'pavel')]

    The same arguments return the same tasks. The topic is `about_id`.

    Args:
        recurrence: When it comes back.
        period: The time to plan, half-open.
        employee_ids: The employees, each once.
        topic: What is taught or checked.
        kind: Training or knowledge check.
        owner_id: The employee who holds it.
    """
    dates = checks.as_instance(recurrence, Recurrence, "recurrence").within(period)
    named = as_ids(employee_ids, "employee_ids", unique=True)
    about = str(checks.as_label(topic, TrainingTopic, "topic"))
    return tuple(
        Task(kind=kind, due=due, employee_id=employee, owner_id=owner_id, about_id=about)
        for due in dates
        for employee in named
    )
