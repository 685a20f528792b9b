"""One picture of each kind, with something of everything that it can show, and pictures of rare cases.

``python -m tests.support.gallery`` draws all of them anew, in `tests/render/pictures`, and those of the guides.
"""

from __future__ import annotations

import runpy
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crmcore import (
    UTC,
    Activity,
    Actor,
    AfterSignal,
    BaseDistribution,
    CaseState,
    Cohort,
    CohortTriangle,
    Feedback,
    FeedbackKind,
    Flow,
    Funnel,
    Insight,
    JourneyMap,
    Journeys,
    JourneyStep,
    Kano,
    Ledger,
    LevelTransitions,
    LifecycleStage,
    MomentOfTruth,
    Money,
    OpeningHours,
    Outcome,
    Pareto,
    PerceptionGap,
    Period,
    Playbook,
    PlaybookCoverage,
    Relationship,
    Retention,
    RevenueMovements,
    ShareCusumChart,
    Situation,
    StageOrder,
    Survival,
    TallyBy,
    Task,
    TimeUnit,
    Touchpoint,
    Transitions,
    Valence,
    ValueMix,
    attribution,
    instant,
    journey_maps,
    programme,
    render,
)
from crmcore.journeys.attribution import Attribution
from crmcore.primitives.proportions import Interval
from crmcore.value.rfm import RfmScore, RfmScores
from crmcore.voice import loyalty
from tests.support.pictures import course, spent

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmcore.render import Markdown, Mermaid, Svg


def _draw_journey_map() -> Svg:
    stay = JourneyMap(
        name="A night by the sea",
        actor="Zane",
        goal_step="sleep",
        loops=[("sleep", "book")],
        steps=[
            JourneyStep(name="book", phase="before", emotion=-1, touchpoint_ids=["form"], backstage="by hand"),
            JourneyStep(name="sleep", phase="stay", emotion=2, touchpoint_ids=["room"], moment_of_truth=True),
            JourneyStep(name="tell", phase="after", touchpoint_ids=["site"], pains=[Insight(text="too late")]),
        ],
    )
    visited = {"anna": ["form", "room", "site", "room"], "ben": ["form"], "zoe": ["room"]}
    journeys = Journeys.of(
        (customer, place, instant(f"2026-03-0{day}"))
        for customer, path in visited.items()
        for day, place in enumerate(path, 1)
    )
    return render.journey_map(stay, journey_maps.compare(stay, journeys))


YEAR: Final = TimeUnit.YEAR


def _build_journeys() -> Journeys:
    visited = {"anna": "abcd", "ben": "abbc", "eva": "abab", "zoe": "a"}
    start = instant("2026-03-01")
    return Journeys.of(
        (customer, place, start + timedelta(hours=hour))
        for customer, path in visited.items()
        for hour, place in enumerate(path)
    )


def _draw_funnel() -> Svg:
    steps = ["a", "b", "c", "dd"]
    late = instant("2026-03-01T12:00")
    return render.funnel(Funnel.of(_build_journeys(), steps, optional=["b"], within=timedelta(hours=12), as_of=late))


def _draw_values() -> Svg:
    amounts = {"0.5": 200, "0.7": None, "0.9": 500}
    values = {
        Retention(share, YEAR): None if amount is None else Money(amount, "EUR") for share, amount in amounts.items()
    }
    marks = {"M": Retention("0.6", YEAR)}
    return render.value_by_retention(values, spend=Money(300, "EUR"), marks=marks)


def _draw_mix_shift() -> Svg:
    before = ValueMix.of({"A": (87, Money(93, "EUR")), "B": (263, Money(73, "EUR"))})
    after = ValueMix.of({"A": (270, Money(87, "EUR")), "C": (80, Money(69, "EUR"))})
    return render.mix_shift(after.since(before))


def _draw_attributions() -> Svg:
    found = attribution.first({("A", "B"): Outcome(conversions=3), ("B",): Outcome(conversions=1)})
    nothing = Attribution(method="N", credits=[("A", Decimal(0))])
    return render.attributions({"M": found, "N": nothing}, most=1)


