"""The library does no I/O, reads no clock and obeys nothing around it, shown in four layers.

The rules of `rules.py` are read off its source; the drive of `drive.py` runs once with every way out of the process
poisoned; the transcript of that drive is the same bytes whatever surrounds the process; and a second drive in the same
process finds everything as the first one did. `planted.py` then breaks
the library on purpose, to see that the layers notice.
"""

from __future__ import annotations

import ast
import doctest
import inspect
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from difflib import unified_diff
from importlib import import_module
from pathlib import Path

import attrs
import pytest

import crmcore
from tests.face.documents import EXAMPLES
from tests.purity.drive import AS_ROOMS, CONTEXTS, MODES, ROOT, Road
from tests.purity.expressions import MISTAKES, VALUES
from tests.purity.locales import second_locale
from tests.purity.planted import IN_PLACE, MODULES, Plant
from tests.purity.rules import ONLY_IN_THE_FACE, STANDARD_LIBRARY, THIRD_PARTY, breaches, imports, sources
from tests.support.profiles import LONG
from tests.support.walk import mentioned, public_classes, public_names

pytestmark = pytest.mark.skipif("MUTANT_UNDER_TEST" in os.environ, reason="mutmut's copy is anything but pure")

drives = pytest.mark.slow  # each test starts a process or several, of some seconds each
PACKAGE = Path(crmcore.__file__).parent
HERE = {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
ELSEWHERE = {"PYTHONHASHSEED": "1", "TZ": "Pacific/Apia", "PYTHONINTMAXSTRDIGITS": "640"}
"""Everything but the second locale, which may have to be built."""


@dataclass
class Journey:
    """What a child process said."""

    transcript: list[str]
    complaints: list[str]
    status: int

    def about(self, label: str) -> list[str]:
        """The lines that begin so."""
        return [line for line in self.transcript if line.startswith(label)]

    @property
    def without_documents(self) -> list[str]:
        """The transcript up to the examples of documents, whose own arithmetic may obey the decimal context."""
        first = next((i for i, line in enumerate(self.transcript) if line.startswith("document")), None)
        return self.transcript[:first]


class Child:
    """A child process that drives while this one goes on."""

    def __init__(self, mode: str = "plain", context: str = "usual", *flags: str, **surroundings: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LC_"))}
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", *flags, "-m", "tests.purity.child", mode, context],
            cwd=ROOT,
            env=inherited | HERE | surroundings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def journey(self) -> Journey:
        """Wait for it."""
        said, complained = self.process.communicate(timeout=120)
        return Journey(said.decode().split("\n"), complained.decode().splitlines(), self.process.returncode)


def drive(mode: str = "plain", context: str = "usual", *flags: str, **surroundings: str) -> Journey:
    """Drive in a child process."""
    return Child(mode, context, *flags, **surroundings).journey()


def differences(one: list[str], other: list[str]) -> list[str]:
    """Where two transcripts part."""
    return list(unified_diff(one, other, n=0, lineterm=""))


@pytest.fixture(scope="module")
def reference() -> Journey:
    """The drive with nothing unusual about it."""
    return drive()


@pytest.fixture(scope="module")
def twice() -> Journey:
    """The drive with all pages, made twice."""
    return drive("twice")


class TestRules:
    def test_library_keeps_them(self) -> None:
        """Of the standard library only what is allowed is imported, and nothing banned is written."""
        assert [breach for path, source in sources(PACKAGE).items() for breach in breaches(path, source)] == []

    def test_allowed_is_needed(self) -> None:
        """What is allowed is needed: a module that nothing imports any more goes from the list."""
        imported = {name for source in sources(PACKAGE).values() for _, name in imports(source)}

        assert {name for name in imported if not name.startswith("crmcore")} == STANDARD_LIBRARY | THIRD_PARTY

    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("import os", "import of os"),
            ("import os.path as p", "import of os.path"),
            ("from os import environ", "import of os"),
            ("from . import errors", "import of ."),
            ("def f():\n    import attr", "import of attr"),
            ("from dateutil import tz", "import of dateutil"),
            ("from dateutil.rrule import rrule", "import of dateutil.rrule"),
            ("from importlib import import_module", "import of importlib"),
            ("datetime.now(UTC)", ".now"),
            ("map(datetime.now, zones)", ".now"),
            ("date.today()", ".today"),
            ("datetime.utcnow()", ".utcnow"),
            ("datetime.fromtimestamp(0, UTC)", ".fromtimestamp"),
            ("f'{day.strftime(form)}'", ".strftime"),
            ("at.astimezone()", "astimezone() without a zone"),
            ("at.astimezone(None)", "astimezone() without a zone"),
            ("at.astimezone(tz=None)", "astimezone() without a zone"),
            ("map(datetime.astimezone, days)", "astimezone() without a zone"),
            ("rrule(DAILY, count=3)", "rrule without dtstart"),
            ("rrule.rrule(DAILY, count=3)", "rrule without dtstart"),
            ("open('x')", "open"),
            ("map(print, lines)", "print"),
            ("input()", "input"),
            ("eval('1')", "eval"),
            ("exec('1')", "exec"),
            ("globals()", "globals"),
            ("__import__('os')", "__import__"),
            ("f'{x:n}'", "the locale's number format"),
            ("f'{x:>{width}n}'", "the locale's number format"),
        ],
    )
    def test_breach_is_noticed(self, source: str, expected: str) -> None:
        """Each rule sees its breach."""
        assert [breach.rpartition(": ")[2] for breach in breaches("room.py", source)] == [expected]

    @pytest.mark.parametrize(
        "source",
        [
            "from crmcore.primitives import checks",
            "from dateutil.relativedelta import relativedelta",
            "at.astimezone(UTC)",
            "at.astimezone(tz=zone)",
            "rrule(DAILY, dtstart=day)",
            "f'{x:f} {y:>10} {name}'",
        ],
    )
    def test_honest_work_passes(self, source: str) -> None:
        """No rule sees a breach where there is none."""
        assert breaches("room.py", source) == []

    def test_the_face_may_do_more(self) -> None:
        """The lazy face loads modules by name, keeps what it has loaded, and finds modules that moved."""
        assert {"globals", "importlib", "importlib.machinery", "sys"} == ONLY_IN_THE_FACE
        assert breaches("__init__.py", "from importlib import import_module\nglobals()") == []


