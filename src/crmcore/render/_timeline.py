"""The life of a piece of feedback on its clock, as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Final

import attrs

from crmcore.primitives import _clock, checks
from crmcore.primitives.periods import in_utc
from crmcore.render._document import (
    MARGIN,
    TOP,
    WIDTH,
    Scale,
    Svg,
    build_document,
    draw_box,
    draw_label,
    draw_line,
    draw_text,
    escape,
    n,
)
from crmcore.render._ledger import draw_dates
from crmcore.render._widths import cut, measure
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.model.feedback import Actor, CaseState, Feedback
    from crmcore.primitives.opening_hours import OpeningHours
    from crmcore.voice.handling import Due

_LEFT: Final = 118
_RIGHT: Final = WIDTH - 24
_LANES: Final = {True: TOP + 20, False: TOP + 44}  # of messages of the customer, and of the company
_BAR: Final = TOP + 62
_HIGH: Final = 30  # of the bar of states
_OPEN: Final = _BAR + _HIGH + 8
_BOTTOM: Final = _OPEN + 12
_NARROW: Final = 8.0  # a day with fewer dots has no opening hours that can be seen
_STYLE: Final = """
.crmcore .running { fill: $line; opacity: 0.3 }
.crmcore .paused { fill: $edge }
.crmcore .stopped { fill: $good; opacity: 0.3 }
.crmcore .hours { fill: $line }
.crmcore .asked { fill: $ink }
.crmcore .reply { fill: $line }
.crmcore .noted { fill: $soft }
"""


@attrs.frozen
class _Stretch:
    """A time in one state, and what the clock did."""

    state: CaseState
    clock: str
    start: datetime
    end: datetime


@attrs.frozen
class _Sheet:
    """The scale of the time, its zone and the words."""

    across: Scale
    first: datetime
    last: datetime
    zone: tzinfo
    say: Words

    def x(self, at: datetime) -> float:
        """Return the coordinate of an instant in UTC."""
        return self.across.at((at - self.first) / _clock.DAY)

    def write(self, at: datetime) -> str:
        """Write an instant to the minute, by the wall clock."""
        return at.astimezone(self.zone).isoformat(sep=" ", timespec="minutes")[:16]

    def tell(self, what: str, start: datetime, end: datetime) -> str:
        """Write what happened from an instant to another one, as a sentence."""
        return f"{what}: {self.say('{start} to {end}', start=self.write(start), end=self.write(end))}."


def timeline(
    feedback: Feedback,
    /,
    *,
    as_of: datetime,
    hours: OpeningHours | None = None,
    target: timedelta | None = None,
    paused_in: Iterable[CaseState] | None = None,
    title: str = "Timeline of a case",
    words: Mapping[str, str] | None = None,
) -> Svg:
    """Draw the life of a piece of feedback: its states, its messages, the opening hours, and when its target is due.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import Actor, CaseState, Feedback, FeedbackKind, instant, render
        >>> problem = Feedback(kind=FeedbackKind.PROBLEM, received_at=instant("2026-03-02T09:00"))
        >>> problem = problem.entered(CaseState.MESSAGE, instant("2026-03-02T10:00"), by=Actor.EMPLOYEE)
        >>> problem = problem.entered(CaseState.WAITING_ON_CUSTOMER, instant("2026-03-02T10:00"))
        >>> problem = problem.entered(CaseState.OPEN, instant("2026-03-02T15:00"))
        >>> picture = render.timeline(problem, as_of=instant("2026-03-02T16:00"), target=timedelta(hours=4))
        >>> "due 2026-03-02 18:00" in str(picture)
        True

    The times are those of the zone of the opening hours, and of UTC without any. Opening hours are left out if the
    time is so long that they could not be told apart.

    Args:
        feedback: The feedback.
        as_of: The reference date; what happened later has not happened yet.
        hours: The opening hours in which the clock runs; all hours if there are none.
        target: The time that the company has; without one nothing is due.
        paused_in: The states in which the clock stands still; None for those in which the company waits for the
            customer.
        title: The title above the picture.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        InvalidValueError: The feedback was received after `as_of`, it is resolved or closed in a paused state, or the
            target is not reached before the year 10000.
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    from crmcore.model.feedback import CaseState  # noqa: PLC0415 - a picture loads the room it is of, not all of them
    from crmcore.voice import handling  # noqa: PLC0415 - as above

    say = as_words(words)
    paused = (CaseState.WAITING_ON_CUSTOMER,) if paused_in is None else _as_states(paused_in, CaseState)
    asked: dict[str, Any] = {"as_of": as_of, "hours": hours, "paused_in": paused}
    read = handling.clock(feedback, **asked)
    due = None if target is None else handling.due(feedback, target, **asked)
    first, now = in_utc(feedback.received_at), in_utc(as_of)
    last = max(now, due.at) if due is not None and due.at is not None else now
    is_near = first - _clock.EARLIEST > _clock.DAY and _clock.LATEST - last > _clock.DAY  # a zone may not reach further
    zone = hours.zone if hours is not None and is_near else UTC
    sheet = _Sheet(Scale(0.0, (last - first) / _clock.DAY or 1.0, _LEFT, _RIGHT), first, last, zone, say)
    stretches = list(_list_stretches(feedback, now, paused))
    messages = [
        (in_utc(at), by)
        for state, at, by in feedback.timeline
        if state is CaseState.MESSAGE and by is not None and in_utc(at) <= now
    ]
    totals = {"running": read.running, "paused": read.paused, "stopped": read.stopped}
    legend = {clock: _write_total(clock, length, say) for clock, length in totals.items()}
    due_told = "" if due is None else _write_due(due, sheet)
    parts = [
        *_draw_labels(say, with_hours=hours is not None),
        *_draw_stretches(stretches, sheet),
        *_draw_hours(hours, sheet),
        draw_line("zero", sheet.x(now), TOP + 4, sheet.x(now), _BOTTOM + 4),
        *_draw_messages(messages, sheet),
        *_draw_due(due, due_told, sheet),
        *draw_dates(first, last, sheet.across, _BOTTOM + 24, zone),
        *_draw_legend(legend, say("read at {date}", date=sheet.write(now)), _BOTTOM + 52),
    ]
    about = [
        *(sheet.tell(say(_name(one.state)), one.start, one.end) for one in stretches),
        *(_tell_message(at, by, sheet) for at, by in messages),
        *(f"{text}." for text in (*legend.values(), say("read at {date}", date=sheet.write(now)), due_told) if text),
    ]
    return build_document(title, " ".join(about), _BOTTOM + 74, parts, style=_STYLE)


