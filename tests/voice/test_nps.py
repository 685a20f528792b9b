from __future__ import annotations

import itertools
from decimal import Decimal
from fractions import Fraction
from math import comb, sqrt
from statistics import NormalDist
from typing import Any, cast

import attrs
import mpmath
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    AnswerCounts,
    InvalidValueError,
    Nps,
    NpsGroup,
    NpsMethod,
    NpsPanel,
    Question,
    Response,
    Scale,
    ScoreRounding,
    WrongTypeError,
    instant,
    surveys,
)
from crmcore.interop.hypothesis import nps_counts, nps_panels
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.voice.surveys import ScoreChange
from tests.support.refusals import refused

DAY = instant("2026-03-02")
FRIEND = Question(id="nps", text="Would you recommend us?", scale=Scale.RECOMMEND_0_10)
NAMES = ("promoters", "passives", "detractors")
ANY_PANEL: Any = NpsPanel
ANY_NPS: Any = Nps
"""The class, which type checkers let take anything."""
few = nps_counts(
    **{name: st.integers(0, 40) for name in ("promoters", "passives", "detractors")}, unanswered=0, not_applicable=0
)


def respond(*rows: tuple[str | None, int | None]) -> list[Response]:
    """Return a response of each customer."""
    return [
        Response(survey_id="q1", at=DAY, answers=[] if score is None else [("nps", score)], customer_id=customer_id)
        for customer_id, score in rows
    ]


class NAType:
    """A missing cell of pandas has a class of this name."""


