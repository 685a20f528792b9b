from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, strategies as st

from crmcore import (
    AssessmentSource,
    Combination,
    InvalidValueError,
    LevelRule,
    LoyaltyLevel,
    MeasureKind,
    Question,
    Reading,
    Response,
    Scale,
    Standings,
    SubjectKind,
    TieRule,
    WrongTypeError,
    instant,
    loyalty,
)
from crmcore.interop.hypothesis import level_rules
from crmcore.primitives._decimals import ratio
from crmcore.primitives.errors import InconsistentCountsError, PolicyMismatchError
from crmcore.voice.loyalty import LEVELS, NoLevel, Standing
from tests.support.refusals import refused

LOYAL, SATISFIED, AGGRIEVED = LoyaltyLevel
DAY = instant("2026-03-02")
NOW = instant("2026-04-01")
FACES = Scale("faces", low=1, high=4, higher_is_better=True)
RULE: dict[str, Any] = {"scale": FACES, "cuts": [4, 2]}
FOUR = ("fan", "guest", "critic", "lost")
FRIEND = Question(id="nps", text="Would you recommend us?", scale=Scale.RECOMMEND_0_10)


def read(customer: Any, level: LoyaltyLevel, at: datetime = DAY, source: str | None = "survey", **more: Any) -> Reading:
    """Return a reading of a level."""
    kind = SubjectKind.CUSTOMER
    given: dict[str, Any] = {"subject_kind": kind, "subject_id": customer, "kind": MeasureKind.LOYALTY, "level": level}
    given |= {"at": at, "source": source, **more}
    return Reading(**given)


def rate(customer: Any, value: Any, scale: Scale | None, at: datetime = DAY) -> Reading:
    """Return a reading of a number."""
    return Reading(
        subject_kind=SubjectKind.CUSTOMER,
        subject_id=customer,
        kind=MeasureKind.SATISFACTION,
        value=value,
        scale=scale,
        at=at,
    )


def states(readings: list[Reading], **arguments: Any) -> dict[Any, str]:
    """Return the state of each customer as of April."""
    given: dict[str, Any] = {"as_of": NOW, **arguments}
    return Standings.of(readings, **given).states


class TestLevelRule:
    @given(level_rules(), st.data())
    def test_better_numbers_have_no_worse_level(self, rule: LevelRule, data: st.DataObject) -> None:
        """The order of the numbers is that of their levels, from the best end to the worst."""
        low, high = rule.scale.low, rule.scale.high
        assert low is not None
        assert high is not None
        one, other = sorted((data.draw(st.integers(low, high)), data.draw(st.integers(low, high))))
        better, worse = (other, one) if rule.scale.higher_is_better else (one, other)

        assert rule.levels.index(rule.level(better)) <= rule.levels.index(rule.level(worse))
        assert all(rule.level(cut) == level for cut, level in zip(rule.cuts, rule.levels, strict=False))

    @pytest.mark.parametrize(
        ("scale", "cuts"),
        [
            (Scale.SATISFACTION_1_5, (5, 3)),
            (Scale.SATISFACTION_1_7, (7, 4)),
            (Scale.SATISFACTION_1_10, (10, 6)),
            (Scale.RATING_0_10, (10, 5)),
            (Scale.EFFORT_1_5, (1, 3)),
            (Scale(low=-2, high=3, higher_is_better=False), (-2, 0)),
        ],
    )
    def test_top_box(self, scale: Scale, cuts: tuple[int, ...]) -> None:
        """The best step alone is loyal, and what is below the middle is aggrieved."""
        assert cuts == LevelRule.top_box(scale).cuts

    def test_numbers_between_the_steps(self) -> None:
        """A mean of answers has a level too: a number belongs to the better level from its cut on, exactly."""
        assert [LevelRule.NPS.level(value) for value in ("9.0", "8.99999999999999999999", "6.9")] == [
            "loyal",
            "satisfied",
            "aggrieved",
        ]

    @pytest.mark.parametrize(
        ("changed", "error", "broken"),
        [
            ({"levels": ["loyal"], "cuts": []}, InvalidValueError, "too_few_levels: levels"),
            ({"levels": ["a", "a"], "cuts": [2]}, InvalidValueError, "not_unique: levels[1]"),
            ({"levels": ["a", "unknown"], "cuts": [2]}, InvalidValueError, "state_as_a_level: levels[1]"),
            ({"cuts": [4]}, InconsistentCountsError, "cuts_of_other_levels: cuts"),
            ({"cuts": [4, 4]}, InvalidValueError, "cuts_out_of_order: cuts[1]"),
            ({"cuts": [3, 5]}, InvalidValueError, "cut_off_the_scale: cuts[1]"),
            ({"scale": Scale.YES_NO}, InvalidValueError, "scale_without_a_better_end: scale"),
            ({"scale": Scale.OPEN}, InvalidValueError, "scale_without_a_better_end: scale"),
        ],
    )
    def test_refusals(self, changed: dict[str, Any], error: type[Exception], broken: str) -> None:
        """A rule has a cut for each level but the last, on a scale that says which end is better."""
        with refused(error, broken):
            LevelRule(**{**RULE, **changed})

    def test_refuses_a_scale_of_two_steps(self) -> None:
        """Two steps cannot be three levels."""
        with refused(InvalidValueError, "cuts_out_of_order: cuts[1]"):
            LevelRule.top_box(Scale(low=0, high=1, higher_is_better=True))

    def test_refuses_numbers_off_the_scale(self) -> None:
        """A number must be on the scale."""
        with refused(InvalidValueError, "not_on_the_scale: value"):
            LevelRule.NPS.level(11)


