"""One drive through the whole library, whose transcript is the same bytes wherever and whenever it is made.

`MODES` and `CONTEXTS` name the ways to drive. In the mode `poisoned` every clock, file, socket, process, environment
variable, random number, warning and print is a violation; each is told on stderr.

Whatever must read files (finding the modules, the pages, the time zones) is done first, by `Road`. The modules of
the library are then executed from memory, so that a file that is opened is the library's own doing.
"""

from __future__ import annotations

import ast
import copy
import decimal
import doctest
import importlib.abc
import importlib.util
import io
import itertools
import json
import locale
import os
import pickle
import random
import re
import sys
import time
import types
import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import date, datetime, timedelta, timezone
from decimal import Context, Decimal
from importlib import import_module
from importlib.machinery import ModuleSpec
from itertools import islice
from pathlib import Path
from threading import Thread
from traceback import format_exception_only
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from tests.purity import state
from tests.purity.expressions import MISTAKES, VALUES
from tests.purity.rules import STANDARD_LIBRARY, THIRD_PARTY

ROOT: Final = Path(__file__).parents[2]
GOLDEN: Final = "tests.golden.adapters"
ADAPTERS: Final = {
    GOLDEN,
    *(f"tests.golden.{path.stem}" for path in sorted((ROOT / "tests" / "golden").glob("*_adapters.py"))),
}

_ALL: Final = list(Context().traps)
CONTEXTS: Final = {
    "usual": Context(prec=28),
    "narrow": Context(prec=3, rounding=decimal.ROUND_UP, capitals=0, traps=[]),
    "trapping": Context(prec=3, rounding=decimal.ROUND_UP, traps=_ALL),
    "silent": Context(prec=50, rounding=decimal.ROUND_DOWN, traps=[]),
    "tiny": Context(prec=1, rounding=decimal.ROUND_05UP, Emin=-1, Emax=1, capitals=0, clamp=1, traps=_ALL),
    "tiny and silent": Context(prec=1, Emin=0, Emax=0, capitals=0, clamp=1, traps=[]),
}
AS_ROOMS: Final = (
    "balance",
    "cashflow",
    "churn",
    "cohorts",
    "communication",
    "expectations",
    "follow_ups",
    "handling",
    "journey_maps",
    "programme",
    "recovery",
    "relationships",
    "render",
    "revenue",
    "staff",
    "surveys",
)
"""Rooms that expressions name, because some of their functions share a name."""
MODES: Final = {
    "plain": "the context holds from before the first import of the library",
    "around": "the context holds around the drive, not while the library is imported",
    "thread": "the drive runs in a new thread, whose context is a copy of decimal.DefaultContext",
    "twice": "as plain, and then again: the same answers, and nothing around or in the library has changed",
    "poisoned": "as plain, and every way out of the process is poisoned",
}
PLAIN: Final = Context(prec=5000, capitals=1, Emin=-999_999, Emax=999_999)

violations: list[str] = []


class Violation(BaseException):
    """The library did what it never does; no `except Exception` may swallow it."""


def violated(what: str) -> None:
    """Note a violation, and stop what is going on."""
    violations.append(what)
    raise Violation(what)


