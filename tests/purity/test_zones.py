"""Nothing takes the zone of the machine: wrong zones and naive times are refused wherever the library takes one.

`zones.py` makes the calls, in two processes that stand in two zones.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from crmcore import (
    DayCount,
    InvalidValueError,
    NaiveInstantError,
    Period,
    Recurrence,
    TimeUnit,
    WrongTypeError,
    instant,
    tenure,
)
from crmcore.primitives.periods import in_utc
from tests.purity.drive import ROOT
from tests.purity.zones import LATER, WRONG
from tests.support.refusals import refused

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.skipif("MUTANT_UNDER_TEST" in os.environ, reason="mutmut's copy is anything but pure")


class Answers(NamedTuple):
    """What a process said: a row for each callable, and one for each case."""

    callables: list[list[Any]]
    cases: list[list[str]]


@pytest.fixture(scope="module")
def answers() -> list[Answers]:
    """What two processes said, in UTC and at the other end of the world."""
    children = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.purity.zones"],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": "0", "TZ": zone},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        for zone in ("UTC", "Pacific/Auckland")
    ]
    return [_read(child.communicate(timeout=240)[0].decode().splitlines()) for child in children]


def _read(lines: Sequence[str]) -> Answers:
    rows = [json.loads(line) for line in lines]
    return Answers(
        [row for row in rows if row[0] == "callable"],
        [row for row in rows if row[0] != "callable"],
    )


@pytest.mark.slow  # two processes, of ten seconds each
class TestWholeSurface:
    def test_every_callable_with_a_zone_or_an_instant_is_asked(self, answers: list[Answers]) -> None:
        """The drive calls each of them, so that each has arguments to be wrong about."""
        callables = answers[0].callables

        assert [name for _, name, kinds, is_driven in callables if kinds and not is_driven] == []
        assert len([name for _, name, kinds, _ in callables if "tzinfo" in kinds]) > 20
        assert len([name for _, name, kinds, _ in callables if "datetime" in kinds]) > 150

    def test_no_wrong_zone_is_taken(self, answers: list[Answers]) -> None:
        """None, a text, a zone of pytz and one that lies are refused, in every branch."""
        wrong = [case for case in answers[0].cases if case[0] == "zone" and not case[3].startswith("refused")]

        assert wrong == []

    def test_no_naive_time_is_taken(self, answers: list[Answers]) -> None:
        """A datetime without a zone is refused wherever an instant is due."""
        wrong = [case for case in answers[0].cases if case[0] == "instant" and not case[3].startswith("refused")]

        assert wrong == []

    def test_nothing_but_our_errors(self, answers: list[Answers]) -> None:
        """Nor does a zone that fails later, or a naive time within a row, lead to an error of Python."""
        assert [case for case in answers[0].cases if case[3].startswith("raw")] == []

    def test_two_machines_agree(self, answers: list[Answers]) -> None:
        """What is answered at all is answered alike in two zones."""
        here, there = answers

        assert here.cases == there.cases
        assert len(here.cases) > 3000


AT = instant("2026-03-02T10:15")
LATE = LATER["raises later"]


class TestGate:
    @pytest.mark.parametrize("day_count", DayCount)
    @pytest.mark.parametrize("zone", WRONG.values(), ids=list(WRONG))
    def test_tenure_asks_for_a_zone_in_every_convention(self, day_count: DayCount, zone: Any) -> None:
        """None once meant the zone of the machine for THIRTY_360."""
        with pytest.raises((WrongTypeError, InvalidValueError)) as caught:
            tenure(AT, AT, day_count=day_count, tz=zone)

        assert caught.value.field == "tz"

    @pytest.mark.parametrize("moment", [datetime(2026, 1, 1), datetime(2026, 1, 1, tzinfo=WRONG["of no offset"])])  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] # noqa: DTZ001 - naive on purpose
    def test_in_utc_refuses_a_naive_time(self, moment: datetime) -> None:
        """It once took the zone of the machine."""
        with refused(NaiveInstantError, "naive_instant: moment"):
            in_utc(moment)

    def test_in_utc_refuses_what_is_no_time(self) -> None:
        """With an error of ours."""
        with refused(WrongTypeError, "not_an_instant: moment"):
            in_utc("2026-01-01")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - wrong on purpose

    def test_in_utc_refuses_what_utc_cannot_express(self) -> None:
        """With an error of ours."""
        with refused(InvalidValueError, "instant_beyond_utc: moment"):
            in_utc(datetime.max.replace(tzinfo=WEST))


WEST = datetime.fromisoformat("2026-01-01T00:00-05:00").tzinfo


class TestZoneThatFailsLater:
    """The table of a zone ends after 2000: what was swallowed looked like the end of the calendar."""

    @pytest.mark.parametrize("zone", LATER.values(), ids=list(LATER))
    def test_split(self, zone: Any) -> None:
        """It was once a single "month" of four months."""
        with refused(InvalidValueError, "zone_fails_at_a_time: tz"):
            Period(instant("2000-11-01"), instant("2001-03-01")).split(TimeUnit.MONTH, tz=zone)

    @pytest.mark.parametrize("zone", LATER.values(), ids=list(LATER))
    def test_recurrence(self, zone: Any) -> None:
        """It once stopped in silence."""
        weekly = Recurrence(first=date(2000, 12, 30), unit=TimeUnit.DAY, at=time(9), zone=zone)

        with refused(InvalidValueError, "zone_fails_at_a_time: zone"):
            weekly.within(Period(instant("2000-12-01"), instant("2001-02-01")))

    def test_tenure(self) -> None:
        """It was once the end of the calendar."""
        with refused(InvalidValueError, "zone_fails_at_a_time: tz"):
            tenure(instant("2000-01-02"), AT, day_count=DayCount.ACTUAL_ACTUAL, tz=LATE)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - an object

    def test_the_end_of_the_calendar_is_none(self) -> None:
        """What lies beyond the year 9999 in UTC is no fault of the zone."""
        end = datetime.max.replace(tzinfo=UTC)
        pieces = Period(end - timedelta(days=40), end).split(TimeUnit.MONTH, tz=WEST)

        assert [piece.length for piece in pieces] == [timedelta(days=30), timedelta(days=10)]
