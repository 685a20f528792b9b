"""What is shared between records and threads, and what keeps a caller's objects alive."""

from __future__ import annotations

import ast
import gc
import weakref
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any, Final

import attrs

import crmcore
from crmcore import Ledger, LedgerBuilder, MomentOfTruth, OpeningHours, Valence, elapsed, instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKAGE: Final = Path(crmcore.__file__).parent
AT: Final = instant("2026-03-02")


def _in_threads(number: int, work: Callable[[int], object]) -> list[Any]:
    """Do work in threads that start at once, and return what each answers."""
    barrier = Barrier(number)
    answers: list[Any] = [None] * number

    def run(place: int) -> None:
        barrier.wait()
        answers[place] = work(place)

    threads = [Thread(target=run, args=(place,)) for place in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _moments(number: int, *, first: int = 0, bad: bool = False) -> list[MomentOfTruth]:
    valence = Valence.BAD if bad else Valence.GOOD
    return [MomentOfTruth(valence=valence, at=AT + timedelta(hours=first + n)) for n in range(number)]


class TestThreads:
    def test_branches_of_one_ledger_do_not_mix(self) -> None:
        """Eight threads grow one ledger: each branch has its own moments, and the ledger stays as it was."""
        trunk = Ledger(moments=_moments(50))

        def grow(place: int) -> list[Ledger]:
            branch, grown = trunk, []
            for n in range(20):
                added = _moments(1, first=100 + n, bad=bool(place % 2))
                branch = attrs.evolve(branch, moments=[*branch.moments, *added])
                grown.append(branch)
            return grown

        for place, grown in enumerate(_in_threads(8, grow)):
            step = -12 if place % 2 else 1
            assert [ledger.value for ledger in grown] == [50 + step * n for n in range(1, 21)]
            assert [entry.value for entry in grown[-1].entries[50:]] == [50 + step * n for n in range(1, 21)]
        assert [entry.value for entry in trunk.entries] == [*range(1, 51)]

    def test_ledgers_of_one_builder_do_not_change(self) -> None:
        """What is added later is in no ledger that was made before."""
        builder = LedgerBuilder(_moments(3))
        early = builder.ledger()
        builder.add(_moments(1, first=9, bad=True)[0])

        assert [3, -9] == [early.value, builder.ledger().value]

    def test_opening_hours_answer_alike_at_once(self) -> None:
        """Eight threads ask one calendar whose weeks are worked out when they are first asked for."""
        hours = OpeningHours(zone=UTC, monday=[("09:00", "17:00")], friday=[("09:00", "12:00")])
        spans = [(AT, AT + timedelta(days=days)) for days in range(1, 40_000, 997)]
        expected = [OpeningHours.elapsed(attrs.evolve(hours), *span) for span in spans]

        assert _in_threads(8, lambda _: [hours.elapsed(*span) for span in spans]) == [expected] * 8


class TestLifetime:
    def test_growth_is_not_kept_by_an_early_ledger(self) -> None:
        """A ledger that lives on does not keep the moments of those that grew from it."""
        early = Ledger(moments=_moments(3))
        later = attrs.evolve(early, moments=[*early.moments, *_moments(1, first=9)])
        grown = weakref.ref(later.moments[-1])
        del later
        gc.collect()

        assert grown() is None
        assert early.value == 3

    def test_ledger_is_not_kept_by_its_builder(self) -> None:
        """Nor does a builder keep the ledgers that it made."""
        builder = LedgerBuilder(_moments(3))
        ledger = weakref.ref(builder.ledger())
        gc.collect()

        assert ledger() is None
        assert builder.ledger().value == 3

    def test_class_of_a_zone_is_not_kept(self) -> None:
        """A cache by the class of a zone once kept every class that a caller made."""

        def ask() -> weakref.ref[type]:
            class Zone(tzinfo):
                def utcoffset(self, _: datetime | None) -> timedelta:
                    return timedelta(hours=1)

                def dst(self, _: datetime | None) -> timedelta:
                    return timedelta()

                def tzname(self, _: datetime | None) -> str:
                    return "Zone"

            at = datetime(2026, 3, 2, tzinfo=Zone())
            assert elapsed(at, at) == timedelta()
            return weakref.ref(Zone)

        kept = ask()
        gc.collect()

        assert kept() is None


MUTABLE: Final = {"Counter", "OrderedDict", "defaultdict", "deque", "dict", "list", "set", "count", "cycle"}
CACHES: Final = {"cache", "lru_cache", "singledispatch", "WeakKeyDictionary", "WeakValueDictionary"}
CHANGING: Final = {"add", "append", "clear", "extend", "insert", "pop", "popitem", "remove", "setdefault", "update"}


def shared(source: str) -> Iterator[str]:
    """Yield the caches of a source, and the containers of its module that a function of it changes."""
    tree = ast.parse(source)
    held = {
        target.id
        for statement in tree.body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for target in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
        if isinstance(target, ast.Name) and _is_mutable(statement.value)
    }
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for node in ast.walk(tree):
        name = getattr(node, "id", getattr(node, "attr", getattr(node, "name", None)))
        if isinstance(node, ast.Name | ast.Attribute | ast.alias) and name in CACHES:
            yield f"{name}"
    for function in functions:
        yield from (f"{function.name}()" for default in function.args.defaults if _is_mutable(default))
        for node in ast.walk(function):
            match node:
                case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()) if name in held:
                    yield name
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attr)) if (
                    name in held and attr in CHANGING
                ):
                    yield name
                case ast.Call(func=ast.Name(id="next"), args=[ast.Name(id=name), *_]) if name in held:
                    yield name
                case ast.Global():
                    yield "global"
                case _:
                    pass


def _is_mutable(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        function = value.func.value if isinstance(value.func, ast.Subscript) else value.func
        return isinstance(function, ast.Name) and function.id in MUTABLE
    return isinstance(value, ast.Dict | ast.List | ast.Set | ast.DictComp | ast.ListComp | ast.SetComp)


class TestNothingIsShared:
    def test_no_module_keeps_what_callers_give(self) -> None:
        """No cache, and no container of a module that a function changes."""
        found = {
            path.relative_to(PACKAGE).as_posix(): [*shared(path.read_text(encoding="utf-8"))]
            for path in sorted(PACKAGE.rglob("*.py"))
            if path.relative_to(PACKAGE).parts[0] != "interop"
        }

        assert {path: what for path, what in found.items() if what} == {}