class Road(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """All that the drive passes: the sources of the library, read before anything is poisoned."""

    def __init__(self) -> None:
        spec = importlib.util.find_spec("crmcore")
        assert spec is not None
        assert spec.origin is not None
        self.paths = self.modules_of(Path(spec.origin).parent)
        self.modules = list(self.paths)
        self.paths |= {name: ROOT.joinpath(*name.split(".")).with_suffix(".py") for name in ADAPTERS}
        self.sources = {name: path.read_text(encoding="utf-8") for name, path in self.paths.items()}
        self.codes = {
            name: compile(source, self.paths[name], "exec", dont_inherit=True) for name, source in self.sources.items()
        }
        self.examples = {name: list(_docstring_examples(self.sources[name])) for name in self.modules}
        self.pages = {
            page.relative_to(ROOT).as_posix(): blocks
            for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
            if (blocks := list(_blocks(page.read_text(encoding="utf-8")))) and _is_pure(blocks)
        }
        self.blocks = [block for blocks in self.pages.values() for block in blocks]
        self.cases = [
            case
            for file in sorted((ROOT / "tests/golden").glob("*.json"))
            for case in json.loads(file.read_text(encoding="utf-8")).get("cases", ())
        ]
        self.zones = self._load_what_callers_load()
        sys.meta_path.insert(0, self)

    @staticmethod
    def modules_of(package: Path) -> dict[str, Path]:
        """The library's modules by name, but for interop's, whose extras may be missing."""
        found: dict[str, Path] = {}
        for path in sorted(package.rglob("*.py")):
            parts = path.relative_to(package.parent).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            if not name.startswith("crmcore.interop"):
                found[name] = path
        return found

    def _load_what_callers_load(self) -> list[ZoneInfo]:
        """The modules that examples import, the modules that the library may import, and time zones."""
        shown = [example.source for tests in self.examples.values() for test in tests for example in test]
        shown += [block.source for _, block in self.blocks]
        for name in {*_imports(*shown, self.sources[GOLDEN]), *STANDARD_LIBRARY, *THIRD_PARTY}:
            if name.partition(".")[0] != "crmcore":
                import_module(name)
        names = re.findall(r"ZoneInfo\(\\?[\"'](\w+/\w+)", "\n".join([*shown, *self.sources.values()]))
        names += [
            name for name in re.findall(r'"([A-Z]\w+/\w+)"', json.dumps(self.cases)) if name in available_timezones()
        ]
        return [ZoneInfo(name) for name in {"Europe/Riga", "UTC", *names}]

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:  # noqa: ARG002
        """Find what is known."""
        if fullname not in self.codes:
            return None
        origin = str(self.paths[fullname])
        return importlib.util.spec_from_loader(fullname, self, origin=origin, is_package=origin.endswith("__init__.py"))

    def create_module(self, spec: ModuleSpec) -> None:
        """As usual."""

    def exec_module(self, module: types.ModuleType) -> None:
        """Execute from memory."""
        exec(self.codes[module.__name__], vars(module))


def _docstring_examples(source: str) -> Iterator[list[doctest.Example]]:
    parser = doctest.DocTestParser()
    waiting: list[ast.stmt | ast.Module] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            waiting += node.body
            examples = parser.get_examples(ast.get_docstring(node) or "")
            if examples:
                yield examples


def _blocks(document: str) -> Iterator[tuple[str, doctest.Example]]:
    """The Python of a document: lines at a prompt one by one, all other blocks whole."""
    parser = doctest.DocTestParser()
    for source in re.findall(r"^```(?:python|pycon)\n(.*?)^```$", document, re.DOTALL | re.MULTILINE):
        if source.startswith(">>>"):
            yield from (("single", example) for example in parser.get_examples(source))
        else:
            yield "exec", doctest.Example(source, "")


def _is_pure(blocks: list[tuple[str, doctest.Example]]) -> bool:
    """Whether a page needs nothing but the library and what it may import itself."""
    try:
        names = {*_imports(*(block.source for _, block in blocks))}
    except SyntaxError:  # a block that shows a part of a file
        return False
    return all(name in _PAGES_IMPORT or _is_core(name) for name in names) and not any(
        word in block.source for word in ("open(", "...", ":%") for _, block in blocks
    )


_PAGES_IMPORT: Final = {*STANDARD_LIBRARY, "zoneinfo", "copy", "pickle", "uuid"}


def _is_core(name: str) -> bool:
    return name == "crmcore" or (name.startswith("crmcore.") and not name.startswith("crmcore.interop"))


def _imports(*sources: str) -> Iterator[str]:
    for node in itertools.chain.from_iterable(ast.walk(ast.parse(source)) for source in sources):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def shown(value: object) -> str:
    """A value as text, whatever the decimal context; the library's own values show themselves."""
    if isinstance(value, Decimal):
        return f"Decimal({PLAIN.to_sci_string(value)})"
    if type(value) is dict:
        return f"{{{', '.join(f'{shown(key)}: {shown(item)}' for key, item in value.items())}}}"
    if type(value) is tuple or type(value) is list:
        return f"{type(value).__name__}({', '.join(map(shown, value))})"
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value} {shown(getattr(value, 'operands', ()))}"
    return repr(value)


