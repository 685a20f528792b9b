from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    ContactArea,
    Finding,
    Insight,
    InsightSource,
    JourneyMap,
    JourneyStep,
    Necessity,
    Ownership,
    PurchasePhase,
    Severity,
    Touchpoint,
    WrongTypeError,
)
from crmcore.interop.hypothesis import journey_maps, touchpoints
from crmcore.journeys.journey_maps import controlled_share, lint, obstacle_agreement
from tests.support.refusals import refused

AREAS = st.none() | st.lists(st.sampled_from(ContactArea), max_size=7)


def step(name: str, phase: str = "purchase", **values: Any) -> JourneyStep:
    """Build a step that lacks only what `values` take away."""
    usual: dict[str, Any] = {
        "goal": "find the paint",
        "touchpoint_ids": [name],
        "frontstage": "leads the customer there",
        "metric": "minutes",
    }
    return JourneyStep(name=name, phase=phase, **{**usual, **values})


def planned(*steps: JourneyStep) -> JourneyMap:
    """Build a map of these steps."""
    return JourneyMap(name="buy a paint", steps=steps)


GOOD = planned(step("ad", "before"), step("till"), step("desk", "after"))
PLACES = [Touchpoint(id=name) for name in ("ad", "till", "desk")]


def found(journey_map: JourneyMap, **around: Any) -> list[tuple[str, str]]:
    """Return the rule and the subject of each finding."""
    return [(finding.rule, finding.subject) for finding in lint(journey_map, **around)]


def pain(text: str, source: InsightSource | None = InsightSource.CUSTOMER) -> Insight:
    """Build a pain that a customer names."""
    return Insight(text=text, source=source)


