from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

import pytest

import crmcore
from tests.face import calls, explanations
from tests.face.surface import SNAPSHOT, surface
from tests.support.walk import modules, public_classes

if TYPE_CHECKING:
    from types import ModuleType

MODULES = list(modules())
PUBLIC = [module for module in MODULES if not module.__name__.rpartition(".")[2].startswith("_")]
TREE = ast.parse(Path(crmcore.__file__).read_text(encoding="utf-8"))


FACE = vars(crmcore)
NAMES: list[str] = FACE["__all__"]
HOMES: dict[str, str] = FACE["_HOMES"]
ROOMS: dict[str, str] = FACE["_MODULES"]


def _for_type_checkers() -> dict[str, str]:
    """Name and home of every import under ``if TYPE_CHECKING``; each must name itself, or it is not re-exported."""
    (block,) = [
        node
        for node in TREE.body
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    ]
    homes: dict[str, str] = {}
    for node in block.body:
        assert isinstance(node, ast.ImportFrom)
        assert node.module is not None
        for alias in node.names:
            assert alias.name == alias.asname
            homes[alias.name] = node.module
    return homes


def _order(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions, as ruff sorts `__all__`."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def _classes(module: ModuleType) -> list[type]:
    """The classes that a module defines and offers."""
    offered = [getattr(module, name) for name in getattr(module, "__all__", ())]
    return [value for value in offered if inspect.isclass(value) and value.__module__ == module.__name__]


def _ask_a_child(question: str) -> str:
    """What a new Python answers, in which nothing is loaded yet."""
    answer = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=True, timeout=60)
    return answer.stdout.strip()


def test_explanations_are_as_written_down() -> None:
    """No name, unit, formula or source of an explanation changes unseen.

    Where the change is meant, ``python -m tests.face.explanations`` writes the new ones down.
    """
    assert explanations.SNAPSHOT.read_text(encoding="utf-8") == explanations.explanations()


def test_explanations_written_down_have_every_row() -> None:
    """Each row that the source can write is in a snapshot, with its unit and formula.

    A call whose answer writes a missing one belongs into the documentation, or into `tests.corpus.write`.
    """
    rows = {row for page in (explanations.SNAPSHOT, calls.SNAPSHOT) for row in page.read_text("utf-8").splitlines()}

    assert [] == [place for place, row in explanations.written_rows() if not any(map(row.fullmatch, rows))]


