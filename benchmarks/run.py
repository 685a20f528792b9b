"""Time the installed library against its peers and against loops written by hand; print one markdown table.

    python benchmarks/run.py                                a million objects each: some minutes
    python benchmarks/run.py --quick                        a tenth of that: under a minute
    python benchmarks/run.py imports adding.money_total     one subject, one benchmark
    python benchmarks/run.py journeying --peer pm4py=PYTHON --log FILE --ten-million

Every ratio is ours over the other, both measured in this run, by turns: 0.5 is half the cost. Each subject runs in a
process of its own, so that what one leaves in memory does not slow the next. `journeying.py` tells of its options.
"""

import argparse
import json
import platform
import subprocess
import sys
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUBJECTS = (
    "imports",
    "building",
    "counting",
    "adding",
    "judging",
    "ledgering",
    "churning",
    "valuing",
    "journeying",
    "growing",
    "attributing",
)
MEASURED = ("crmcore", "attrs", "python-dateutil", "pydantic", "lifetimes")
LINE = "| {name:<58} | {ours:>9} | {other:>9} | {ratio:>5} | {aim:<6} | {note} |"


def run(subject: str, names: list[str], size: int, options: list[str]) -> None:
    """Print the rows of one subject as they come."""
    command = (sys.executable, "-m", f"benchmarks.{subject}", f"--size={size}", *options, *names)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            row = json.loads(line)
            ratio = "-" if row["other"] is None else f"{row['ours'] / row['other']:.2f}"
            for side in ("ours", "other"):
                measured = row[side]
                row[side] = "-" if measured is None else f"{measured:,.{0 if measured >= 100 else 1}f} {row['unit']}"
            print(LINE.format(ratio=ratio, **row), flush=True)
    if process.returncode:
        sys.exit(process.returncode)


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the objects")
    journeying = parser.add_argument_group("journeying")
    journeying.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON", help="where a peer is")
    journeying.add_argument("--log", type=Path, help="a log in place of the one made up")
    journeying.add_argument("--ten-million", action="store_true", help="also ten million events, in some GiB")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(SUBJECTS)}; all when left out")
    arguments = parser.parse_args()
    wanted: defaultdict[str, list[str]] = defaultdict(list)
    for name in arguments.names or SUBJECTS:
        subject, _, benchmark = name.partition(".")
        if subject not in SUBJECTS:
            parser.error(f"no subject is named {subject}; there are {', '.join(SUBJECTS)}")
        wanted[subject] += [benchmark] if benchmark else []
    versions = ", ".join(f"{name} {version(name)}" for name in MEASURED)
    print(f"{platform.python_implementation()} {platform.python_version()}, {versions}\n")
    print(LINE.format(name="ours / other", ours="ours", other="other", ratio="ratio", aim="aim", note="note"))
    print(LINE.format(name=":---", ours="---:", other="---:", ratio="---:", aim=":---", note=":---"))
    options = [f"--peer={peer}" for peer in arguments.peer]
    options += [f"--log={arguments.log.resolve()}"] if arguments.log else []
    options += ["--ten-million"] if arguments.ten_million else []
    for subject, names in wanted.items():
        run(subject, names, 100_000 if arguments.quick else 1_000_000, options if subject == "journeying" else [])


if __name__ == "__main__":
    main()