class TestLint:
    def test_nothing_to_find(self) -> None:
        """A complete map gives no findings, with any touchpoints and reviewed areas."""
        areas = [attrs.evolve(place, contact_area=ContactArea.STAFF) for place in PLACES]

        assert () == lint(GOOD)
        assert () == lint(GOOD, touchpoints=iter(PLACES))
        assert () == lint(GOOD, touchpoints=PLACES, reviewed=iter(ContactArea))
        assert () == lint(GOOD, touchpoints=areas, reviewed=[area for area in ContactArea if area != "staff"])

    @pytest.mark.parametrize(
        ("values", "rule"),
        [
            ({"goal": ""}, "no_customer_goal"),
            ({"goal": " "}, "no_customer_goal"),
            ({"necessity": Necessity.UNNECESSARY}, "unnecessary_step"),
            ({"touchpoint_ids": []}, "unsupported_step"),
            ({"frontstage": "\n"}, "unsupported_step"),
            ({"metric": ""}, "no_metric"),
        ],
    )
    def test_of_a_step(self, values: dict[str, Any], rule: str) -> None:
        """A step that lacks something gives one finding, also on a map of that step alone."""
        bad = step("till", **values)

        assert [(rule, "till")] == found(planned(bad))
        assert [(rule, "till")] == found(planned(step("ad", "before"), bad, step("desk", "after")))

    @pytest.mark.parametrize(
        "values",
        [
            {"necessity": Necessity.WANTED},
            {"necessity": Necessity.REQUIRED},
            {"frontstage": "", "backstage": "mixes"},
            {"frontstage": "", "support_process": "orders"},
            {"frontstage": "", "owner_id": 0},
        ],
    )
    def test_not_of_a_step(self, values: dict[str, Any]) -> None:
        """A required step may give the customer nothing, and any support is enough."""
        assert [] == found(planned(step("till", **values)))

    @pytest.mark.parametrize(
        ("values", "message", "advice"),
        [
            (
                {"frontstage": ""},
                "nothing is named that supports the customer here",
                "fill in frontstage, backstage, support_process or owner_id",
            ),
            ({"touchpoint_ids": []}, "no touchpoint is named here", "fill in touchpoint_ids"),
        ],
    )
    def test_what_is_not_named(self, values: dict[str, Any], message: str, advice: str) -> None:
        """An unsupported step says which fields to fill in."""
        (finding,) = lint(planned(step("till", **values)))

        assert (message, advice) == (finding.message, finding.advice)

    def test_what_lacks(self) -> None:
        """An unsupported step says what it lacks."""
        (finding,) = lint(planned(step("till", touchpoint_ids=[], frontstage="")))

        assert "no touchpoint is named here, and nothing that supports the customer" == finding.message
        assert (("lacks", "a touchpoint"), ("lacks", "any support")) == finding.evidence

    def test_unknown_touchpoint(self) -> None:
        """A touchpoint that is not among those given is a finding; without touchpoints there is none."""
        assert [] == found(GOOD)
        assert [("unknown_touchpoint", "till")] == found(GOOD, touchpoints=[PLACES[0], PLACES[2]])
        assert (("touchpoint", "7"),) == lint(planned(step("a", touchpoint_ids=[7])), touchpoints=PLACES)[0].evidence

    def test_uncontrolled_share(self) -> None:
        """Steps that the company does not control are given as a share, and each is named."""
        places = [attrs.evolve(place, ownership=Ownership.INDEPENDENT) for place in PLACES[:2]]
        (finding,) = lint(GOOD, touchpoints=[*places, PLACES[2]])

        assert ("uncontrolled_share", "buy a paint", Severity.INFO) == (finding.rule, finding.subject, finding.severity)
        assert [("steps", 3), ("step", "ad"), ("step", "till")] == list(finding.evidence[1:])
        assert Decimal(2) / 3 == pytest.approx(finding.evidence[0][1])

    def test_nothing_after_purchase(self) -> None:
        """A map that ends with the purchase is a finding, unless a step or touchpoint has the phase after it."""
        short = planned(step("ad", "before"), step("till"))
        after = Touchpoint(id="till", phase=PurchasePhase.AFTER)

        assert [("nothing_after_purchase", "buy a paint")] == found(short)
        assert [("nothing_after_purchase", "buy a paint")] == found(short, touchpoints=PLACES)
        assert [] == found(short, touchpoints=[PLACES[0], after])
        assert [] == found(planned(step("ad", "x"), step("till", "y")))
        assert [] == found(planned(step("ad", "x"), step("till", "y", purchase_phase=PurchasePhase.AFTER)))

    def test_area_not_reviewed(self) -> None:
        """Each area that is neither reviewed nor on the map is a finding; without any area there is none."""
        places = [attrs.evolve(PLACES[0], contact_area=ContactArea.STAFF), *PLACES[1:]]
        elsewhere = Touchpoint(id="roof", contact_area=ContactArea.PREMISES)
        six = [("area_not_reviewed", area.value) for area in ContactArea if area is not ContactArea.STAFF]

        assert six == found(GOOD, touchpoints=places)
        assert six == found(GOOD, touchpoints=[*places, elsewhere])
        assert six == found(GOOD, reviewed=[ContactArea.STAFF])
        assert six[1:] == found(GOOD, touchpoints=places, reviewed=[ContactArea.PRODUCTS])
        assert 7 == len(found(GOOD, reviewed=[]))
        assert [] == found(GOOD, touchpoints=[*PLACES, elsewhere])

    def test_contradicting_messages(self) -> None:
        """Two messages about one topic at two steps contradict each other; capitals and spaces do not count."""
        said = planned(
            step("ad", "before", messages=[("Price", "never higher"), ("hours", "till nine")]),
            step("shelf", messages=[(" price", "Never  higher")]),
            step("till", messages=[("price", "plus tax"), ("returns", "in a week")]),
            step("desk", "after", messages=[("returns", "in a month"), ("HOURS", "till eight")]),
        )
        findings = lint(said)

        assert [("contradicting_messages", name) for name in ("till", "desk", "desk")] == [
            (finding.rule, finding.subject) for finding in findings
        ]
        assert (("topic", "price"), ("ad", "never higher"), ("till", "plus tax")) == findings[0].evidence
        assert ["returns", "HOURS"] == [finding.evidence[0][1] for finding in findings[1:]]

    def test_one_step_may_say_several_things(self) -> None:
        """One step may give two messages about a topic, and each of them may be repeated elsewhere."""
        two = [("price", "never higher"), ("price", "with tax")]

        assert [] == found(
            planned(step("ad", "before", messages=two), step("desk", "after", messages=[("price", "with tax")]))
        )

    def test_obstacles_differ(self) -> None:
        """Pains that only one side names are a finding, if both sides named pains somewhere on the map."""
        both = planned(
            step("ad", "before", pains=[pain("Too small."), pain("too  SMALL.", InsightSource.STAFF), pain("?", None)]),
            step("till", pains=[pain("One till of four."), pain("Rude customers.", InsightSource.STAFF)]),
            step("desk", "after", pains=[pain("Lost forms.", InsightSource.STAFF)]),
        )
        findings = lint(both)

        assert [
            ("till", Severity.WARNING, "pains that only one side names: 1 by customers, 1 by staff"),
            ("desk", Severity.INFO, "pains that only one side names: 1 by staff"),
        ] == [(finding.subject, finding.severity, finding.message) for finding in findings]
        assert (("customers", "One till of four."), ("staff", "Rude customers.")) == findings[0].evidence

    @pytest.mark.parametrize("source", [*InsightSource, None])
    def test_obstacles_of_one_side(self, source: InsightSource | None) -> None:
        """With pains of only one side there is nothing to compare."""
        assert [] == found(planned(step("till", pains=[pain("A queue.", source)])))

    def test_order(self) -> None:
        """Findings stand in the order of the steps and, for each step, of the rules; those of the whole come last."""
        bare = planned(JourneyStep(name="b", phase="before"), JourneyStep(name="a", phase="purchase"))
        of_a_step = ["no_customer_goal", "unsupported_step", "no_metric"]

        assert [
            *((rule, name) for name in ("b", "a") for rule in of_a_step),
            ("nothing_after_purchase", "buy a paint"),
            *(("area_not_reviewed", area.value) for area in list(ContactArea)[1:]),
        ] == found(bare, reviewed=[ContactArea.PRODUCTS])

    def test_of_one_step(self) -> None:
        """A map of one step gives no finding about the whole."""
        alone = [Touchpoint(id="till", ownership=Ownership.CUSTOMER, contact_area=ContactArea.STAFF)]

        assert [] == found(planned(step("till")), touchpoints=alone, reviewed=[])

    @given(journey_maps(), st.lists(touchpoints(), max_size=4), AREAS)
    def test_laws(self, journey_map: JourneyMap, places: list[Touchpoint], reviewed: list[ContactArea] | None) -> None:
        """Findings are of steps in order, then of the whole; the order of the arguments does not matter."""
        findings = lint(journey_map, touchpoints=places, reviewed=reviewed)
        names = [one.name for one in journey_map.steps]
        whole = {"uncontrolled_share", "nothing_after_purchase", "area_not_reviewed"}
        subjects = [names.index(finding.subject) for finding in findings if finding.rule not in whole]
        once = {place.id: place for place in places}

        assert sorted(subjects) == subjects
        assert all(isinstance(finding, Finding) and finding.advice for finding in findings)
        assert findings == lint(journey_map, touchpoints=[*once.values()][::-1], reviewed=reviewed and reviewed[::-1])
        assert [finding.rule in whole for finding in findings] == sorted(finding.rule in whole for finding in findings)

    @pytest.mark.parametrize(
        ("journey_map", "around", "broken"),
        [
            ("buy a paint", {}, "wrong_type: journey_map"),
            (GOOD.steps, {}, "wrong_type: journey_map"),
            (GOOD, {"touchpoints": ["till"]}, "wrong_type: touchpoints[0]"),
            (GOOD, {"touchpoints": PLACES[0]}, "one_for_several: touchpoints"),
            (GOOD, {"reviewed": ["staff", 5]}, "not_a_text: reviewed[1]"),
            (GOOD, {"reviewed": ContactArea.STAFF}, "one_for_several: reviewed"),
        ],
    )
    def test_refuses(self, journey_map: Any, around: dict[str, Any], broken: str) -> None:
        """Values that are not a map, touchpoints or areas are refused."""
        with refused(WrongTypeError, broken):
            lint(journey_map, **around)


