"""Break the code on purpose and say which changes no test notices: ``make mutants ROOM=value/pricing``.

A room is a module or a folder of `src/crmcore`; `ROOM=value` means all rooms of a wing, and nothing means all of them.
With ``PART=7`` a tenth of the changes is tried, with ``PART=37`` a hundredth, at least 25 of a room: chosen by chance,
but the same ones each time.

Mutmut says what to change. One process imports the package and the tests, and notes once which lines each test runs.
For each change it forks: the child puts the changed code into the live functions, and runs the tests of the changed
line, the fast ones first, until one fails. What is noticed takes a quarter of a second. A function that runs while
the package is imported gets a second trial with a package imported anew.

Changed words of texts are not tried. Any other change that no test notices counts against its room, unless it is
listed in `mutants_accepted.txt` with the reason why no test could notice it.
"""

from __future__ import annotations

import ast
import gc
import hashlib
import importlib
import itertools
import os
import pickle
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zlib
from collections import Counter, defaultdict
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import coverage
import libcst as cst
import pytest
from hypothesis import is_hypothesis_test
from libcst.metadata import MetadataWrapper, ParentNodeProvider, WhitespaceInclusivePositionProvider
from mutmut.mutation.mutators import mutation_operators

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ROOT: Final = Path(__file__).resolve().parent.parent
WORK: Final = ROOT / ".cache" / "mutants"
ACCEPTED: Final = ROOT / ".ci" / "mutants_accepted.txt"
PACKAGE: Final = Path(
    subprocess.check_output([sys.executable, "-c", "import crmcore; print(*crmcore.__path__)"], text=True).strip()
)
"""The package as it is installed."""
LEAST: Final = 0.95
"""The share of changes that the tests have to notice."""
AROUND: Final = 100
"""How many characters around a change are shown."""
FEWEST: Final = 25
"""How many changes of a room are tried at least, if it has so many."""
LONGEST: Final = 8.0
"""How many seconds of tests are run on a change that nothing has noticed so far."""
LONG: Final = 1.0
"""How many seconds make a test long, which is run after all short ones."""
MEMORY: Final = 8 << 30
"""How many bytes of address space a child may take."""
UNNOTICED, NOTICED, UNTRIED = 0, 1, 2
OPTIONS: Final = ["-m", "not slow", "-s", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:terminal"]
"""How pytest is called: without what only a reader of its output needs."""
FLOORS: Final = ["primitives", "model"]
WINGS: Final = [*FLOORS, "value", "retention", "journeys", "voice", "service", "render"]
READER: Final = "tests/face/test_rules.py::TestRules::test_the_page_lists_them"
"""The test that reads the names of all rules from the source."""
ALSO: Final = [
    "tests/corpus",
    "tests/face/test_as_of.py",
    "tests/face/test_calls.py",
    "tests/face/test_face.py",
    "tests/face/test_order.py",
    READER,
    "tests/golden",
    "tests/interop/test_contracts.py",
    "tests/interop/test_figures.py",
    "tests/interop/test_frames.py",
    "tests/model/test_hostile.py",
    "tests/model/test_refusals.py",
    "tests/primitives/test_explanation.py",
    "tests/primitives/test_rows.py",
    "tests/primitives/test_table.py",
    "tests/primitives/test_tally.py",
    "tests/test_bounds.py",
    "tests/test_docstrings.py",
    "tests/test_extremes.py",
    "tests/test_field_cases.py",
]
"""Tests of every room: worked cases, examples, refusals, explanations, bounds, and what comes from JSON and frames."""


class Mutant(NamedTuple):
    """A change of the code."""

    file: Path
    start: int
    end: int
    """Where the replaced text begins and ends."""
    text: str
    line: int
    lines: range
    """The lines of the statement that is changed, or of the function whose default is."""
    told: str
    is_wording: bool

    @property
    def room(self) -> str:
        """The room whose code is changed."""
        return self.told.partition(":")[0]

    @property
    def bits(self) -> int:
        """The lines of the statement, a bit for each."""
        return sum(1 << line for line in self.lines)

    @property
    def source(self) -> str:
        """The changed module."""
        source = self.file.read_text(encoding="utf-8")
        return source[: self.start] + self.text + source[self.end :]


def rooms(wanted: str) -> Iterator[tuple[str, list[Path]]]:
    """Every module and package of the wings and floors, such as ``value/pricing``, and its files."""
    for path in sorted(PACKAGE.glob("*/*")):
        room = path.relative_to(PACKAGE).with_suffix("").as_posix()
        if (
            room.startswith("interop/")
            or path.name.startswith("__")
            or not f"{room}/".startswith(f"{wanted}/" if wanted else "")
        ):
            continue
        files = (
            [path] if path.suffix == ".py" else [file for file in sorted(path.rglob("*.py")) if file.stem != "__init__"]
        )
        if files:
            yield room, files


class Blank(ast.NodeTransformer):
    """Take out of the code what does not act: words, advice, `cast`, and `strict`, which guards what never happens."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        """Blank a text with a space in it."""
        return ast.Constant("") if isinstance(node.value, str) and " " in node.value.strip("X") else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Write None as the empty text where a row of an explanation takes either for no unit."""
        self.generic_visit(node)
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name == "cast" and len(node.args) > 1:
            return node.args[1]
        if name == "term":
            none = [isinstance(argument, ast.Constant) and argument.value is None for argument in node.args]
            node.args = [ast.Constant("") if empty else arg for empty, arg in zip(none, node.args, strict=True)]
        node.keywords = [keyword for keyword in node.keywords if keyword.arg not in {"advice", "strict"}]
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
        """Blank the words of an f-string and keep what it fills in."""
        values = [value for value in node.values if not isinstance(value, ast.Constant)]
        return ast.JoinedStr([self.visit(value) for value in values])


def is_wording(before: str, after: str) -> bool:
    """Whether only the words of a text were changed."""
    try:
        was, now = (ast.dump(Blank().visit(ast.parse(code.strip()))) for code in (before, after))
    except SyntaxError:  # an operator, which is no code by itself
        return False
    return was == now


def count_equal(one: str, other: str) -> int:
    """How many characters at the beginning of two texts are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (mine, others) in pairs if mine != others), min(len(one), len(other)))


class Changes(cst.CSTVisitor):
    """Find what mutmut would change in the functions of a module; also in properties, which mutmut leaves out."""

    METADATA_DEPENDENCIES = (WhitespaceInclusivePositionProvider, ParentNodeProvider)

    def __init__(self, room: str, file: Path) -> None:
        super().__init__()
        self.room, self.file = room, file
        self.source = file.read_text(encoding="utf-8")
        self.module = cst.parse_module(self.source)
        self.begins = [0]
        for line in self.source.splitlines(keepends=True):
            self.begins.append(self.begins[-1] + len(line))
        self.within: list[str] = []
        """The names of the classes and functions around a node."""
        self.functions = 0
        self.found: list[Mutant] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Change a node in every way, unless it is no code of a function."""
        if isinstance(node, cst.Annotation | cst.Decorator) or (
            isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value in {"len", "isinstance"}
        ):
            return False
        if (
            isinstance(node, cst.Param)
            and node.default
            and not isinstance(node.default, cst.Name | cst.BaseNumber | cst.BaseString)
        ):
            return False
        if isinstance(node, cst.Arg) and node.keyword and node.keyword.value == "strict":
            return False
        if isinstance(node, cst.Arg) and self.is_type_of_cast(node):
            return False
        if isinstance(node, cst.ClassDef | cst.FunctionDef):
            self.within.append(node.name.value)
            self.functions += isinstance(node, cst.FunctionDef)
        elif self.functions:
            for kind, operator in mutation_operators:
                if isinstance(node, kind):
                    self.found += (self.mutant(node, changed) for changed in operator(node))
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "cast":
            node.args[1].visit(self)  # and not the type, which does nothing
            return False
        return True

    def is_type_of_cast(self, node: cst.Arg) -> bool:
        """Whether an argument is the type that `cast` names, which is for readers only."""
        call = self.get_metadata(ParentNodeProvider, node)
        return (
            isinstance(call, cst.Call)
            and isinstance(call.func, cst.Name)
            and call.func.value == "cast"
            and node is call.args[0]
        )

    def on_leave(self, node: cst.CSTNode) -> None:
        """Forget the name of a class or function at its end."""
        if isinstance(node, cst.ClassDef | cst.FunctionDef):
            self.within.pop()
            self.functions -= isinstance(node, cst.FunctionDef)

    def mutant(self, node: cst.CSTNode, changed: cst.CSTNode) -> Mutant:
        """One change of a node."""
        place = self.get_metadata(WhitespaceInclusivePositionProvider, node)
        start, end = (self.begins[point.line - 1] + point.column for point in (place.start, place.end))
        text = self.module.code_for_node(changed)
        first, last = self.begins[place.start.line - 1], self.begins[place.end.line]
        before, after = self.source[first:last], self.source[first:start] + text + self.source[end:last]
        before, after = " ".join(before.split()), " ".join(after.split())
        same = count_equal(before, after)
        if same > AROUND:
            before, after = (f"… {text[same - AROUND :]}" for text in (before, after))
        same = count_equal(before[::-1], after[::-1])
        if same > AROUND:
            before, after = (f"{text[: len(text) - same + AROUND]} …" for text in (before, after))
        told = f"{self.room}: {'.'.join(self.within)}: {before} => {after}"
        statement: Any = node
        while not isinstance(statement, cst.SimpleStatementLine | cst.BaseCompoundStatement):
            statement = self.get_metadata(ParentNodeProvider, statement)
        around = self.get_metadata(
            WhitespaceInclusivePositionProvider, statement.body if isinstance(statement, cst.FunctionDef) else statement
        )
        compound = isinstance(statement, cst.If | cst.While | cst.For | cst.With | cst.Try | cst.Match)
        lines = range(around.start.line, (place if compound else around).end.line + 1)
        return Mutant(
            self.file, start, end, text, place.start.line, lines, told, is_wording(self.source[start:end], text)
        )


def changes(room: str, files: Iterable[Path], part: str) -> list[Mutant]:
    """The changes of a room that belong to the part, or a few more where that are too few to tell."""
    found: list[Mutant] = []
    for file in files:
        visitor = Changes(room, file)
        MetadataWrapper(visitor.module, unsafe_skip_copy=True).visit(visitor)
        found += visitor.found
    lots = sorted(((f"{zlib.crc32(mutant.told.encode()):010}", mutant) for mutant in found), key=lambda lot: lot[0])
    chosen = [mutant for lot, mutant in lots if lot.endswith(part)]
    while len(chosen) < FEWEST and part:
        part = part[1:]
        chosen = [mutant for lot, mutant in lots if lot.endswith(part)][:FEWEST]
    return chosen


def codes(code: CodeType) -> Iterator[CodeType]:
    """The code of a module and of all functions in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)


def numbered(code: CodeType) -> dict[tuple[str, int], CodeType]:
    """Each function by its name, and by how many functions before it have the same."""
    seen: Counter[str] = Counter()
    found = {}
    for each in codes(code):
        found[each.co_qualname, seen[each.co_qualname]] = each
        seen[each.co_qualname] += 1
    return found


def spans(code: CodeType, line: int) -> bool:
    """Whether a line is one of the function's."""
    return code.co_firstlineno <= line <= max(last for each in codes(code) for *_, last in each.co_lines() if last)


def swap(mutant: Mutant, functions: Iterable[FunctionType]) -> None:
    """Put the changed code into the functions that live already, wherever they are kept."""
    source, line = mutant.file.read_text(encoding="utf-8"), mutant.line
    before = numbered(compile(source, mutant.file, "exec", dont_inherit=True))
    tree = ast.parse(mutant.source)
    after = numbered(compile(tree, mutant.file, "exec", dont_inherit=True))
    changed = {old: after[name] for name, old in before.items() if name in after and spans(old, line)}
    defined = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    headers = {min([node.lineno, *(one.lineno for one in node.decorator_list)]): node.args for node in defined}
    for function in functions:
        if function.__code__ in changed:
            header = headers.get(function.__code__.co_firstlineno)
            function.__code__ = changed[function.__code__]
            if header:
                set_defaults(function, header)


def set_defaults(function: FunctionType, header: ast.arguments) -> None:
    """Give a function the plain defaults that its header says."""
    if function.__defaults__:
        pairs = zip(function.__defaults__, header.defaults, strict=True)
        function.__defaults__ = tuple(new.value if isinstance(new, ast.Constant) else old for old, new in pairs)
    plain = zip(header.kwonlyargs, header.kw_defaults, strict=True)
    new = {argument.arg: default.value for argument, default in plain if isinstance(default, ast.Constant)}
    function.__kwdefaults__ = {**(function.__kwdefaults__ or {}), **new} or None


class Touched(NamedTuple):
    """What a run of a test showed."""

    seconds: float
    lines: dict[str, int]
    """The lines of each file that it ran, a bit for each."""


def covered(data: Path) -> Iterator[tuple[str, str, int]]:
    """Each test, each file, and the lines of the file that the test ran, a bit for each."""
    rows = sqlite3.connect(data).execute(
        "SELECT context, path, numbits FROM line_bits"
        " JOIN file ON file_id = file.id JOIN context ON context_id = context.id"
    )
    for test, file, bits in rows:
        yield test, file, int.from_bytes(bits, "little")


def watch(data: Path) -> coverage.Coverage:
    """Start to note which lines of the package run."""
    data.unlink(missing_ok=True)
    cover = coverage.Coverage(data_file=data, source_pkgs=["crmcore"], config_file=False)
    cover.set_option("run:disable_warnings", ["already-imported", "module-not-measured", "no-data-collected"])
    cover.start()
    return cover


def lines_at_import() -> dict[str, int]:
    """The lines of each file that run while the package is imported, a bit for each."""
    data = WORK / "import.coverage"
    if fork(lambda: import_anew(data)) != UNNOTICED:
        raise RuntimeError("the package cannot be imported anew")
    return {file: bits for _, file, bits in covered(data)}


def import_anew(data: Path) -> int:
    """Import the package as if it had not been imported, and note which lines run."""
    for name in [name for name in sys.modules if name.split(".")[0] in {"crmcore", "tests"}]:
        del sys.modules[name]
    cover = watch(data)
    list(importlib.import_module("tests.support.walk").modules())
    cover.stop()
    cover.save()
    return UNNOTICED


def fork(work: Callable[[], int]) -> int:
    """What the work answers in a process of its own; one that dies has been noticed."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.WEXITSTATUS(status) if os.WIFEXITED(status) else NOTICED
    answer = UNTRIED
    try:
        answer = work()
    except Exception as error:  # noqa: BLE001  # the other process has to hear of it
        print(f"{type(error).__name__}: {error}")
    finally:
        sys.stdout.flush()
        os._exit(answer)


class Trial:
    """A run of pytest that collects the tests once, and tries the changes in place of running them."""

    def __init__(self, wanted: str, part: str) -> None:
        self.wanted, self.part = wanted, part
        self.good = True
        self.accepted = read_accepted()
        self.items: list[pytest.Item] = []
        self.touched: dict[str, Touched] = {}
        self.at_import: dict[str, int] = {}
        self.live: dict[str, list[FunctionType]] = defaultdict(list)
        """The functions of each file, wherever they are kept."""
        self.failure: BaseException | None = None

    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> None:
        """Note why a test fails."""
        if call.excinfo and not isinstance(call.excinfo.value, pytest.skip.Exception):
            self.failure = call.excinfo.value

    def fails(self, item: pytest.Item) -> bool:
        """Whether a test fails."""
        self.failure = None
        item.ihook.pytest_runtest_protocol(item=item, nextitem=None)
        return self.failure is not None

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try every change, and print the survivors and a table of the rooms."""
        WORK.mkdir(parents=True, exist_ok=True)
        self.items = session.items
        importlib.import_module("tests.face.calls").prepare()  # once for all children
        self.measure(session.items)
        self.at_import = lines_at_import()
        for thing in gc.get_objects():
            if type(thing) is FunctionType:  # some objects of the tests lie about their class
                self.live[thing.__code__.co_filename].append(thing)
        gc.freeze()  # memory that the children share
        self.check_unchanged()
        heads = f"{'room':30} {'tried':>8} {'noticed':>8} {'share':>8} {'accepted':>8} {'wording':>8}"
        print("", heads, *[self.try_room(*room) for room in rooms(self.wanted)], sep="\n")
        return True

    def check_unchanged(self) -> None:
        """Check that the tests of the largest file pass in a child that changes nothing."""
        room, files = max(rooms(self.wanted), key=lambda room: sum(file.stat().st_size for file in room[1]))
        file = max(files, key=lambda file: file.stat().st_size)
        same = Mutant(file, 0, 0, "", 0, range(1, 10**4), f"{room}: {file.name} without any change", is_wording=False)
        if self.attempt(same) != UNNOTICED:
            print(f"  fails: {same.told}")
            self.good = False

    def try_room(self, room: str, files: list[Path]) -> str:
        """The line of a room in the table."""
        found = Counter(map(self.judge, changes(room, files, self.part)))
        tried = found["noticed"] + found["survived"]
        share = found["noticed"] / tried if tried else 1.0
        self.good &= share >= LEAST
        row = f"{room:30} {tried:8} {found['noticed']:8} {share:8.1%} {found['accepted']:8} {found['wording']:8}"
        print(row, flush=True)
        return row

    def judge(self, mutant: Mutant) -> str:
        """Whether a change is noticed, or why it need not be."""
        if mutant.is_wording:
            return "wording"
        if mutant.told in self.accepted:
            return "accepted"
        answer = self.attempt(mutant)
        if answer == UNNOTICED and mutant.text.strip()[:1] in {"'", '"'}:
            answer = self.attempt_source(mutant)
        if answer == UNTRIED or (answer == UNNOTICED and self.at_import.get(str(mutant.file), 0) & mutant.bits):
            answer = anew(mutant)
        if answer == NOTICED:
            return "noticed"
        print(f"  survived: {mutant.told}", flush=True)
        return "survived"

    def attempt(self, mutant: Mutant) -> int:
        """Whether a test notices the change in a child of this process."""
        tests = self.tests_of(mutant)

        def work() -> int:
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            swap(mutant, self.live[str(mutant.file)])
            for item in tests:
                signal.setitimer(signal.ITIMER_PROF, 2 + 10 * self.touched[item.nodeid].seconds)  # ends the child
                if self.fails(item):
                    return NOTICED
            return UNNOTICED

        return fork(work)

    def attempt_source(self, mutant: Mutant) -> int:
        """Whether the test that reads the source notices the change in a child of this process."""
        there, changed, read = ROOT / "src" / mutant.file.relative_to(PACKAGE.parent), mutant.source, Path.read_text

        def work() -> int:
            Path.read_text = lambda path, *args, **named: changed if path == there else read(path, *args, **named)  # type: ignore[method-assign]  # for this child
            return int(any(self.fails(item) for item in self.items if item.nodeid == READER))

        return fork(work)

    def tests_of(self, mutant: Mutant) -> list[pytest.Item]:
        """The tests that run the changed line: short ones and those of the wing first, drawn examples last."""
        file, bits = str(mutant.file), mutant.bits
        tests = [item for item in self.items if item.nodeid in self.touched]
        tests = [item for item in tests if self.touched[item.nodeid].lines.get(file, 0) & bits]
        wing = f"tests/{mutant.room.partition('/')[0]}/"

        def rank(item: pytest.Item) -> tuple[bool, bool, bool, float]:
            draws, seconds = is_hypothesis_test(getattr(item, "obj", None)), self.touched[item.nodeid].seconds
            return draws, seconds > LONG, not item.nodeid.startswith(wing), seconds

        tests.sort(key=rank)
        total = itertools.accumulate(self.touched[item.nodeid].seconds for item in tests)
        return [item for item, spent in zip(tests, total, strict=True) if spent < LONGEST]

    def measure(self, items: list[pytest.Item]) -> None:
        """Find out how long each test takes and which lines it runs, for those that are not known from before."""
        code = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(PACKAGE.rglob("*.py")))).hexdigest()
        digests = {path: code + hashlib.sha256(path.read_bytes()).hexdigest() for path in {item.path for item in items}}
        store = WORK / "touched.pickle"
        known: dict[str, dict[str, Touched]] = pickle.loads(store.read_bytes()) if store.exists() else {}  # noqa: S301  # our own
        known = {digest: tests for digest, tests in known.items() if digest.startswith(code)}
        new = [item for item in items if item.nodeid not in known.get(digests[item.path], ())]
        print(f"{len(items)} tests, {len(new)} of them to be measured", flush=True)
        if new:
            fork(lambda: self.run_watched(new))
            seconds = pickle.loads((WORK / "seconds.pickle").read_bytes())  # noqa: S301  # our own
            measured = {test: Touched(spent, {}) for test, spent in seconds.items()}
            for test, file, bits in covered(WORK / "tests.coverage"):
                if test in measured:
                    measured[test].lines[file] = bits
            for item in new:
                if item.nodeid in measured:
                    known.setdefault(digests[item.path], {})[item.nodeid] = measured[item.nodeid]
            store.write_bytes(pickle.dumps(known))
        for tests in known.values():
            self.touched |= tests

    def run_watched(self, items: list[pytest.Item]) -> int:
        """Run the tests one by one, and write down how long each takes and which lines it runs."""
        cover, seconds = watch(WORK / "tests.coverage"), {}
        for item in items:
            cover.switch_context(item.nodeid)
            begin = time.process_time()
            if self.fails(item):
                print(f"  fails without any change: {item.nodeid}: {str(self.failure)[:200]!r}", flush=True)
            else:
                seconds[item.nodeid] = time.process_time() - begin
        cover.stop()
        cover.save()
        (WORK / "seconds.pickle").write_bytes(pickle.dumps(seconds))
        return UNNOTICED


