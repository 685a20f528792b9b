from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given

from crmcore import (
    Insight,
    InsightSource,
    InvalidValueError,
    JourneyMap,
    JourneyStep,
    MicroMomentKind,
    MomentTiming,
    Necessity,
    PurchasePhase,
    Sipoc,
    UnknownNameError,
    WrongTypeError,
)
from crmcore.interop.hypothesis import journey_maps, journey_steps, sipocs
from tests.support.hostile import Index


def step(name: str, phase: str = "purchase", **values: Any) -> JourneyStep:
    """Build a step, by default in the phase "purchase"."""
    return JourneyStep(name=name, phase=phase, **values)


def paint(*steps: JourneyStep, **values: Any) -> JourneyMap:
    """Build the map of a customer who buys paint."""
    usual = (step("see the ad", "before"), step("ask"), step("pay"), step("return", "after", optional=True))
    return JourneyMap(name="buy a paint", steps=steps or usual, **values)


class TestInsight:
    @pytest.mark.parametrize("text", ["", " ", "\n"])
    def test_says_something(self, text: str) -> None:
        """An insight with a blank text is refused."""
        with pytest.raises(InvalidValueError, match="text must not be empty"):
            Insight(text=text)


class TestJourneyStep:
    @pytest.mark.parametrize(
        ("phase", "expected"),
        [
            ("before", PurchasePhase.BEFORE),
            ("Purchase", PurchasePhase.PURCHASE),
            ("AFTER", PurchasePhase.AFTER),
            ("at home", None),
            ("after all", None),
        ],
    )
    def test_purchase_phase(self, phase: str, expected: PurchasePhase | None) -> None:
        """By default the purchase phase follows from a phase with its name."""
        assert expected is step("look", phase).purchase_phase
        assert PurchasePhase.AFTER is step("look", phase, purchase_phase=PurchasePhase.AFTER).purchase_phase

    @pytest.mark.parametrize("emotion", [-2, -1, 0, 1, 2, None])
    def test_emotion(self, emotion: int | None) -> None:
        """An emotion is a whole number from -2 to 2, or None."""
        assert emotion == step("wait", emotion=emotion).emotion

    @pytest.mark.parametrize(
        ("values", "error", "message"),
        [
            ({"name": " "}, InvalidValueError, "name must not be empty"),
            ({"phase": ""}, InvalidValueError, "phase must not be empty"),
            (
                {"emotion": 3},
                InvalidValueError,
                "emotion must be from -2 \\(worst\\) to 2 \\(best\\), got 3; if your scale is 1 to 5, subtract 3",
            ),
            ({"emotion": -3}, InvalidValueError, "emotion must be from -2"),
            ({"emotion": True}, WrongTypeError, "emotion must be a whole number"),
            ({"emotion": 0.5}, WrongTypeError, "emotion must be a whole number"),
            ({"emotion": Index(1)}, WrongTypeError, "emotion must be a whole number"),
            (
                {"touchpoint_ids": ["till", "till"]},
                InvalidValueError,
                "touchpoint_ids must each have a touchpoint of their own, 'till'",
            ),
            ({"touchpoint_ids": [None]}, WrongTypeError, "each of touchpoint_ids must be a str or an int"),
            ({"touchpoint_ids": "till"}, WrongTypeError, "touchpoint_ids must be several ids"),
            ({"optional": 1}, WrongTypeError, "optional must be a bool"),
            ({"pains": ["a queue"]}, WrongTypeError, "each of pains must be an Insight"),
            ({"messages": [("price", "")]}, InvalidValueError, "each of messages must not be empty"),
            (
                {"messages": [("price",)]},
                WrongTypeError,
                "each of messages must be a pair of texts, a topic and a message",
            ),
            ({"messages": ["no"]}, WrongTypeError, "each of messages must be a pair of texts"),
            ({"micro_moments": {}}, WrongTypeError, "micro_moments must be several MicroMomentKind members"),
            ({"micro_moments": ["know"]}, WrongTypeError, "each of micro_moments must be a member of MicroMomentKind"),
            (
                {"timing": MomentTiming.FIRST},
                InvalidValueError,
                "timing must be None unless moment_of_truth is True; set",
            ),
        ],
    )
    def test_refuses(self, values: dict[str, Any], error: type[Exception], message: str) -> None:
        """An invalid value raises an error that says what is valid."""
        with pytest.raises(error, match=message):
            attrs.evolve(step("wait"), **values)

    def test_converts(self) -> None:
        """Any iterable becomes a tuple or a frozenset."""
        wait = step(
            "wait",
            touchpoint_ids=iter(["queue", 7]),
            pains=[Insight(text="It takes long.", source=InsightSource.STAFF)],
            messages=[["price", "never higher"]],
            micro_moments=[MicroMomentKind.BUY, MicroMomentKind.BUY],
            necessity=Necessity.UNNECESSARY,
            moment_of_truth=True,
            timing=MomentTiming.FIRST,
        )

        assert ("queue", 7) == wait.touchpoint_ids
        assert (("price", "never higher"),) == wait.messages
        assert frozenset({MicroMomentKind.BUY}) == wait.micro_moments
        assert wait == attrs.evolve(wait)
        assert hash(wait) == hash(attrs.evolve(wait))


