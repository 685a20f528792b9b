"""SVG, Mermaid and Markdown for the results of the rooms.

A picture is a string, and no other library is needed to draw or show it. Write it to a file, put it into a page, or
leave it as the last line of a notebook cell. An SVG is legible on a light and on a dark page, and describes in words
what it shows. Text in a picture is escaped: it is shown and never run.
"""

from crmcore.render._attributions import attributions
from crmcore.render._base_over_time import base_over_time
from crmcore.render._calendar import calendar, calendar_table
from crmcore.render._cohorts import cohort_table, cohort_triangle
from crmcore.render._control_chart import control_chart
from crmcore.render._document import Svg
from crmcore.render._flow import flow
from crmcore.render._fund import fund
from crmcore.render._funnel import funnel
from crmcore.render._gaps import gaps
from crmcore.render._intervals import intervals
from crmcore.render._journey_map import journey_map
from crmcore.render._kano_plane import kano_plane
from crmcore.render._ledger import ledger
from crmcore.render._level_transitions import level_transitions
from crmcore.render._lifecycle import lifecycle
from crmcore.render._mermaid import Mermaid, mermaid_flow, mermaid_gantt, mermaid_journey, mermaid_lifecycle
from crmcore.render._mix_shift import mix_shift
from crmcore.render._pareto import pareto
from crmcore.render._plan import plan
from crmcore.render._playbook_coverage import playbook_coverage
from crmcore.render._revenue_bridge import revenue_bridge, revenue_bridge_table
from crmcore.render._rfm_grid import rfm_grid, rfm_table
from crmcore.render._survival import survival_curves, survival_table
from crmcore.render._table import Markdown, journey_table
from crmcore.render._timeline import timeline
from crmcore.render._trend import trend
from crmcore.render._value_by_retention import value_by_retention
from crmcore.render._words import WORDS

__all__ = [
    "WORDS",
    "Markdown",
    "Mermaid",
    "Svg",
    "attributions",
    "base_over_time",
    "calendar",
    "calendar_table",
    "cohort_table",
    "cohort_triangle",
    "control_chart",
    "flow",
    "fund",
    "funnel",
    "gaps",
    "intervals",
    "journey_map",
    "journey_table",
    "kano_plane",
    "ledger",
    "level_transitions",
    "lifecycle",
    "mermaid_flow",
    "mermaid_gantt",
    "mermaid_journey",
    "mermaid_lifecycle",
    "mix_shift",
    "pareto",
    "plan",
    "playbook_coverage",
    "revenue_bridge",
    "revenue_bridge_table",
    "rfm_grid",
    "rfm_table",
    "survival_curves",
    "survival_table",
    "timeline",
    "trend",
    "value_by_retention",
]

for _name in __all__[1:]:  # pickles, tracebacks and help name this package, not the file inside it
    vars()[_name].__module__ = __name__
