"""Causes, fixes, loops, ideas, reviews and routes, against the plainest count and by enumeration."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import comb, isclose
from time import process_time
from typing import Any, Final

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    UTC,
    Actor,
    CaseState,
    Channel,
    Effort,
    Feedback,
    FeedbackKind,
    FixEffect,
    IdeaVotes,
    InconsistentCountsError,
    Interaction,
    InvalidValueError,
    LeakShare,
    Loops,
    Money,
    Pareto,
    Period,
    PolicyMismatchError,
    Purchase,
    RepeatReports,
    ReplyPart,
    Reviews,
    Routing,
    Scale,
    TallyBy,
    TimeUnit,
    Valence,
    Vote,
    VoteChoice,
    WrongTypeError,
    follow_ups,
    handling,
    instant,
)
from crmcore.primitives.proportions import find_probability
from tests.support.refusals import refused

DAY: Final = instant("2026-03-02T09:00")
HOUR: Final = timedelta(hours=1)
MARCH: Final = Period.month(2026, 3)
LATER: Final = instant("2026-04-30")


def said(kind: FeedbackKind = FeedbackKind.COMPLAINT, at: datetime = DAY, **fields: Any) -> Feedback:
    """Return feedback that was received on the second of March."""
    return Feedback(kind=kind, received_at=at, **fields)


class TestPareto:
    @given(
        st.dictionaries(st.text("abcde", min_size=1, max_size=2), st.integers(0, 9)),
        st.fractions(0, 1, max_denominator=20),
    )
    def test_vital_few(self, counts: dict[str, int], share: Fraction) -> None:
        """The vital few are the fewest causes that reach the cut, by exact counts."""
        cut = Decimal(share.numerator) / Decimal(share.denominator)
        found = Pareto(counts=counts, cut=cut.quantize(Decimal("1E-9")))
        needed = Fraction(found.cut) * sum(counts.values())
        ranked = sorted(counts, key=lambda cause: (-counts[cause], cause))
        length = next(n for n in range(len(ranked) + 1) if sum(counts[one] for one in ranked[:n]) >= needed)

        assert tuple(ranked[:length]) == found.vital_few
        assert [bar.cause for bar in found.bars if bar.is_vital] == ranked[:length]
        assert [bar.count for bar in found.bars] == [counts[cause] for cause in ranked]
        border = {counts[cause] for cause in ranked[:length][-1:]} & {counts[cause] for cause in ranked[length:][:1]}
        assert tuple(cause for cause in ranked if counts[cause] in border) == found.tied
        assert [caution.rule for caution in found.cautions] == ["tied_at_the_cut"] * bool(border)

    @given(st.lists(st.sampled_from(["a", "b", "c", "", " "])), st.lists(st.sampled_from(["a", "d"])))
    def test_shards_add_up(self, one: list[str], other: list[str]) -> None:
        """The counts of two shards are the count of the whole, whose order does not matter."""
        parts = [Pareto.of([said(cause=cause) for cause in causes], cut="0.6") for causes in (one, other)]
        whole = Pareto.of([said(cause=cause) for cause in reversed(one + other)], cut="0.6")

        assert whole == Pareto.total(parts)
        assert {cause: count for cause, count in Counter(one + other).items() if cause.strip()} == dict(whole.counts)
        assert whole.known + whole.unknown == len(one + other)

    def test_exactly_at_the_cut(self) -> None:
        """A cut that is just reached is reached: 0.7 + 0.2 in floats is not."""
        assert Pareto(counts={"a": 1, "b": 2, "c": 7}, cut="0.9").vital_few == ("c", "b")

    def test_thousand_causes_all_alike(self) -> None:
        """Of a thousand equal causes, eight hundred are vital only by their names, and a caution says so."""
        found = Pareto(counts={f"cause {n:03}": 1 for n in range(1000)})

        assert len(found.vital_few) == 800
        assert len(found.tied) == 1000
        assert found.bars[799].cumulative_share == Decimal("0.8")

    def test_nothing_is_known(self) -> None:
        """Without a known cause there is no share."""
        found = Pareto.of([said()])

        assert (found.unknown, found.vital_few, found.vital_share, found.bars) == (1, (), None, ())
        assert Pareto(counts={"a": 0}).bars[0].share is None

    def test_by(self) -> None:
        """Each key has its own causes."""
        found = Pareto.by([said(cause="a", category="x"), said(category="y")], lambda one: one.category, cut=1)

        assert found == TallyBy({"x": Pareto(counts={"a": 1}, cut=1), "y": Pareto(cut=1, unknown=1)})

    def test_a_table_for_a_notebook(self) -> None:
        """A notebook shows a row for each cause."""
        assert "delivery" in Pareto(counts={"delivery": 2})._repr_html_()

    def test_refusals(self) -> None:
        """A cause occurs once, and different cuts do not add."""
        with refused(InvalidValueError, "not_unique: counts[1]"):
            Pareto(counts=[("a", 1), ("a", 1)])
        with refused(PolicyMismatchError, "policies_differ: cut"):
            Pareto(cut=1) + Pareto()


class TestFindProbability:
    @given(st.integers(1, 40), st.data(), st.integers(0, 10**12), st.integers(0, 10**12))
    def test_against_enumeration(self, n: int, data: st.DataObject, ahead: int, behind: int) -> None:
        """The tail of the binomial distribution is the sum of its terms."""
        most = data.draw(st.integers(0, n))
        behind += not ahead + behind
        share = Fraction(ahead, ahead + behind)
        exact = float(sum(comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(most + 1)))

        assert isclose(find_probability(most, n, ahead, behind), exact, rel_tol=1e-9, abs_tol=1e-300)

    @pytest.mark.parametrize(
        ("most", "n", "ahead", "behind", "exact"),
        [(0, 0, 1, 1, 1), (3, 3, 1, 0, 1), (2, 3, 1, 0, 0), (0, 3, 0, 1, 1), (0, 2, 3, 1, 0.0625), (2, 3, 1, 1, 0.875)],
    )
    def test_ends(self, most: int, n: int, ahead: int, behind: int, exact: float) -> None:
        """No success is certain without weight, and every success is without failures."""
        assert isclose(find_probability(most, n, ahead, behind), exact, rel_tol=1e-12)

    def test_many(self) -> None:
        """Ten million trials take no time; half the expected number and one more is close to a half."""
        assert isclose(find_probability(4 * 10**6, 10**7, 2, 3), 0.5, abs_tol=1e-3)


class TestFixEffect:
    @given(st.lists(st.integers(-5, 40)), st.integers(0, 31))
    def test_counts(self, days: list[int], fixed: int) -> None:
        """Each signal is before the fix, from it on, or outside the period."""
        signals = [said(at=MARCH.start + timedelta(days=day)) for day in days]
        found = FixEffect.of(signals, fixed_at=MARCH.start + timedelta(days=fixed), period=MARCH)

        assert found.before == sum(0 <= day < fixed for day in days)
        assert found.after == sum(fixed <= day < 31 for day in days)
        assert found.outside == sum(not 0 <= day < 31 for day in days)
        assert (
            found
            == FixEffect.total(
                FixEffect.of([signal], fixed_at=MARCH.start + timedelta(days=fixed), period=MARCH) for signal in signals
            )
            or not days
        )

    @given(st.integers(1, 30), st.integers(0, 30), st.sampled_from([0.8, 0.95]))
    def test_interval(self, before: int, after: int, confidence: float) -> None:
        """At each bound of the interval, what was found has half of the rest of the probability."""
        found = FixEffect(before=before, after=after, fixed_at=instant("2026-03-11"), period=MARCH)
        bounds = found.interval(confidence=confidence)
        assert bounds is not None
        assert found.rate_ratio is not None
        assert found.rate_ratio in bounds
        n, tail = before + after, (1 - confidence) / 2
        high, low = (Fraction(bound) * Fraction(21, 10) for bound in (bounds.high, bounds.low))
        assert isclose(find_probability(after, n, high.numerator, high.denominator), tail, rel_tol=1e-9)
        if after:
            assert isclose(1 - find_probability(after - 1, n, low.numerator, low.denominator), tail, rel_tol=1e-9)
        else:
            assert bounds.low == 0

    def test_unknown(self) -> None:
        """Without a date or a side that was watched, no rate is known."""
        bare = FixEffect(before=2, after=1)
        at_start = FixEffect(after=2, fixed_at=MARCH.start, period=MARCH)

        assert (bare.rate_ratio, bare.p_one_sided, bare.interval()) == (None, None, None)
        assert (at_start.before_per_30_days, at_start.p_one_sided, at_start.interval()) == (None, None, None)
        assert FixEffect(fixed_at=DAY, period=MARCH).interval() is None
        at_end = FixEffect(before=1, fixed_at=MARCH.end, period=MARCH)
        assert (at_end.rate_ratio, at_end.p_one_sided, at_end.interval()) == (None, None, None)

    def test_signals_in_no_time(self) -> None:
        """There are no signals on a side that was not watched."""
        with refused(InconsistentCountsError, "signals_in_no_time: before"):
            FixEffect(before=3, fixed_at=MARCH.start, period=MARCH)
        with refused(InconsistentCountsError, "signals_in_no_time: after"):
            FixEffect(before=3, after=1, fixed_at=MARCH.end, period=MARCH)

    def test_outside(self) -> None:
        """The fix lies in the period."""
        with refused(InvalidValueError, "fix_outside_the_period: fixed_at"):
            FixEffect.of([], fixed_at=LATER, period=MARCH)


class TestRepeatReports:
    def test_returns_and_repeats(self) -> None:
        """A report returns after a solution, and repeats one that is open; order and duplicates do not matter."""
        first = said(id=1, customer_id=7, cause="login").resolved(DAY + HOUR)
        second = said(id=2, customer_id=7, cause="login", at=DAY + 2 * HOUR)
        third = said(id=3, customer_id=7, cause="login", at=DAY + 3 * HOUR)
        others = [said(id=4, customer_id=8, cause="login"), said(id=5, cause="login"), said(id=6, customer_id=7)]

        found = RepeatReports.of([third, *others, second, first, third])

        assert found == RepeatReports(first=2, repeated=1, returned=1, unknown=2)
        assert (found.rate, found.return_rate) == (Decimal("0.5"), Decimal("0.25"))
        assert RepeatReports().interval() is None

    def test_opened_again(self) -> None:
        """What was opened again before the next report is not resolved."""
        first = said(customer_id=7, cause="login")
        for state, hours in ((CaseState.CLOSED, 1), (CaseState.OPEN, 2)):
            first = first.entered(state, DAY + hours * HOUR)
        again = [said(customer_id=7, cause="login", at=DAY + hours * HOUR) for hours in (1, 2)]

        assert [RepeatReports.of([first, one]).returned for one in again] == [1, 0]


class TestLoops:
    def test_states(self) -> None:
        """Silence, lateness and what is not yet due are apart; nothing has happened later."""
        ideas = [
            said().answered(DAY + 4 * HOUR),
            said().answered(DAY + 5 * HOUR).resolved(DAY + 6 * HOUR),
            said().resolved(DAY + HOUR),
            said(at=DAY + 5 * HOUR).resolved(DAY + 6 * HOUR),
            said(at=DAY + 9 * HOUR),
            said().answered(DAY + 8 * HOUR).resolved(DAY + 8 * HOUR),
        ]
        found = Loops.of(ideas, as_of=DAY + 7 * HOUR, target=4 * HOUR)

        assert found == Loops(in_time=1, late=1, silent=2, pending=1, resolved=2, target=4 * HOUR)
        assert (found.rate, found.resolution_rate) == (Decimal("0.25"), Decimal("0.5"))
        assert (found.announced_rate, found.told_rate, Loops().acted_rate) == (None, None, None)

    def test_outer_loop(self) -> None:
        """Only a customer who is known can be told, or one who has been."""
        done = said(customer_id=7).acted_on(DAY + HOUR)
        ideas = [
            done,
            done.told(DAY + 2 * HOUR),
            done.announced(DAY + 2 * HOUR).told(DAY + 99 * HOUR),
            attrs.evolve(done, customer_id=None).announced(DAY + 2 * HOUR),
            attrs.evolve(done, customer_id=None).told(DAY + 2 * HOUR),
            said().acted_on(DAY + 9 * HOUR),
            said().announced(DAY),
        ]
        found = Loops.of(ideas, as_of=DAY + 3 * HOUR, target=HOUR)

        assert (found.acted_on, found.announced, found.tellable, found.told) == (5, 2, 4, 2)
        assert (found.announced_rate, found.told_rate) == (Decimal("0.4"), Decimal("0.5"))

    def test_bots(self) -> None:
        """A bot answers only if the caller says so."""
        asked = said(history=[(CaseState.MESSAGE, DAY, Actor.BOT)])

        assert [Loops.of([asked], as_of=LATER, target=HOUR, count_bots=bots).in_time for bots in (False, True)] == [
            0,
            1,
        ]

    def test_parts(self) -> None:
        """No part is larger than its whole."""
        with refused(InconsistentCountsError, "loop_exceeds_its_whole: told"):
            Loops(in_time=2, acted_on=1, tellable=1, told=2)


def vote(hours: int, voter: str | None, idea: str, choice: VoteChoice) -> Vote:
    """Return a vote some hours later."""
    return Vote(at=DAY + hours * HOUR, voter_id=voter, idea_id=idea, choice=choice)


VOTES = st.lists(
    st.builds(
        vote, st.integers(0, 9), st.sampled_from(["ann", "bob"]), st.sampled_from("abc"), st.sampled_from(VoteChoice)
    )
)


class TestIdeaVotes:
    @given(VOTES)
    def test_last_word(self, votes: list[Vote]) -> None:
        """Read in order of time, each vote replaces the one before it on the idea or its duplicate."""
        words: dict[tuple[str, Any], VoteChoice] = {}
        for one in sorted(votes, key=lambda one: one.at):
            words["a" if one.idea_id == "b" else str(one.idea_id), one.voter_id] = one.choice
        found = IdeaVotes.by_idea(votes, merged={"b": "a"})

        assert {idea for idea, _ in words} == set(found)
        for idea, row in found.items():
            choices = [choice for (voted, _), choice in words.items() if voted == idea]
            assert choices.count(VoteChoice.FOR) == row.votes_for
            assert choices.count(VoteChoice.AGAINST) == row.votes_against
        assert IdeaVotes.of(votes, merged={"b": "a"}) == IdeaVotes.total(found.values())

    def test_unknown_voters(self) -> None:
        """Each vote of an unknown voter counts alone; a withdrawal of one takes nothing back."""
        votes = [vote(n, None, "a", choice) for n, choice in enumerate([VoteChoice.FOR] * 2 + [VoteChoice.WITHDRAWN])]

        assert IdeaVotes.of(votes) == IdeaVotes(votes_for=2, anonymous=2)

    @given(st.dictionaries(st.integers(0, 9), st.integers(0, 9)))
    def test_merges_lead_to_the_last_original(self, merged: dict[int, int]) -> None:
        """Each merge is followed step by step, in any order of the merges, or leads to a circle."""
        ends: dict[int, int] = {}
        for idea in range(10):
            end = idea
            for _ in merged:
                end = merged.get(end, end)
            ends[idea] = end
        votes = [Vote(idea_id=idea, at=DAY, choice=VoteChoice.FOR) for idea in ends]
        if merged.keys() & ends.values():
            with refused(InvalidValueError):
                IdeaVotes.by_idea(votes, merged=merged)
        else:
            assert set(ends.values()) == set(IdeaVotes.by_idea(votes, merged=merged))

    @pytest.mark.parametrize("back", [False, True])
    def test_a_long_chain_of_merges(self, back: bool) -> None:
        """A chain takes time in proportion to its length; in proportion to its square this takes 40 s."""
        pairs = [(idea, idea + 1) for idea in range(20_000)]
        began = process_time()
        found = IdeaVotes.by_idea(
            [Vote(idea_id=0, at=DAY, choice=VoteChoice.FOR)], merged=dict(reversed(pairs) if back else pairs)
        )

        assert [20_000] == list(found)
        assert process_time() - began < 10

    @pytest.mark.parametrize("merged", [{"a": "a"}, {"a": "b", "b": "a"}, {"z": "a", "a": "b", "b": "a"}])
    def test_circle(self, merged: dict[str, str]) -> None:
        """Duplicates lead to an original."""
        with refused(InvalidValueError, f"merged_in_a_circle: merged['{next(iter(merged))}']"):
            IdeaVotes.by_idea([], merged=merged)

    def test_more_anonymous(self) -> None:
        """No more votes are anonymous than there are."""
        with refused(InconsistentCountsError, "more_anonymous_than_votes: anonymous"):
            IdeaVotes(votes_for=1, anonymous=2)


class TestRankIdeas:
    def test_one_vote_does_not_lead(self) -> None:
        """A single vote has a low bound, and no vote has none."""
        ideas = {"new": IdeaVotes(votes_for=1), "none": IdeaVotes(), "loved": IdeaVotes(votes_for=60, votes_against=5)}
        found = handling.rank_ideas(ideas)

        assert [(one.idea_id, one.rank, one.is_tied) for one in found] == [
            ("loved", 1, False),
            ("new", 2, False),
            ("none", 3, False),
        ]
        assert found[2].lower_bound is None

    def test_ties(self) -> None:
        """All alike are tied, in the order of their text; the next rank is left out."""
        ideas: dict[Any, IdeaVotes] = dict.fromkeys((10, "b", "a"), IdeaVotes(votes_for=2))
        ranked = handling.rank_ideas({"last": IdeaVotes(votes_against=1), **ideas})

        assert [(one.idea_id, one.rank) for one in ranked] == [(10, 1), ("a", 1), ("b", 1), ("last", 4)]
        assert [one.is_tied for one in ranked] == [True, True, True, False]

    def test_wrong_types(self) -> None:
        """A mapping to votes is due."""
        anything: Any = {"a": 1}
        with refused(WrongTypeError, ": ideas"):
            handling.rank_ideas(anything)


class TestNewCauses:
    @given(st.lists(st.tuples(st.integers(0, 99), st.sampled_from(["a", "b", "c", ""]))))
    def test_against_a_plain_count(self, reports: list[tuple[int, str]]) -> None:
        """A cause is new in the period with its first report, and only there."""
        start = instant("2026-01-01")
        cases = [said(at=start + timedelta(days=day), cause=cause) for day, cause in reports]
        months = Period.quarter(2026, 1).split(TimeUnit.MONTH)
        found = handling.new_causes(cases, months, known=["c"])

        for month, row in zip(months, found, strict=True):
            inside = {one.cause for one in cases if one.received_at in month and one.cause}
            before = {one.cause for one in cases if one.received_at < month.start} | {"c"}
            assert inside - before == set(row.new)
            assert len(inside & before) == row.known
            assert len(row.new) == row.number


class TestReviews:
    def test_rate_time_and_rating(self) -> None:
        """The rate is of all reviews, the time of the answered ones, the rating of the rated ones."""
        review = said(FeedbackKind.REVIEW, rating=5, scale=Scale.RATING_1_5)
        reviews = [review.answered(DAY + HOUR), attrs.evolve(review, rating=2), said(at=LATER), said()]
        found = Reviews.of(reviews, as_of=DAY + 9 * HOUR, scale=Scale.RATING_1_5)

        assert (Fraction(1, 3), Decimal(1)) == (Fraction(found.answered, found.reviews), found.mean_answer_hours)
        assert (found.answered, found.unanswered, found.rated, found.mean_rating) == (1, 2, 2, Decimal("3.5"))
        assert Reviews.of(reviews, as_of=LATER).rated == 0
        assert (Reviews().rate, Reviews().mean_answer_hours, Reviews().mean_rating) == (None, None, None)

    def test_other_scale(self) -> None:
        """Ratings of two scales are not added."""
        review = said(id=3, rating=9, scale=Scale.RECOMMEND_0_10)
        with refused(InvalidValueError, "rating_on_another_scale: feedback[3]"):
            Reviews.of([review], as_of=LATER, scale=Scale.RATING_1_5)
        with refused(PolicyMismatchError, "policies_differ: scale"):
            Reviews(scale=Scale.RATING_1_5) + Reviews()

    def test_more_rated(self) -> None:
        """No more reviews are rated than there are."""
        with refused(InconsistentCountsError, "more_rated_than_reviews: rated"):
            Reviews(rated=1)


class TestLeakShare:
    def test_counts(self) -> None:
        """Only negative feedback counts; what cannot be told is apart."""
        feedback = [
            said(channel=Channel.FORUM),
            said(public=False),
            said(),
            said(FeedbackKind.PRAISE, channel=Channel.FORUM),
            said(FeedbackKind.REVIEW, channel=Channel.FORUM),
            said(FeedbackKind.REVIEW, channel=Channel.FORUM, valence=Valence.BAD),
        ]

        assert LeakShare.of(feedback) == LeakShare(public=2, internal=1, unknown=1, unjudged=1)

    @pytest.mark.parametrize(
        ("before", "after", "rules"),
        [
            ((15, 85), (15, 45), ["leaks_no_more_in_public"]),
            ((15, 85), (14, 45), ["leaks_no_more_in_public"]),
            ((15, 85), (30, 70), []),
            ((15, 85), (15, 185), ["leaks_no_less_in_public"]),
            ((15, 85), (16, 185), ["leaks_no_less_in_public"]),
            ((15, 85), (5, 85), []),
            ((1, 2), (2, 4), []),
            ((0, 0), (2, 4), []),
        ],
    )
    def test_change(self, before: tuple[int, int], after: tuple[int, int], rules: list[str]) -> None:
        """A share that moves without the public count has a caution."""
        one, other = (LeakShare(public=public, internal=internal) for public, internal in (before, after))
        change = other.compared_to(one)

        assert [caution.rule for caution in change.cautions] == rules
        assert (change.public_change, change.internal_change) == (after[0] - before[0], after[1] - before[1])
        assert (change.difference is None) is (sum(before) == 0)


class TestRouting:
    def test_misroutes(self) -> None:
        """A handler is right for a category, wrong, or missing; a category may have no route."""
        routes: dict[str, list[Any]] = {"price": ["anna", 7], "app": []}
        given = [("price", "anna"), ("price", 7), ("price", "7"), ("price", None), ("app", "bob"), ("", "bob")]
        feedback = [said(category=category, handler_id=handler) for category, handler in given]
        found = Routing.by_category(feedback, routes)

        assert found["price"] == Routing(routed=2, misrouted=1, unassigned=1)
        assert found["app"] == Routing(misrouted=1)
        assert found[""] == Routing(unrouted=1)
        assert Routing.of(feedback, routes) == found.total
        assert Routing.by_category([], routes)["app"].rate is None

    def test_lone_id(self) -> None:
        """A text is not several employees."""
        with refused(WrongTypeError):
            Routing.of([], {"price": "anna"})


class TestUnansweredQuestions:
    def test_who_is_left(self) -> None:
        """Questions of people who have not bought, open and without an answer, the longest wait first."""
        question = FeedbackKind.QUESTION
        feedback = [
            said(question, id=1, customer_id=1, at=DAY + HOUR),
            said(question, id=2, customer_id=2),
            said(question, id=3),
            said(id=4, customer_id=4),
            said(question, id=5, customer_id=5).answered(DAY + HOUR),
            said(question, id=6, customer_id=6).resolved(DAY + HOUR),
            said(question, id=7, customer_id=7, at=LATER),
            said(question, id=8, customer_id=8),
        ]
        bought = [
            Purchase(customer_id=customer, at=at, amount=Money(5, "EUR")) for customer, at in ((2, DAY), (8, LATER))
        ]
        found = handling.unanswered_questions(feedback, bought, as_of=DAY + 9 * HOUR)

        assert [wait.feedback_id for wait in found] == [3, 8, 1]

    @pytest.mark.parametrize(
        ("amount", "hours", "had_bought"),
        [(5, -1, True), (5, 0, True), (5, 1, False), (0, -1, False), (-5, -1, False), (-5, 1, False)],
    )
    def test_every_room_knows_who_had_bought(self, amount: int, hours: int, had_bought: bool) -> None:
        """A purchase with an amount > 0 when they asked or before, and not a refund, a sample or a later purchase."""
        bought = [Purchase(customer_id=7, at=DAY + hours * HOUR, amount=Money(amount, "EUR"))]
        question = said(FeedbackKind.QUESTION, id="q", customer_id=7)
        asked = Interaction(touchpoint_id="desk", at=DAY + HOUR / 2, customer_id=7)
        period = Period(DAY + timedelta(microseconds=1), LATER)  # what is at the receipt is before the period
        refund = Purchase(customer_id=7, at=DAY - 9 * HOUR, amount=Money(-1, "EUR"))
        purchases = [refund, *bought]

        assert had_bought is not bool(handling.unanswered_questions([question], purchases, as_of=DAY + 9 * HOUR))
        assert had_bought is not bool(follow_ups.replies([question], MARCH, purchases=purchases, tz=UTC))
        assert had_bought is bool(Effort.of([asked], purchases, period).existing_contacts)


class TestLintReply:
    @pytest.mark.parametrize(
        ("kind", "parts", "rules"),
        [
            (FeedbackKind.PRAISE, ["thanks"], []),
            (FeedbackKind.PRAISE, ["solution"], ["praise_without_thanks"]),
            (FeedbackKind.PROBLEM, ["recognition", "referral"], []),
            (FeedbackKind.PROBLEM, ["thanks"], ["problem_without_recognition", "reply_without_solution"]),
            (FeedbackKind.COMPLAINT, ["apology"], ["reply_without_solution"]),
            (FeedbackKind.QUESTION, ["alternative"], []),
            (FeedbackKind.IDEA, ["a text of ours"], []),
            (FeedbackKind.PRAISE, [], []),
        ],
    )
    def test_parts(self, kind: FeedbackKind, parts: list[str], rules: list[str]) -> None:
        """Each kind of feedback has the parts that its reply needs; unknown parts are not judged."""
        reply = [ReplyPart(part) if part in [*ReplyPart] else part for part in parts]
        case = said(kind, id=1).answered(DAY, reply=reply)

        assert [finding.rule for finding in handling.lint_reply(case)] == rules
        assert [finding.subject for finding in handling.lint_reply(attrs.evolve(case, id=None))] == ["feedback"] * len(
            rules
        )