class TestJourneyMap:
    @given(journey_maps())
    def test_names(self, journey_map: JourneyMap) -> None:
        """Every step is found by its name, and every phase occurs once, in the order of the steps."""
        for planned in journey_map.steps:
            assert planned is journey_map.step(planned.name)
        assert [planned.phase for planned in journey_map.steps] == [
            planned.phase for phase in journey_map.phases for planned in journey_map.steps if planned.phase == phase
        ]
        assert {where for planned in journey_map.steps for where in planned.touchpoint_ids} == set(
            journey_map.touchpoint_ids
        )

    @given(journey_steps())
    def test_of_one_step(self, single: JourneyStep) -> None:
        """A map may have one step, which is its goal step, optional or not."""
        assert single.name == JourneyMap(name="one", steps=[single]).goal_step

    @given(journey_maps(steps=[step("ask"), step("pay")], name="buy a paint"))
    def test_of_given_steps(self, journey_map: JourneyMap) -> None:
        """The strategy of maps uses the steps that it is given."""
        assert ("buy a paint", "pay") == (journey_map.name, journey_map.goal_step)

    def test_goal_step(self) -> None:
        """By default the goal step is the last step that is not optional."""
        assert "pay" == paint().goal_step
        assert "ask" == paint(goal_step="ask").goal_step
        assert "b" == paint(step("a", optional=True), step("b", optional=True)).goal_step

    def test_loops(self) -> None:
        """A loop may lead to an earlier step or to the same one."""
        assert (("pay", "ask"), ("pay", "pay")) == paint(loops=[("pay", "ask"), ["pay", "pay"]]).loops

    @pytest.mark.parametrize(
        ("steps", "values", "error", "message"),
        [
            ((), {"name": ""}, InvalidValueError, "name must not be empty"),
            ((), {"steps": []}, InvalidValueError, "steps must not be empty; a map has at least one step"),
            ((), {"steps": step("ask")}, WrongTypeError, "steps must be several JourneySteps"),
            ((step("a"), step("a", "x")), {}, InvalidValueError, "steps must each have a name of their own, 'a' comes"),
            (
                (step("a", "x"), step("b", "y"), step("c", "x")),
                {},
                InvalidValueError,
                "steps of one phase must be consecutive, 'x' comes again after 'y'; move the step, or add a loop",
            ),
            (
                (),
                {"loops": [("ask", "pay")]},
                InvalidValueError,
                "loops must lead to the same or an earlier step, got 'ask' to 'pay'",
            ),
            ((), {"loops": [("pay", "go")]}, InvalidValueError, "loops must name steps of the map, got 'go'"),
            ((), {"loops": ["pay"]}, WrongTypeError, "each of loops must be a pair of texts"),
            (
                (),
                {"goal_step": "go"},
                InvalidValueError,
                "goal_step must name a step of the map, got 'go'; there are see the ad, ask",
            ),
            ((), {"id": ""}, InvalidValueError, "id must not be empty"),
        ],
    )
    def test_refuses(
        self, steps: tuple[JourneyStep, ...], values: dict[str, Any], error: type[Exception], message: str
    ) -> None:
        """An invalid value raises an error that says what is valid."""
        plain = paint(*steps) if not steps else None
        with pytest.raises(error, match=message):
            attrs.evolve(plain, **values) if plain else JourneyMap(name="odd", steps=steps, **values)

    def test_step_that_is_not_there(self) -> None:
        """The error lists the names of the steps."""
        with pytest.raises(UnknownNameError, match="no step is named 'go'; there are see the ad, ask, pay, return"):
            paint().step("go")


class TestSipoc:
    @given(sipocs())
    def test_parties(self, process: Sipoc) -> None:
        """Suppliers and customers are those of the inputs and outputs, each once, in order."""
        assert list(dict.fromkeys(supplier for supplier, _ in process.inputs)) == list(process.suppliers)
        assert list(dict.fromkeys(customer for _, customer in process.outputs)) == list(process.customers)

    @pytest.mark.parametrize(
        ("values", "error", "message"),
        [
            ({"process": " "}, InvalidValueError, "process must not be empty"),
            ({"inputs": [("", "pigments")]}, InvalidValueError, "each of inputs must not be empty"),
            ({"inputs": {"works": "pigments"}}, WrongTypeError, "inputs must be several pairs, got a mapping"),
            ({"outputs": ["paint"]}, WrongTypeError, "outputs must be a pair of texts, an output and its customer"),
            ({"steps": "mix"}, WrongTypeError, "steps must be several texts"),
            ({"steps": [1]}, WrongTypeError, "each of steps must be a str"),
        ],
    )
    def test_refuses(self, values: dict[str, Any], error: type[Exception], message: str) -> None:
        """An invalid value raises an error that says what is valid."""
        with pytest.raises(error, match=message):
            attrs.evolve(Sipoc(process="sell"), **values)
