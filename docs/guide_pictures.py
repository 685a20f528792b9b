"""Draw the pictures of the guides, as the examples on their pages make them: ``python docs/guide_pictures.py``.

It runs the Python of a page from top to bottom and writes what the names below then hold. With ``--check`` it writes
nothing and exits 1 where a file is not what it would write.
"""

# ruff: noqa: INP001 - a script, no package

from __future__ import annotations

import io  # noqa: TID251 - to keep what the pages print to itself
import re
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from doctest import DocTestParser
from pathlib import Path  # noqa: TID251 - a script writes its files

GUIDES = Path(__file__).parent / "guides"
PICTURES = {
    "balance": {"over_time": "balance-over-time.svg", "with_bounds": "balance-standing.svg"},
    "churn": {"by_group": "churn-by-group.svg"},
    "gallery": {
        "planned": "journey-map-planned.svg",
        "gone": "journey-map-night.svg",
        "table": "journey-table.txt",
        "diagram": "mermaid-journey.txt",
        "flowchart": "mermaid-flow.txt",
        "stages": "mermaid-stages.txt",
    },
    "journeys": {"with_log": "journey-map-gone.svg"},
}


def sources(page: str) -> Iterator[str]:
    """The Python of a page, in order, without what it answers and without what it shows to be refused."""
    for block in re.findall(r"^```(?:python|pycon)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE):
        examples = DocTestParser().get_examples(block)
        yield "".join(one.source for one in examples if one.exc_msg is None) if examples else block


def pictures() -> Iterator[tuple[Path, str]]:
    """Every file with what belongs into it."""
    for guide, names in PICTURES.items():
        page = (GUIDES / f"{guide}.md").read_text(encoding="utf-8")
        made: dict[str, object] = {}
        for source in sources(page):
            with redirect_stdout(io.StringIO()):
                exec(source, made)  # noqa: S102 - it is our own page
        for name, file in names.items():
            yield GUIDES / file, str(made[name])


def main(arguments: list[str]) -> int:
    """Write the pictures, or check that they are written."""
    for path, current in pictures():
        if arguments != ["--check"]:
            path.write_text(current, encoding="utf-8", newline="\n")
        elif not path.exists() or path.read_text(encoding="utf-8") != current:
            sys.stderr.write(f"{path.name} is not what the guide draws; run python docs/guide_pictures.py\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
