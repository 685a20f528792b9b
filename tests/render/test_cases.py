"""The pictures of handled feedback: a case on its clock, and the causes of many."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, strategies as st

from crmcore import (
    UTC,
    Actor,
    CaseState,
    Feedback,
    FeedbackKind,
    InvalidValueError,
    OpeningHours,
    Pareto,
    WrongTypeError,
    handling,
    instant,
    render,
)
from crmcore.interop.hypothesis import feedbacks
from tests.support.pictures import NAME, parsed, paths, said, texts
from tests.support.refusals import refused

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

START: Final = instant("2026-03-02T09:00")
HOUR: Final = timedelta(hours=1)
DAY: Final = [("09:00", "17:00")]
DESK: Final = OpeningHours(zone=UTC, monday=DAY, tuesday=DAY)


def case(*happened: tuple[float, str, str], **fields: Any) -> Feedback:
    """Return a problem to which this happened, in hours since its receipt."""
    history = [(CaseState(state), START + hour * HOUR, Actor(by)) for hour, state, by in happened]
    return Feedback(kind=FeedbackKind.PROBLEM, received_at=START, history=history, **fields)


def boxes(root: ET.Element, kind: str) -> list[tuple[str, str]]:
    """List the left sides and the widths of the boxes of a class that have a title or are opening hours."""
    groups = [root] if kind == "hours" else list(root.iter(f"{NAME}g"))
    found = [box for group in groups for box in group.iter(f"{NAME}rect") if box.get("class") == kind]
    return [(box.attrib["x"], box.attrib["width"]) for box in found]


class TestTimeline:
    @given(feedbacks(), texts, st.sampled_from([None, DESK]), st.integers(0, 10**4), st.none() | st.integers(0, 40))
    def test_is_a_picture(
        self, one: Feedback, title: str, hours: OpeningHours | None, later: int, target: int | None
    ) -> None:
        """The picture of any feedback is well formed and within its frame, and its totals are those of the clock."""
        as_of = min(one.received_at + later * HOUR, instant("9999-12-01"))
        if as_of < one.received_at:
            return
        wanted = None if target is None else target * HOUR
        if one.received_at.year > 9990:
            wanted = None  # never due
        picture = render.timeline(one, as_of=as_of, hours=hours, target=wanted, title=title)
        read = handling.clock(one, as_of=as_of, hours=hours)
        told = said(parsed(picture), "text")

        for length, name in ((read.running, "running"), (read.paused, "paused"), (read.stopped, "stopped")):
            assert f"{name} {length / HOUR:,.1f}".removesuffix(".0") + " h" in told

    def test_states_and_messages(self) -> None:
        """Each state has a box in the colour of the clock, each message a dot, and the line is where it is due."""
        problem = case(
            (0, "message", "customer"),
            (0, "message", "bot"),
            (1, "open", "employee"),
            (2, "message", "employee"),
            (2, "waiting_on_customer", "employee"),
            (5, "message", "customer"),
            (5, "open", "customer"),
        )
        root = parsed(render.timeline(problem, as_of=START + 6 * HOUR, hours=DESK, target=5 * HOUR))

        # 618 dots are 8 hours, from 118: the clock ran for 3 hours, so 5 are reached at 17:00
        assert [("118", "76.2"), ("195.2", "76.2"), ("504.3", "76.2")] == boxes(root, "running")
        assert [("272.5", "230.8")] == boxes(root, "paused")
        assert [("118", "618")] == boxes(root, "hours")
        assert ["M736 58L736 174"] == paths(root, "mark")
        dots = [(dot.get("class"), dot.get("cx")) for dot in root.iter(f"{NAME}circle")]
        assert [("asked", "118"), ("noted", "118"), ("reply", "272.5"), ("asked", "504.3")] == dots
        (about,) = said(root, "desc")
        assert "waiting on customer: 2026-03-02 11:00 to 2026-03-02 14:00." in about
        assert "employee on 2026-03-02 11:00." in about
        assert about.endswith("running 3 h. paused 3 h. stopped 0 h. read at 2026-03-02 15:00. due 2026-03-02 17:00.")

    @pytest.mark.parametrize(
        ("hours", "expected"),
        [
            (1, "due 2026-03-02 11:00"),
            (2, "due 2026-03-02 11:00"),
            (3, "was due 2026-03-02 11:00"),
            (5, "the clock stands still, nothing is due"),
        ],
    )
    def test_what_is_due(self, hours: int, expected: str) -> None:
        """A target ahead or just reached is due, one that is passed was due, and a clock that stands still has none."""
        problem = case((3, "on_hold", "employee"))
        as_of, target = START + hours * HOUR, (2 if hours < 4 else 9) * HOUR
        told = said(parsed(render.timeline(problem, as_of=as_of, target=target, paused_in=[CaseState.ON_HOLD])), "text")

        assert expected in told
        assert "opening hours" not in told

    def test_without_a_target_nothing_is_due(self) -> None:
        """Without a target there is no line, and without opening hours no row for them."""
        root = parsed(render.timeline(case(resolved_at=START + HOUR), as_of=START + 2 * HOUR))

        assert [] == paths(root, "mark")
        assert [("118", "308"), ("427", "308")] == [*boxes(root, "running"), *boxes(root, "stopped")]

    def test_a_long_time_has_no_opening_hours(self) -> None:
        """In a year the days cannot be told apart, so the opening hours are left out."""
        for days, number in ((7, 2), (365, 0)):
            picture = render.timeline(case(), as_of=START + days * timedelta(days=1), hours=DESK)
            assert number == len(boxes(parsed(picture), "hours"))

    def test_many_messages_on_one_spot(self) -> None:
        """Of many messages of one actor on the same spot, one is drawn."""
        many = [(minute / 600, "message", "employee") for minute in range(600)]
        root = parsed(render.timeline(case(*many), as_of=START + 100 * HOUR))

        assert len(list(root.iter(f"{NAME}circle"))) < 10

    def test_dates_do_not_collide(self) -> None:
        """A midnight that is close to the first date is left out."""
        start = START + 6 * HOUR
        late = Feedback(kind=FeedbackKind.PROBLEM, received_at=start)
        told = said(parsed(render.timeline(late, as_of=start + 100 * HOUR)), "text")

        dates = [text for text in told if re.fullmatch(r"2026-03-\d\d", text)]
        assert ["2026-03-02", "2026-03-04", "2026-03-05", "2026-03-06"] == dates

    def test_the_end_of_the_calendar(self) -> None:
        """An instant that the zone cannot express is written in UTC."""
        from zoneinfo import ZoneInfo

        far = instant("9999-12-31T23:30")
        hours = OpeningHours(zone=ZoneInfo("Europe/Berlin"), monday=DAY)
        late = Feedback(kind=FeedbackKind.PROBLEM, received_at=far)

        assert "read at 9999-12-31 23:30" in said(parsed(render.timeline(late, as_of=far, hours=hours)), "text")

    def test_refuses_nonsense(self) -> None:
        """Feedback is due, received by the reference date."""
        with refused(WrongTypeError, "wrong_type: feedback"):
            render.timeline([], as_of=START)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with refused(InvalidValueError, "after_reference_date: feedback"):
            render.timeline(case(), as_of=START - HOUR)
        with refused(InvalidValueError, "never_due: after"):
            render.timeline(case(), as_of=START, target=timedelta.max)


class TestPareto:
    @given(st.dictionaries(texts.filter(str.strip), st.integers(0, 99), max_size=9), texts, st.integers(1, 9))
    def test_is_a_picture(self, counts: dict[str, int], title: str, most: int) -> None:
        """The picture of any causes is well formed and within its frame, and the vital few are all drawn."""
        causes = Pareto(counts=counts)
        root = parsed(render.pareto(causes, title=title, most=most))
        drawn = max(most, len(causes.vital_few))

        assert len(list(root.iter(f"{NAME}circle"))) == (min(drawn + 1, len(counts)) if any(counts.values()) else 0)
        assert len(causes.vital_few) * any(counts.values()) == len(boxes(root, "vital"))

    def test_bars_and_line(self) -> None:
        """A bar is as long as its share, the line passes the cumulative shares, and the cut is a line across."""
        root = parsed(render.pareto(Pareto(counts={"a": 6, "b": 3, "c": 1}, cut="0.9", unknown=2)))

        # 420 dots are 100 %, from 214
        assert [("214", "252"), ("214", "126")] == boxes(root, "vital")
        assert [("214", "42")] == boxes(root, "other")
        assert ["M466 82L592 110L634 138", "M421.8 194L433.8 194"] == sorted(paths(root, "curve"), reverse=True)
        assert ["M592 60L592 156"] == paths(root, "mark")
        expected = (
            "a: 6 (60.0%), 60.0% with those before. b: 3 (30.0%), 90.0% with those before. "
            "c: 1 (10.0%), 100.0% with those before. cut 90.0%. 2 of unknown cause."
        )
        assert [expected] == said(root, "desc")

    def test_rare_causes_are_one_row(self) -> None:
        """Causes beyond the limit are one row, and a tie at the cut is a caution below."""
        root = parsed(render.pareto(Pareto(counts=dict.fromkeys("abcd", 1), cut="0.5"), most=1))
        told = said(root, "text")

        assert ["2 more causes", "2 (50.0%)"] == told[-7:-5]
        assert "the cut falls between 4 equally frequent causes" == told[-1]

    def test_without_causes(self) -> None:
        """Without causes the picture says so."""
        assert ["no causes. cut 80.0%."] == said(parsed(render.pareto(Pareto())), "desc")

    def test_refuses_nonsense(self) -> None:
        """A count of causes is due, and at least one row."""
        with refused(WrongTypeError, "wrong_type: causes"):
            render.pareto({"a": 1})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with refused(InvalidValueError, ": most"):
            render.pareto(Pareto(), most=0)
