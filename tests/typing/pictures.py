"""What a user's type checker sees of pictures: never run, but checked by mypy and pyright."""

from __future__ import annotations

from typing import assert_type

from crmcore import Conformance, Flow, JourneyMap, StageOrder, Touchpoint, Transitions, render
from crmcore.render import Markdown, Mermaid, Svg


def pictures(plan: JourneyMap, found: Conformance, places: list[Touchpoint]) -> None:
    """A picture is an SVG, a diagram is Mermaid, a table is Markdown; each is text."""
    assert_type(render.journey_map(plan), Svg)
    assert_type(render.journey_map(plan, found, touchpoints=iter(places), title="paint", columns=12), Svg)
    assert_type(render.journey_table(plan, found, touchpoints=places), Markdown)
    assert_type(render.journey_table(plan).text, str)
    assert_type(render.mermaid_journey(plan, title="paint"), Mermaid)
    assert_type(render.mermaid_journey(plan).text, str)
    render.journey_map(plan, places)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - what journeys did
    render.journey_map(journey_map=plan)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by place
    render.journey_table(found)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - the map first
    Mermaid(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of text


def diagrams(flow: Flow, moves: Transitions, places: list[Touchpoint]) -> None:
    """A flow or a lifecycle becomes a diagram."""
    assert_type(render.mermaid_flow(flow, names=places, most=20), Mermaid)
    assert_type(render.mermaid_lifecycle(moves), Mermaid)
    assert_type(render.mermaid_lifecycle(StageOrder.EXPLORATION_FIRST), Mermaid)
    render.mermaid_flow(flow.edges)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of the flow
    render.mermaid_flow(flow, most="20")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a number
