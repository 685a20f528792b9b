"""What is owed, day by day: a calendar as a picture, and the same as a table of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING, Final

import attrs

from crmcore.model.task import Task
from crmcore.primitives import checks
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import Period, find_local_day, in_utc
from crmcore.render._document import MARGIN, TOP, WIDTH, Svg, build_document, draw_box, draw_line, draw_text, escape
from crmcore.render._table import Markdown, write_row
from crmcore.render._widths import cut
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.service.follow_ups import TaskOutcome

_A_WEEK: Final = 7
_MOST_DAYS: Final = 400
_CELL: Final = (WIDTH - 2 * MARGIN) / _A_WEEK
_LINE: Final = 16
_MOST: Final = 4
"""A day of the picture names so many tasks at most, and says how many more there are."""
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CLASSES: Final = {"kept": "good", "late": "bad", "overdue": "bad", "dropped": "bad", "cancelled": "soft"}
_STYLE: Final = """
.crmcore .today { fill: $band }
"""


@attrs.frozen
class _Entry:
    task: Task
    day: int
    outcome: TaskOutcome

    def label(self) -> str:
        """Return what is owed, and to whom."""
        kind = str(self.task.kind).replace("_", " ")
        return kind if self.task.customer_id is None else f"{kind}: {self.task.customer_id}"


def calendar(
    tasks: Iterable[Task],
    period: Period,
    /,
    *,
    as_of: datetime,
    tz: tzinfo,
    title: str = "What is owed",
    words: Mapping[str, str] | None = None,
) -> Svg:
    """Draw what is owed as a calendar: a row for each week, with the tasks that are due on each day.

    Examples:
        >>> from crmcore import UTC, Period, Task, TaskKind, instant, render
        >>> calls = [Task(kind=TaskKind.CALL, due=instant("2026-03-05T10:00"), customer_id=7)]
        >>> picture = render.calendar(calls, Period.month(2026, 3), as_of=instant("2026-03-10"), tz=UTC)
        >>> "2026-03-05: call: 7 (overdue)." in str(picture)
        True

    What was kept is green, and what is late, overdue or dropped is red. The reference date has a darker ground. A day
    names four tasks at most. Kinds of tasks are shown as they are; translate your own before.

    Args:
        tasks: The tasks, in any order; only those that are due in the period are drawn.
        period: The days to draw, half-open, at most 400 of them.
        as_of: The reference date, by which tasks are kept or overdue.
        tz: The zone whose calendar defines the days.
        title: The title above the picture.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        InvalidValueError: The period is longer than 400 days.
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    say = as_words(words)
    first, last = _find_days(period, tz)
    entries = _collect(tasks, period, as_of, tz)
    by_day: dict[int, list[_Entry]] = {}
    for entry in entries:
        by_day.setdefault(entry.day, []).append(entry)
    today = find_local_day(as_of, tz, "as_of", None)
    parts = [
        draw_text(MARGIN + (place + 0.5) * _CELL, TOP + 4, cut(say(name), _CELL - 8), "soft", "middle")
        for place, name in enumerate(_WEEKDAYS)
    ]
    y: float = TOP + 12
    for monday in range(first - (first - 1) % _A_WEEK, last + 1, _A_WEEK):
        days = [day for day in range(monday, monday + _A_WEEK) if first <= day <= last]
        lines = max(min(len(by_day.get(day, ())), _MOST + 1) for day in days)
        high = 28 + _LINE * max(1, lines)
        parts.append(draw_line("grid", MARGIN, y, WIDTH - MARGIN, y))
        for day in days:
            x = MARGIN + (day - monday) * _CELL
            if day == today:
                parts.append(draw_box("today", x, y, _CELL, high))
            parts.append(draw_text(x + 5, y + 16, date.fromordinal(day).isoformat()[5:], "soft", "start"))
            parts += _draw_day(by_day.get(day, []), x, y + 16, say)
        y += high
    told = [f"{date.fromordinal(entry.day)}: {entry.label()} ({say(entry.outcome.value)})." for entry in entries]
    return build_document(title, " ".join(told) or f"{say('no tasks')}.", y + MARGIN, parts, style=_STYLE)


