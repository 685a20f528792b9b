"""Pictures as text: SVG for what the rooms count.

A picture is a string. It needs no library to be drawn and none to be shown: write it into a file, put it into a page,
or leave it as the last line of a notebook's cell. It is legible on light and on dark, says in words what it shows, and
escapes whatever text it is given.
"""

from crmcore.render._document import Svg
from crmcore.render._intervals import intervals
from crmcore.render._journey_map import journey_map
from crmcore.render._ledger import ledger

__all__ = ["Svg", "intervals", "journey_map", "ledger"]