def selection(wanted: str) -> list[str]:
    """The tests that may notice a change in a room or wing; what all wings use is tested by all of them."""
    wing = wanted.partition("/")[0]
    wings = WINGS if wing in {"", *FLOORS} else [wing]
    return [*(f"tests/{wing}" for wing in wings), *(path for path in ALSO if path.split("/")[1] not in wings)]


def anew(mutant: Mutant) -> int:
    """Whether a test notices the change of a package that is imported anew."""
    copy = WORK / "anew" / PACKAGE.name
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / mutant.file.relative_to(PACKAGE)).write_text(mutant.source, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-x", *OPTIONS, *selection(mutant.room)]
    try:
        ended = subprocess.run(
            command, env=os.environ | {"PYTHONPATH": str(copy.parent)}, capture_output=True, check=False, timeout=900
        )
    except subprocess.TimeoutExpired:
        return NOTICED
    return UNNOTICED if ended.returncode == 0 else NOTICED


def read_accepted() -> set[str]:
    """The changes that no test could notice; each stands under the reason."""
    lines = ACCEPTED.read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


if __name__ == "__main__":
    os.environ["HYPOTHESIS_PROFILE"] = "mutants"
    trial = Trial(os.environ.get("ROOM", ""), os.environ.get("PART", ""))
    pytest.main([*OPTIONS, *selection(trial.wanted)], plugins=[trial])
    sys.exit(not trial.good)
