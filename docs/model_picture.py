"""Draw the nouns of crmcore and the links between them, as they stand in the code: ``python docs/model_picture.py``.

It writes docs/model/picture.svg; with ``--check`` it writes nothing and exits 1 where that file is not what it would
write. The columns below say where a noun stands, the rest is read off the classes. A noun or a link that the tables do
not know is an error, so that none can be forgotten.
"""

# ruff: noqa: INP001 - a script, no package

from __future__ import annotations

import importlib
import pkgutil
import sys
import textwrap
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path  # noqa: TID251 - a script writes its file
from xml.sax.saxutils import escape

import attrs

import crmcore.model
from crmcore import Tally

PICTURE = Path(__file__).parent / "model" / "picture.svg"

COLUMNS = (
    ("Persona", "Segment", "Relationship", "Subscription", "Purchase", "Cost", "JourneyMap", "Sipoc"),
    ("Customer", "Employee", "Touchpoint", "Survey", "Checklist"),
    (
        "Interaction",
        "Journey",
        "MomentOfTruth",
        "MicroMoment",
        "Feedback",
        "Vote",
        "Task",
        "Reading",
        "Invitation",
        "Response",
        "ChecklistAnswer",
    ),
)
TITLES = ((0, 1, "Subjects"), (2, 2, "What happens to them"))
EMPLOYEES = (
    "answered_by_id",
    "approver_id",
    "done_by_id",
    "handler_id",
    "manager_id",
    "owner_id",
    "reports_to_id",
    "requested_by_id",
)
TARGETS = {
    **dict.fromkeys(EMPLOYEES, "Employee"),
    "customer_id": "Customer",
    "customer_ids": "Customer",
    "employee_id": "Employee",
    "idea_id": "Feedback",
    "interaction_id": "Interaction",
    "item_id": "ChecklistItem",
    "referred_by_id": "Customer",
    "segment": "Segment",
    "segments": "Segment",
    "survey_id": "Survey",
    "touchpoint_id": "Touchpoint",
    "touchpoint_ids": "Touchpoint",
    "voter_id": "Customer",
}
ANYTHING = ("about_id", "subject_id")
LANES = (
    ("Customer", "Employee", "Segment"),
    ("Customer", "Employee", "Touchpoint", "Interaction", "Survey", "ChecklistItem"),
)

WIDTH, CHANNELS, MARGIN, LANE = 322, (76, 128), 26, 18
ROW, HEAD, PAD, GAP, CHARACTER = 17, 26, 11, 20, 6.65
TOP = 92

COLOURS = {  # on a light page, on a dark page
    "page": ("#ffffff", "#14171c"),
    "box": ("#f6f7f9", "#1e232b"),
    "part": ("#ffffff", "#14171c"),
    "edge": ("#b9c0ca", "#49525f"),
    "ink": ("#1b1f24", "#e8ebef"),
    "soft": ("#57606a", "#a3adba"),
    "Customer": ("#0b62c4", "#6db1ff"),
    "Employee": ("#b3530b", "#f3a35c"),
    "Touchpoint": ("#7a3fc0", "#c39bff"),
    "Interaction": ("#c2255c", "#ff86ae"),
    "Survey": ("#0d7f74", "#4fd1c1"),
    "ChecklistItem": ("#5f7a0a", "#bcd64f"),
    "Segment": ("#4b5563", "#b4bdc9"),
}
TEXTS = """
text { font-family: ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; font-size: 11px }
.title, .group, .noun, .small { font-family: system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; font-weight: 600 }
.title { font-size: 21px }
.group { font-size: 15px }
.noun { font-size: 14px }
.small { font-size: 12px; font-weight: 400 }
.must { font-weight: 700 }
.part { stroke-dasharray: 3 2 }
.line, .rule { stroke-width: 1.5 }
.named { stroke-dasharray: 4 3 }
"""


def style() -> str:
    """The style sheet: literal colours, because programs that convert a picture know no variables."""
    sheets: list[str] = []
    for number in range(2):
        of = {name: pair[number] for name, pair in COLOURS.items()}
        rules = [
            f"text {{ fill: {of['ink']} }}",
            f".group, .small, .rest {{ fill: {of['soft']} }}",
            f".page {{ fill: {of['page']} }}",
            f".box {{ fill: {of['box']}; stroke: {of['edge']} }}",
            f".part {{ fill: {of['part']}; stroke: {of['edge']} }}",
            f".rule {{ fill: none; stroke: {of['edge']} }}",
        ]
        for name in dict.fromkeys(name for names in LANES for name in names):
            rules += [f".{name} {{ fill: {of[name]} }}", f".line.{name} {{ fill: none; stroke: {of[name]} }}"]
        sheets.append("\n".join(rules))
    return f"{TEXTS}{sheets[0]}\n@media (prefers-color-scheme: dark) {{\n{sheets[1]}\n}}\n"