class Drive:
    """The drive itself."""

    def __init__(self, road: Road, *, watches: bool = False, all_pages: bool = False) -> None:
        self.road = road
        self.all_pages = all_pages
        self.lines: list[str] = []
        self.asked: set[type] = set()
        self.watches = watches

    def _surroundings(self) -> dict[str, object]:
        return state.ambient() if self.watches else {}

    def note(self, label: str, ask: Callable[..., object], *about: Any) -> None:
        """Write down the answer to a question, also if it is an error."""
        try:
            answer = ask(*about)
            told = answer if type(answer) is str else shown(answer)
        except Violation as violation:
            told = f"VIOLATION: {violation}"
        except Exception as error:  # noqa: BLE001 - an error is an answer too, whatever it is
            told = f"raises {shown(error)}"
        told = told.replace("zoneinfo.ZoneInfo(", "ZoneInfo(")  # as the pure-Python twin shows itself
        self.write(f"{label}: {told}")

    def write(self, text: str) -> None:
        """Put down a text; what is below its first line is set apart."""
        self.lines += text.replace("\n", "\n    | ").split("\n")

    def run(self, *, documents: bool) -> None:  # noqa: C901 - a loop for each kind of thing to drive
        """From the first import to the last example."""
        context = decimal.getcontext().copy()
        for name in self.road.modules:
            before = self._surroundings()
            self.note(f"import {name}", _names_of, name)
            for what in state.differences(before, self._surroundings()):
                self.write(f"import {name}: CHANGED: {what}")
            decimal.setcontext(context.copy())  # so that a plant that sets it hides no other
        namespace = self._namespace()
        self._golden()
        given = {name: shown(namespace.get(name)) for name in PROPS}
        for expression in VALUES:
            self._value(expression, namespace)
        for expression in MISTAKES:
            self.note(f"mistake {expression}", eval, expression, dict(namespace))
        for name, text in given.items():
            if shown(namespace[name]) != text:
                self.write(f"prop {name}: CHANGED")
        for name in self.road.modules:
            for number, examples in enumerate(self.road.examples[name]):
                own = dict(vars(sys.modules[name]))
                known = set(own)
                for example in examples:
                    self._example(f"docstring {name} {number}", "single", example, own)
                self._ask_new([own[name] for name in own if name not in known])
        if documents:
            for page, blocks in islice(self.road.pages.items(), None if self.all_pages else 1):
                own = {}
                for kind, example in blocks:
                    self._example(f"document {page}", kind, example, own)

    def again(self, *, documents: bool) -> None:
        """Drive once more: no answer depends on an earlier one, and nothing is left behind."""
        before, modules = state.own(), set(sys.modules)
        around = self._surroundings()
        second = Drive(self.road, all_pages=self.all_pages)
        second.run(documents=documents)
        changed = [*state.differences(before, state.own()), *state.differences(around, self._surroundings())]
        changed += sorted(set(sys.modules) - modules)
        violations.extend(f"changed: {what}" for what in changed)
        if second.lines != self.lines:
            pairs = zip(self.lines, second.lines, strict=False)
            violations.append(f"another answer: {next((two for one, two in pairs if one != two), 'fewer or more')}")

    def _namespace(self) -> dict[str, Any]:
        names: dict[str, Any] = {
            "Decimal": Decimal,
            "NAIVE": datetime(2026, 1, 1),  # noqa: DTZ001 - naive on purpose
            "RIGA": ZoneInfo("Europe/Riga"),
            "date": date,
            "datetime": datetime,
            "islice": islice,
            "timedelta": timedelta,
            "timezone": timezone,
        }
        for name in self.road.modules:
            module = sys.modules.get(name)
            names |= {public: getattr(module, public, None) for public in getattr(module, "__all__", ())}
        homes: dict[str, str] = vars(sys.modules["crmcore"])["_MODULES"]
        names |= {room: sys.modules.get(homes[room]) for room in AS_ROOMS}
        for name, expression in PROPS.items():
            self.note(f"prop {name}", _keep, names, name, expression)
        return names

    def _golden(self) -> None:
        adapters: dict[str, Callable[[Any], object]] = {}
        self.note("adapters", lambda: adapters.update(import_module(GOLDEN).ADAPTERS))
        for case in self.road.cases:
            if case["calculator"] in adapters:
                self.note(f"golden {case['id']}", adapters[case["calculator"]], case["inputs"])

    def _value(self, expression: str, namespace: dict[str, Any]) -> None:
        found: dict[str, Any] = {**namespace}
        self.note(f"value {expression}", _keep, found, "value", expression)
        if type(found.get("value")).__module__.startswith("crmcore"):
            self._ask(found["value"])

    def _ask_new(self, values: list[object]) -> None:
        """Ask the values that an example names, where nothing of their types was asked before."""
        for value in values:
            cls = type(value)
            if hasattr(cls, "__attrs_attrs__") and _is_public(cls) and cls not in self.asked:
                self._ask(value)

    def _ask(self, value: Any) -> None:
        """Ask a value of the library's own types everything that needs no argument."""
        cls = type(value)
        self.asked.add(cls)
        self.note("    type", str, cls.__name__)
        self.note("    str", str, value)
        for what, again in COPIES.items():
            self.note(f"    {what}", _same, value, again)
        for name in sorted(dir(cls)):
            if isinstance(getattr(cls, name), property) and not name.startswith("_"):
                self.note(f"    {name}", getattr, value, name)
        for name in ("row", "explain"):
            if hasattr(cls, name):
                self.note(f"    {name}", _report, value, name)

    def _example(self, label: str, kind: str, example: doctest.Example, namespace: dict[str, Any]) -> None:
        flags = annotations.compiler_flag if "annotations" in namespace else 0
        said = io.StringIO()

        def answer() -> object:
            with redirect_stdout(said), _display(said):
                try:
                    exec(compile(example.source, label, kind, flags, dont_inherit=True), namespace)
                except Exception as error:
                    if example.exc_msg is None:
                        raise
                    said.write("".join(format_exception_only(error)))
            return said.getvalue().rstrip("\n")

        self.note(f"{label} {example.source.splitlines()[0]}", answer)