class TestNps:
    def test_groups(self) -> None:
        """0 to 6 are detractors, 7 and 8 passives, 9 and 10 promoters; by number, by response and by step alike."""
        scores = [*range(11), None]
        counted = Nps.of_scores(scores)

        assert Nps(promoters=2, passives=2, detractors=7, unanswered=1) == counted
        assert counted == Nps.of(respond(*((None, score) for score in scores)), FRIEND)
        assert counted == Nps.of_counts(AnswerCounts.of_scores(scores, Scale.RECOMMEND_0_10))
        assert [7, 2, 2] == [
            sum(surveys.nps_group(score) is group for score in range(11)) for group in reversed(NpsGroup)
        ]

    @given(st.lists(st.tuples(st.integers(0, 10), st.sampled_from("ab")), max_size=20))
    def test_shards_add(self, rows: list[tuple[int, str]]) -> None:
        """Score and bounds of the sum of shards are those of the whole."""
        responses = respond(*((customer_id, score) for score, customer_id in rows))
        whole = Nps.of(responses, FRIEND)
        shards = Nps.total([Nps.of(responses[:5], FRIEND), Nps.of(responses[5:], FRIEND)])

        assert (whole.score, whole.interval()) == (shards.score, shards.interval())
        assert whole == (Nps.by(responses, lambda one: one.customer_id, FRIEND).total or Nps())

    @given(nps_counts())
    def test_exact(self, counted: Nps) -> None:
        """Score, share and variance are the exact fractions of the answers worth 1, 0 and -1."""
        n = counted.answered
        if not n:
            return
        net = Fraction(counted.promoters - counted.detractors, n)
        variance = sum(
            count * (worth - net) ** 2
            for worth, count in ((1, counted.promoters), (0, counted.passives), (-1, counted.detractors))
        ) / Fraction(n)
        for exact, found in ((net, counted.net), (100 * net, counted.score), (variance, counted.variance)):
            assert found is not None
            assert abs(exact - Fraction(found)) <= abs(exact) / 10**33
        assert 100 * sqrt(variance / n) == pytest.approx(counted.standard_error, rel=1e-12)

    def test_nothing_is_known_of_no_answers(self) -> None:
        """Without answers every figure is None, also if there are responses; the caution says so."""
        empty = Nps(unanswered=3)

        assert [None] * 8 == [
            *(empty.score, empty.net, empty.variance, empty.standard_error, empty.adjusted_score),
            *(empty.adjusted_standard_error, empty.displayed(), empty.interval()),
        ]
        assert ["question_never_answered"] == [finding.rule for finding in empty.cautions]
        assert () == Nps().cautions

    @pytest.mark.parametrize(
        ("counts", "digits", "expected"),
        [
            ((15, 5, 20), 0, ("-12", "-13", "-12")),
            ((21, 0, 19), 0, ("5", "5", "5")),
            ((9, 4, 4), 1, ("29.4", "29.4", "29.4")),
            ((17, 10, 13), 0, ("10", "10", "10")),
            ((27, 0, 13), 0, ("35", "35", "35")),
            ((21, 4, 15), 0, ("15", "15", "15")),
            ((18, 9, 13), 0, ("12", "13", "13")),
            ((1, 399, 2), 0, ("0", "0", "0")),
        ],
    )
    def test_rounded_once(self, counts: tuple[int, int, int], digits: int, expected: tuple[str, ...]) -> None:
        """The exact score is rounded by each rule; a half goes where the rule says, and -0 is never shown."""
        promoters, passives, detractors = counts
        nps = Nps(promoters=promoters, passives=passives, detractors=detractors)

        assert expected == tuple(str(nps.displayed(digits=digits, rounding=rule)) for rule in ScoreRounding)

    def test_missing_cells_are_unanswered(self) -> None:
        """A missing cell of a data frame is an unanswered question, as None is."""
        scores: list[Any] = [9, float("nan"), None, NAType(), 3]
        assert Nps.of_scores(scores) == Nps(promoters=1, detractors=1, unanswered=3)

    @pytest.mark.parametrize(
        ("call", "error", "broken"),
        [
            (lambda: ANY_NPS.of_scores([6.5]), WrongTypeError, "wrong_number_type: scores[0]"),
            (lambda: ANY_NPS.of_scores([9.0]), WrongTypeError, "score_as_float: scores[0]"),
            (lambda: ANY_NPS.of_scores([11]), InvalidValueError, "out_of_range: scores[0]"),
            (lambda: ANY_NPS.of_scores(["9"]), WrongTypeError, "wrong_number_type: scores[0]"),
            (lambda: surveys.nps_group(cast("Any", 8.5)), WrongTypeError, "wrong_number_type: score"),
            (
                lambda: ANY_NPS.of([], Question(id=1, text="", scale=Scale.SATISFACTION_1_10)),
                InvalidValueError,
                "not_a_recommendation_scale: question",
            ),
            (
                lambda: ANY_NPS.of([], Question(id=1, text="", scale=Scale.RATING_0_10)),
                InvalidValueError,
                "not_a_recommendation: question",
            ),
            (
                lambda: ANY_NPS.of_counts(AnswerCounts(scale=Scale.RATING_1_5)),
                InvalidValueError,
                "not_a_recommendation_scale: question",
            ),
            (lambda: ANY_NPS().interval(method="wald"), WrongTypeError, "not_a_member: method"),
            (lambda: ANY_NPS().interval(confidence=95), InvalidValueError, "not_a_confidence: confidence"),
            (lambda: ANY_NPS(promoters=1).displayed(digits=-1), InvalidValueError, "out_of_range: digits"),
        ],
    )
    def test_hostile_input(self, call: Any, error: type[Exception], broken: str) -> None:
        """Scores between the steps, off the scale, and scores of what is no recommendation are refused."""
        with refused(error, broken):
            call()