@dataclass
class Row:
    """A line of a box: a field that links, or several that do not."""

    words: tuple[tuple[str, bool], ...]
    target: str = ""
    note: str = ""
    y: int = 0


@dataclass
class Box:
    """A noun, or a part that stands within one."""

    name: str
    rows: list[Row]
    parts: list[Box] = field(default_factory=list)
    x: int = 0
    y: int = 0
    width: int = 0

    @property
    def height(self) -> int:
        """How high it is, parts included."""
        inner = sum(part.height + PAD for part in self.parts)
        return HEAD + ROW * len(self.rows) + PAD // 2 + inner


def nouns() -> dict[str, type]:
    """The attrs classes of the model, by name; what counts is no noun."""
    found: dict[str, type] = {}
    for info in pkgutil.iter_modules(crmcore.model.__path__):
        if info.name.startswith("_"):
            continue
        module = importlib.import_module(f"crmcore.model.{info.name}")
        for name in module.__all__:
            one = getattr(module, name)
            if isinstance(one, type) and attrs.has(one) and not issubclass(one, (Tally, Enum)):
                found[name] = one
    return found


def held(noun: type, all_nouns: dict[str, type]) -> dict[str, str]:
    """The fields of a noun that hold other nouns whole, and which."""
    # names that a module imports for the type checker alone are looked up here
    hints = typing.get_type_hints(noun, localns={**vars(typing), **all_nouns, "Iterable": list})
    return {
        name: part.__name__
        for name, hint in hints.items()
        for part in _leaves(hint)
        if isinstance(part, type) and part.__name__ in all_nouns and part is not noun
    }


def _leaves(hint: object) -> Iterator[object]:
    inner = typing.get_args(hint)
    if not inner:
        yield hint
    for one in inner:
        yield from _leaves(one)


def box_of(name: str, all_nouns: dict[str, type], width: int, *, column: int) -> Box:
    """The box of a noun, with its links first, then its other fields, then its parts."""
    standing = {one for names in COLUMNS for one in names}
    noun = all_nouns[name]
    holds = held(noun, all_nouns)
    links: list[Row] = []
    rest: list[tuple[str, bool]] = []
    for one in attrs.fields(noun):
        word = (one.name, one.default is attrs.NOTHING)
        if one.name in ANYTHING:
            links.append(Row((word,), note="any of them, by id"))
        elif one.name in TARGETS:
            target = TARGETS[one.name]
            reached = any(target in LANES[channel] for channel in _channels(column))
            links.append(Row((word,), target, "" if reached else f"names a {target}"))
        elif one.name.endswith(("_id", "_ids")):
            raise SystemExit(f"{name}.{one.name} links to a noun that TARGETS does not name")
        elif one.name in holds and holds[one.name] in standing:
            links.append(Row((word,), note=f"each {holds[one.name]} whole"))
        else:
            rest.append(word)
    parts = [
        box_of(part, all_nouns, width - 2 * PAD, column=column)
        for part in dict.fromkeys(holds.values())
        if part not in standing
    ]
    return Box(name, [*links, *_wrapped(rest, int((width - 2 * PAD) / CHARACTER))], parts, width=width)


def _channels(column: int) -> tuple[int, ...]:
    """The channels whose lanes a column's links take."""
    return {0: (0,), 1: (0,), 2: (1,)}[column]


def _wrapped(words: list[tuple[str, bool]], characters: int) -> Iterator[Row]:
    required = {name for name, must in words if must}
    for line in textwrap.wrap(" ".join(name for name, _ in words), characters):
        yield Row(tuple((name, name in required) for name in line.split()))


def place(box: Box, x: int, y: int) -> int:
    """Put a box and what is in it where it belongs; the answer is its lower edge."""
    box.x, box.y = x, y
    y += HEAD
    for row in box.rows:
        row.y = y + 9
        y += ROW
    y += PAD // 2
    for part in box.parts:
        y = place(part, x + PAD, y) + PAD
    return box.y + box.height


def flat(box: Box) -> Iterator[Box]:
    """A box and its parts."""
    yield box
    for part in box.parts:
        yield from flat(part)


def drawn(box: Box, *, part: bool = False) -> Iterator[str]:
    """A box as SVG."""
    kind = "part" if part else "box"
    yield f'<rect class="{kind}" x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="5"/>'
    colour = f" {box.name}" if any(box.name in lanes for lanes in LANES) else ""
    yield f'<text class="noun{colour}" x="{box.x + PAD}" y="{box.y + 18}">{escape(box.name)}</text>'
    for row in box.rows:
        spans = " ".join(
            f'<tspan class="must">{escape(name)}</tspan>' if must else escape(name) for name, must in row.words
        )
        kind = f' class="{row.target}"' if row.target else "" if row.note else ' class="rest"'
        note = f' <tspan class="rest">{escape(row.note)}</tspan>' if row.note else ""
        yield f'<text x="{box.x + PAD}" y="{row.y + 4}"{kind}>{spans}{note}</text>'
    for inner in box.parts:
        yield from drawn(inner, part=True)


