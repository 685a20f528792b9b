"""Every function that looks for a level in readings sees the same one, in a number as in a level."""

import ast
from pathlib import Path
from typing import Any

import pytest

import crmcore
from crmcore import (
    UTC,
    LevelRule,
    LoyaltyLevel,
    MeasureKind,
    Period,
    PolicyMismatchError,
    Reading,
    Scale,
    Standings,
    SubjectKind,
    follow_ups,
    instant,
    loyalty,
    surveys,
)
from crmcore.voice.surveys import AskPurpose
from tests.support.refusals import refused

DAY, LATER, MARCH = instant("2026-03-02"), instant("2026-04-01"), Period.month(2026, 3)
FACES = Scale("faces", low=1, high=4, higher_is_better=False)
STRICT = LevelRule(scale=FACES, cuts=[1, 2])
SCALES = [Scale.RECOMMEND_0_10, Scale.SATISFACTION_1_5, Scale.SATISFACTION_1_7, Scale.SATISFACTION_1_10, FACES]


def judged(value: int | None, scale: Scale | None, **fields: Any) -> Reading:
    """Return what a customer answered on a scale."""
    usual: dict[str, Any] = {"subject_kind": SubjectKind.CUSTOMER, "subject_id": 7, "kind": MeasureKind.RECOMMENDATION}
    given: dict[str, Any] = {**usual, "value": value, "scale": scale, "at": DAY, **fields}
    return Reading(**given)


def told(reading: Reading, rules: list[LevelRule] | None) -> dict[str, str | None]:
    """Return the level that each function acts on, for the two levels that all of them act on."""
    asked = {
        purpose: surveys.whom_to_ask([reading], purpose=purpose, as_of=LATER, rules=rules) for purpose in AskPurpose
    }
    worst = LoyaltyLevel.AGGRIEVED.value
    return {
        "standings": Standings.of([reading], as_of=LATER, rules=rules).standings[0].level,
        "asked for needs": LoyaltyLevel.LOYAL.value if asked[AskPurpose.NEEDS] else None,
        "asked for causes": worst if asked[AskPurpose.CAUSES] else None,
        "talks": worst if follow_ups.talks([reading], MARCH, tz=UTC, rules=rules) else None,
        "signals": worst if loyalty.signals_of(readings=[reading], rules=rules) else None,
    }


class TestOneLevelForAll:
    @pytest.mark.parametrize(
        ("scale", "value"),
        [(scale, value) for scale in SCALES for value in range(scale.low or 0, (scale.high or 0) + 1)],
    )
    def test_of_every_number(self, scale: Scale, value: int) -> None:
        """Standings, signals, talks and whom to ask agree on each step of each scale that a rule reads."""
        found = told(judged(value, scale), [STRICT] if scale is FACES else None)
        level = found["standings"]
        assert level is not None
        worst, best = LoyaltyLevel.AGGRIEVED.value, LoyaltyLevel.LOYAL.value
        assert [best if level == best else None] == [found["asked for needs"]]
        assert [worst if level == worst else None] * 3 == [
            found[name] for name in ("asked for causes", "talks", "signals")
        ]

    @pytest.mark.parametrize("level", LoyaltyLevel)
    def test_a_level_is_read_alike(self, level: LoyaltyLevel) -> None:
        """A level says the same as a number."""
        number = {LoyaltyLevel.LOYAL: 10, LoyaltyLevel.SATISFIED: 8, LoyaltyLevel.AGGRIEVED: 2}[level]
        reading = judged(None, None, kind=MeasureKind.LOYALTY, level=level)
        assert told(reading, None) == told(judged(number, Scale.RECOMMEND_0_10), None)

    def test_numbers_without_a_rule(self) -> None:
        """No rule reads the number, or it is about a touchpoint: no function acts, and standings count it."""
        for reading in (judged(1, FACES), judged(1, Scale.EFFORT_1_5)):
            assert {None} == set(told(reading, None).values())
            stand = Standings.of([reading], as_of=LATER)
            assert (1, (str(reading.scale),)) == (stand.without_level, stand.scales_without_rule)
            assert str(reading.scale) in stand.cautions[0].message
        desk = judged(1, Scale.RECOMMEND_0_10, subject_kind=SubjectKind.TOUCHPOINT, customer_id=7)
        assert () == follow_ups.talks([desk], MARCH, tz=UTC)

    def test_rules_have_the_three_levels(self) -> None:
        """The planners know three levels, so a rule of others is refused."""
        other = [LevelRule(scale=FACES, cuts=[2], levels=["fan", "critic"])]
        with refused(PolicyMismatchError, "rule_of_other_levels: rules[0]"):
            follow_ups.talks([], MARCH, tz=UTC, rules=other)
        with refused(PolicyMismatchError, "rule_of_other_levels: rules[0]"):
            surveys.whom_to_ask([], purpose=AskPurpose.NEEDS, as_of=LATER, rules=other)

    def test_only_the_readers_of_levels_look_at_the_field(self) -> None:
        """A function that looks at `Reading.level` by itself would overlook numbers: it has to use a rule.

        `model/_levels.py` and `RankedReadings` use the rules, `reading.py` has the field, and expectations take
        numbers only, so that they refuse a level.
        """
        root = Path(crmcore.__file__).parent
        found = {
            path.relative_to(root).as_posix()
            for path in root.rglob("*.py")
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Attribute) and node.attr == "level"
            if isinstance(node.value, ast.Name) and node.value.id == "reading"
        }
        assert found == {
            "model/_levels.py",
            "voice/expectations/_scoring.py",
            "voice/expectations/_targets.py",
            "voice/loyalty/_standing.py",
        }

    def test_the_home_does_not_depend_on_who_comes_first(self) -> None:
        """A rule says where it lives, also when a planner loads it before the room of loyalty."""
        assert "crmcore.voice.loyalty" == LevelRule.__module__ == loyalty.NoLevel.__module__