PROPS: Final = {
    "DAY": 'instant("2026-03-02T10:15")',
    "MOMENTS": """[
        MomentOfTruth(
            valence=list(Valence)[n % 3],
            at=DAY - timedelta(days=7 * n, hours=n),
            customer_id=[None, "anna", 7][n % 3],
            employee_id=["zoe", "bob", "ünal", "eve", "al"][n % 5],
            severity=["1", "0.3", "2.50"][n % 3],
            resolved_at=DAY if n % 6 == 2 else None,
        )
        for n in range(30)
    ]""",
    "PURCHASES": """[
        Purchase(
            customer_id=["anna", 7, "ben", "zoe"][n % 4],
            at=DAY - timedelta(days=13 * n),
            amount=Money(f"{n}.9{n}", "EUR"),
            cost=Money(n, "EUR") / 3,
        )
        for n in range(2, 12)
    ]""",
    "HOURS": """OpeningHours(
        zone=RIGA, saturday=[('22:00', '06:00')], monday=[('09:00', '17:00')], holidays=[date(2026, 3, 30)])""",
    "WEEKLY": """Recurrence(
        first=date(2026, 3, 1), unit=TimeUnit.WEEK, every=2,
        weekdays=[Weekday.SUNDAY, Weekday.MONDAY], at='03:30', zone=RIGA)""",
    "PLANS": """[
        Subscription(
            customer_id=["anna", 7, "ben", "zoe"][n % 4],
            price=Money(f"{n}.90", "EUR"),
            every=list(TimeUnit)[n % 5],
            started=DAY - timedelta(days=13 * n),
            ended=None if n % 3 else DAY - timedelta(days=2 * n),
            pauses=[Period.day((DAY - timedelta(days=12 * n)).date(), tz=RIGA)],
        )
        for n in range(2, 12)
    ]""",
    "RELATIONSHIPS": """[
        Relationship(
            customer_id=["anna", 7][n % 2],
            types=list(RelationshipType)[n : n + 3],
            history=[
                (stage, DAY - timedelta(days=70 - 11 * m - n, hours=m))
                for m, stage in enumerate(StageOrder.EXPLORATION_FIRST.stages[n % 3 :])
            ],
            dissolutions=[
                Dissolution(
                    at=DAY - timedelta(days=70 - 11 * (4 - n % 3) - n, hours=4 - n % 3),
                    cause=list(DissolutionCause)[n],
                    initiator=list(Initiator)[n % 5],
                    abrupt=n % 2 == 0,
                    evidence="a letter",
                )
            ],
            manager_id=["zoe", None, "ünal"][n % 3],
        )
        for n in range(6)
    ] + [Relationship(customer_id="ben").enter(LifecycleStage.AWARENESS, at=DAY)]""",
    "AGREE": "Scale(low=1, high=7, higher_is_better=True)",
    "CHECKLIST": """Checklist(
        id="manners",
        items=[ChecklistItem(id=n, text=f"The {n}th.", group=["staff", "", "premises"][n % 3]) for n in range(7)],
    )""",
    "ANSWERS": """[
        ChecklistAnswer(
            item_id=n % 7,
            subject_id=["zoe", "ünal"][n // 7],
            verdict=[*Verdict, None][n % 4],
            evidence="personal",
            at=DAY,
        )
        for n in range(13)
    ]""",
    "TRAININGS": """[
        Training(
            employee_id=["zoe", "ünal"][n % 2],
            topic=[*TrainingTopic, "tills"][n % 5],
            on=date(2025, 1 + n, 28),
            passed=[True, False, None][n % 3],
            method=["", "lecture"][n % 2],
        )
        for n in range(9)
    ]""",
    "PLAYBOOKS": """[
        Playbook(
            role=["seller", "operator"][n % 2],
            situation=[*Situation, "lift"][n % 6],
            steps=["listen", "act"],
            weak="At the back.",
            strong=["Aisle 10.", ""][n % 2],
            taught_by=[None, "tills"][n % 2],
        )
        for n in range(7)
    ]""",
    "UPDATES": """[
        Task(
            kind=TaskKind.STAFF_UPDATE,
            due=DAY,
            employee_id=["zoe", "ünal"][n % 2],
            about_id=["law", "model"][n // 2],
            done_at=[DAY, None, DAY][n],
        )
        for n in range(3)
    ]""",
    "FACTOR_READINGS": """[
        Reading(
            subject_kind=SubjectKind.EMPLOYEE,
            subject_id="zoe",
            kind=kind,
            value=value,
            scale=Scale.EFFORT_1_5,
            at=DAY,
        )
        for kind, value in [(MeasureKind.EMPATHY, 2), (MeasureKind.TRAINING, "4.5")]
    ]""",
    "SURVEY": """Survey(
        id="q3",
        questions=[
            Question(id="nps", text="Would you recommend us?", scale=Scale.RECOMMEND_0_10),
            Question(id="why", text="Why?", scale=Scale.OPEN, concept="reasons", leading=False),
        ],
        anonymous=True,
        incentive=Incentive.NOTHING,
    )""",
    "COMPARED": """[
        Reading(
            subject_kind=[SubjectKind.COMPANY, SubjectKind.COMPETITOR][n % 2],
            subject_id=[None, "north"][n % 2],
            kind=MeasureKind.PERCEPTION,
            at=DAY + timedelta(hours=31 * n),
            value=9 - n,
            scale=Scale.RATING_1_10,
            aspect=["staff", "prices"][n > 2],
            source=[AssessmentSource.SELF_ASSESSMENT, AssessmentSource.SURVEY, None][n % 3],
        )
        for n in range(6)
    ]""",
    "TARGETS": """[
        ExperienceTarget(
            id=n,
            kind=MeasureKind.PERCEPTION,
            level="7.5",
            period=Period.month(2026, 3 + n),
            set_at=DAY - timedelta(days=3),
            aspect="staff",
            scale=Scale.RATING_1_10,
        )
        for n in range(2)
    ]""",
    "AUDITS": """[
        [ChecklistAnswer(item_id=name, verdict=verdict) for name in names]
        for names, verdict in [(("recipe", "staff"), Verdict.MET), (("staff", "news"), Verdict.UNMET)]
    ]""",
    "CASE": """Feedback(
        id=7,
        kind=FeedbackKind.PROBLEM,
        received_at=DAY,
        history=[
            (state, DAY + timedelta(hours=31 * n), actor)
            for n, (state, actor) in enumerate(
                [
                    (CaseState.MESSAGE, Actor.BOT),
                    (CaseState.MESSAGE, Actor.EMPLOYEE),
                    (CaseState.WAITING_ON_CUSTOMER, None),
                    (CaseState.OPEN, Actor.CUSTOMER),
                    (CaseState.MESSAGE, Actor.EMPLOYEE),
                    (CaseState.RESOLVED, Actor.SYSTEM),
                    (CaseState.ON_HOLD, None),
                ]
            )
        ],
    )""",
    "PLAN": """[
        Activity(id=1, days=20, deliverable=Deliverable.TOUCHPOINTS, owner_id="zoe"),
        Activity(id="survey", days="30.5", after=[1], name="Ask", deliverable=Deliverable.SATISFACTION),
        Activity(id="posters", days=0, after=[1], deliverable="posters", phase=ProgrammePhase.CULTURE),
    ]""",
    "PROGRAMME": """Programme(
        goal="Customers come back.",
        horizon=Period(DAY, instant("2028-03-02T10:15")),
        responsible_id="zoe",
        activities=PLAN,
        meetings=Recurrence(first=date(2026, 3, 2), unit=TimeUnit.WEEK, every=2, at="09:00", zone=RIGA),
    )""",
    "SAID": """Feedback(
        id=8,
        kind=FeedbackKind.PROBLEM,
        received_at=DAY,
        customer_id=7,
        channel=Channel.FORUM,
        category='delivery',
        cause='stock',
        handler_id='zoe',
        rating=4,
        scale=Scale.RATING_1_5,
    ).answered(DAY, reply=[ReplyPart.APOLOGY]).acted_on(DAY).told(DAY)""",
    "ASKED": "Feedback(id=9, kind=FeedbackKind.QUESTION, received_at=DAY, customer_id='new')",
    "VOTES": """[
        Vote(
            idea_id=['dark', 'night', 7][n % 3],
            voter_id=[None, 'ann', 8, 'bob'][n % 4],
            at=DAY + timedelta(hours=31 * n),
            choice=[*VoteChoice][n // 2 % 3],
            id=n,
        )
        for n in range(12)
    ]""",
    "WAITS": """[
        Wait(
            started_at=DAY,
            length=timedelta(hours=n),
            ended_at=[None, DAY + timedelta(hours=n)][n % 2],
            feedback_id=["f", 7][n % 2],
        )
        for n in range(5)
    ]""",
    "MOVED": "LevelTransitions(counts=((72, 15, 5), (16, 56, 16), (2, 6, 24)), left=(8, 12, 48), found=(1, 0, 0))",
    "TALKED": """Reading(
        subject_kind=SubjectKind.CUSTOMER,
        subject_id=7,
        kind=MeasureKind.LOYALTY,
        level=LoyaltyLevel.AGGRIEVED,
        source=AssessmentSource.PERSONAL_TALK,
        at=DAY - timedelta(days=2, hours=7),
        note="personal",
    )""",
    "JUDGED": """[
        Reading(subject_kind=SubjectKind.CUSTOMER, subject_id=7, kind=kind, at=DAY, value=value)
        for kind, value in [
            (MeasureKind.PERCEPTION, "7.5"),
            (MeasureKind.EXPECTATION, 6),
            (MeasureKind.EXPECTATION, 5),
        ]
    ]""",
    "FEELINGS": """[
        Question(id=number, text="", concept="pool", scale=Scale(low=1, high=5, higher_is_better=False))
        for number in (1, 2)
    ]""",
    "OWED": """[
        Task(
            kind=[TaskKind.PROMISE, TaskKind.HAND_OFF, "tour"][n % 3],
            due=DAY - timedelta(days=n, hours=1),
            customer_id=[7, None, "anna"][n % 3],
            done_at=[None, DAY - timedelta(days=4)][n % 2],
            cancelled_at=[DAY, None][n % 2] if n % 4 == 0 else None,
        )
        for n in range(9)
    ]""",
    "CLIENTS": """[
        Customer(
            id=["anna", 7, "ben"][n],
            segments=["dentists"][n % 2 :],
            interests=["tea"],
            since=DAY - timedelta(days=40 * n),
            manager_id=["zoe", None, "ünal"][n],
            occasions=[Occasion(name="birthday", month=3, day=7 + n)],
            updated_at=[None, DAY][n % 2],
        )
        for n in range(3)
    ]""",
    "MARCH": "Period.month(2026, 3, tz=RIGA)",
    "INTERACTIONS": """[
        Interaction(touchpoint_id=["aisle", "till"][n % 2], at=DAY - timedelta(hours=n), customer_id=[7, None][n % 2])
        for n in range(5)
    ]""",
    "ROWS": """[
        (["anna", 7, None, "ünal"][n % 4], ["ad", "till", 3][n % 3], DAY.astimezone(RIGA) - timedelta(hours=7 * n % 11))
        for n in range(20)
    ]""",
    "MAP": """JourneyMap(
        name="buy a paint",
        actor="Vera",
        scenario="the fence is bare",
        goal="paint the fence",
        steps=[
            JourneyStep(
                name=f"step {n}",
                phase=["before", "purchase", "at home"][n // 2],
                goal=["", "find the paint"][n % 2],
                emotion=n - 2,
                touchpoint_ids=[["ad"], ["till", 3], []][n % 3],
                frontstage=["", "leads the customer there"][n % 2],
                necessity=[*Necessity, None][n % 4],
                pains=[Insight(text=f"Pain {n // 2}.", source=[*InsightSource, None][n % 3], evidence="11 of 40")],
                messages=[("price", f"never above {n // 2}")],
                micro_moments=[*MicroMomentKind][: n % 4],
                optional=n == 4,
            )
            for n in range(5)
        ],
        loops=[("step 3", "step 1")],
        id="m",
    )""",
    "HELD": "journey_maps.compare(MAP, ROWS)",
    "BACK": "TallyBy({('step 3', 'step 0'): Backtrack(count=2, journeys=1)})",
    "CHECKED": "Conformance(journey_map=MAP, journeys=7, reached=3, backtracks=BACK)",
    "VISITS": """[
        (["anna", 7, "ünal"][n % 3], ["buy", 10, "10", "z"][n * n // 5 % 4], DAY + timedelta(hours=n * 7 % 41))
        for n in range(40)
    ]""",
    "WAYS": "outcomes(VISITS, 'buy', worth=lambda customer_id, at: Money(f'{at.hour}.99', 'EUR'))",
    "COSTS": """[Cost(amount=Money("0.07", "EUR"), at=DAY, customer_id=n) for n in ("anna", 7)]""",
    "WORTH": """simple(
        average_order=Money("41.37", "EUR"),
        orders_per_year="6.5",
        years="4.25",
        gross_margin=0.37,
        acquisition_cost=Money(60, "EUR"),
        service_cost=[Money(9, "EUR"), Money("4.99", "EUR")],
    )""",
    "KEPT": "Retention('0.80', TimeUnit.YEAR)",
    "WAITING": "Discount('0.10', TimeUnit.YEAR)",
    "EXCLUDED": "FirstMargin.EXCLUDED",
    "PROMOTED": "dict(margin=Money(100, 'EUR'), promotion=Money(5, 'EUR'), discount=WAITING)",
    "CURVE": "ProfitCurve(start=Money(100, 'EUR'), growth=Money(4, 'EUR'), turn='2.50', rise=Money(100, 'EUR'))",
    "LATE": "instant('2050-01-01')",
    "STATES": "{'in': {'in': '0.7', 'out': '0.3'}, 'out': {'out': 1}}",
    "YEARLY": "dict(margin=Money(100, 'EUR'), retention=KEPT, discount=WAITING, first_margin=EXCLUDED)",
    "VALUE": "constant_retention(**YEARLY, growth='-0.05', periods=7)",
    "MIX": "ValueMix.of({'gift': (50, Money('9.90', 'EUR')), 'loyal': (7, WORTH), 'old': (0, Money(1, 'EUR'))})",
    "FLOWS": "expected_flows(margin=Money('99.90', 'EUR'), retention=KEPT, first=date(2024, 2, 29), periods=5)",
}
"""What the expressions of the drive are about, by name; each may use those above it."""