def _draw_day(entries: list[_Entry], x: float, y: float, say: Words) -> Iterator[str]:
    """Draw the tasks of a day below its date."""
    for number, entry in enumerate(entries[:_MOST], start=1):
        kind = _CLASSES.get(entry.outcome.value, "")
        text = cut(entry.label(), _CELL - 10, bold=True)
        drawn = draw_text(x + 5, y + _LINE * number, text, kind, "start", backwards=False)
        yield f"<g><title>{escape(f'{entry.label()} ({say(entry.outcome.value)})')}</title>{drawn}</g>"
    if len(entries) > _MOST:
        more = cut(say("{count} more", count=f"{len(entries) - _MOST:,}"), _CELL - 10)
        yield draw_text(x + 5, y + _LINE * (_MOST + 1), more, "soft", "start", backwards=False)


def calendar_table(
    tasks: Iterable[Task],
    period: Period,
    /,
    *,
    as_of: datetime,
    tz: tzinfo,
    words: Mapping[str, str] | None = None,
) -> Markdown:
    """Write what is owed as a table of Markdown, a row for each task, in order of the due instants.

    Examples:
        >>> from crmcore import UTC, Period, Task, TaskKind, instant, render
        >>> calls = [Task(kind=TaskKind.CALL, due=instant("2026-03-05T10:00"), customer_id=7, owner_id="anna")]
        >>> print(
        ...     str(render.calendar_table(calls, Period.month(2026, 3), as_of=instant("2026-03-10"), tz=UTC)).rstrip()
        ... )
        | Due | Task | customer | Owner | Outcome |
        | --- | --- | --- | --- | --- |
        | 2026-03-05 10:00 | call | 7 | anna | overdue |

    Args:
        tasks: The tasks, in any order; only those that are due in the period are written.
        period: When they are due, half-open, at most 400 days.
        as_of: The reference date, by which tasks are kept or overdue.
        tz: The zone of the calendar and the clock.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        InvalidValueError: The period is longer than 400 days.
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    say = as_words(words)
    _find_days(period, tz)
    names = [say("Due"), say("Task"), say("customer"), say("Owner"), say("Outcome")]
    lines = [write_row(*names), "| --- | --- | --- | --- | --- |"]
    for entry in _collect(tasks, period, as_of, tz):
        task = entry.task
        due = in_utc(task.due).astimezone(tz).replace(tzinfo=None).isoformat(" ", "minutes")
        kind = str(task.kind).replace("_", " ")
        # the colon of the time needs no escape
        lines.append(
            f"| {due} " + write_row(kind, _show(task.customer_id), _show(task.owner_id), say(entry.outcome.value))
        )
    return Markdown("\n".join(lines) + "\n")


def _show(own: Id | None) -> str:
    return "" if own is None else str(own)


def _find_days(period: Period, tz: tzinfo) -> tuple[int, int]:
    """Return the first and the last day of a period, which must not be too long."""
    checks.as_instance(period, Period, "period")
    zone = checks.as_zone(tz)
    days = period.length.days
    if days > _MOST_DAYS:
        raise InvalidValueError(
            "calendar_too_long",
            f"period must have at most {_MOST_DAYS} days, got {days}",
            field="period",
            advice="draw one picture for each quarter: period.split(TimeUnit.QUARTER)",
            operands=(days,),
        )
    first = find_local_day(period.start, zone, "period", None)
    last = find_local_day(period.end, zone, "period", None)
    end = in_utc(period.end).astimezone(zone)
    is_midnight = (end.hour, end.minute, end.second, end.microsecond) == (0, 0, 0, 0)
    return first, max(first, last - is_midnight)


def _collect(tasks: Iterable[Task], period: Period, as_of: datetime, tz: tzinfo) -> list[_Entry]:
    """Return the tasks that are due in a period, in order of time, with what became of them."""
    from crmcore.service.follow_ups import outcome  # noqa: PLC0415 - a picture loads the room it is of, not all of them

    checks.as_instant(as_of, "as_of")
    start, end = in_utc(period.start), in_utc(period.end)
    found = [task for task in iterate_once(tasks, Task, "tasks") if start <= in_utc(task.due) < end]
    return [
        _Entry(task, find_local_day(task.due, tz, "tasks", task.id), outcome(task, as_of=as_of))
        for task in sorted(found, key=_due)
    ]


def _due(task: Task) -> datetime:
    return in_utc(task.due)
