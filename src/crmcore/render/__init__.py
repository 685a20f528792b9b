"""Pictures as text: SVG, Mermaid and Markdown for what the rooms count.

A picture is a string. It needs no library to be drawn and none to be shown: write it into a file, put it into a page,
or leave it as the last line of a notebook's cell. An SVG is legible on light and on dark and says in words what it
shows. Whatever text a picture is given, it is shown and never run.
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
