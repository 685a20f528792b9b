"""Write the table of the page "Size and speed" from measured rows, with the machine and the day."""

import os
import platform
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.harness import Row, Run, Size, installed

BEGIN: Final = "<!-- measured: written by the command below -->\n"
END: Final = "<!-- end of what is measured -->\n"

PACKED: Final = "packed"
"""The kind of instants of what reads packed journeys."""

_KINDS: Final = ("UTC", "fixed offset", "ZoneInfo")
_HEAD: Final = (
    "| Call | Rows | UTC | Fixed offset | `ZoneInfo` | Memory |\n| :--- | ---: | ---: | ---: | ---: | ---: |\n"
)


def write(page: Path, rows: Iterable[Row], run: Run) -> None:
    """Put a new table between the marks of a page."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} must have the lines {BEGIN.strip()!r} and {END.strip()!r}")
    page.write_text(f"{before}{begin}\n{describe(run)}\n\n{table(rows)}\n{end}{after}", encoding="utf-8")


def describe(run: Run) -> str:
    """Return when, where and how the rows were measured."""
    return (
        f"Measured on {datetime.now(UTC).date()} with crmcore {installed('crmcore')} on "
        f"{platform.python_implementation()} {platform.python_version()},\n{platform.system()}, {processor()}, one of "
        f"{os.cpu_count()} cores: CPU time, the least of {run.rounds} rounds."
    )


def processor() -> str:
    """Return the name of the processor, or what kind it is."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def table(rows: Iterable[Row]) -> str:
    """Return a line for each call, with a column for each kind of instants."""
    times: defaultdict[str, dict[str, float]] = defaultdict(dict)
    sizes: dict[str, Size] = {}
    for row in rows:
        if row.size is not None:
            sizes.setdefault(row.size.call, row.size)
            times[row.size.call][row.size.instants] = row.ours
    return _HEAD + "".join(_line(size, times[call]) for call, size in sizes.items())


def _line(size: Size, times: dict[str, float]) -> str:
    """Return a line of the table. What reads packed journeys has one time for every kind of instants."""
    cells = [f"{times[kind if kind in times else PACKED] / 1000:.2f} s" for kind in _KINDS]
    return f"| {size.call} | {size.rows:,} | {' | '.join(cells)} | {max(1, round(size.mebibytes)):,} MiB |\n"
