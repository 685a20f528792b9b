"""Pictures of each kind that together have every fixed word; the texts of the caller have no Latin letters.

``python -m tests.support.worded`` writes down anew where long words are cut.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from crmcore import (
    UTC,
    Activity,
    Actor,
    AfterSignal,
    BaseDistribution,
    CaseState,
    Channel,
    ChartSide,
    Cohort,
    CohortTriangle,
    CompensationFund,
    Conformance,
    Feedback,
    FeedbackKind,
    Flow,
    Funnel,
    Insight,
    InsightSource,
    JourneyMap,
    Journeys,
    JourneyStep,
    Kano,
    Ledger,
    LevelTransitions,
    LifecycleStage,
    MicroMomentKind,
    MomentOfTruth,
    MomentTiming,
    Money,
    Necessity,
    OpeningHours,
    Outcome,
    Ownership,
    Pareto,
    PChart,
    PerceptionGap,
    Period,
    PlaybookCoverage,
    ProgrammePhase,
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
    programme,
    render,
)
from crmcore.journeys.attribution import Attribution
from crmcore.journeys.journey_maps import Backtrack, OffMap, StepConformance
from crmcore.primitives.proportions import Interval
from crmcore.render import Svg
from crmcore.service.programme import Schedule
from crmcore.value.rfm import RfmScore, RfmScores
from crmcore.voice import loyalty
from tests.support.gallery import PICTURES
from tests.support.pictures import parsed, said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from crmcore.primitives.ids import Id
    from crmcore.render import Markdown, Mermaid

    Words = Mapping[str, str] | None

_START: Final = instant("2026-03-01")


def _build_journeys(*paths: str) -> Journeys:
    return Journeys.of(
        (number, place, _START + timedelta(hours=hour))
        for number, path in enumerate(paths)
        for hour, place in enumerate(path)
    )


def _build_maps() -> Iterator[tuple[JourneyMap, Conformance | None, list[Touchpoint]]]:
    """Build maps with what was found on them: with all that a step can have, with many steps, with no journeys."""
    places = [Touchpoint(id=number, channel=channel) for number, channel in enumerate(Channel)]
    places += [Touchpoint(id=100 + number, ownership=owner) for number, owner in enumerate(Ownership)]
    texts = ("goal", "action", "thought", "expectation", "frontstage", "backstage", "support_process", "metric")
    plain: dict[str, Any] = dict.fromkeys(texts, "δ")
    insights = [Insight(text="λ", source=source) for source in (*InsightSource, "ш")]
    steps = [
        JourneyStep(
            name=str(number),
            phase="φ",
            touchpoint_ids=[place.id for place in places] if number == 0 else [200 + number] if number < 6 else [],
            emotion=number - 2 if number < 5 else None,
            moment_of_truth=True,
            timing=[None, *MomentTiming, "τ"][number],
            micro_moments=[*MicroMomentKind] if number else [MicroMomentKind.DO],
            optional=number == 1,
            necessity=[*Necessity, None, None, None][number],
            messages=[("μ", "ы")],
            pains=insights,
            opportunities=insights,
            owner_id=7,
            **plain,
        )
        for number in range(6)
    ]
    steps.append(JourneyStep(name="6", phase="ψ"))
    whole = JourneyMap(
        name="χ", actor="я", scenario="ш", goal="ж", steps=steps, goal_step="5", loops=[("6", "0"), ("3", "0")]
    )
    counts = {
        "visits": 90,
        "completed": 40,
        "failed": 3,
        "skipped": 9,
        "without": 9,
        "repeated": 4,
        "repeats": 4,
        "out_of_order": 2,
    }
    off_map: dict[Id, OffMap] = {number: OffMap(visits=9, journeys=number - 299) for number in range(300, 307)}
    yield whole, None, places
    yield (
        whole,
        Conformance(
            journey_map=whole,
            journeys=100,
            following=9,
            reached=30,
            elsewhere=5,
            steps=[
                StepConformance(
                    step=step.name,
                    optional=step.optional,
                    journeys=100,
                    **({**counts, "abandoned": 3 + number, "left": 3} if number < 6 else {}),
                )
                for number, step in enumerate(steps)
            ],
            off_map=TallyBy(off_map),
            backtracks=TallyBy({("6", str(number)): Backtrack(count=2, journeys=2) for number in range(1, 6)}),
            unmatched=[(201, ())],
        ),
        places,
    )
    names = [str(number) for number in range(8)]
    long = JourneyMap(name="χ", steps=[JourneyStep(name=name, phase=name, touchpoint_ids=[name]) for name in names])
    pairs: list[tuple[str, str]] = list(combinations(reversed(names), 2))
    visited = [StepConformance(step=name, journeys=9, visits=3, completed=1, failed=1, abandoned=1) for name in names]
    for number in (9, 21, 28):
        backs = TallyBy[tuple[str, str], Backtrack]((pair, Backtrack(count=1, journeys=1)) for pair in pairs[:number])
        yield long, Conformance(journey_map=long, journeys=9, steps=visited, backtracks=backs), []
    one = JourneyMap(name="χ", steps=[JourneyStep(name="1", phase="φ")])
    yield one, Conformance(journey_map=one), []
    many = JourneyMap(name="χ", steps=[JourneyStep(name=str(number), phase="φ") for number in range(12)])
    yield many, None, []


def _draw_attributions(words: Words) -> Iterator[Svg]:
    found = attribution.first({("1", "2", "3"): Outcome(conversions=3), ("3",): Outcome(conversions=1)})
    nothing = Attribution(method="7", credits=[("1", Decimal(0))])
    for most in (1, 2):
        yield render.attributions({None: found, (7, None): nothing}, most=most, title="0", words=words)
    yield render.attributions([], title="0", words=words)


def _draw_flow(words: Words) -> Iterator[Svg]:
    flow = Flow.of(_build_journeys("1234", "1223", "12"))
    for most in (0, len(flow.edges) - 1, len(flow.edges) - 2):
        yield render.flow(flow, most=most, title="0", words=words)


def _draw_funnel(words: Words) -> Iterator[Svg]:
    journeys = _build_journeys("1223", "1231", "134")
    now = _START + timedelta(hours=12)
    for within in (timedelta(hours=9), timedelta(hours=36)):
        funnel = Funnel.of(journeys, ["1", "2", "3"], optional=["2"], within=within, as_of=now)
        yield render.funnel(funnel, title="0", words=words)
    alone = Funnel.of(_build_journeys("12"), ["1", "2"], within=timedelta(hours=36), as_of=now)
    yield render.funnel(alone, title="0", words=words)


_ROWS: Final[dict[object, tuple[float | None, Interval | None]]] = {
    "1": (0.05, Interval(0.02, 0.11)),
    ("2", None): (0.04, None),
    None: (None, None),
}


def _draw_control_charts(words: Words) -> Iterator[Svg]:
    shares = [(20, 200), (0, 0), (60, 200)]
    charts: list[Any] = [
        PChart(baseline=(1, 10)),
        PChart(baseline=(1, 10), side=ChartSide.UPPER),
        ShareCusumChart(baseline=(1, 10), after_signal=AfterSignal.RESTART),
    ]
    for chart in charts:
        yield render.control_chart(enumerate(chart.run(shares)), title="0", words=words)
    yield render.control_chart({}, title="0", words=words)


def _draw_bases(words: Words) -> Iterator[Svg]:
    counts = [(1, 10), (0, 0), (9, 10)]
    base = [
        (place, BaseDistribution(counts=(n - count, 0, count), unread=place)) for place, (count, n) in enumerate(counts)
    ]
    # its caution is English
    warning = loyalty.early_warning(counts, baseline_periods=1)
    assert warning is not None
    yield render.base_over_time(base, warning=attrs.evolve(warning, cautions=()), title="0", words=words)
    yield render.base_over_time([], title="0", words=words)


def _draw_moves(words: Words) -> Iterator[Svg]:
    full = LevelTransitions(counts=((7, 1, 5), (6, 6, 6), (2, 6, 4)), arrived=(5, 0, 0), unread=(1, 0, 0), unknown=2)
    for moved in (full, attrs.evolve(full, found=(1, 0, 0))):
        yield render.level_transitions(moved, title="0", words=words)


_MARKS: Final[dict[Any, float]] = {None: 0.08}


def _count_lifetimes() -> Iterator[dict[str | None, Survival]]:
    yield {}
    for unit in TimeUnit:
        lasting, gone = (Survival.of_durations([2, 4, 5], [ended, ended, False], unit=unit) for ended in (False, True))
        yield {"1": lasting, None: gone}


def _draw_survival(words: Words) -> Iterator[Svg]:
    for segments in _count_lifetimes():
        yield render.survival_curves(segments, title="0", words=words)


def _write_survival(words: Words) -> Iterator[Markdown]:
    for segments in _count_lifetimes():
        yield render.survival_table(segments, [3, 9], words=words)


def _draw_funds(words: Words) -> Iterator[Svg]:
    for steps in ("", "g", "gtg"):
        book = CompensationFund(opening=Money(9, "EUR"))
        for number, step in enumerate(steps):
            at, amount = _START + number * timedelta(hours=1), Money(2 + number, "EUR")
            book = book.top_up(amount, at=at) if step == "t" else book.grant(number, amount, at=at)
        yield render.fund(book, title="0", words=words)


_TRIANGLES: Final = [
    CohortTriangle(TallyBy()),
    CohortTriangle(TallyBy({None: Cohort.from_counts([9, 5]), 1: Cohort.from_counts([0, 0])})),
]
_MOVED: Final = [
    RevenueMovements.from_amounts(start=Money(0, "EUR")),
    RevenueMovements.between({1: Money(9, "EUR"), 2: Money(4, "EUR")}, {1: Money(7, "EUR"), 3: Money(5, "EUR")}),
]


def _draw_ledger(words: Words) -> Iterator[Svg]:
    for course in ("", "b", "ggn", "b" + "g" * 30):
        valences = dict(zip("gnb", Valence, strict=True))
        moments = [
            MomentOfTruth(valence=valences[letter], at=_START + number * timedelta(hours=1))
            for number, letter in enumerate(course)
        ]
        yield render.ledger(Ledger(moments=moments), title="0", words=words)


def _draw_paretos(words: Words) -> Iterator[Svg]:
    for counts in ({}, {"1": 5, "2": 1}, {"1": 5, "2": 1, "3": 1}):
        yield render.pareto(Pareto(counts=counts, cut="0.7", unknown=len(counts)), most=1, title="0", words=words)


def _draw_timelines(words: Words) -> Iterator[Svg]:
    case = Feedback(kind=FeedbackKind.PROBLEM, received_at=_START)
    for hour, state in enumerate(CaseState):
        at = _START + (2 + 4 * hour) * timedelta(hours=1)
        for by in Actor:
            case = case.entered(CaseState.MESSAGE, at, by=by)
        case = case.entered(state, at, by=Actor.SYSTEM)
    desk = OpeningHours(zone=UTC, sunday=[("00:00", "24:00")])
    for end, target in ((3, 2), (3, 9), (11, 12), (23, 9)):
        as_of = _START + end * timedelta(hours=1)
        yield render.timeline(case, as_of=as_of, hours=desk, target=target * timedelta(hours=1), title="0", words=words)


def _draw_lifecycle(words: Words) -> Iterator[Svg]:
    anna = Relationship(customer_id=1, history=[(LifecycleStage.AWARENESS, _START)])
    for moves in (Transitions(exploration_to_awareness=3), anna, StageOrder.AWARENESS_FIRST):
        yield render.lifecycle(moves, title="0", words=words)


def _draw_mix_shift(words: Words) -> Iterator[Svg]:
    before = ValueMix.of({"1": (87, Money(93, "EUR")), None: (263, Money(73, "EUR"))})
    after = ValueMix.of({"1": (270, Money(99, "EUR")), "3": (80, Money(79, "EUR"))})
    yield render.mix_shift(after.since(before), title="0", words=words)


def _draw_playbooks(words: Words) -> Iterator[Svg]:
    for roles in ((), ("1",)):
        pairs = [(role, Situation.QUESTION) for role in roles]
        coverage = PlaybookCoverage(roles=roles, situations=[*Situation], pairs_covered=pairs)
        yield render.playbook_coverage(coverage, title="0", words=words)


def _draw_values(words: Words) -> Iterator[Svg]:
    yield render.value_by_retention({}, title="0", words=words)
    for unit in TimeUnit:
        amounts = {"0.5": 200, "0.7": None, "0.9": 500}
        values = {
            Retention(share, unit): None if amount is None else Money(amount, "EUR")
            for share, amount in amounts.items()
        }
        yield render.value_by_retention(
            values, spend=Money(300, "EUR"), marks={"6": Retention("0.6", unit)}, title="0", words=words
        )


def _write_journeys(words: Words) -> Iterator[Mermaid]:
    yield from (render.mermaid_journey(plan, words=words) for plan, _, _ in _build_maps())
    for number in range(240, 250):  # about as many as Mermaid draws
        steps = [JourneyStep(name=f"{place}{'漢' * 190}", phase="φ") for place in range(number)]
        yield render.mermaid_journey(JourneyMap(name="χ", steps=steps), words=words)


def _write_flows(words: Words) -> Iterator[Mermaid]:
    flow = Flow.of(_build_journeys("1234", "1223", "12"))
    for most in (None, len(flow.edges) - 1, 2):
        yield render.mermaid_flow(flow, most=most, words=words)


def _build_plans() -> Iterator[Schedule]:
    yield Schedule()
    phases = [*ProgrammePhase, None]
    yield programme.schedule(
        [
            *(Activity(id=number, days=number + 1, phase=phase) for number, phase in enumerate(phases)),
            Activity(id=8, days="2.5", after=[0]),
        ]
    )


def _write_gantts(words: Words) -> Iterator[Mermaid]:
    yield from (render.mermaid_gantt(plan, start=_START, title="0", words=words) for plan in _build_plans())
    for number in range(190, 215):  # about as many as Mermaid draws
        many = [Activity(id=f"{place}{'漢' * 190}", days=1) for place in range(number)]
        yield render.mermaid_gantt(programme.schedule(many), start=_START, title="0", words=words)


_CATEGORIES: Final = ("must_be", "one_dimensional", "attractive", "indifferent", "reverse", "questionable")


def _owe() -> list[Task]:
    """Return tasks of every outcome on one day."""
    due, after = instant("2026-03-05"), instant("2026-03-06")
    owed = Task(kind="0", due=due, customer_id=7)
    return [
        owed,
        owed.done(due),
        owed.done(after),
        owed.cancelled(due),
        owed.cancelled(after),
        Task(kind="0", due=instant("2026-03-20")),
    ]


_MARCH: Final[dict[str, Any]] = {"as_of": instant("2026-03-10"), "tz": UTC}


def _draw_calendars(words: Words) -> Iterator[Svg]:
    for tasks in (_owe(), []):
        yield render.calendar(tasks, Period.month(2026, 3), title="0", words=words, **_MARCH)


_GRADED: Final = RfmScores(
    scores=[
        RfmScore(customer_id=number, recency=number, frequency=number, monetary=number, spend=Money(9, "EUR"))
        for number in (1, 2)
    ],
    quantiles=2,
)
WORDED: Final[dict[str, Callable[[Words], Iterator[Svg | Mermaid | Markdown]]]] = {
    "attributions": _draw_attributions,
    "calendar": _draw_calendars,
    "calendar_table": lambda words: iter([render.calendar_table(_owe(), Period.month(2026, 3), words=words, **_MARCH)]),
    "base_over_time": _draw_bases,
    "control_chart": _draw_control_charts,
    "flow": _draw_flow,
    "funnel": _draw_funnel,
    "gaps": lambda words: (
        render.gaps(rows, title="0", words=words)
        for rows in ({None: PerceptionGap(company_good=1, company_judged=2, customer_judged=3)}, {})
    ),
    "intervals": lambda words: (render.intervals(rows, marks=_MARKS, title="0", words=words) for rows in (_ROWS, {})),
    "journey_map": lambda words: (
        render.journey_map(plan, found, touchpoints=places, columns=5, words=words)
        for plan, found, places in _build_maps()
    ),
    "journey_table": lambda words: (
        render.journey_table(plan, found, touchpoints=places, words=words) for plan, found, places in _build_maps()
    ),
    "fund": _draw_funds,
    "survival_curves": _draw_survival,
    "survival_table": _write_survival,
    "rfm_grid": lambda words: iter([render.rfm_grid(_GRADED, title="0", words=words)]),
    "rfm_table": lambda words: iter([render.rfm_table(_GRADED, words=words)]),
    "kano_plane": lambda words: (
        render.kano_plane(
            [*((number, Kano(**{name: 1})) for number, name in enumerate(_CATEGORIES)), (None, Kano())],
            title="0",
            words=words,
        )
        for _ in range(1)
    ),
    "ledger": _draw_ledger,
    "level_transitions": _draw_moves,
    "lifecycle": _draw_lifecycle,
    "mermaid_flow": _write_flows,
    "mermaid_gantt": _write_gantts,
    "mermaid_journey": _write_journeys,
    "mermaid_lifecycle": lambda words: (
        render.mermaid_lifecycle(moves, words=words)
        for moves in (Transitions(exploration_to_awareness=3), StageOrder.AWARENESS_FIRST)
    ),
    "mix_shift": _draw_mix_shift,
    "plan": lambda words: (render.plan(plan, title="0", words=words) for plan in _build_plans()),
    "pareto": _draw_paretos,
    "cohort_table": lambda words: (render.cohort_table(found, words=words) for found in _TRIANGLES),
    "cohort_triangle": lambda words: (render.cohort_triangle(found, title="0", words=words) for found in _TRIANGLES),
    "revenue_bridge": lambda words: (render.revenue_bridge(moved, title="0", words=words) for moved in _MOVED),
    "revenue_bridge_table": lambda words: (render.revenue_bridge_table(moved, words=words) for moved in _MOVED),
    "timeline": _draw_timelines,
    "playbook_coverage": _draw_playbooks,
    "trend": lambda words: (render.trend(rows, marks=_MARKS, title="0", words=words) for rows in (_ROWS, {})),
    "value_by_retention": _draw_values,
}
"""The pictures of each function of `render` under a translation."""
CUT: Final = Path(__file__).parents[1] / "render" / "cut.txt"


def list_cut(name: str) -> list[str]:
    """List the texts of a picture that are cut if all words are long, each behind the name of the picture.

    Words of narrow letters behind none, two and four wide ones show a change of their room by little more than a dot.
    """
    pictures = (
        picture
        for before in ("", "aa", "aaaa")
        for picture in WORDED[name]({word: f"{before}{word} {'il' * 40}" for word in render.WORDS})
        if isinstance(picture, Svg)
    )
    told = dict.fromkeys(text for picture in pictures for text in said(parsed(picture), "text"))
    return [f"{name}: {text}" for text in told if text.endswith("\N{HORIZONTAL ELLIPSIS}")]


if __name__ == "__main__":
    CUT.write_text("".join(f"{line}\n" for name in PICTURES for line in list_cut(name)), encoding="utf-8", newline="\n")
