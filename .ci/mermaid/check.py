"""Write diagrams of nasty labels, let Mermaid itself read them, and check that it reads what was meant.

``python .ci/mermaid/check.py FOLDER``, where Mermaid is installed in the folder. Exits 1 where it is not so.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from string import punctuation
from typing import Any

from crmcore import (
    Activity,
    Flow,
    Id,
    JourneyMap,
    JourneyStep,
    ProgrammePhase,
    StageOrder,
    TallyBy,
    Touchpoint,
    Transitions,
    instant,
    programme,
    render,
)
from crmcore.journeys.paths import Edge
from crmcore.render import Mermaid

VERSIONS = ("mermaid-11-first", "mermaid-11-last", "mermaid-12")  # as package.json names them
DRAWN = 30  # boxes of a diagram that is drawn, not only read
KEYWORDS = (
    *("accDescr", "accTitle", "class", "classDef", "click", "default", "direction", "direction LR", "end"),
    *("flowchart", "graph", "href", "journey", "linkStyle", "note", "o", "section", "state", "stateDiagram-v2"),
    *("gantt", "dateFormat", "axisFormat", "tickInterval", "includes", "excludes", "todayMarker", "topAxis"),
    *("inclusiveEndDates", "weekday monday", "weekend friday", "2026-03-02", "crit", "milestone", "call", "vert"),
    *("style", "subgraph", "title", "x", "%%", "%%{init: {}}%%", "---", "[*]", "<<fork>>", "-->", "==>", "-.->"),
)
FORMS = ("{0}", "{0} x", "{0}: 5: y", "x {0}", "x\n{0} y", "{0};", "{0}{0}", " {0} ", "({0})", "`{0}`")
TEXTS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</section></div>",
    "javascript:alert(1)",
    'call me "Al"',
    "it's",
    "a & b &amp; c &lt; &#60;",
    "#59; #quot; #35;",
    "50 % off; today: 3, 4",
    "C:\\new\\table",
    "**bold** _slanted_ `code` ~~gone~~",
    "1. first",
    "- item",
    "+ item",
    "1) item",
    "1. Landing page",
    "12.",
    "- - -",
    "---",
    "www.example.com",
    "see WWW.example.com now",
    "someone@example.com",
    "# heading",
    "$$x^2$$",
    "[a](b)",
    "{{a}} {b} [c] (d) ((e)) >f]",
    "a | b || c",
    "style x:y #12;",
    "classDef a fill:#f9f; b",
    "A@{ shape: rect }",
    "fa:fa-car",
    "\u202eturned round\u202c",
    "zero\u200bwidth\u2060",
    "line\u2028parted\u2029twice",
    "\ufb02oor \ufb02\u00b0\u00b059\u00b6\u00df",
    "\u0085\u00a0\u3000spaces",
    "é e\u0301 ñ ß \u0130 \u0131 \u017f",
    "العربية עברית हिन्दी ไทย 한국어 日本語",
    "😀 👩‍👩‍👧 🇱🇻",
    "\U0001d518\U00020000",
    "\x00\x07\x1b\x7f\x80\x9f",
    "\ud800 alone",
    "x" * 480,
    "#" * 480,
    ".",
    "-",
    "\u200b",
)


def labels() -> list[str]:
    """A few hundred of them, each once, none without a sign."""
    found = [form.format(word) for word in KEYWORDS for form in FORMS]
    found += [form.format(sign) for sign in punctuation for form in FORMS[:4]]
    found += [form.format(word.upper()) for word in KEYWORDS for form in FORMS[:3]]
    return [label for label in dict.fromkeys([*TEXTS, *found]) if label.strip()]


def shown(label: str) -> str:
    """What Mermaid is meant to show of a label."""
    strange = {"\ufb02": "fl", **dict.fromkeys(map(chr, [*range(0x7F, 0xA0), 0xFFFE, 0xFFFF]), "\ufffd")}
    told = "".join(
        "\ufffd" if sign < " " or "\ud800" <= sign <= "\udfff" else strange.get(sign, sign)
        for sign in " ".join(label.split()).replace("\u00b6\u00df", "\u00b6 \u00df")
    )
    return told if len(told) <= 200 else f"{told[:199]}\u2026"


def diagrams() -> Iterator[tuple[Mermaid, dict[str, Any]]]:
    """Every diagram with what Mermaid is meant to understand."""
    for number, label in enumerate(labels()):
        score = number % 5
        yield (
            render.mermaid_journey(
                JourneyMap(
                    name=label,
                    actor=label,
                    steps=[
                        JourneyStep(name=label, phase=label, emotion=score - 2),
                        JourneyStep(name="plain", phase="plain"),
                        JourneyStep(name=f"{label} {label}", phase=f"{label}, again", emotion=2),
                    ],
                )
            ),
            {
                "title": shown(label),
                "sections": [shown(label), "plain", shown(f"{label}, again")],
                "tasks": [
                    [shown(label), shown(label), score + 1, [shown(label)]],
                    ["plain", "plain", 3, [shown(label)]],
                    [shown(f"{label}, again"), shown(f"{label} {label}"), 5, [shown(label)]],
                ],
            },
        )
        plan = programme.schedule(
            [
                Activity(id=1, name=label, days=score + 1, phase=ProgrammePhase.CULTURE),
                Activity(id=2, name=f"{label} {label}", days=0, after=[1]),
            ]
        )
        yield (
            render.mermaid_gantt(plan, start=instant("2026-03-02"), title=label),
            {
                "title": shown(label),
                "sections": ["culture", "other activities"],
                "tasks": [
                    ["culture", shown(label), True, False],
                    ["other activities", shown(f"{label} {label}"), True, True],
                ],
                "days": [score + 1, 0],
            },
        )
        edges: dict[tuple[Id | None, Id | None], Edge] = {
            (None, label): Edge(count=9, journeys=9),
            (label, 7): Edge(count=8, journeys=5),
            (7, 7): Edge(count=2, journeys=2),
            (7, None): Edge(count=1, journeys=1),
        }
        yield (
            render.mermaid_flow(Flow(journeys=9, edges=TallyBy(edges)), names=[Touchpoint(id=7, name=f"at {label}")]),
            {
                "nodes": ["start", shown(label), shown(f"at {label}"), "end"],
                "arrows": [["n0", "n1", "9"], ["n1", "n2", "8 (5)"], ["n2", "n2", "2"], ["n2", "n3", "1"]],
            },
        )
    for start in range(0, len(labels()), DRAWN):
        drawn = labels()[start : start + DRAWN]
        once: dict[tuple[Id | None, Id | None], Edge] = {(None, label): Edge(count=1, journeys=1) for label in drawn}
        yield render.mermaid_flow(Flow(journeys=1, edges=TallyBy(once))), {"shown": ["start", *map(shown, drawn)]}
    many: dict[tuple[Id | None, Id | None], Edge] = {
        (start, end): Edge(count=60 * start + end + 1, journeys=1) for start in range(60) for end in range(60)
    }
    yield render.mermaid_flow(Flow(journeys=1, edges=TallyBy(many))), {}
    yield render.mermaid_flow(Flow()), {"nodes": [], "arrows": []}
    steps = [JourneyStep(name=f"#{number}" * 40, phase=f"{number // 9}") for number in range(400)]
    yield render.mermaid_journey(JourneyMap(name="long", steps=steps)), {}
    for order in StageOrder:
        stages = [stage.value for stage in order.stages]
        moves = Transitions(order=order)
        places = [[f"s{stages.index(start)}", f"s{stages.index(end)}"] for (start, end), _ in moves.counts]
        yield render.mermaid_lifecycle(order), {"states": stages, "moves": [[*place, ""] for place in places]}
        yield render.mermaid_lifecycle(moves), {"states": stages, "moves": [[*place, "0"] for place in places]}


def check(folder: str, version: str, given: list[tuple[Mermaid, dict[str, Any]]]) -> int:
    """Let one version read them all in one go, and return how many it reads differently."""
    texts = json.dumps([{"text": str(diagram), "draw": "shown" in meant} for diagram, meant in given])
    node = ["node", "check.mjs", version]
    read = subprocess.run(node, cwd=folder, input=texts, stdout=subprocess.PIPE, encoding="utf-8", check=True)
    wrong = 0
    for (diagram, meant), answer in zip(given, json.loads(read.stdout), strict=True):
        differing = {name: (meant[name], answer.get(name)) for name in meant if meant[name] != answer.get(name)}
        if "error" in answer or differing or len(str(diagram)) > 50_000:
            wrong += 1
            print(f"{str(diagram)[:600]}\n{answer.get('error', differing)}\n", file=sys.stderr)
    print(f"{version} reads {len(given) - wrong} of {len(given)} diagrams as they are meant")
    return wrong


def main(folder: str) -> int:
    """Let each version read every diagram."""
    given = list(diagrams())
    return 1 if sum(check(folder, version, given) for version in VERSIONS) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
