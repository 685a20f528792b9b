"""Draw the pictures of the guides with the code on their pages: ``python docs/guide_pictures.py``.

The script runs the Python blocks of a page from top to bottom, then writes the values of the names listed below. With
``--check`` it writes nothing, and exits with 1 if a file differs from what it would write.
"""

# ruff: noqa: INP001 - a script, not a package

from __future__ import annotations

import io  # noqa: TID251 - to discard what the pages print
import re
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from doctest import DocTestParser
from itertools import chain
from pathlib import Path  # noqa: TID251 - a script writes its files

GUIDES = Path(__file__).parent / "guides"
PICTURES = {
    "balance": {"over_time": "balance-over-time.svg", "with_bounds": "balance-standing.svg"},
    "churn": {"by_group": "churn-by-group.svg"},
    "early_warning": {
        "by_month": "early-warning-p.svg",
        "averaged": "early-warning-ewma.svg",
        "summed": "early-warning-cusum.svg",
    },
    "cohorts": {"heat_map": "cohorts.svg"},
    "expectations": {"gap_bars": "expectations-gaps.svg"},
    "gallery": {
        "planned": "journey-map-planned.svg",
        "with_log": "journey-map-night.svg",
        "table": "journey-table.txt",
        "diagram": "mermaid-journey.txt",
        "flowchart": "mermaid-flow.txt",
        "stages": "mermaid-stages.txt",
        "funnel": "funnel.svg",
        "paths": "flow.svg",
        "trend": "trend.svg",
        "control": "control-chart.svg",
        "calendar": "calendar.svg",
        "base_over_time": "base-over-time.svg",
        "level_moves": "level-transitions.svg",
        "attributions": "attributions.svg",
        "value_curve": "value-by-retention.svg",
        "lifecycle": "lifecycle.svg",
        "mix_shift": "mix-shift.svg",
        "timeline": "case-timeline.svg",
        "causes": "causes.svg",
        "features": "kano-plane.svg",
    },
    "journeys": {"with_log": "journey-map-gone.svg"},
    "revenue": {"bridge": "revenue-bridge.svg"},
    "programme": {"critical_path": "programme-plan.svg"},
    "rfm": {"grid": "rfm-grid.svg"},
    "staff": {"matrix": "playbooks.svg"},
    "recovery": {"over_time": "fund.svg"},
    "surveys": {"over_rounds": "surveys-rounds.svg"},
    "survival": {"curves": "survival.svg", "table": "survival-table.txt"},
}


def sources(page: str) -> Iterator[str]:
    """Yield the Python of each block of a page, without expected output and without examples of errors."""
    for block in re.findall(r"^```(?:python|pycon)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE):
        examples = DocTestParser().get_examples(block)
        yield "".join(example.source for example in examples if example.exc_msg is None) if examples else block


def pictures(guide: str) -> Iterator[tuple[Path, str]]:
    """Yield each file of a guide with the text that it must contain."""
    page = (GUIDES / f"{guide}.md").read_text(encoding="utf-8")
    namespace: dict[str, object] = {}
    for source in sources(page):
        with redirect_stdout(io.StringIO()):
            exec(source, namespace)  # noqa: S102 - the page is part of this repository
    for name, file in PICTURES[guide].items():
        yield GUIDES / file, str(namespace[name])


def main(arguments: list[str]) -> int:
    """Write the files, or check that they are up to date."""
    for path, current in chain.from_iterable(map(pictures, PICTURES)):
        if arguments != ["--check"]:
            path.write_text(current, encoding="utf-8", newline="\n")
        elif not path.exists() or path.read_text(encoding="utf-8") != current:
            sys.stderr.write(f"{path.name} differs from what the guide draws; run python docs/guide_pictures.py\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
