"""Strategies for pictures that are text."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import StageOrder, render
from crmcore.interop.hypothesis._journeys import journey_maps
from crmcore.interop.hypothesis._paths import flows
from crmcore.interop.hypothesis._records import transitions
from crmcore.render import Markdown, Mermaid


def mermaids() -> SearchStrategy[Mermaid]:
    """Diagrams of journey maps, of flows and of lifecycles."""
    lifecycles = (transitions() | st.sampled_from(StageOrder)).map(render.mermaid_lifecycle)
    return journey_maps().map(render.mermaid_journey) | flows().map(render.mermaid_flow) | lifecycles


def markdowns() -> SearchStrategy[Markdown]:
    """Tables of journey maps."""
    return journey_maps().map(render.journey_table)