@drives
class TestPoison:
    def test_nothing_gets_out(self, twice: Journey) -> None:
        """With every clock, file, socket, process, variable, chance and print poisoned, the drive goes as ever."""
        journey = drive("poisoned")

        assert journey.complaints == []
        assert journey.status == 0
        assert differences(twice.transcript, journey.transcript) == []


@drives
class TestState:
    def test_nothing_changes(self, twice: Journey) -> None:
        """A second drive answers as the first; no context, module, class, function or argument has changed."""
        assert twice.complaints == []
        assert [line for line in twice.transcript if ": CHANGED" in line] == []

    def test_is_what_is_driven(self, reference: Journey, twice: Journey) -> None:
        """It is the same drive, with more pages at its end."""
        assert reference.transcript == twice.transcript[: len(reference.transcript)]


@drives
class TestAmbience:
    @pytest.mark.parametrize(
        "surroundings",
        [
            {"PYTHONHASHSEED": "1"},
            {"PYTHONHASHSEED": "random"},
            {"TZ": "Pacific/Apia"},
            {"TZ": "America/New_York"},
            {"LC_ALL": "another"},
            {"LC_ALL": "C"},
            {"PYTHONINTMAXSTRDIGITS": "640"},
            {"PYTHONINTMAXSTRDIGITS": "0"},
        ],
        ids=lambda surroundings: "-".join(f"{name}={value}" for name, value in surroundings.items()),
    )
    def test_variables(self, reference: Journey, surroundings: dict[str, str]) -> None:
        """No seed of hashes, zone, locale or limit of the process changes a byte."""
        journey = drive(**(second_locale() if surroundings == {"LC_ALL": "another"} else surroundings))

        assert journey.complaints == []
        assert differences(reference.transcript, journey.transcript) == []

    @pytest.mark.parametrize("flag", ["-O", "-OO"])
    def test_optimized(self, reference: Journey, flag: str) -> None:
        """Without asserts and docstrings no byte changes."""
        journey = drive("plain", "usual", flag)

        assert journey.complaints == []
        assert differences(reference.transcript, journey.transcript) == []

    @pytest.mark.parametrize(
        ("mode", "context"),
        [*(("plain", context) for context in CONTEXTS if context != "usual"), ("around", "tiny"), ("thread", "tiny")],
    )
    def test_decimal_context(self, reference: Journey, mode: str, context: str) -> None:
        """No decimal context of the calling thread changes a byte, whenever it was set."""
        journey = drive(mode, context)

        assert journey.complaints == []
        assert differences(reference.without_documents, journey.transcript) == []

    def test_all_at_once(self, reference: Journey) -> None:
        """Nor do all of them together."""
        elsewhere = drive("plain", "narrow", "-OO", **ELSEWHERE, **second_locale())

        assert elsewhere.complaints == []
        assert differences(reference.without_documents, elsewhere.transcript) == []