def _draw_plan() -> Svg:
    activities = [
        Activity(id="map", days=20),
        Activity(id="documents", days=10, name="Two documents"),
        Activity(id="survey", days="30.5", after=["map", "documents"]),
        Activity(id="told", days=0, after=["survey"]),
    ]
    return render.plan(programme.schedule(activities))


def _draw_timeline() -> Svg:
    start, day = instant("2026-03-02T09:00"), [("09:00", "17:00")]
    happened = (
        (0, "message", "customer"),
        (1, "message", "bot"),
        (6, "message", "employee"),
        (9, "on_hold", "employee"),
    )
    history = [(CaseState(state), start + hour * timedelta(hours=1), Actor(by)) for hour, state, by in happened]
    problem = Feedback(kind=FeedbackKind.PROBLEM, received_at=start, history=history)
    desk = OpeningHours(zone=UTC, monday=day, tuesday=day)
    late = start + timedelta(hours=20)
    return render.timeline(problem, as_of=late, hours=desk, target=timedelta(hours=2), paused_in=[CaseState.ON_HOLD])


def _draw_control_chart() -> Svg:
    chart = ShareCusumChart(baseline=(81, 800), after_signal=AfterSignal.RESTART)
    return render.control_chart(zip("ABCDE", chart.run([(20, 200), (0, 0), (60, 200), (0, 200), (9, 99)]), strict=True))


def _draw_calendar() -> Svg:
    day = instant("2026-03-05")
    calls = [Task(kind="call", due=day, customer_id=number, done_at=[None, day][number % 2]) for number in range(6)]
    period = Period(instant("2026-03-03"), instant("2026-03-15"))
    return render.calendar(calls, period, as_of=instant("2026-03-10"), tz=UTC)


def _draw_playbooks() -> Svg:
    books = [Playbook(role="seller", situation=situation) for situation in (Situation.QUESTION, Situation.UNDECIDED)]
    roles = ["seller", "operator"]
    return render.playbook_coverage(PlaybookCoverage.of(books, roles=roles, situations=[*Situation]))