class TestStanding:
    def test_keeps_level_source_instant_and_age(self) -> None:
        """A standing names the reading that counts."""
        (standing,) = Standings.of([read("anna", AGGRIEVED, source="personal_talk")], as_of=NOW).standings

        assert (standing.level, standing.source, standing.at) == (AGGRIEVED, AssessmentSource.PERSONAL_TALK, DAY)
        assert (standing.state, standing.age) == ("aggrieved", timedelta(days=30))

    @pytest.mark.parametrize(
        ("fields", "error", "broken"),
        [
            ({}, InconsistentCountsError, "level_and_why_not: missing"),
            ({"level": "loyal", "missing": NoLevel.UNREAD}, InconsistentCountsError, "level_and_why_not: missing"),
            ({"level": "loyal"}, InconsistentCountsError, "standing_without_a_reading: at"),
            ({"missing": NoLevel.UNREAD}, InconsistentCountsError, "standing_without_a_reading: at"),
            (
                {"missing": NoLevel.UNKNOWN, "at": DAY},
                InconsistentCountsError,
                "standing_without_a_reading: at",
            ),
            ({"level": "loyal", "at": NOW + timedelta.resolution}, InvalidValueError, "after_reference_date: at"),
        ],
    )
    def test_refusals(self, fields: dict[str, Any], error: type[Exception], broken: str) -> None:
        """A level has a reading by the reference date; without a level there is a reason."""
        with refused(error, broken):
            Standing(customer_id=7, as_of=NOW, **fields)


def brute(readings: list[Reading], combination: Combination, tie: TieRule, window: timedelta, order: list[str]) -> Any:
    """Return the level of a single customer by sorting all that counts."""
    counted = [
        (one.at, LEVELS.index(str(one.level)), one)
        for one in readings
        if one.at <= NOW and NOW - one.at <= window and (not order or one.source in order)
    ]
    if not counted:
        return None
    if order:
        first = min(order.index(str(one.source)) for _, _, one in counted)
        counted = [entry for entry in counted if entry[2].source == order[first]]
    if combination in {Combination.LATEST, Combination.PRIORITY}:
        last = max(at for at, _, _ in counted)
        counted = [entry for entry in counted if entry[0] == last]
        best = tie is TieRule.BEST
    else:
        best = combination is Combination.BEST
    ranks = [rank for _, rank, _ in counted]
    return LEVELS[min(ranks) if best else max(ranks)]