def _as_states(states: Iterable[CaseState], kind: type[CaseState]) -> tuple[CaseState, ...]:
    """Return the states, each checked when it comes."""
    given = enumerate(checks.iterate(states, "paused_in", "state"))
    return tuple(checks.as_member(state, kind, f"paused_in[{place}]") for place, state in given)


def _list_stretches(case: Feedback, as_of: datetime, paused: tuple[CaseState, ...]) -> Iterator[_Stretch]:
    """Yield the states up to the reference date, and what the clock did."""
    for state, start, end in case.spans(as_of):
        yield _Stretch(state, "stopped" if state.is_over else "paused" if state in paused else "running", start, end)


def _draw_labels(say: Words, *, with_hours: bool) -> Iterator[str]:
    """Draw the names of the rows."""
    rows = {"customer": _LANES[True] + 4, "company": _LANES[False] + 4, "state": _BAR + _HIGH / 2 + 4}
    if with_hours:
        rows["opening hours"] = _OPEN + 9
    for word, y in rows.items():
        yield draw_text(MARGIN, y, cut(say(word), _LEFT - MARGIN - 8), "soft", "start")
    for y in _LANES.values():
        yield draw_line("grid", _LEFT, y, _RIGHT, y)


def _draw_stretches(stretches: Iterable[_Stretch], sheet: _Sheet) -> Iterator[str]:
    """Draw each state in the colour of what the clock did, with its name if there is room."""
    for one in stretches:
        x, end = sheet.x(one.start), sheet.x(one.end)
        name = sheet.say(_name(one.state))
        told = sheet.tell(name, one.start, one.end)
        yield f"<g><title>{escape(told)}</title>{draw_box(one.clock, x, _BAR, max(end - x - 1, 0.5), _HIGH)}"
        if measure(name) <= end - x - 6:
            yield draw_text((x + end) / 2, _BAR + _HIGH / 2 + 4, name, "", "middle")
        yield "</g>"