COPIES: Final[dict[str, Callable[[Any], Any]]] = {
    "copied": copy.copy,
    "deeply copied": copy.deepcopy,
    "pickled": lambda value: pickle.loads(pickle.dumps(value)),
}


def _names_of(module: str) -> object:
    return vars(import_module(module)).get("__all__")


def _is_public(cls: type) -> bool:
    """Whether the library offers a class, which an example only uses."""
    return getattr(sys.modules.get(cls.__module__), cls.__name__, None) is cls and cls.__module__.startswith("crmcore")


def _keep(namespace: dict[str, Any], name: str, expression: str) -> object:
    """Evaluate an expression and keep its value in the namespace."""
    namespace[name] = eval(expression, dict(namespace))
    return namespace[name]


def _same(one: object, again: Callable[[object], object]) -> bool:
    other = again(one)
    if isinstance(one, BaseException):
        return type(one) is type(other) and repr(one) == repr(other)
    return one == other and hash(one) == hash(other) and repr(one) == repr(other)


def _report(value: object, name: str) -> object:
    report = getattr(value, name)()
    return report if isinstance(report, dict) else f"{report}\n{report!r}"


@contextmanager
def _display(said: io.StringIO) -> Generator[None]:
    """Show what an example evaluates to as the drive shows it."""

    def display(value: object) -> None:
        if value is not None:
            said.write(f"{shown(value)}\n")

    before, sys.displayhook = sys.displayhook, display
    try:
        yield
    finally:
        sys.displayhook = before


