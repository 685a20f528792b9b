"""What questions about journeys refuse at once: names that can be none, and iterables without an end."""

from __future__ import annotations

from itertools import count, repeat
from typing import Any

import numpy as np
import pytest

from crmcore import (
    Flow,
    Funnel,
    InvalidValueError,
    JourneyMap,
    Journeys,
    JourneyStep,
    Money,
    Sipoc,
    StepMatrix,
    UnknownNameError,
    WrongTypeError,
    attribution,
    instant,
    journey_maps,
)
from tests.support.refusals import refused

VISITS: Any = [("anna", "shop", instant("2026-03-01")), ("anna", "till", instant("2026-03-02"))]
PAY = JourneyStep(name="pay", phase="purchase", touchpoint_ids=["till"])
MAP = JourneyMap(name="buy", actor="Vera", goal="paint the fence", steps=[PAY])
NO_NAMES: Any = [True, 0.5, np.array([1.0, 2.0]), b"ab", [], object()]


class TestLookups:
    @pytest.mark.parametrize("name", NO_NAMES)
    def test_refuse_what_is_no_touchpoint(self, name: Any) -> None:
        """A share or an edge is asked by a touchpoint or None; anything else is an error, not a share of zero."""
        flow, matrix = Flow.of(VISITS), StepMatrix.of(VISITS, steps=3)

        for ask in (flow.onward, lambda one: matrix.share(1, one)):
            with refused(WrongTypeError, "not_an_id: touchpoint_id"):
                ask(name)
        with refused(WrongTypeError, "not_an_id: start"):
            flow.share(name, "till")
        with refused(WrongTypeError, "not_an_id: end"):
            flow.share("shop", name)

    @pytest.mark.parametrize("name", NO_NAMES)
    def test_find_no_step_by_what_is_no_name(self, name: Any) -> None:
        """An array has no truth, so that it is refused before it is compared; it is in no funnel and in no map."""
        funnel = Funnel.of(VISITS, ["shop", "till"])
        conformance = journey_maps.compare(MAP, VISITS)

        assert name not in funnel
        assert name not in conformance
        with refused(WrongTypeError, "not_an_id: name"):
            funnel[name]
        with refused(WrongTypeError, "not_a_text: name"):
            conformance[name]
        with refused(WrongTypeError, "not_a_text: name"):
            MAP.step(name)

    def test_find_steps_by_their_names(self) -> None:
        """A name that may stand there is found, or is unknown."""
        funnel = Funnel.of(VISITS, ["shop", "till"])

        assert "till" in funnel
        assert "desk" not in funnel
        assert "pay" in journey_maps.compare(MAP, VISITS)
        with refused(UnknownNameError, "no_such_funnel_step: name"):
            funnel["desk"]

    def test_split_needs_a_number_of_decimals(self) -> None:
        """A number of decimals is refused if it is None, although the currency may have one."""
        outcomes = attribution.outcomes(VISITS, "till", worth=Money(40, "EUR"))
        nothing: Any = None

        with refused(WrongTypeError, "wrong_number_type: digits"):
            attribution.last(outcomes).split(digits=nothing)


class TestEndless:
    def test_steps_of_a_funnel_are_bounded(self) -> None:
        """Steps, optional steps and exclusions are checked while they are collected, and end."""
        nothing: Any = repeat(None)

        with refused(InvalidValueError, "too_many_to_make: steps"):
            Funnel.of(VISITS, count())
        with refused(WrongTypeError, "not_an_id: steps[1]"):
            Funnel.of(VISITS, ["shop", nothing])
        for name in ("optional", "exclude"):
            endless: Any = {name: repeat(None)}
            with refused(WrongTypeError, f"not_an_id: {name}[0]"):
                Funnel.of(VISITS, ["shop", "till"], **endless)

    def test_a_step_needs_several_touchpoints(self) -> None:
        """An array without a dimension says that it can be walked, and cannot."""
        step: Any = np.array("shop")

        with refused(WrongTypeError, "one_for_several: steps[0]"):
            Funnel.of(VISITS, [step])

    def test_paths_to_decode_are_bounded(self) -> None:
        """Paths without a length end at a million."""
        paths: Any = repeat("A")

        with refused(InvalidValueError, "too_many_to_collect: paths"):
            Journeys.of(VISITS).decode(paths)

    def test_roles_are_bounded(self) -> None:
        """A role has a name, so endless ones without a name end at the first."""
        process = Sipoc(process="sell", inputs=[("customer", "wish")])
        nameless: Any = repeat(None)

        with refused(InvalidValueError, "empty_text: partners[0]"):
            journey_maps.touchpoints_from([process], customers=["customer"], partners=nameless)