def _draw_base() -> Svg:
    unhappy = {"A": (9, 80), "B": (8, 79), "C": (0, 0), "D": (60, 90)}
    base = {
        label: BaseDistribution(counts=(n // 4, n - count - n // 4, count), unread=7)
        for label, (count, n) in unhappy.items()
    }
    return render.base_over_time(base, warning=loyalty.early_warning(unhappy.values(), baseline_periods=2))


def _draw_moves() -> Svg:
    moved = LevelTransitions(
        counts=((72, 15, 5), (16, 56, 16), (2, 6, 24)),
        arrived=(5, 9, 1),
        left=(8, 12, 48),
        unread=(3, 0, 9),
        found=(0, 1, 0),
        unknown=4,
    )
    return render.level_transitions(moved)


ROWS: Final[dict[object, tuple[float | None, Interval | None]]] = {
    "A": (0.05, Interval(0.02, 0.11)),
    "B": (0.04, Interval(0.03, 0.05)),
    None: (None, None),
}
FEATURES: Final = {
    "A": Kano(attractive=52, one_dimensional=20, must_be=8, indifferent=20),
    "B": Kano(attractive=12, one_dimensional=26, must_be=54, indifferent=8),
    "C": Kano(attractive=12, one_dimensional=27, must_be=54, indifferent=8),
    "E": Kano(reverse=3),
    "D": Kano(indifferent=2, must_be=2),
    None: Kano(),
}
BELIEVED: Final = PerceptionGap(company_good=80, company_judged=100, customer_good=8, customer_judged=100)
GRADES: Final = RfmScores(
    scores=[
        RfmScore(customer_id=number, recency=recency, frequency=frequency, monetary=3, spend=Money(number, "EUR"))
        for number, (recency, frequency) in enumerate([(5, 5), (5, 5), (1, 1), (3, 2), (5, 1)])
    ]
)


def _draw_grades() -> Svg:
    return render.rfm_grid(GRADES)


PICTURES: Final[dict[str, Callable[[], Svg]]] = {
    "attributions": _draw_attributions,
    "base_over_time": _draw_base,
    "control_chart": _draw_control_chart,
    "calendar": _draw_calendar,
    "flow": lambda: render.flow(Flow.of(_build_journeys()), most=7),
    "funnel": _draw_funnel,
    "gaps": lambda: render.gaps({"A": BELIEVED, None: PerceptionGap(company_good=1, company_judged=2)}),
    "intervals": lambda: render.intervals(ROWS, marks={"M": 0.08}),
    "kano_plane": lambda: render.kano_plane(FEATURES),
    "level_transitions": _draw_moves,
    "lifecycle": lambda: render.lifecycle(Transitions(exploration_to_awareness=3)),
    "mix_shift": _draw_mix_shift,
    "plan": _draw_plan,
    "playbook_coverage": _draw_playbooks,
    "survival_curves": lambda: render.survival_curves(
        {
            "A": Survival.of_durations([2, 4, 4, 9], [True, True, False, True], unit=TimeUnit.MONTH),
            None: Survival.of_durations([3, 5, 6], [True, False, False], unit=TimeUnit.MONTH),
        }
    ),
    "rfm_grid": _draw_grades,
    "trend": lambda: render.trend(ROWS, marks={"M": 0.08}),
    "pareto": lambda: render.pareto(Pareto(counts={"A": 4, "B": 1, "C": 1}, unknown=1), most=1),
    "cohort_triangle": lambda: render.cohort_triangle(
        CohortTriangle(TallyBy({"A": Cohort.from_counts([100, 63, 47]), "B": Cohort.from_counts([80, 41, 0])}))
    ),
    "revenue_bridge": lambda: render.revenue_bridge(
        RevenueMovements.between(
            {1: Money(100, "EUR"), 2: Money(200, "EUR"), 3: Money(50, "EUR")},
            {1: Money(150, "EUR"), 2: Money(120, "EUR"), 4: Money(80, "EUR"), 5: Money(30, "EUR")},
            paid_before=[5],
        )
    ),
    "timeline": _draw_timeline,
    "value_by_retention": _draw_values,
    "journey_map": _draw_journey_map,
    "fund": lambda: render.fund(spent()),
    "ledger": lambda: render.ledger(course("gbbbngggg")),
}


def _draw_rows() -> Svg:
    """A map in rows of two columns, read from right to left, with loops and backtracks between the rows."""
    steps = [
        JourneyStep(name=name, phase=phase, emotion=emotion, touchpoint_ids=[name], moment_of_truth=name == "pay")
        for name, phase, emotion in [
            ("look", "before", -2),
            ("pay", "before", 1),
            ("wait", "during", None),
            ("open", "during", 2),
            ("use", "after", 0),
        ]
    ]
    loops = [("pay", "look"), ("use", "look"), ("use", "wait"), ("wait", "pay")]
    bought = JourneyMap(name="קנייה", actor="דנה", goal="long " * 40, goal_step="use", loops=loops, steps=steps)
    visited = {
        "anna": ["look", "wait", "look", "open", "wait"],
        "ben": ["look", "pay", "look", "pay", "use", "pay"],
        "zoe": ["use"],
    }
    journeys = Journeys.of(
        (customer, place, instant(f"2026-03-0{day}"))
        for customer, path in visited.items()
        for day, place in enumerate(path, 1)
    )
    return render.journey_map(bought, journey_maps.compare(bought, journeys), columns=2)


def _draw_edges() -> Svg:
    """Edges that turn back in several lanes, names of several lines, and counts of fewer journeys."""
    visited = ["abcdefa", "fedcba", "abcabcabc", "aabb", "facade", "a"]
    names = [Touchpoint(id="a", name="A desk with a name of several lines"), Touchpoint(id="b", name="שולחן")]
    journeys = Journeys.of(
        (number, place, instant("2026-03-01") + timedelta(hours=hour))
        for number, path in enumerate(visited)
        for hour, place in enumerate(path)
    )
    return render.flow(Flow.of(journeys), names=names, most=18)


def _draw_relationship(words: dict[str, str] | None = None) -> Svg:
    entered = [(LifecycleStage.EXPLORATION, instant("2026-01-05")), (LifecycleStage.AWARENESS, instant("2026-02-07"))]
    return render.lifecycle(Relationship(customer_id=1, history=entered), words=words)


def _draw_full_day() -> Svg:
    """Six tasks on a Sunday and one on the Monday after it, with names that are cut or read from right to left."""
    sunday, names = instant("2026-03-08T10:00"), ["call", "write a very long letter", "לכתוב", "call", "call", "call"]
    owed = [Task(kind=kind, due=sunday, customer_id=7) for kind in names]
    period = Period(instant("2026-03-05"), instant("2026-03-10"))
    later = Task(kind="call", due=sunday + timedelta(days=1), cancelled_at=sunday)
    return render.calendar([*owed, later], period, as_of=instant("2026-03-09"), tz=UTC)


def _draw_levels() -> Svg:
    """Five levels, two of which have the inner colours, and shares that are too low for their figure."""
    base = {
        period: BaseDistribution(levels=("best", "good", "fair", "poor", "worst"), counts=counts)
        for period, counts in {"A": (10, 20, 30, 25, 15), "B": (1, 70, 2, 3, 24), None: (0, 0, 0, 0, 0)}.items()
    }
    return render.base_over_time(base)


def _draw_open_hours() -> Svg:
    """A case of half a day that is never due, read while the company is open."""
    start, day = instant("2026-03-02T07:30"), [("08:00", "12:00"), ("13:00", "18:00")]
    history = [(CaseState.WAITING_ON_CUSTOMER, start + timedelta(hours=7), Actor.EMPLOYEE)]
    asked = Feedback(kind=FeedbackKind.QUESTION, received_at=start, history=history)
    return render.timeline(
        asked,
        as_of=start + timedelta(hours=9),
        hours=OpeningHours(zone=UTC, monday=day),
        target=timedelta(hours=8),
    )


def _draw_many_values() -> Svg:
    values = {Retention(f"0.{share}", YEAR): Money(share - 55, "EUR") for share in (50, 55, 60, 65)}
    return render.value_by_retention(
        values, marks={"today": Retention("0.52", YEAR), "then": Retention("0.63", YEAR), "": Retention("0.58", YEAR)}
    )


COHORTS: Final = CohortTriangle(
    TallyBy(
        {
            "A|B": Cohort.from_counts([100, 63, 47]),
            None: Cohort.from_counts([0, 0, 0]),
            7: Cohort.from_counts([9, 9, 1]),
        }
    )
)

NOTHING: Final[dict[str, Callable[[], Svg | Markdown | Mermaid]]] = {
    "attributions": lambda: render.attributions({}),
    "base_over_time": lambda: render.base_over_time({}),
    "calendar": lambda: render.calendar([], Period.day(date(2026, 3, 5)), as_of=instant("2026-03-05"), tz=UTC),
    "cohort_triangle": lambda: render.cohort_triangle(CohortTriangle(TallyBy())),
    "control_chart": lambda: render.control_chart([]),
    "flow": lambda: render.flow(Flow.of(_build_journeys()), most=0),
    "gaps": lambda: render.gaps({}),
    "intervals": lambda: render.intervals({}),
    "kano_plane": lambda: render.kano_plane({}),
    "ledger": lambda: render.ledger(Ledger()),
    "level_transitions": lambda: render.level_transitions(
        LevelTransitions(counts=((0,) * 3,) * 3, arrived=(0,) * 3, left=(0,) * 3, unread=(0,) * 3, found=(0,) * 3)
    ),
    "pareto": lambda: render.pareto(Pareto()),
    "plan": lambda: render.plan(programme.schedule([])),
    "playbook_coverage": lambda: render.playbook_coverage(PlaybookCoverage.of([], roles=[], situations=[])),
    "rfm_grid": lambda: render.rfm_grid(RfmScores()),
    "survival_curves": lambda: render.survival_curves({}),
    "trend": lambda: render.trend({}),
    "value_by_retention": lambda: render.value_by_retention({}),
}
"""Pictures without data."""

RARE: Final[dict[str, Callable[[], Svg | Markdown | Mermaid]]] = {
    "calendar_full_day": _draw_full_day,
    "cohort_triangle_gaps": lambda: render.cohort_triangle(COHORTS),
    "cohort_table": lambda: render.cohort_table(COHORTS),
    "flow_back": _draw_edges,
    "fund_early": lambda: render.fund(spent(early=True)),
    "intervals_below_zero": lambda: render.intervals(
        {"ימין": (-0.05, Interval(-0.08, 0.02)), "left": (0.02, Interval(-0.08, 0.1)), "x" * 60: (0.1, None)},
        marks={"first": -0.06, "second": 0.07},
    ),
    "journey_map_rows": _draw_rows,
    "ledger_early": lambda: render.ledger(course("bbgggggggg")),
    "ledger_at_once": lambda: render.ledger(
        Ledger(moments=[MomentOfTruth(valence=valence, at=instant("2026-03-01")) for valence in Valence])
    ),
    "ledger_at_once_two": lambda: render.ledger(
        Ledger(moments=[MomentOfTruth(valence=valence, at=instant("2026-03-01")) for valence in [*Valence][::2]])
    ),
    "ledger_late": lambda: render.ledger(course("gbnbbbb")),
    "ledger_one": lambda: render.ledger(course("g")),
    "ledger_zero": lambda: render.ledger(course("n")),
    "levels": _draw_levels,
    "lifecycle_order": lambda: render.lifecycle(StageOrder.AWARENESS_FIRST),
    "lifecycle_relationship": _draw_relationship,
    "lifecycle_long_words": lambda: _draw_relationship(
        {word: f"{word} illicit little dial" for word in ("exploration", "awareness", "since {date}")}
    ),
    "mermaid_flow": lambda: render.mermaid_flow(Flow.of(_build_journeys())),
    "mermaid_lifecycle": lambda: render.mermaid_lifecycle(Transitions(exploration_to_awareness=3)),
    "pareto_many": lambda: render.pareto(Pareto(counts={"A": 40, "B": 30, "C": 10, "D": 2, "E": 1, "F": 1}), most=3),
    "rfm_table": lambda: render.rfm_table(GRADES),
    "timeline_open": _draw_open_hours,
    "trend_many": lambda: render.trend(
        [(f"2026-{number:02}", (number / 40 - 0.2 if number % 7 else None, None)) for number in range(1, 24)]
    ),
    "value_by_retention_below_zero": _draw_many_values,
}
"""Pictures of what the others do not show."""

DRAWN: Final = Path(__file__).parents[1] / "render" / "pictures"
GUIDES: Final = Path(__file__).parents[2] / "docs" / "guide_pictures.py"


def pictures() -> dict[Path, Callable[[], Svg | Markdown | Mermaid]]:
    """The file of each picture and table, with what draws it."""
    every = {**PICTURES, **RARE, **{f"{name}_nothing": draw for name, draw in NOTHING.items()}}
    kinds = {"table": "md", "mermaid": "mmd"}
    return {
        DRAWN / f"{name}.{next((kind for part, kind in kinds.items() if part in name), 'svg')}": draw
        for name, draw in every.items()
    }


if __name__ == "__main__":
    DRAWN.mkdir(exist_ok=True)
    for file in DRAWN.iterdir():
        file.unlink()
    for file, draw in pictures().items():
        file.write_text(str(draw()), encoding="utf-8", newline="\n")
    runpy.run_path(str(GUIDES), run_name="__main__")