HARMLESS: Final = {
    "builtins.id",
    "code.__new__",
    "compile",
    "exec",
    "function.__new__",
    "object.__delattr__",
    "object.__getattr__",
    "object.__setattr__",
    "pickle.find_class",
    "sys._getframe",
    "sys._getframemodulename",
}
"""Audit events that stay inside the process; whatever else is audited is a violation."""


class Poison:
    """Every way out of the process, poisoned; it cannot be undone, but the hook and the streams can be relieved."""

    def __init__(self) -> None:
        self.active = True
        self.streams = {name: getattr(sys, name) for name in _STREAMS}
        self.unguarded = [os.dup(number) for number in range(3)]
        self.guard, write = os.pipe()
        os.set_blocking(write, False)
        for number in range(3):
            os.dup2(write, number)
        os.close(write)
        self._close, self._read, self._restore = os.close, os.read, os.dup2
        harmless = {name for name, value in vars(os).items() if isinstance(value, str | int) or value is None}
        _poison_module(time, {"struct_time"})
        _poison_module(os, {"fspath"} | harmless | _types(os))
        _poison_module(random, set())
        _poison_module(warnings, _types(warnings) | {"filters", "_filters_mutated", "onceregistry"})
        _poison_module(locale, _types(locale))
        for name in _STREAMS:
            setattr(sys, name, _Silent())
        sys.addaudithook(self.audit)

    def relieve(self) -> None:
        """Let the drive itself speak again."""
        self.active = False
        for name, stream in self.streams.items():
            setattr(sys, name, stream)
        for number, kept in enumerate(self.unguarded):
            self._restore(kept, number)
        if self._read(self.guard, 1):
            violations.append("write to a file descriptor")

    def audit(self, event: str, args: tuple[Any, ...]) -> None:
        """Judge an event that Python audits."""
        if not self.active:
            return
        if event == "import":
            name = str(args[0])
            if name.partition(".")[0] != "crmcore" and name not in ADAPTERS:
                violated(f"import of {name}")
        elif event not in HARMLESS:
            violated(event)