class TestIntervals:
    @given(few, st.sampled_from([0.5, 0.9, 0.95, 0.999]))
    def test_adjusted_wald_adds_three_answers(self, counted: Nps, confidence: float) -> None:
        """The default is the Wald interval with 3/4, 3/2 and 3/4 answers more, to 40 digits of another library."""
        bounds = counted.net_interval(confidence=confidence)
        if not counted.answered:
            assert bounds is None
            return
        with mpmath.workdps(40):
            z = mpmath.sqrt(2) * mpmath.erfinv(mpmath.mpf(confidence))
            p, q, d = (
                mpmath.mpf(count) + mpmath.mpf(extra)
                for count, extra in zip(
                    (counted.promoters, counted.passives, counted.detractors), ("0.75", "1.5", "0.75"), strict=True
                )
            )
            n = p + q + d
            net = (p - d) / n
            error = mpmath.sqrt(((p + d) / n - net**2) / n)
        assert bounds is not None
        assert float(max(-1, net - z * error)) == pytest.approx(bounds.low, abs=1e-9)
        assert float(min(1, net + z * error)) == pytest.approx(bounds.high, abs=1e-9)

    @given(few)
    def test_points_and_shares_agree(self, counted: Nps) -> None:
        """Bounds in points are a hundred times those in shares, lie on the scale, and contain the score."""
        for method in NpsMethod:
            points, shares = counted.interval(method=method), counted.net_interval(method=method)
            if points is None or shares is None:
                assert (0, None, None) == (counted.answered, points, shares)
                continue
            assert (100 * shares.low, 100 * shares.high) == (points.low, points.high)
            assert -100 <= points.low <= points.high <= 100
            if method is NpsMethod.SCORE:
                assert counted.score is not None
                assert points.low - 1e-9 <= counted.score <= points.high + 1e-9

    @pytest.mark.parametrize("counts", [(5, 3, 2), (10, 0, 0), (0, 4, 0), (1, 0, 0), (0, 1, 9), (30, 2, 8)])
    def test_score_interval_solves_the_score_test(self, counts: tuple[int, int, int]) -> None:
        """At a bound inside the scale, the likeliest shares with that score give a test of exactly z."""
        promoters, passives, detractors = counts
        nps = Nps(promoters=promoters, passives=passives, detractors=detractors)
        bounds = nps.net_interval(method=NpsMethod.SCORE)

        assert bounds is not None
        for bound in (bounds.low, bounds.high):
            if abs(bound) < 1:
                assert NormalDist().inv_cdf(0.975) == pytest.approx(_score_test(counts, bound), rel=1e-6)

    def test_all_alike_has_width(self) -> None:
        """Ten promoters of ten are no proof of 100; Wald alone says so."""
        alike = Nps(promoters=10)

        assert 0.0 == getattr(alike.interval(method=NpsMethod.WALD), "width", None)
        for method in (NpsMethod.ADJUSTED_WALD, NpsMethod.SCORE):
            bounds = alike.interval(method=method)
            assert bounds is not None
            assert bounds.low < 80
        assert Nps(promoters=1).interval() is not None

    @pytest.mark.parametrize("shares", [(0.5, 0.3, 0.2), (0.7, 0.2, 0.1), (0.34, 0.33, 0.33)])
    def test_coverage_by_enumeration(self, shares: tuple[float, float, float]) -> None:
        """Over all possible samples of thirty, the default contains the true score about as often as it says."""
        n, true = 30, shares[0] - shares[2]
        covered = 0.0
        for promoters, passives in itertools.product(range(n + 1), repeat=2):
            detractors = n - promoters - passives
            if detractors < 0:
                continue
            chance = comb(n, promoters) * comb(n - promoters, passives)
            bounds = Nps(promoters=promoters, passives=passives, detractors=detractors).net_interval()
            assert bounds is not None
            if bounds.low <= true <= bounds.high:
                covered += chance * shares[0] ** promoters * shares[1] ** passives * shares[2] ** detractors

        assert 0.94 <= covered <= 0.97


def _score_test(counts: tuple[int, int, int], net: float) -> float:
    """Return the score test by a search for the likeliest shares, on a grid that is refined."""
    up, _, down = counts
    n = sum(counts)
    low, high = max(0.0, -net), (1 - net) / 2
    for _ in range(60):
        grid = [low + (high - low) * step / 20 for step in range(21)]
        best = max(range(21), key=lambda place: _likelihood(counts, grid[place], net))
        low, high = grid[max(0, best - 1)], grid[min(20, best + 1)]
    share = (low + high) / 2
    variance = 2 * share + net - net**2
    return abs(up - down - n * net) / sqrt(n * variance)