def _draw_hours(hours: OpeningHours | None, sheet: _Sheet) -> Iterator[str]:
    """Draw when the company is open, dot by dot."""
    span = sheet.last - sheet.first
    if hours is None or not span or (_RIGHT - _LEFT) / (span / _clock.DAY) < _NARROW:
        return
    dots = _RIGHT - _LEFT
    is_open = [hours.is_open(sheet.first + span * ((dot + 0.5) / dots)) for dot in range(dots)]
    start = 0
    for dot in range(1, dots + 1):
        if dot == dots or is_open[dot] is not is_open[start]:
            if is_open[start]:
                yield draw_box("hours", _LEFT + start, _OPEN, dot - start, 8)
            start = dot


def _draw_messages(messages: Iterable[tuple[datetime, Actor]], sheet: _Sheet) -> Iterator[str]:
    """Draw a dot for each message; of those of one actor on the same spot only the first."""
    seen: set[tuple[str, int]] = set()
    for at, by in messages:
        x = sheet.x(at)
        if (by.value, round(x)) not in seen:
            seen.add((by.value, round(x)))
            kind = {"customer": "asked", "employee": "reply"}.get(by.value, "noted")
            dot = f'<circle class="{kind}" cx="{n(x)}" cy="{_LANES[kind == "asked"]}" r="4.5"/>'
            yield f"<g><title>{escape(_tell_message(at, by, sheet))}</title>{dot}</g>"


def _draw_due(due: Due | None, told: str, sheet: _Sheet) -> Iterator[str]:
    """Draw a line at the due instant, or the statement that the clock stands still."""
    if due is None:
        return
    x = _RIGHT if due.at is None else sheet.x(due.at)
    if due.at is not None:
        yield draw_line("mark", x, TOP, x, _BOTTOM + 4)
    left = x < (_LEFT + _RIGHT) / 2
    told = cut(told, WIDTH - MARGIN - x if left else x - MARGIN, bold=due.at is not None)
    yield draw_label(x, TOP - 5, told, "bad" if due.at is not None else "soft", "start" if left else "end")


def _draw_legend(legend: Mapping[str, str], read: str, y: float) -> Iterator[str]:
    """Draw how long the clock ran, paused and was stopped, beside the colours."""
    room = (_RIGHT - MARGIN) / 4
    for place, (clock, text) in enumerate(legend.items()):
        x = MARGIN + room * place
        yield draw_box(clock, x, y - 10, 12, 12)
        yield draw_text(x + 18, y, cut(text, room - 26), "", "start")
    yield draw_text(_RIGHT, y, cut(read, room), "soft", "end")


def _tell_message(at: datetime, by: Actor, sheet: _Sheet) -> str:
    return f"{sheet.say('{value} on {date}', value=sheet.say(by.value), date=sheet.write(at))}."


def _write_due(due: Due, sheet: _Sheet) -> str:
    if due.at is None:
        return sheet.say("the clock stands still, nothing is due")
    if due.is_over_target:
        return sheet.say("was due {date}", date=sheet.write(due.at))
    return sheet.say("due {date}", date=sheet.write(due.at))


def _write_total(clock: str, length: timedelta, say: Words) -> str:
    hours = f"{length / timedelta(hours=1):,.1f}".removesuffix(".0")
    return say(f"{clock} {{hours}} h", hours=hours)


def _name(state: CaseState) -> str:
    return state.value.replace("_", " ")