_STREAMS: Final = ("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__")


class _Silent(io.TextIOBase):
    def write(self, text: str, /) -> int:  # noqa: ARG002 - what is written does not matter
        violated("write to a standard stream")
        return 0

    def readline(self, _: int = -1, /) -> str:  # type: ignore[override] # what is read does not matter
        violated("read of a standard stream")
        return ""


def _poison_module(module: types.ModuleType, spared: set[str]) -> None:
    """Make every attribute a violation when it is looked up, but for modules and what is spared."""

    def poison(name: str) -> property:
        return property(lambda _: violated(f"{module.__name__}.{name}"))

    poisoned = {
        name: poison(name)
        for name, value in vars(module).items()
        if not (name.startswith("__") or name in spared or isinstance(value, types.ModuleType))
    }
    module.__class__ = type("Poisoned", (types.ModuleType,), poisoned)


def _types(module: types.ModuleType) -> set[str]:
    return {name for name, value in vars(module).items() if isinstance(value, type)}


def _run(drive: Drive, mode: str, context: Context, *, documents: bool) -> None:
    if mode == "thread":
        for name in ("prec", "rounding", "Emin", "Emax", "capitals", "clamp", "traps"):
            setattr(decimal.DefaultContext, name, getattr(context, name))
        thread = Thread(target=drive.run, kwargs={"documents": documents})
        thread.start()
        thread.join()
    elif mode == "around":
        for name in drive.road.modules:
            import_module(name)
        with decimal.localcontext(context):
            drive.run(documents=documents)
    else:
        decimal.setcontext(context)
        drive.run(documents=documents)


def main(mode: str, context: str) -> int:
    """Drive, print the transcript, and say how many violations there were."""
    locale.setlocale(locale.LC_ALL, "")  # fails if it is not installed: then nothing would be shown about locales
    drive = Drive(Road(), watches=mode == "twice", all_pages=mode in ("twice", "poisoned"))
    poison = Poison() if mode == "poisoned" else None
    try:
        _run(drive, mode, CONTEXTS[context], documents=context == "usual")
        if mode == "twice":
            drive.again(documents=context == "usual")
    finally:
        if poison:
            poison.relieve()
    sys.stdout.buffer.write("\n".join(drive.lines).encode("utf-8", "backslashreplace"))
    sys.stderr.buffer.write("\n".join(violations).encode())
    return len(violations)