class TestControlledShare:
    def test_example(self) -> None:
        """A step is controlled if one of its touchpoints is; a step that cannot be judged is left out."""
        places = [
            Touchpoint(id="ad", ownership=Ownership.PARTNER),
            Touchpoint(id="review", ownership=Ownership.INDEPENDENT),
            Touchpoint(id="home", ownership=Ownership.CUSTOMER),
        ]
        one = planned(
            step("a", touchpoint_ids=["review", "ad"]),
            step("b", touchpoint_ids=["review", "home"]),
            step("c", touchpoint_ids=["review", "unknown"]),
            step("d", touchpoint_ids=["ad", "unknown"]),
            step("e", touchpoint_ids=[]),
        )

        assert Decimal(2) / 3 == pytest.approx(controlled_share(one, places))

    def test_silent(self) -> None:
        """If no step can be judged the share is None."""
        assert controlled_share(GOOD, []) is None
        assert Decimal(1) == controlled_share(GOOD, PLACES)

    @given(journey_maps(), st.lists(touchpoints(), max_size=6))
    def test_laws(self, journey_map: JourneyMap, places: list[Touchpoint]) -> None:
        """The share and the uncontrolled share of `lint` add up to 1."""
        share = controlled_share(journey_map, places)
        told = [one for one in lint(journey_map, touchpoints=places) if one.rule == "uncontrolled_share"]

        if share is None or len(journey_map.steps) == 1:
            assert [] == told
        else:
            assert 0 <= share <= 1
            assert bool(told) == (share < 1)
            assert all(one.evidence[0][1] == pytest.approx(1 - share) for one in told)

    @pytest.mark.parametrize(("journey_map", "places"), [(None, PLACES), (GOOD, None), (GOOD, ["till"])])
    def test_refuses(self, journey_map: Any, places: Any) -> None:
        """Values that are not a map or touchpoints are refused."""
        with pytest.raises(WrongTypeError):
            controlled_share(journey_map, places)


