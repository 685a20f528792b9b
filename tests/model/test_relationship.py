from __future__ import annotations

import copy
import pickle
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import instant
from crmcore.interop.hypothesis import dissolutions, relationships
from crmcore.model.relationship import (
    Dissolution,
    DissolutionCause,
    Initiator,
    LifecycleStage,
    Relationship,
    RelationshipType,
    StageOrder,
)
from crmcore.primitives.errors import (
    CrmcoreError,
    IllegalTransitionError,
    InvalidValueError,
    WrongTypeError,
)
from tests.support.refusals import breaks
from tests.support.relationship_strategies import (
    AWARENESS,
    COMMITMENT,
    DISSOLUTION,
    EXPANSION,
    EXPLORATION,
    LEGAL,
    later,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

AT = datetime(2026, 3, 2, 10, 15, tzinfo=timezone(timedelta(hours=2)))
NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - naive on purpose
BERLIN = ZoneInfo("Europe/Berlin")
SECRET = "Anna Kalnina, +371 200 000 00"


def an_end(at: datetime = AT) -> Dissolution:
    """Build a dissolution with an unknown cause and an unknown initiator."""
    return Dissolution(at=at, cause=DissolutionCause.UNKNOWN, initiator=Initiator.UNKNOWN)


def standing_at(*stages: LifecycleStage, order: StageOrder = StageOrder.EXPLORATION_FIRST) -> Relationship:
    """Build a relationship that went through stages, all at one instant."""
    return Relationship(
        customer_id=1,
        history=[(stage, AT) for stage in stages],
        order=order,
        dissolutions=[an_end() for stage in stages if stage is DISSOLUTION],
    )


def moved(relationship: Relationship, stage: LifecycleStage, at: datetime) -> Relationship:
    """Return the relationship after a move to a stage, by the method for that move."""
    if stage is DISSOLUTION:
        return relationship.dissolve(an_end(at))
    if relationship.stage is DISSOLUTION:
        return relationship.reopen(at=at)
    return relationship.enter(stage, at=at)


class TestRelationshipType:
    def test_the_seven_types_of_the_articles_and_the_eighth(self) -> None:
        """The source articles list seven types, in this order; co-creation comes from Strategyzer."""
        assert [
            "transactional",
            "long_term",
            "personal_assistance",
            "dedicated_personal_assistance",
            "self_service",
            "automated_services",
            "communities",
        ] == [kind.value for kind in RelationshipType if kind.in_source_articles]
        assert ["co_creation"] == [kind.value for kind in RelationshipType if not kind.in_source_articles]


class TestStageOrder:
    def test_stages(self) -> None:
        """The source articles begin with exploration, Dwyer, Schurr and Oh with awareness; the rest is the same."""
        assert (EXPLORATION, AWARENESS, EXPANSION, COMMITMENT, DISSOLUTION) == StageOrder.EXPLORATION_FIRST.stages
        assert (AWARENESS, EXPLORATION, EXPANSION, COMMITMENT, DISSOLUTION) == StageOrder.AWARENESS_FIRST.stages
        assert ["exploration", "awareness", "expansion", "commitment", "dissolution"] == list(LifecycleStage)

    @pytest.mark.parametrize("order", StageOrder)
    @pytest.mark.parametrize("stage", LifecycleStage)
    def test_after(self, order: StageOrder, stage: LifecycleStage) -> None:
        """The next stage, the previous one and dissolution may follow; exploration alone may follow dissolution."""
        assert LEGAL[order][stage] == order.after(stage)

    @pytest.mark.parametrize("order", StageOrder)
    def test_a_first_record_may_be_any(self, order: StageOrder) -> None:
        """Any stage may be the first."""
        assert set(LifecycleStage) == order.after(None)

    @pytest.mark.parametrize("value", ["exploration", 1, StageOrder.EXPLORATION_FIRST])
    def test_stages_are_stages(self, value: Any) -> None:
        """A text is refused where a stage is expected."""
        with pytest.raises(WrongTypeError, match="stage must be one of exploration"):
            StageOrder.EXPLORATION_FIRST.after(value)


class TestDissolution:
    def test_defaults(self) -> None:
        """By default a dissolution is not abrupt and has no evidence."""
        end = an_end()

        assert (False, "", "") == (end.abrupt, end.evidence, end.note)

    def test_causes_and_initiators(self) -> None:
        """There are the five causes and two initiators of the source articles, and those that this library adds."""
        assert [
            "dissatisfied",
            "better_offer",
            "need_changed",
            "no_growth",
            "fraud",
            "external",
            "mutual",
            "unknown",
        ] == list(DissolutionCause)
        assert ["customer", "supplier", "mutual", "external", "unknown"] == list(Initiator)

    @pytest.mark.parametrize("cause", DissolutionCause)
    @pytest.mark.parametrize("initiator", Initiator)
    def test_who_and_why_are_independent(self, cause: DissolutionCause, initiator: Initiator) -> None:
        """Any cause may go with any initiator."""
        end = Dissolution(at=AT, cause=cause, initiator=initiator, evidence="the court's ruling")

        assert (cause, initiator) == (end.cause, end.initiator)

    @pytest.mark.parametrize("evidence", ["", " ", "\n\t"])
    def test_fraud_needs_evidence(self, evidence: str) -> None:
        """Fraud requires evidence that is not blank."""
        with breaks("fraud_without_evidence", "evidence"):
            Dissolution(at=AT, cause=DissolutionCause.FRAUD, initiator=Initiator.SUPPLIER, evidence=evidence)
        proven = Dissolution(at=AT, cause=DissolutionCause.FRAUD, initiator=Initiator.SUPPLIER, evidence="an invoice")
        with breaks("fraud_without_evidence", "evidence"):
            attrs.evolve(proven, evidence=evidence)

    @given(dissolutions(), st.sampled_from([UTC, BERLIN]))
    def test_equality_goes_through_utc(self, end: Dissolution, zone: Any) -> None:
        """Two records with the same instant in different zones are equal."""
        there = attrs.evolve(end, at=end.at.astimezone(zone))

        assert end == there
        assert hash(end) == hash(there)

    def test_personal_text_is_not_shown(self) -> None:
        """Evidence and note are neither in `repr` nor in errors, even if they are invalid."""
        end = attrs.evolve(an_end(), evidence=SECRET, note=SECRET)
        left = Relationship(customer_id=1).dissolve(end)
        for shown in (repr(end), str(end), repr(left), str(left)):
            assert "Anna" not in shown
        for name in ("evidence", "note"):
            values: dict[str, Any] = {name: SECRET.encode()}
            with pytest.raises(WrongTypeError) as caught:
                attrs.evolve(end, **values)
            assert "Anna" not in repr(caught.value)
        with pytest.raises(IllegalTransitionError) as illegal:
            left.dissolve(end)
        assert "Anna" not in repr(illegal.value)


class TestRelationship:
    def test_defaults(self) -> None:
        """By default a relationship has no stage, may enter any, and has the order of the source articles."""
        new = Relationship(customer_id="a")

        assert (frozenset(), (), StageOrder.EXPLORATION_FIRST, (), None, None) == (
            new.types,
            new.history,
            new.order,
            new.dissolutions,
            new.manager_id,
            new.id,
        )
        assert (None, None, ()) == (new.stage, new.dissolution, new.episodes)
        assert set(LifecycleStage) == new.allowed()

    def test_types_come_from_any_iterable(self) -> None:
        """Types come from any iterable; order and repetition do not matter, and `repr` is always the same."""
        kinds = [RelationshipType.SELF_SERVICE, RelationshipType.COMMUNITIES, RelationshipType.SELF_SERVICE]
        relationship = Relationship(customer_id=1, types=iter(kinds))

        assert {RelationshipType.SELF_SERVICE, RelationshipType.COMMUNITIES} == relationship.types
        assert relationship == Relationship(customer_id=1, types=set(kinds))
        assert (
            "types=frozenset({<RelationshipType.COMMUNITIES: 'communities'>, "
            "<RelationshipType.SELF_SERVICE: 'self_service'>})"
        ) in repr(relationship)

    def test_a_change_makes_a_new_one(self) -> None:
        """A move returns a new relationship, keeps all other fields and leaves the old one unchanged."""
        new = Relationship(customer_id=1, types=[RelationshipType.LONG_TERM], manager_id="eva", id="r1")
        begun = new.enter(EXPLORATION, at=AT)
        ended = begun.dissolve(an_end())
        reopened = ended.reopen(at=AT)

        assert () == new.history
        assert ((EXPLORATION, AT),) == begun.history
        assert ((EXPLORATION, AT), (DISSOLUTION, AT)) == ended.history
        assert ((EXPLORATION, AT), (DISSOLUTION, AT), (EXPLORATION, AT)) == reopened.history
        assert (an_end(),) == ended.dissolutions == reopened.dissolutions
        assert new == attrs.evolve(reopened, history=(), dissolutions=())

    def test_a_subclass_stays_one(self) -> None:
        """A move of a subclass returns the subclass."""

        @attrs.frozen(kw_only=True)
        class Account(Relationship):
            tier: str = "gold"

        moved_on = Account(customer_id=1, tier="silver").enter(EXPLORATION, at=AT).dissolve(an_end()).reopen(at=AT)

        assert (Account, "silver") == (type(moved_on), moved_on.tier)

    @given(relationships())
    def test_step_by_step_is_as_given_ready(self, relationship: Relationship) -> None:
        """Every valid history can be built move by move, with an equal result."""
        ends = iter(relationship.dissolutions)
        built = attrs.evolve(relationship, history=(), dissolutions=())
        for stage, at in relationship.history:
            built = built.dissolve(next(ends)) if stage is DISSOLUTION else moved(built, stage, at)

        assert relationship == built
        assert hash(relationship) == hash(built)

    @given(relationships())
    def test_state(self, relationship: Relationship) -> None:
        """The last entry is the stage; only a dissolved relationship has a dissolution."""
        last = relationship.history[-1] if relationship.history else (None, None)

        assert last[0] is relationship.stage
        if last[0] is DISSOLUTION:
            assert relationship.dissolutions[-1] is relationship.dissolution
        else:
            assert relationship.dissolution is None

    @given(relationships())
    def test_episodes(self, relationship: Relationship) -> None:
        """The episodes make up the history; each but the last ends with its dissolution."""
        episodes = relationship.episodes
        stages = [stage for stage, _ in relationship.history]

        assert relationship.history == tuple(entry for episode in episodes for entry in episode)
        assert stages[:-1].count(DISSOLUTION) == max(len(episodes) - 1, 0)
        for episode, end in zip(episodes, relationship.dissolutions, strict=False):
            assert (DISSOLUTION, end.at) == episode[-1]
        for episode in episodes:
            assert DISSOLUTION not in [stage for stage, _ in episode[:-1]]
        assert all(EXPLORATION is episode[0][0] for episode in episodes[1:])

    @given(relationships(), st.data())
    def test_allowed_is_what_moves(self, relationship: Relationship, data: st.DataObject) -> None:
        """The stages that can be moved to are the allowed ones, as the table says."""
        at = data.draw(later(relationship.history[-1][1])) if relationship.history else AT
        reached: set[LifecycleStage] = set()
        for stage in LifecycleStage:
            with suppress(IllegalTransitionError):
                reached.add(moved(relationship, stage, at).history[-1][0])
        table = LEGAL[relationship.order][relationship.stage] if relationship.stage else set(LifecycleStage)

        assert table == reached == relationship.allowed()

    @pytest.mark.parametrize("order", StageOrder)
    @pytest.mark.parametrize("stage", LifecycleStage)
    @pytest.mark.parametrize("following", LifecycleStage)
    def test_every_pair(self, order: StageOrder, stage: LifecycleStage, following: LifecycleStage) -> None:
        """A history in the constructor follows the same table, wherever the move is."""
        if following in LEGAL[order][stage]:
            assert following is standing_at(stage, following, order=order).stage
        else:
            onward = min(LEGAL[order][following])
            for stages in ((stage, following), (stage, following, onward)):
                with pytest.raises(
                    IllegalTransitionError, match=rf"^{following.value} cannot follow {stage.value}; use "
                ) as caught:
                    standing_at(*stages, order=order)
                assert (stage, following) == caught.value.operands
                assert ("stage_may_not_follow", "history", 1) == (
                    caught.value.rule,
                    caught.value.field,
                    caught.value.record,
                )

    @pytest.mark.parametrize("stage", LifecycleStage)
    def test_a_first_record_may_be_at_any_stage(self, stage: LifecycleStage) -> None:
        """Any stage may be the first, dissolution included."""
        assert stage is moved(Relationship(customer_id=1), stage, AT).stage is standing_at(stage).stage

    @pytest.mark.parametrize(
        ("stages", "move", "message"),
        [
            (
                [EXPLORATION],
                lambda relationship: relationship.enter(COMMITMENT, at=AT),
                (
                    r"commitment cannot follow exploration; use enter(...) for awareness, "
                    r"dissolve(...) for dissolution"
                ),
            ),
            (
                [EXPLORATION],
                lambda relationship: relationship.enter(EXPLORATION, at=AT),
                (
                    r"exploration cannot follow exploration; use enter(...) for awareness, "
                    r"dissolve(...) for dissolution"
                ),
            ),
            (
                [EXPANSION],
                lambda relationship: relationship.enter(EXPLORATION, at=AT),
                (
                    r"exploration cannot follow expansion; use enter(...) for awareness or commitment, "
                    r"dissolve(...) for dissolution"
                ),
            ),
            (
                [COMMITMENT],
                lambda relationship: relationship.enter(DISSOLUTION, at=AT),
                (
                    r"a dissolution must have a cause and an initiator; "
                    r"use enter(...) for expansion, dissolve(...) for dissolution"
                ),
            ),
            (
                [],
                lambda relationship: relationship.enter(DISSOLUTION, at=AT),
                (
                    r"a dissolution must have a cause and an initiator; "
                    r"use enter(...) for exploration or awareness or expansion or commitment, "
                    r"dissolve(...) for dissolution"
                ),
            ),
            (
                [DISSOLUTION],
                lambda relationship: relationship.enter(EXPLORATION, at=AT),
                (
                    r"a dissolved relationship cannot enter a stage, got exploration; "
                    r"use reopen(at=...) to start again at exploration"
                ),
            ),
            (
                [DISSOLUTION],
                lambda relationship: relationship.enter(DISSOLUTION, at=AT),
                (
                    r"a dissolved relationship cannot enter a stage, got dissolution; "
                    r"use reopen(at=...) to start again at exploration"
                ),
            ),
            (
                [DISSOLUTION],
                lambda relationship: relationship.dissolve(an_end()),
                r"dissolution cannot follow dissolution; use reopen(at=...) to start again at exploration",
            ),
            (
                [COMMITMENT],
                lambda relationship: relationship.reopen(at=AT),
                (
                    r"only a dissolved relationship can be reopened, this one is at commitment; "
                    r"use enter(...) for expansion, dissolve(...) for dissolution"
                ),
            ),
            (
                [],
                lambda relationship: relationship.reopen(at=AT),
                (
                    r"only a dissolved relationship can be reopened, this one has no stage yet; "
                    r"use enter(...) for exploration or awareness or expansion or commitment, "
                    r"dissolve(...) for dissolution"
                ),
            ),
        ],
    )
    def test_illegal_moves_say_what_is_legal(self, stages: list[LifecycleStage], move: Any, message: str) -> None:
        """The message names the stages and the methods; the operands are the two stages; the error pickles."""
        with pytest.raises(IllegalTransitionError) as caught:
            move(standing_at(*stages))

        assert message == str(caught.value)
        assert (stages[-1] if stages else None) is caught.value.operands[0]
        assert isinstance(caught.value.operands[1], LifecycleStage)
        assert str(caught.value) == str(pickle.loads(pickle.dumps(caught.value)))

    def test_the_message_goes_by_the_order(self) -> None:
        """The message lists the stages that the order allows."""
        with pytest.raises(IllegalTransitionError, match=r"use enter\(...\) for awareness or expansion, dissolve"):
            standing_at(EXPLORATION, order=StageOrder.AWARENESS_FIRST).enter(COMMITMENT, at=AT)

    def test_win_back_begins_at_exploration(self) -> None:
        """A relationship won back starts at exploration, in either order and after any stage."""
        for order in StageOrder:
            back = standing_at(COMMITMENT, DISSOLUTION, order=order).reopen(at=AT)

            assert EXPLORATION is back.stage
            assert (((COMMITMENT, AT), (DISSOLUTION, AT)), ((EXPLORATION, AT),)) == back.episodes
            with pytest.raises(IllegalTransitionError, match="commitment cannot follow dissolution"):
                standing_at(COMMITMENT, DISSOLUTION, COMMITMENT, order=order)

    def test_evolving_checks_anew(self) -> None:
        """`attrs.evolve` checks the same rules."""
        grown = standing_at(AWARENESS, EXPANSION)
        with pytest.raises(IllegalTransitionError, match="expansion cannot follow awareness"):
            attrs.evolve(grown, order=StageOrder.AWARENESS_FIRST)
        with pytest.raises(IllegalTransitionError, match="commitment cannot follow awareness"):
            attrs.evolve(grown, history=[(AWARENESS, AT), (COMMITMENT, AT)])
        with pytest.raises(InvalidValueError, match="one record for each dissolution in history, got 1 for 0"):
            attrs.evolve(grown, dissolutions=[an_end()])

    def test_each_dissolution_has_its_record(self) -> None:
        """Each dissolution in the history has one record with the same instant."""
        history = [(EXPLORATION, AT), (DISSOLUTION, AT)]
        with breaks("dissolutions_do_not_match", "dissolutions"):
            Relationship(customer_id=1, history=history)
        other = an_end(AT + timedelta(microseconds=1))
        with breaks("dissolution_at_another_time", "dissolutions", record=0) as caught:
            Relationship(customer_id=1, history=history, dissolutions=[other])
        assert (other.at, AT) == caught.value.operands

        elsewhere = an_end(AT.astimezone(BERLIN))
        assert elsewhere is Relationship(customer_id=1, history=history, dissolutions=[elsewhere]).dissolution

    @pytest.mark.parametrize(
        ("history", "rule", "record"),
        [
            ((EXPLORATION, AT), "wrong_number_of_parts", 0),
            ([(EXPLORATION, AT), (AWARENESS, AT, 1)], "wrong_number_of_parts", 1),
            ([EXPLORATION, AT], "wrong_number_of_parts", 0),
            (["ab"], "wrong_number_of_parts", 0),
            ([{EXPLORATION, AT}], "wrong_number_of_parts", 0),
            ([("exploration", AT)], "not_a_member", 0),
            ([(EXPLORATION, AT), ("awareness", AT.astimezone(UTC))], "not_a_member", 1),
            ([(AT, EXPLORATION)], "not_a_member", 0),
            ([(EXPLORATION, NAIVE)], "naive_instant", 0),
            ([(EXPLORATION, date(2026, 1, 1))], "not_an_instant", 0),
            ([(EXPLORATION, None)], "not_an_instant", 0),
        ],
    )
    def test_refuses_nonsense(self, history: Any, rule: str, record: int) -> None:
        """An invalid entry of the history raises an error that says which one it is."""
        with breaks(rule, "history", record, CrmcoreError):
            Relationship(customer_id=1, history=history)

    @pytest.mark.parametrize(
        ("move", "rule", "field"),
        [
            (lambda relationship: relationship.enter("awareness", at=AT), "not_a_member", "stage"),
            (lambda relationship: relationship.enter(AWARENESS, at=NAIVE), "naive_instant", "at"),
            (lambda relationship: relationship.enter(AWARENESS, at=None), "not_an_instant", "at"),
            (lambda relationship: relationship.dissolve(AT), "wrong_type", "dissolution"),
            (lambda relationship: relationship.dissolve(None), "wrong_type", "dissolution"),
            (lambda relationship: relationship.dissolve(an_end()).reopen(at=NAIVE), "naive_instant", "at"),
            (lambda relationship: relationship.dissolve(an_end()).reopen(at="2027"), "not_an_instant", "at"),
        ],
    )
    def test_moves_refuse_nonsense(self, move: Any, rule: str, field: str) -> None:
        """An invalid value raises an error that names the argument."""
        with breaks(rule, field, kind=CrmcoreError):
            move(standing_at(EXPLORATION))


class TestHistory:
    def test_comes_from_any_iterable(self) -> None:
        """The history is walked once and kept as a tuple of tuples."""

        def walk() -> Iterator[Any]:
            yield [EXPLORATION, AT]
            yield (AWARENESS, AT)

        relationship = Relationship(customer_id=1, history=walk())

        assert ((EXPLORATION, AT), (AWARENESS, AT)) == relationship.history
        assert [tuple, tuple] == [type(entry) for entry in relationship.history]

    def test_one_instant_keeps_the_order_given(self) -> None:
        """Entries with the same instant keep the order given."""
        day = instant("2026-03-02")
        relationship = Relationship(customer_id=1, history=[(AWARENESS, day), (EXPLORATION, day)])

        assert EXPLORATION is relationship.stage
        assert relationship != Relationship(customer_id=1, history=[(EXPLORATION, day), (AWARENESS, day)])

    def test_is_in_order_of_time(self) -> None:
        """An entry before the previous one raises an error with both instants."""
        early, late = instant("2026-01-01"), instant("2026-02-01")
        with breaks("not_in_order_of_time", "history", record=1) as caught:
            Relationship(customer_id=1, history=[(EXPLORATION, late), (AWARENESS, early)])
        assert (early, late) == caught.value.operands

        begun = Relationship(customer_id=1).enter(EXPLORATION, at=late)
        left = begun.dissolve(an_end(late))
        history = [(EXPLORATION, early), (AWARENESS, late), (EXPANSION, late - timedelta(seconds=1))]
        with pytest.raises(InvalidValueError, match="history must be in order of time"):
            begun.enter(AWARENESS, at=early)
        with pytest.raises(InvalidValueError, match="history must be in order of time"):
            begun.dissolve(an_end(early))
        with pytest.raises(InvalidValueError, match="history must be in order of time"):
            left.reopen(at=early)
        with pytest.raises(InvalidValueError, match="history must be in order of time"):
            Relationship(customer_id=1, history=history)

    def test_order_goes_through_utc(self) -> None:
        """The order goes by UTC, so an hour that occurs twice in a zone is in the right order."""
        first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
        second = first.replace(fold=1, minute=15)
        relationship = Relationship(customer_id=1, history=[(EXPLORATION, first), (AWARENESS, second)])

        assert ((EXPLORATION, first), (AWARENESS, second)) == relationship.history
        with pytest.raises(InvalidValueError, match="history must be in order of time"):
            Relationship(customer_id=1, history=[(EXPLORATION, second), (AWARENESS, first)])

    @given(relationships())
    def test_equality_goes_through_utc(self, relationship: Relationship) -> None:
        """Two histories with the same instants in different zones are equal; each keeps its own zone."""
        there = attrs.evolve(
            relationship, history=[(stage, at.astimezone(BERLIN)) for stage, at in relationship.history]
        )

        assert relationship == there
        assert hash(relationship) == hash(there)
        assert all(at.tzinfo is BERLIN for _, at in there.history)

    def test_other_instants_are_other_histories(self) -> None:
        """Histories with different stages or instants are not equal."""
        later_on = Relationship(customer_id=1, history=[(EXPLORATION, AT + timedelta(microseconds=1))])

        assert standing_at(EXPLORATION) != later_on
        assert standing_at(EXPLORATION) != standing_at(AWARENESS)

    @given(relationships())
    def test_is_a_value(self, relationship: Relationship) -> None:
        """A relationship pickles, copies and hashes."""
        for copied in (pickle.loads(pickle.dumps(relationship)), copy.deepcopy(relationship)):
            assert relationship == copied
            assert hash(relationship) == hash(copied)
            assert repr(relationship) == repr(copied)