class TestStandings:
    @given(
        st.lists(
            st.builds(
                lambda level, days, source: read(7, level, NOW + timedelta(days=days), source),
                st.sampled_from(LoyaltyLevel),
                st.integers(-5, 1),
                st.sampled_from(("a", "b", "c", None)),
            ),
            max_size=6,
        ),
        st.sampled_from(Combination),
        st.sampled_from(TieRule),
        st.integers(1, 4),
    )
    def test_combines_as_sorting_does(
        self, readings: list[Reading], combination: Combination, tie: TieRule, days: int
    ) -> None:
        """The level is what sorting all readings gives, and the reading that is named has that level and instant."""
        order = ["b", "a"] if combination is Combination.PRIORITY else []
        window = timedelta(days=days)
        found = Standings.of(
            readings, as_of=NOW, window=window, combination=combination, tie=tie, priority=order, customers=[7]
        )
        (standing,) = found.standings

        assert brute(readings, combination, tie, window, order) == standing.level
        if standing.level is not None:
            assert any(
                (one.level, one.at, one.source) == (standing.level, standing.at, standing.source) for one in readings
            )

    @pytest.mark.parametrize("combination", [Combination.LATEST, Combination.WORST, Combination.BEST])
    def test_order_of_readings_does_not_matter(self, combination: Combination) -> None:
        """Equal readings at one instant count by the tie rule, and of one level by the alphabet of their sources."""
        readings = [read(7, level, source=source) for level, source in ((LOYAL, "b"), (SATISFIED, None), (LOYAL, "a"))]
        readings += [read(7, SATISFIED, source="z")]
        for tie in TieRule:
            found = {
                Standings.of(given, as_of=NOW, combination=combination, tie=tie).standings
                for given in permutations(readings)
            }
            ((standing,),) = found
            best = combination is Combination.BEST or (combination is Combination.LATEST and tie is TieRule.BEST)
            assert (standing.level, standing.source) == ((LOYAL, "a") if best else (SATISFIED, "z"))

    def test_one_instant_in_two_zones(self) -> None:
        """Instants are compared in UTC."""
        east = timezone(timedelta(hours=9))
        readings = [read(7, LOYAL, DAY.astimezone(east)), read(7, AGGRIEVED, DAY)]

        assert states(readings) == {7: "aggrieved"}
        assert states(readings, as_of=DAY.astimezone(east), tie=TieRule.BEST) == {7: "loyal"}

    def test_window_is_inclusive(self) -> None:
        """A reading of exactly the window's age counts; one microsecond older it is stale."""
        readings = [read(7, LOYAL)]

        assert states(readings, window=NOW - DAY) == {7: "loyal"}
        assert states(readings, window=NOW - DAY - timedelta.resolution) == {7: "unread"}
        assert states(readings, window=timedelta.max) == {7: "loyal"}

    def test_stale_and_unknown_are_never_satisfied(self) -> None:
        """A customer without a level is in no level's count, and the last stale reading keeps its age."""
        readings = [read("a", LOYAL, DAY - timedelta(days=9)), read("a", AGGRIEVED), read("b", LOYAL, NOW)]
        found = Standings.of(
            readings,
            as_of=NOW,
            window=timedelta(days=1),
            combination=Combination.BEST,
            customers=["zoe", "a", "b", "zoe"],
        )

        assert found.states == {"zoe": "unknown", "a": "unread", "b": "loyal"}
        assert [standing.at for standing in found.standings] == [None, DAY, NOW]
        assert (found.counts, found.customers, found.known, found.unread, found.unknown) == ((1, 0, 0), 3, 1, 1, 1)
        assert found.unknown_share == found.unread_share == found.known_share == ratio(1, 3)

    def test_no_customers(self) -> None:
        """Without customers, shares are unknown."""
        found = Standings.of([], as_of=NOW)

        assert (found.counts, found.known_share, found.unknown_share, found.cautions) == ((0, 0, 0), None, None, ())

    def test_what_is_later_is_not_seen(self) -> None:
        """A reading after the reference date does not count, and does not name a customer."""
        found = Standings.of([read(7, LOYAL, NOW + timedelta.resolution)], as_of=NOW)

        assert (found.customers, found.later, found.read) == (0, 1, 0)

    def test_numbers_are_read_by_their_scale(self) -> None:
        """Recommendations and satisfaction have the usual rules; numbers on other scales give no level."""
        readings = [
            rate("a", 9, Scale.RECOMMEND_0_10),
            rate("b", 9, Scale.RECOMMEND_0_10),
            rate("c", 5, Scale.SATISFACTION_1_5),
            rate("d", 4, Scale.SATISFACTION_1_7),
            rate("e", 5, Scale.SATISFACTION_1_10),
            rate("f", 3, FACES),
            rate("f", 3, None),
        ]
        found = Standings.of(readings, as_of=NOW)

        assert found.states == {
            "a": "loyal",
            "b": "loyal",
            "c": "loyal",
            "d": "satisfied",
            "e": "aggrieved",
            "f": "unknown",
        }
        assert (found.read, found.without_level) == (5, 2)
        assert [finding.rule for finding in found.cautions] == ["readings_without_a_level"]

    def test_levels_of_your_own(self) -> None:
        """Any vocabulary works, with rules that have it; a level that no customer has counts zero."""
        rule = LevelRule(scale=FACES, cuts=(4, 3, 2), levels=FOUR)
        found = Standings.of(
            [rate("a", 2, FACES), rate("b", 4, FACES), read("c", LOYAL)], as_of=NOW, levels=FOUR, rules=[rule]
        )

        assert found.states == {"a": "critic", "b": "fan", "c": "unknown"}
        assert (found.counts, found.without_level) == ((1, 0, 1, 0), 1)
        assert states([rate("a", 9, Scale.RECOMMEND_0_10)], levels=FOUR) == {"a": "unknown"}

    def test_other_subjects_are_left_out(self) -> None:
        """Readings of touchpoints, and of unknown customers, are not of customers; segments are read on request."""
        readings = [
            read(None, LOYAL),
            read("desk", LOYAL, subject_kind=SubjectKind.TOUCHPOINT),
            read("tea", SATISFIED, subject_kind=SubjectKind.SEGMENT),
        ]

        assert states(readings) == {}
        assert states(readings, subject_kind=SubjectKind.SEGMENT) == {"tea": "satisfied"}

    def test_priority(self) -> None:
        """The last reading of the first source counts; other sources do not, and unused sources are reported."""
        readings = [
            read("a", AGGRIEVED, DAY, "survey"),
            read("a", LOYAL, DAY - timedelta(days=3), "personal_talk"),
            read("a", SATISFIED, DAY - timedelta(days=2), "personal_talk"),
            read("b", AGGRIEVED, DAY, "rumour"),
        ]
        order = [AssessmentSource.PERSONAL_TALK, AssessmentSource.SURVEY, "audit of 2025"]
        found = Standings.of(readings, as_of=NOW, combination=Combination.PRIORITY, priority=order)

        assert found.states == {"a": "satisfied", "b": "unknown"}
        assert found.unmatched == ("audit of 2025",)
        assert [finding.rule for finding in found.cautions] == ["sources_without_readings"]

    def test_unlisted_and_lookalikes_are_reported(self) -> None:
        """Readings of customers who were not given, and ids of two types, are cautions."""
        found = Standings.of([read(7, LOYAL), read("7", LOYAL), read("x", LOYAL)], as_of=NOW, customers=[7, "7"])

        assert found.unlisted == 1
        assert [finding.rule for finding in found.cautions] == ["readings_of_other_customers", "mixed_customer_ids"]

    def test_a_reading_with_an_id_counts_once(self) -> None:
        """The same reading twice is one; two different ones of one id are refused."""
        assert Standings.of([read(7, LOYAL, id=1)] * 2, as_of=NOW).read == 1
        with refused(InconsistentCountsError, "two_records_of_one_id: readings[1]"):
            Standings.of([read(7, LOYAL, id=1), read(8, LOYAL, id=1)], as_of=NOW)

    @pytest.mark.parametrize(
        ("arguments", "error", "broken"),
        [
            ({"priority": ["survey"]}, InvalidValueError, "priority_without_its_rule: priority"),
            ({"combination": Combination.PRIORITY}, InvalidValueError, "priority_without_its_rule: priority"),
            ({"rules": [LevelRule.NPS, LevelRule.NPS]}, InvalidValueError, "not_unique: rules[1]"),
            ({"levels": FOUR, "rules": [LevelRule.NPS]}, PolicyMismatchError, "rule_of_other_levels: rules[0]"),
            ({"levels": "loyal"}, WrongTypeError, "one_for_several: levels"),
            ({"window": timedelta(0)}, InvalidValueError, "duration_not_positive: window"),
        ],
    )
    def test_refusals(self, arguments: dict[str, Any], error: type[Exception], broken: str) -> None:
        """What contradicts itself is refused."""
        with refused(error, broken):
            states([], **arguments)

    def test_refuses_standings_of_another_count(self) -> None:
        """All standings have one reference date and the levels of the whole."""
        other = Standing(customer_id=7, as_of=DAY, missing=NoLevel.UNKNOWN)
        with refused(InconsistentCountsError, "standing_of_another_count: standings[0]"):
            Standings(standings=[other], as_of=NOW)
        with refused(InconsistentCountsError, "standing_of_another_count: standings[0]"):
            Standings(standings=[Standing(customer_id=7, as_of=NOW, level="fan", at=DAY)], as_of=NOW)

    def test_explains_its_shares(self) -> None:
        """The explanation has the counts and the shares, whatever the names of the levels."""
        explained = Standings.of([], as_of=NOW, customers=[7], levels=("known", "lost")).explain()

        assert {term.name: term.value for term in explained.terms}["unknown"] == 1
        assert len(explained.terms) == 7

    def test_shows_the_first_customers(self) -> None:
        """A notebook shows the counts and the first fifty customers."""
        found = Standings.of([read(place, LOYAL) for place in range(99)], as_of=NOW)

        assert found._repr_html_().count("<tr") < 70