def _likelihood(counts: tuple[int, int, int], down: float, net: float) -> float:
    shares = (down + net, 1 - 2 * down - net, down)
    return sum(
        0.0 if not count else -1e300 if share <= 0 else count * float(mpmath.log(share))
        for count, share in zip(counts, shares, strict=True)
    )


class TestChange:
    @given(few, few)
    def test_independent_rounds(self, before: Nps, after: Nps) -> None:
        """The standard errors of two rounds add as squares; there is no change without answers."""
        change = after.compared_to(before)
        if not (before.answered and after.answered):
            assert change is None
            return
        assert change is not None
        error = sqrt((before.standard_error or 0) ** 2 + (after.standard_error or 0) ** 2)
        assert error == pytest.approx(change.standard_error, rel=1e-9)
        back = before.compared_to(after)
        assert back is not None
        assert (change.difference.copy_negate(), change.p_two_sided) == (back.difference, back.p_two_sided)

    def test_bounds_of_a_change(self) -> None:
        """The Wald interval of a change contains 0 if and only if the p-value is above 5 per cent."""
        before = Nps(promoters=50, passives=30, detractors=20)
        for promoters in range(50, 80):
            change = Nps(promoters=promoters, passives=80 - promoters, detractors=20).compared_to(before)
            assert change is not None
            assert change.p_two_sided is not None
            wald = attrs.evolve(change, adjusted_difference=None)
            assert (0 in wald.interval()) is (change.p_two_sided > 0.05)

    @pytest.mark.parametrize(
        "change",
        [
            Nps(promoters=10).compared_to(Nps(passives=10)),
            Nps(promoters=1).compared_to(Nps(detractors=1)),
            Nps(passives=1000).compared_to(Nps(passives=1000)),
            NpsPanel(passives=(5, 0, 0), promoters=(0, 0, 0), detractors=(0, 0, 0)).change,
            NpsPanel(passives=(0, 0, 0), promoters=(0, 0, 1), detractors=(0, 0, 0)).change,
            NpsPanel(passives=(0, 1, 0), promoters=(0, 0, 0), detractors=(0, 0, 0)).change,
        ],
    )
    def test_bounds_do_not_collapse(self, change: ScoreChange | None) -> None:
        """Answers that are all alike do not make a change certain: there is a width, no p-value, and a caution."""
        assert change is not None
        assert 0.1 < change.interval().width
        assert change.p_two_sided is None
        assert ["change_without_spread"] == [one.rule for one in change.cautions]

    def test_adjusted_bounds(self) -> None:
        """The interval is that of the rounds with the answers of the adjusted-Wald method, in hand-made numbers."""
        change = Nps(promoters=6, passives=2, detractors=2).compared_to(Nps(promoters=2, passives=6, detractors=2))
        assert change is not None
        later, earlier = (4 / 13, 9.5 / 13), (0.0, 5.5 / 13)  # the net share, and that of promoters and detractors
        error = sqrt((later[1] - later[0] ** 2) / 13 + (earlier[1] - earlier[0] ** 2) / 13)
        assert change.interval().low == pytest.approx(
            100 * (later[0] - earlier[0] - NormalDist().inv_cdf(0.975) * error)
        )
        assert () == change.cautions


