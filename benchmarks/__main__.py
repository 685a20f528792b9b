"""Time the installed library against its peers and against loops written by hand, and print one Markdown table.

    python -m benchmarks                              every benchmark once, in a few minutes
    python -m benchmarks --full                       a million records, in half an hour
    python -m benchmarks --smoke                      a thousand records: only whether everything works
    python -m benchmarks imports adding.money_total   one subject, one benchmark
    python -m benchmarks sizing --full --page docs/size.md
    python -m benchmarks journeying --peer pm4py=PYTHON --log FILE --ten-million

A ratio is ours over the other, both measured in this run, by turns: 0.5 is half the cost. Answers are compared before
they are timed. Each subject runs in a process of its own, so that what one leaves in memory does not slow the next.
The exit code is 1 if a benchmark fails or answers differ. A missed aim or a missing peer is no failure.

To add a benchmark, write a function with `@benchmark` in a file of `benchmarks/subjects`; a new file needs no list.
`adding.py` is the shortest example. `benchmarks/peers` holds what we compare with, `inputs.py` the data.
"""

import argparse
import multiprocessing
import platform
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from benchmarks import size_page
from benchmarks.harness import ROOT, Message, Row, Run, installed, run_subject

SUBJECTS = sorted(file.stem for file in (ROOT / "benchmarks" / "subjects").glob("*.py"))
PEERS = sorted(file.stem.partition("_by_")[2] for file in (ROOT / "benchmarks" / "peers").glob("[jrs]*_by_*.py"))
MEASURED = ("crmcore", "attrs", "python-dateutil", "pydantic", "lifetimes", "businesstimedelta")
LINE = "| {name:<58} | {ours:>9} | {other:>9} | {ratio:>6} | {aim:<14} | {note} |"


def messages(subject: str, names: list[str], run: Run) -> Iterator[Message]:
    """Run a subject in a fresh process and yield what it reports, as it comes."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=run_subject, args=(subject, names, run, theirs))
    process.start()
    theirs.close()
    try:
        while True:
            yield ours.recv()
    except EOFError:
        process.join()
    if process.exitcode:
        yield subject, f"its process ended with exit code {process.exitcode}"


def line(row: Row) -> str:
    """Return a row as a line of the table."""
    ours, other = (
        "-" if cost is None else f"{cost:,.{0 if cost >= 100 else 1}f} {row.unit}" for cost in (row.ours, row.other)
    )
    ratio = "-" if row.ratio is None else f"{row.ratio:.2f}"
    aim = "-" if row.aim is None else f"≤ {row.aim:g}" + (", missed" if row.met is False else "")
    return LINE.format(name=row.name, ours=ours, other=other, ratio=ratio, aim=aim, note=row.note)


def arguments() -> tuple[argparse.Namespace, dict[str, list[str]], Run]:
    """Read the command line: the options, the benchmarks wanted of each subject, and how to run them."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--full", action="store_true", help="a million records, five rounds")
    length.add_argument("--smoke", action="store_true", help="a thousand records, one round, no table")
    journeying = parser.add_argument_group("journeying, summarizing and surviving")
    journeying.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON", help="where a peer is")
    journeying.add_argument("--log", type=Path, help="a log to use instead of the generated one")
    journeying.add_argument("--ten-million", action="store_true", help="also ten million events, in some GiB")
    parser.add_argument(
        "--page", type=Path, help="a page whose table of sizes is written anew, from the subject sizing"
    )
    parser.add_argument("names", nargs="*", help=f"from {', '.join(SUBJECTS)}; default: all")
    options = parser.parse_args()
    wanted: defaultdict[str, list[str]] = defaultdict(list)
    for name in options.names or SUBJECTS:
        subject, _, benchmark = name.partition(".")
        if subject not in SUBJECTS:
            parser.error(f"no subject is named {subject}; there are {', '.join(SUBJECTS)}")
        wanted[subject] += [benchmark] if benchmark else []
    peers = dict(peer.partition("=")[::2] for peer in options.peer)
    if unknown := peers.keys() - {*PEERS}:
        parser.error(f"no peer is named {', '.join(sorted(unknown))}; there are {', '.join(PEERS)}")
    n, rounds = (1_000_000, 5) if options.full else (1_000, 1) if options.smoke else (200_000, 3)
    log = options.log and options.log.resolve()
    return options, wanted, Run(n=n, rounds=rounds, peers=(*peers.items(),), log=log, ten_million=options.ten_million)


def main() -> None:
    """Run what the command line names, print the table and the summary."""
    options, wanted, run = arguments()
    if not options.smoke:
        versions = ", ".join(f"{name} {installed(name) or 'is not installed'}" for name in MEASURED)
        print(f"{platform.python_implementation()} {platform.python_version()}, {versions}")
        print(f"{run.n:,} records, median of {run.rounds} rounds by turns, CPU time, garbage collector on\n")
        print(LINE.format(name="ours / other", ours="ours", other="other", ratio="ratio", aim="aim", note="note"))
        print(LINE.format(name=":---", ours="---:", other="---:", ratio="---:", aim=":---", note=":---"))
    rows: list[Row] = []
    ran: list[str] = []
    failed: dict[str, str] = {}
    for subject, names in wanted.items():
        for name, said in messages(subject, names, run):
            if isinstance(said, Row):
                rows.append(said)
                if not options.smoke:
                    print(line(said), flush=True)
            elif said is None:
                ran.append(name)
            else:
                failed[name] = said
    summary = f"{len(ran)} benchmarks ran and {len(failed)} failed"
    if not options.smoke:
        verdicts = [row.met for row in rows]
        alone = sum(row.other is None for row in rows)
        summary += f"; {verdicts.count(True)} of {len(rows) - verdicts.count(None)} aims met"
        summary = f"\n{summary}; {alone} of {len(rows)} rows had nothing to compare with"
    print(f"{summary}.")
    if options.page and not failed:
        size_page.write(options.page, rows, run)
    sys.exit("\n".join(f"{name} failed: {why}" for name, why in failed.items()) or None)


if __name__ == "__main__":
    main()