class TestReadingsOf:
    def test_sources_follow_from_the_response(self) -> None:
        """A response after an interaction, one about recommending and any other have their own sources."""
        stars = Question(id="nps", text="How was it?", scale=Scale.RATING_1_5)
        asked = [Response(survey_id=1, at=DAY, answers=[("nps", 3)], customer_id=7)]
        after = [Response(survey_id=1, at=DAY, answers=[("nps", 3)], customer_id=7, interaction_id=9)]

        assert [one.source for one in loyalty.readings_of(asked, FRIEND)] == [AssessmentSource.NPS_RESEARCH]
        assert [one.source for one in loyalty.readings_of(asked, stars)] == [AssessmentSource.SURVEY]
        assert [one.source for one in loyalty.readings_of(after, stars)] == [AssessmentSource.INTERACTION_SURVEY]
        assert [one.source for one in loyalty.readings_of(after, stars, source="panel")] == ["panel"]

    def test_leaves_out_what_gives_no_reading(self) -> None:
        """Anonymous responses and those without an answer give none."""
        responses = [
            Response(survey_id=1, at=DAY, answers=[("nps", 3)]),
            Response(survey_id=1, at=DAY, answers=[], customer_id=7),
        ]

        assert loyalty.readings_of(responses, FRIEND) == ()

    def test_refuses_words(self) -> None:
        """An answer in words has no level by itself."""
        words = Response(survey_id=1, at=DAY, answers=[("nps", "fine")], customer_id=7)
        with refused(WrongTypeError, "level_of_words: responses[0]"):
            loyalty.readings_of([words], FRIEND)