@pytest.mark.skipif("MUTANT_UNDER_TEST" in os.environ, reason="mutmut adds names of its own")
class TestSurface:
    def test_is_as_written_down(self) -> None:
        """No public name, parameter, default or member comes, goes or changes unseen.

        Where the change is meant, ``python -m tests.face.surface`` writes the new surface down.
        """
        assert SNAPSHOT.read_text(encoding="utf-8") == surface()

    def test_notices_a_change(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The text shows a default that changes."""
        monkeypatch.setattr(crmcore.Money.quantized, "__kwdefaults__", {"rounding": "ROUND_UP"})

        assert SNAPSHOT.read_text(encoding="utf-8") != surface()

    @pytest.mark.parametrize("module", PUBLIC, ids=lambda module: module.__name__)
    def test_names_are_sorted(self, module: ModuleType) -> None:
        """Every public module names what it offers, sorted; only a package that holds nothing needs no list.

        The top level is sorted within each module that it takes names from.
        """
        tree = ast.parse(inspect.getsource(module))
        holds_nothing = all(isinstance(node, ast.Expr) for node in tree.body)
        names: list[str] = getattr(module, "__all__", [])

        assert holds_nothing is not hasattr(module, "__all__")
        homes = list(HOMES.values()) if module is crmcore else []
        assert names == sorted(set(names), key=lambda name: (homes.index(HOMES[name]) if homes else 0, *_order(name)))
        assert [name for name in names if not hasattr(module, name)] == []

    def test_no_name_is_a_modules(self) -> None:
        """No public object is named like a module: ``from crmcore import churn`` can mean one thing only."""
        taken = {part for module in MODULES for part in module.__name__.split(".")}
        names = {name for module in PUBLIC for name in getattr(module, "__all__", ())}

        assert names & taken == set()


class TestLazyFace:
    def test_lists_agree(self) -> None:
        """The table and what type checkers see are one list."""
        rooms = {name: home.rpartition(".")[0] for name, home in ROOMS.items()}

        assert {**rooms, **HOMES} == _for_type_checkers()
        assert NAMES == list(HOMES)

    @pytest.mark.parametrize("name", NAMES)
    def test_name_comes_from_its_home(self, name: str) -> None:
        """A name is the very object that its home defines and offers, and it says where it lives."""
        home, value = HOMES[name], getattr(crmcore, name)

        assert getattr(import_module(home), name) is value
        assert name in import_module(home).__all__
        if inspect.isclass(value) or inspect.isfunction(value):
            assert home == value.__module__

    def test_what_callers_write_can_be_had_from_it(self) -> None:
        """Nouns, enums and tallies can be had from `crmcore` itself; what is only ever returned stays in its room."""
        returned = {
            "Adaptation",  # expectations.adapt
            "AdaptationStep",  # Adaptation.steps
            "AskDecision",  # surveys.may_ask
            "Attribution",  # the functions of attribution
            "Backtrack",  # Conformance.backtracks
            "CaseClock",  # handling.clock
            "ClockState",  # CaseClock.state and Due.state
            "ContactDecision",  # communication.may_contact
            "Due",  # handling.due
            "BaseProjection",  # loyalty.project
            "ChartPoint",  # add() and run() of a PChart or EWMA chart
            "CusumPoint",  # add() and run() of a CUSUM chart
            "EarlyWarning",  # loyalty.early_warning
            "Edge",  # Flow.edges
            "Escalation",  # recovery.escalation
            "Elasticity",  # LifetimeValue.elasticity
            "Explanation",  # explain() of every record
            "FirstAlarms",  # control_charts.first_alarms
            "FunnelStep",  # Funnel.steps
            "Homogeneity",  # control_charts.homogeneity
            "GradedExperience",  # expectations.grade_each
            "InactivityThreshold",  # inactivity.inactivity_threshold
            "InternalRate",  # cashflow.internal_rate
            "Interval",  # interval() of every rate
            "Interview",  # loyalty.interviews
            "ItemScore",  # surveys.item_score
            "KanoDrift",  # expectations.kano_drift
            "LedgerEntry",  # Ledger.entries
            "KindCount",  # Mix.kinds
            "LeakChange",  # LeakShare.compared_to
            "LifeTableInterval",  # Survival.life_table
            "LogRank",  # survival.log_rank
            "MeanOfEnded",  # Survival.mean_of_ended
            "LifetimeValue",  # the functions of lifetime_value
            "Markdown",  # render
            "Mermaid",  # render
            "MixShift",  # ValueMix.since
            "NewCauses",  # handling.new_causes
            "Neglect",  # follow_ups.neglected
            "NonresponseBounds",  # surveys.nonresponse_bounds
            "OffMap",  # Conformance.off_map
            "ParetoBar",  # Pareto.bars
            "PairedProportions",  # LevelTransitions.shift
            "PlanComparison",  # cashflow.compare
            "PurchaseSummary",  # RfmTable.summaries
            "PresentValue",  # cashflow.npv
            "RankedIdea",  # handling.rank_ideas
            "RelationshipQuality",  # relationships.quality
            "RestrictedMean",  # Survival.restricted_mean
            "ReviewEffect",  # handling.PROSERPIO_ZERVAS_2017
            "SampleSize",  # surveys.sample_size
            "RfmScore",  # RfmScores.scores
            "RfmScores",  # RfmTable.scores
            "Schedule",  # programme.schedule
            "ScheduledActivity",  # the lines of a schedule
            "ScoreChange",  # compared_to() of every score
            "SegmentValue",  # ValueMix.segments
            "SurvivalValue",  # lifetime_value.from_survival
            "Slippage",  # Schedule.delayed
            "Silence",  # recovery.silence
            "SpendGuard",  # LifetimeValue.guard
            "StageDuration",  # lifecycles.durations
            "StatusReport",  # programme.status
            "Standing",  # Standings.standings
            "StepConformance",  # Conformance.steps
            "SurveyCoverage",  # surveys.coverage
            "SurveyTime",  # surveys.time_needed
            "SurvivalQuantile",  # Survival.quantile
            "SurvivalStep",  # Survival.steps
            "Svg",  # render
            "TargetResult",  # expectations.attainments
            "Term",  # Explanation.terms
            "Trend",  # control_charts.cochran_armitage, mann_kendall
            "TwoProportions",  # compared_to() of every rate
            "ValueAtRisk",  # journey_maps.value_at_risk
            "ValueRatio",  # LifetimeValue.ratio_to
            "Wait",  # the waits of handling
            "WaitSummary",  # handling.summary
            "WeightedScore",  # surveys.post_stratified
        }
        offered = {value.__name__ for module in PUBLIC for value in _classes(module)}

        assert returned == offered - set(NAMES)

    def test_import_loads_nothing_else(self) -> None:
        """``import crmcore`` loads neither attrs nor dateutil nor any module of its own."""
        loaded = _ask_a_child("import sys, crmcore; print(*sorted(sys.modules))").split()

        assert [name for name in loaded if name.partition(".")[0] in {"attr", "attrs", "dateutil"}] == []
        assert [name for name in loaded if name.startswith("crmcore.")] == []

    @pytest.mark.parametrize("home", dict.fromkeys(HOMES.values()))
    def test_a_name_loads_no_other_room(self, home: str) -> None:
        """A name loads the room it lives in and no other, but for `rfm` > `lifetime_value` > `cashflow`."""
        name = next(name for name in NAMES if HOMES[name] == home)
        loaded = _ask_a_child(f"import sys; from crmcore import {name}; print(*sys.modules)").split()
        values = {"lifetime_value", "cashflow"}
        read = {"crmcore.value.lifetime_value": {"cashflow"}, "crmcore.value.rfm": values}.get(home, set[str]())
        rooms = {room: path for room, path in ROOMS.items() if path.count(".") > 1}

        assert {room for room, path in rooms.items() if path == home} | read == {
            room for room, path in rooms.items() if path in loaded
        }

    def test_dir(self) -> None:
        """`dir` lists the public names before any of them is loaded."""
        assert sorted([*NAMES, *ROOMS]) == dir(crmcore)
        assert _ask_a_child("import crmcore; print(*dir(crmcore))").split() == dir(crmcore)

    def test_rooms_and_floors_are_attributes(self) -> None:
        """After ``import crmcore`` every room, wing and floor can be reached by its name."""
        question = f"import crmcore; print(*(getattr(crmcore, name).__name__ for name in {list(ROOMS)}))"

        assert list(ROOMS.values()) == _ask_a_child(question).split()
        assert [import_module(home) for home in ROOMS.values()] == list(map(FACE["__getattr__"], ROOMS))

    def test_every_room_is_one(self) -> None:
        """No floor, wing or room is left out."""
        floors = {module.__name__ for module in PUBLIC if module.__name__.count(".") == 1} | {"crmcore.interop"}
        wings = set(FACE["_ROOMS"])
        rooms = {
            module.__name__
            for module in PUBLIC
            if module.__name__.count(".") == 2 and module.__name__.split(".")[1] in wings
        }

        assert floors | rooms - {"crmcore.journeys.log"} == set(ROOMS.values())

    def test_star_import(self) -> None:
        """A star import brings every public name."""
        namespace: dict[str, Any] = {}
        exec("from crmcore import *", namespace)

        assert set(NAMES) == set(namespace) - {"__builtins__"}

    def test_name_is_kept_once_loaded(self) -> None:
        """A name is looked up once; then it stands in the module."""
        assert _ask_a_child("import crmcore; crmcore.Money; print('Money' in vars(crmcore))") == "True"

    def test_unknown_name(self) -> None:
        """A name that is not there is an AttributeError, as in any module."""
        with pytest.raises(AttributeError, match="module 'crmcore' has no attribute 'Nonsense'"):
            _ = crmcore.Nonsense  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue] - not there

        assert not hasattr(crmcore, "_DAY")

    def test_room_can_be_imported(self) -> None:
        """``from crmcore import churn`` gives the room, though its full path is longer."""
        assert _ask_a_child("from crmcore import churn; print(churn.__name__)") == "crmcore.retention.churn"


class TestHomes:
    @pytest.mark.parametrize("module", PUBLIC, ids=lambda module: module.__name__)
    def test_no_private_path_shows(self, module: ModuleType) -> None:
        """What a public module offers names a public module as its home: pickles and tracebacks show no private one."""
        shown = {
            value.__module__
            for name in getattr(module, "__all__", ())
            if inspect.isclass(value := getattr(module, name)) or inspect.isfunction(value)
        }

        assert [home for home in shown if home.startswith("crmcore") and "._" in home] == []

    @pytest.mark.parametrize("cls", public_classes(), ids=lambda cls: cls.__qualname__)
    def test_a_package_is_the_home_of_its_own_files_only(self, cls: type) -> None:
        """A class is written in the module, or in a file of the package, that it names as its home."""
        home = import_module(cls.__module__)
        place = Path(home.__file__ or "")

        assert Path(inspect.getfile(cls)) == place or (
            place.name == "__init__.py" and Path(inspect.getfile(cls)).parent == place.parent
        )

    @pytest.mark.parametrize("cls", public_classes(), ids=lambda cls: cls.__qualname__)
    def test_annotations_can_be_read(self, cls: type) -> None:
        """The annotations of every public class can be resolved where it says that it lives."""
        assert isinstance(get_type_hints(cls), dict)


class TestPrivateModules:
    @pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
    def test_are_read_at_home_only(self, module: ModuleType) -> None:
        """No module imports another package's underscore module; those of the two lowest floors serve all above."""
        inside = module.__name__ if hasattr(module, "__path__") else module.__name__.rpartition(".")[0]
        imported = [
            f"{node.module}.{alias.name}"
            for node in ast.walk(ast.parse(inspect.getsource(module)))
            if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
        ]
        homes = {name.partition("._")[0] for name in imported if name.startswith("crmcore.") and "._" in name}

        assert [
            home for home in homes - {"crmcore.primitives", "crmcore.model"} if not f"{inside}.".startswith(f"{home}.")
        ] == []