class TestObstacleAgreement:
    def test_example(self) -> None:
        """One of three pains is named by both sides; the same words at another step are another pain."""
        one = planned(
            step("ad", pains=[pain("Too small."), pain("too small.", InsightSource.STAFF)]),
            step("till", pains=[pain("A queue."), pain("A queue."), pain("?", None)]),
            step("desk", pains=[pain("A queue.", InsightSource.STAFF)]),
        )

        assert Decimal(1) / 3 == pytest.approx(obstacle_agreement(one))

    @pytest.mark.parametrize("pains", [[], [pain("A queue.")], [pain("A queue.", InsightSource.STAFF)]])
    def test_silent(self, pains: list[Insight]) -> None:
        """If one side names no pain the agreement is None."""
        assert obstacle_agreement(planned(step("till", pains=pains))) is None

    @given(journey_maps())
    def test_laws(self, journey_map: JourneyMap) -> None:
        """The agreement is 1 exactly if neither side names a pain alone."""
        share = obstacle_agreement(journey_map)
        differ = [one for one in lint(journey_map) if one.rule == "obstacles_differ"]

        assert (share is None or share == 1) == (not differ)
        assert share is None or 0 <= share <= 1

    def test_refuses(self) -> None:
        """A value that is not a map is refused."""
        with pytest.raises(WrongTypeError):
            obstacle_agreement("buy a paint")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a text