class TestPanel:
    @given(nps_panels())
    def test_rounds_and_change(self, panel: NpsPanel) -> None:
        """The change is the difference of the two scores, with the variance of each customer's change."""
        change = panel.change
        if not panel.paired:
            assert (None, None, None) == (change, panel.difference, panel.score_before)
            return
        table = (panel.promoters, panel.passives, panel.detractors)
        changes = [
            (was - now) for was, row in enumerate(table) for now, count in enumerate(row) for _ in range(count % 7)
        ]
        assert change is not None
        assert panel.before.score is not None
        assert panel.after.score is not None
        assert abs(Fraction(panel.after.score) - Fraction(panel.before.score) - Fraction(change.difference)) < Fraction(
            1, 10**25
        )
        assert panel.before.answered == panel.after.answered == panel.paired
        small: Any = ANY_PANEL(**{name: tuple(count % 7 for count in getattr(panel, name)) for name in NAMES})
        if changes:
            mean = Fraction(sum(changes), len(changes))
            variance = sum(((one - mean) ** 2 for one in changes), Fraction(0)) / len(changes)
            assert small.change is not None
            assert 100 * sqrt(variance / len(changes)) == pytest.approx(small.change.standard_error, rel=1e-9)

    @given(nps_panels())
    def test_adjusted_bounds(self, panel: NpsPanel) -> None:
        """The interval is that of the same customers with one more who rises by a group, and one who falls by one."""
        (best, good, bad), (up, stays, down) = panel.promoters, panel.passives
        change, more = (
            panel.change,
            ANY_PANEL(
                promoters=(best, good + 1, bad), passives=(up + 1, stays, down), detractors=panel.detractors
            ).change,
        )

        assert change is None or (change.adjusted_difference, change.adjusted_standard_error) == (
            more.difference,
            more.standard_error,
        )

    def test_pairs_by_customer(self) -> None:
        """Customers of one round only, and answers without a customer, are counted apart."""
        panel = NpsPanel.of(
            respond(("anna", 10), ("ben", 3), ("cleo", 7), ("dan", None), (None, 5)),
            respond(("anna", 9), ("ben", 8), ("eve", 0), (None, 5)),
            FRIEND,
        )

        assert NpsPanel(promoters=(1, 0, 0), detractors=(0, 1, 0), only_before=1, only_after=1, unidentified=2) == panel

    def test_two_answers_of_a_customer_are_refused(self) -> None:
        """A customer has one answer in a round."""
        with refused(InconsistentCountsError, "answered_twice_in_a_round: after[1]"):
            NpsPanel.of([], respond(("anna", 9), ("anna", 3)), FRIEND)
        with refused(InvalidValueError, "answer_off_the_scale: responses[0]"):
            NpsPanel.of(respond(("anna", 11)), [], FRIEND)


class TestPairedChange:
    EASE = Question(id="nps", text="We made it easy.", scale=Scale.EFFORT_1_7)

    @given(st.lists(st.tuples(st.none() | st.integers(1, 7), st.none() | st.integers(1, 7)), max_size=12))
    def test_mean_of_changes(self, rows: list[tuple[int | None, int | None]]) -> None:
        """The change is the mean of each customer's change, with the variance of the sample."""
        before, after = (respond(*((str(n), row[side]) for n, row in enumerate(rows))) for side in (0, 1))
        change = surveys.paired_change(before, after, self.EASE)
        changes = [now - was for was, now in rows if was is not None and now is not None]
        if len(changes) < 2:
            assert change is None
            return
        assert change is not None
        mean = Fraction(sum(changes), len(changes))
        error = sqrt(sum((one - mean) ** 2 for one in changes) / (len(changes) - 1) / len(changes))
        assert abs(mean - Fraction(change.difference)) < Fraction(1, 10**32)
        assert error == pytest.approx(change.standard_error, rel=1e-9)

    def test_who_cannot_be_paired(self) -> None:
        """Answers of unknown customers and of one round only are left out; two of one customer are refused."""
        before = respond(("anna", 2), ("ben", 3), (None, 7), ("dan", 7))
        change = surveys.paired_change(before, respond(("ben", 5), ("anna", 4), (None, 1)), self.EASE)

        assert change is not None
        assert (Decimal(2), 0.0, None) == (change.difference, change.standard_error, change.z)
        with refused(InconsistentCountsError, "answered_twice_in_a_round: before[1]"):
            surveys.paired_change(respond(("anna", 1), ("anna", 1)), [], self.EASE)


def test_decimal_context_does_not_matter() -> None:
    """A score is a Decimal of 34 digits."""
    assert Decimal("33.33333333333333333333333333333333") == Nps(promoters=1, passives=2).score