def links(columns: list[list[Box]]) -> Iterator[str]:
    """The links: from each field that names an id to a lane, and down or up the lane to the noun."""
    lefts = [column[0].x for column in columns]
    standing = {one.name: (one, number) for number, boxes in enumerate(columns) for box in boxes for one in flat(box)}
    for channel, names in enumerate(LANES):
        start = lefts[channel] + WIDTH
        for number, name in enumerate(names):
            x = start + 20 + number * LANE
            target, at_column = standing[name]
            ends = [target.y + 13]
            kind = f"line {'named ' if name == 'Segment' else ''}{name}"
            for column, boxes in enumerate(columns):
                if channel not in _channels(column):
                    continue
                for box in (inner for outer in boxes for inner in flat(outer)):
                    edge = box.x + box.width if column == channel else box.x
                    for row in box.rows:
                        if row.target == name:
                            ends.append(row.y)
                            yield f'<path class="{kind}" d="M{edge} {row.y}H{x}"/>'
                            yield f'<circle cx="{x}" cy="{row.y}" r="2.6" class="{name}"/>'
            edge, step = (target.x + target.width, 7) if at_column == channel else (target.x, -7)
            yield f'<path class="{kind}" d="M{x} {min(ends)}V{max(ends)}"/>'
            yield f'<path class="{kind}" d="M{x} {ends[0]}H{edge + step}"/>'
            tip = f"M{edge} {ends[0]}l{step + step // abs(step)} -4.5v9z"
            yield f'<path d="{tip}" class="{name}"/>'


def described(columns: list[list[Box]]) -> str:
    """The picture in words."""
    sentences: list[str] = []
    for box in (inner for column in columns for outer in column for inner in flat(outer)):
        targets = list(dict.fromkeys(row.target for row in box.rows if row.target))
        if targets:
            sentences.append(f"{box.name} names {', '.join(targets)}.")
    return f"Boxes with the fields of each noun, and lines from the fields that name an id. {' '.join(sentences)}"


def picture() -> str:
    """The whole picture as SVG."""
    all_nouns = nouns()
    columns: list[list[Box]] = []
    x, lowest = MARGIN, 0
    for number, names in enumerate(COLUMNS):
        y = TOP
        columns.append([box_of(name, all_nouns, WIDTH, column=number) for name in names])
        for box in columns[-1]:
            y = place(box, x, y) + GAP
        lowest = max(lowest, y)
        x += WIDTH + (CHANNELS[number] if number < len(CHANNELS) else MARGIN)
    missing = set(all_nouns) - {inner.name for column in columns for outer in column for inner in flat(outer)}
    if missing:
        raise SystemExit(f"COLUMNS has no place for {', '.join(sorted(missing))}")
    height = lowest + 34
    size = f'width="{x}" height="{height}" viewBox="0 0 {x} {height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title about">',
        '<title id="title">The nouns of crmcore and how they link</title>',
        f'<desc id="about">{escape(described(columns))}</desc>',
        f"<style>{style()}</style>",
        f'<rect class="page" width="{x}" height="{height}" rx="8"/>',
        f'<text class="title" x="{MARGIN}" y="42">The nouns of crmcore and how they link</text>',
    ]
    for first, last, title in TITLES:
        left, right = columns[first][0].x, columns[last][0].x + WIDTH
        lines.append(f'<text class="group" x="{left}" y="{TOP - 16}">{title}</text>')
        lines.append(f'<path class="rule" d="M{left} {TOP - 9}H{right}"/>')
    for box in (one for column in columns for one in column):
        lines += drawn(box)
    lines += links(columns)
    lines.append(
        f'<text class="small" x="{MARGIN}" y="{height - 20}">A line joins a field to the noun that its id names, '
        "a broken one to the segment that it names. Bold fields are required. A box within a box is a part of it."
        "</text>"
    )
    return "\n".join([*lines, "</svg>", ""])


def main(arguments: list[str]) -> int:
    """Write the picture, or check that it is written."""
    current = picture()
    if arguments == ["--check"]:
        if PICTURE.exists() and PICTURE.read_text(encoding="utf-8") == current:
            return 0
        sys.stderr.write("docs/model/picture.svg is stale; run python docs/model_picture.py\n")
        return 1
    PICTURE.write_text(current, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