ABSTRACT = {"crmcore.primitives.tally.Tally", "crmcore.primitives.errors.CrmcoreError"}


def _named() -> set[str]:
    """Return the full names in the expressions of the drive and in the examples of docstrings."""
    walked = [import_module(name) for name in Road.modules_of(PACKAGE)]
    namespace = {name: getattr(module, name) for module in walked for name in getattr(module, "__all__", ())}
    namespace |= {room: getattr(crmcore, room) for room in AS_ROOMS}
    named = {name for expression in [*VALUES, *MISTAKES] for name in mentioned(expression, namespace)}
    for module in walked:
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                examples = doctest.DocTestParser().get_examples(ast.get_docstring(node) or "")
                named |= mentioned("".join(example.source for example in examples), vars(module))
    return named


def _must_be_shown(value: object) -> bool:
    """Whether the transcript itself must show a name: a record or an error."""
    return inspect.isclass(value) and (attrs.has(value) or issubclass(value, BaseException))


@drives
class TestDrive:
    def test_every_public_name_is_driven(self, reference: Journey) -> None:
        """The drive asks every record, raises every error, and names or shows every other public class and function.

        The examples of docstrings are part of the drive, as are the expressions of `expressions.py`.
        """
        transcript = "\n".join(reference.transcript)
        shown = {
            *(line.removeprefix("    type: ") for line in reference.about("    type: ")),
            *re.findall(r"<(\w+)\.[A-Z]", transcript),
            *re.findall(r": raises (\w+):", transcript),
        }
        named = _named()
        left = {
            name
            for name, value in public_names().items()
            if name.rpartition(".")[2] not in shown and (_must_be_shown(value) or name not in named)
        }

        assert [f"no expression or example drives {name}" for name in sorted(left - ABSTRACT)] == []

    def test_values_are_values(self, reference: Journey) -> None:
        """No value of the drive is an error, and each equals its copies."""
        about = [line for line in reference.transcript if line.startswith(("value ", "prop ", "import ", "adapters"))]
        copies = [line for line in reference.transcript if line.startswith(("    copied", "    deeply", "    pickled"))]

        assert len(VALUES) == len(reference.about("value "))
        assert [line for line in about if ": raises " in line] == []
        assert [line for line in copies if not line.endswith(": True")] == []

    def test_mistakes_are_told(self, reference: Journey) -> None:
        """Every mistake of the drive raises one of the library's own errors."""
        errors = {error.__name__ for error in public_classes() if issubclass(error, crmcore.CrmcoreError)}
        told = reference.about("mistake ")
        raised = [line.partition(": raises ")[2].partition(":")[0] for line in told]

        assert len(MISTAKES) == len(told)
        assert [line for line, error in zip(told, raised, strict=True) if error not in errors] == []

    def test_every_example_of_the_readme_is_driven(self, reference: Journey) -> None:
        """The drive runs what Sybil runs of the README, and none of it fails."""
        driven = reference.about("document README.md ")

        assert len(list(EXAMPLES.parse(ROOT / "README.md").examples())) == len(driven)
        assert [line for line in driven if ": raises " in line] == []

    def test_what_is_left_alone(self) -> None:
        """The drive passes every module of the core, and no other."""
        paths = {path.removesuffix(".py").replace("/", ".").removesuffix("__init__") for path in sources(PACKAGE)}

        assert {f"crmcore.{path}".rstrip(".") for path in paths} == set(Road.modules_of(PACKAGE))

    def test_modes_are_driven(self) -> None:
        """Every mode that the drive knows is driven here."""
        assert set(MODES) == {"plain", "around", "thread", "twice", "poisoned"}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Which layers see each of the planted modules: one copy holds them all, for each is a line of the transcript."""
    package = _copy(tmp_path_factory.mktemp("planted"))
    for name, (source, _) in MODULES.items():
        (package / f"planted_{name}.py").write_text(source, encoding="utf-8")
    poisoned, here, elsewhere, twice = _four_children(package)
    return {
        name: _layers(
            breaches(f"planted_{name}.py", MODULES[name][0]),
            [line for line in poisoned.about(f"import crmcore.planted_{name}:") if "VIOLATION" in line],
            here.about(f"import crmcore.planted_{name}:") != elsewhere.about(f"import crmcore.planted_{name}:"),
            twice.about(f"import crmcore.planted_{name}: CHANGED"),
        )
        for name in MODULES
    }


def _copy(folder: Path) -> Path:
    return shutil.copytree(PACKAGE, folder / "crmcore", ignore=shutil.ignore_patterns("__pycache__"))


def _four_children(package: Path) -> tuple[Journey, Journey, Journey, Journey]:
    """Poisoned, here, elsewhere and twice, all at once."""
    path = {"PYTHONPATH": str(package.parent)}
    children = (
        Child("poisoned", **path),
        Child(**path),
        Child("plain", "narrow", "-OO", **path, **ELSEWHERE, **second_locale()),
        Child("twice", **path),
    )
    poisoned, here, elsewhere, twice = (child.journey() for child in children)
    return poisoned, here, elsewhere, twice


def _layers(rules: object, poison: object, ambience: object, state: object) -> set[str]:
    found = {"rules": rules, "poison": poison, "ambience": ambience, "state": state}
    return {name for name, sees in found.items() if sees}


@drives
class TestPlanted:
    @pytest.mark.parametrize("name", MODULES)
    def test_module_is_caught(self, planted: dict[str, set[str]], name: str) -> None:
        """A violation of each kind is caught, by the layers that can see it; a newer Python may audit more."""
        assert MODULES[name][1] <= planted[name]
        assert bool(MODULES[name][1]) == bool(planted[name])

    @LONG
    @pytest.mark.parametrize("plant", IN_PLACE.values(), ids=list(IN_PLACE))
    def test_is_caught_in_place(self, tmp_path: Path, plant: Plant) -> None:
        """So is one in the midst of the library's own work."""
        package = _copy(tmp_path)
        path = package / f"{plant.module}.py"
        path.write_text(f"{path.read_text(encoding='utf-8')}\n{plant.source}\n", encoding="utf-8")
        poisoned, here, elsewhere, twice = _four_children(package)

        assert plant.caught_by <= _layers(
            any(breaches(*source) for source in sources(package).items()),
            poisoned.complaints,
            here.without_documents != elsewhere.transcript,
            twice.complaints or [line for line in twice.transcript if ": CHANGED" in line],
        )

    def test_is_what_is_driven(self, tmp_path: Path, reference: Journey) -> None:
        """A copy with nothing planted in it is driven like the original."""
        package = _copy(tmp_path)

        assert reference == drive(PYTHONPATH=str(package.parent))
