"""SVG, Mermaid and Markdown for the results of the rooms.

A picture is a string, and no other library is needed to draw or show it. Write it to a file, put it into a page, or
leave it as the last line of a notebook cell. An SVG is legible on a light and on a dark page, and describes in words
what it shows. Text in a picture is escaped: it is shown and never run.
"""

from crmcore.render._document import Svg
from crmcore.render._intervals import intervals
from crmcore.render._journey_map import journey_map
from crmcore.render._ledger import ledger
from crmcore.render._mermaid import Mermaid, mermaid_flow, mermaid_journey, mermaid_lifecycle
from crmcore.render._table import Markdown, journey_table

__all__ = [
    "Markdown",
    "Mermaid",
    "Svg",
    "intervals",
    "journey_map",
    "journey_table",
    "ledger",
    "mermaid_flow",
    "mermaid_journey",
    "mermaid_lifecycle",
]

for _name in __all__:  # pickles, tracebacks and help name this package, not the file inside it
    vars()[_name].__module__ = __name__
