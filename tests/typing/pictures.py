"""What a user's type checker sees of pictures: never run, but checked by mypy and pyright."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import assert_type

from crmcore import (
    BaseDistribution,
    Churn,
    CohortTriangle,
    CompensationFund,
    Conformance,
    Feedback,
    Flow,
    Funnel,
    JourneyMap,
    Kano,
    Ledger,
    LevelTransitions,
    Money,
    OpeningHours,
    Pareto,
    PChart,
    PerceptionGap,
    Period,
    Relationship,
    Retention,
    RevenueMovements,
    StageOrder,
    TallyBy,
    TimeUnit,
    Touchpoint,
    Transitions,
    render,
)
from crmcore.journeys.attribution import Attribution
from crmcore.render import Markdown, Mermaid, Svg
from crmcore.service.programme import Schedule
from crmcore.value.lifetime_value import LifetimeValue, MixShift
from crmcore.value.rfm import RfmScores
from crmcore.voice.loyalty import EarlyWarning


def pictures(plan: JourneyMap, found: Conformance, places: list[Touchpoint]) -> None:
    """A picture is an SVG, a diagram is Mermaid, a table is Markdown; each is text."""
    assert_type(render.journey_map(plan), Svg)
    assert_type(render.journey_map(plan, found, touchpoints=iter(places), title="paint", columns=12), Svg)
    assert_type(render.journey_table(plan, found, touchpoints=places), Markdown)
    assert_type(render.journey_table(plan).text, str)
    german = {"Goal": "Ziel"}
    assert_type(render.journey_map(plan, words=german), Svg)
    assert_type(render.journey_table(plan, words=german), Markdown)
    assert_type(render.mermaid_journey(plan, words=german), Mermaid)
    assert_type(render.mermaid_journey(plan, title="paint"), Mermaid)
    assert_type(render.mermaid_journey(plan).text, str)
    render.journey_map(plan, places)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - what journeys did
    render.journey_map(journey_map=plan)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by place
    render.journey_table(plan, words={"Goal": 5})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType] - texts
    render.journey_table(found)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - the map first
    Mermaid(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of text


def plans(found: Schedule, day: datetime) -> None:
    """A schedule becomes a picture or a diagram."""
    assert_type(render.plan(found, title="two years", words={"critical": "kritisch"}), Svg)
    assert_type(render.mermaid_gantt(found, start=day), Mermaid)
    render.mermaid_gantt(found)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - starting when?
    render.plan([])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of a schedule


def diagrams(flow: Flow, moves: Transitions, places: list[Touchpoint]) -> None:
    """A flow or a lifecycle becomes a diagram."""
    assert_type(render.mermaid_flow(flow, names=places, most=20), Mermaid)
    assert_type(render.mermaid_flow(flow, words={"end": "Ende"}), Mermaid)
    assert_type(render.mermaid_lifecycle(moves, words={"awareness": "Kenntnis"}), Mermaid)
    assert_type(render.mermaid_lifecycle(moves), Mermaid)
    assert_type(render.mermaid_lifecycle(StageOrder.EXPLORATION_FIRST), Mermaid)
    render.mermaid_flow(flow.edges)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of the flow
    render.mermaid_flow(flow, most="20")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a number


def counts(funnel: Funnel, flow: Flow, moves: Transitions, anna: Relationship, found: list[Attribution]) -> None:
    """What was counted becomes a picture, with translated words."""
    assert_type(render.funnel(funnel, words={"lost": "verloren"}), Svg)
    assert_type(render.flow(flow, most=12), Svg)
    assert_type(render.lifecycle(moves), Svg)
    assert_type(render.lifecycle(anna), Svg)
    assert_type(render.attributions(found), Svg)
    assert_type(render.attributions({"last month": found[0]}), Svg)
    assert_type(render.WORDS, tuple[str, ...])
    render.funnel(flow)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of a funnel
    render.funnel(funnel, words=["lost"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a mapping
    render.lifecycle("exploration_first")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member
    render.attributions(found[0])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - several


def balance(book: Ledger) -> None:
    """A balance over time becomes a picture, with translated words."""
    assert_type(render.fund(CompensationFund(opening=Money(9, "EUR")), title="March"), Svg)
    render.fund(book)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of a fund
    assert_type(render.ledger(book, title="Desk", words={"no moments": "keine"}), Svg)
    render.ledger([])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of a ledger


def moved_revenue(moved: RevenueMovements) -> None:
    """The movements of revenue become a picture and a table."""
    assert_type(render.revenue_bridge(moved, title="March", words={"Start": "Anfang"}), Svg)
    assert_type(render.revenue_bridge_table(moved), Markdown)
    render.revenue_bridge([moved])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of one period


def returned(found: CohortTriangle) -> None:
    """Cohorts become a picture and a table."""
    assert_type(render.cohort_triangle(found, title="2026", words={"Size": "Zahl"}), Svg)
    assert_type(render.cohort_table(found), Markdown)
    render.cohort_table([found])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of one triangle


def cases(case: Feedback, causes: Pareto, day: datetime, hours: OpeningHours) -> None:
    """The life of a case and the causes of many become pictures."""
    assert_type(render.timeline(case, as_of=day), Svg)
    assert_type(render.timeline(case, as_of=day, hours=hours, target=timedelta(hours=8), paused_in=()), Svg)
    assert_type(render.pareto(causes, most=5, words={"vital few": "wenige"}), Svg)
    render.timeline(case)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - when?
    render.timeline([case], as_of=day)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a single case
    render.pareto({"price": 3})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of a Pareto


def levels(base: TallyBy[Period, BaseDistribution], moved: LevelTransitions, warning: EarlyWarning | None) -> None:
    """The levels of a base become pictures, with a warning or without one."""
    assert_type(render.base_over_time(base, warning=warning), Svg)
    assert_type(render.base_over_time([("March", BaseDistribution())], title="x", words={"left": "y"}), Svg)
    assert_type(render.level_transitions(moved), Svg)
    render.base_over_time({"March": moved})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - moves
    render.level_transitions(base)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of what period?


def figures(
    monthly: dict[Period, Churn], by: TallyBy[str, Churn], worth: LifetimeValue, shift: MixShift[str, str]
) -> None:
    """Rates and values become pictures; a tally stands for its rate and its interval."""
    assert_type(render.trend(monthly, marks={"target": Decimal("0.04")}), Svg)
    assert_type(render.trend([("March", (0.1, None))]), Svg)
    assert_type(render.intervals(by), Svg)
    points = PChart(baseline=(1, 10)).run([(3, 20)])
    assert_type(render.control_chart(zip(["May"], points, strict=True), as_percent=True), Svg)
    assert_type(render.control_chart(dict(zip(["May"], points, strict=True))), Svg)
    assert_type(render.gaps({"staff": PerceptionGap(company_good=1, company_judged=2)}, title="Staff"), Svg)
    year = {Retention("0.8", TimeUnit.YEAR): worth}
    assert_type(render.value_by_retention(year, spend=Money(300, "EUR")), Svg)
    assert_type(render.mix_shift(shift), Svg)
    assert_type(render.rfm_grid(RfmScores(), title="grades"), Svg)
    assert_type(render.rfm_table(RfmScores()), Markdown)
    assert_type(render.kano_plane({"pool": Kano(must_be=3)}, confidence=0.9), Svg)
    render.kano_plane(Kano())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - several features
    render.trend({"March": 0.1})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - bounds?
    render.gaps({"staff": 0.7})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of what?
    render.value_by_retention(year, spend=300)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - money
