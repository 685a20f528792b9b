from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given

from crmcore import (
    CrmcoreError,
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
)
from crmcore.interop.hypothesis import journey_maps, journey_steps, sipocs
from tests.support.hostile import Index
from tests.support.refusals import breaks


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
        ("values", "rule", "field", "record"),
        [
            ({"name": " "}, "empty_text", "name", None),
            ({"phase": ""}, "empty_text", "phase", None),
            ({"emotion": 3}, "out_of_range", "emotion", None),
            ({"emotion": -3}, "out_of_range", "emotion", None),
            ({"touchpoint_ids": ["till", "till"]}, "not_unique", "touchpoint_ids", 1),
            ({"touchpoint_ids": ["till", None]}, "not_an_id", "touchpoint_ids", 1),
            ({"pains": ["a queue"]}, "wrong_type", "pains", 0),
            ({"messages": [("price", "")]}, "empty_text", "messages", 0),
            ({"messages": [("price", "low"), ("price",)]}, "wrong_number_of_parts", "messages", 1),
            ({"messages": ["no"]}, "wrong_number_of_parts", "messages", 0),
            ({"micro_moments": ["know"]}, "not_a_member", "micro_moments", 0),
            ({"timing": MomentTiming.FIRST}, "timing_of_no_moment", "timing", None),
        ],
    )
    def test_refuses(self, values: dict[str, Any], rule: str, field: str, record: int | None) -> None:
        """An invalid value raises an error that names the field and the place in it."""
        with breaks(rule, field, record, CrmcoreError):
            attrs.evolve(step("wait"), **values)

    def test_emotion_on_another_scale(self) -> None:
        """The advice says how to convert an emotion from 1 to 5, and numbers of other libraries are accepted."""
        with pytest.raises(InvalidValueError, match="if your scale is 1 to 5, subtract 3"):
            step("wait", emotion=3)
        assert 1 == step("wait", emotion=Index(1)).emotion

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
        ("steps", "values", "rule", "field", "record"),
        [
            ((), {"name": ""}, "empty_text", "name", None),
            ((), {"steps": []}, "map_without_steps", "steps", None),
            ((), {"steps": step("ask")}, "one_for_several", "steps", None),
            ((step("a"), step("a", "x")), {}, "not_unique", "steps", 1),
            ((step("a", "x"), step("b", "y"), step("c", "x")), {}, "steps_of_a_phase_apart", "steps", 2),
            ((), {"loops": [("pay", "pay"), ("ask", "pay")]}, "loop_leads_forward", "loops", 1),
            ((), {"loops": [("pay", "go")]}, "loop_not_on_the_map", "loops", 0),
            ((), {"loops": ["pay"]}, "wrong_number_of_parts", "loops", 0),
            ((), {"goal_step": "go"}, "goal_step_not_on_the_map", "goal_step", None),
            ((), {"id": ""}, "empty_id", "id", None),
        ],
    )
    def test_refuses(
        self, steps: tuple[JourneyStep, ...], values: dict[str, Any], rule: str, field: str, record: int | None
    ) -> None:
        """An invalid value raises an error that names the field and the place in it."""
        plain = paint(*steps) if not steps else None
        with breaks(rule, field, record, CrmcoreError):
            attrs.evolve(plain, **values) if plain else JourneyMap(name="odd", steps=steps, **values)

    def test_step_that_is_not_there(self) -> None:
        """The error lists the names of the steps."""
        with breaks("no_such_step", "name", kind=UnknownNameError) as caught:
            paint().step("go")
        assert "there are see the ad, ask, pay, return" == caught.value.advice


class TestSipoc:
    @given(sipocs())
    def test_parties(self, process: Sipoc) -> None:
        """Suppliers and customers are those of the inputs and outputs, each once, in order."""
        assert list(dict.fromkeys(supplier for supplier, _ in process.inputs)) == list(process.suppliers)
        assert list(dict.fromkeys(customer for _, customer in process.outputs)) == list(process.customers)

    @pytest.mark.parametrize(
        ("values", "rule", "field", "record"),
        [
            ({"process": " "}, "empty_text", "process", None),
            ({"inputs": [("", "pigments")]}, "empty_text", "inputs", 0),
            ({"inputs": {"works": "pigments"}}, "mapping_for_several", "inputs", None),
            ({"outputs": ["paint"]}, "wrong_number_of_parts", "outputs", 0),
            ({"steps": "mix"}, "one_for_several", "steps", None),
            ({"steps": ["mix", 1]}, "not_a_text", "steps", 1),
            ({"steps": ["mix", " "]}, "empty_text", "steps", 1),
        ],
    )
    def test_refuses(self, values: dict[str, Any], rule: str, field: str, record: int | None) -> None:
        """An invalid value raises an error that names the field and the place in it."""
        with breaks(rule, field, record, CrmcoreError):
            attrs.evolve(Sipoc(process="sell"), **values)
