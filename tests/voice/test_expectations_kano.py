"""Kano categories, SERVQUAL gaps, and the answers that both read."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given, strategies as st

from crmcore import (
    InvalidValueError,
    Kano,
    KanoAnswer,
    KanoCategory,
    KanoDirection,
    Question,
    Response,
    Scale,
    ServiceGap,
    Servqual,
    TallyBy,
    WrongTypeError,
    expectations,
    instant,
)
from crmcore.interop.hypothesis import kano_counts, servquals
from crmcore.primitives.errors import InconsistentCountsError, UnknownNameError
from crmcore.primitives.proportions import wilson
from tests.support.refusals import refused

DAY = instant("2026-03-02")
FEEL = Scale("kano", low=1, high=5, higher_is_better=False)
THERE, GONE = (Question(id=name, text="How do you feel?", scale=FEEL) for name in ("there", "gone"))
AGREE = Scale.AGREEMENT_1_7
OBJECT = Scale(low=1, high=7, higher_is_better=False)


def respond(*answers: Any, **fields: Any) -> Response:
    """Return a response with pairs of question and answer."""
    return Response(survey_id="q1", at=DAY, answers=answers, **fields)


def ask(number: int, dimension: str = "empathy", scale: Scale = AGREE) -> tuple[Question, Question]:
    """Return the two questions of an item."""
    perceived, expected = (
        Question(id=f"{half}{number}", text="...", scale=scale, concept=dimension) for half in ("P", "E")
    )
    return perceived, expected


class TestKano:
    def test_counts_all_pairs(self) -> None:
        """Of the 25 pairs 1 is one-dimensional, 3 attractive, 3 must-be, 9 indifferent, 7 reverse, 2 questionable."""
        counted = Kano.of_answers(product(KanoAnswer, KanoAnswer))

        assert counted == Kano(
            attractive=3, one_dimensional=1, must_be=3, indifferent=9, reverse=7, questionable=2, incomplete=0
        )

    @pytest.mark.parametrize("turned", [False, True])
    def test_reads_responses(self, turned: bool) -> None:
        """Responses count as their pairs of answers do, on either scale."""
        scale = Scale(low=1, high=5, higher_is_better=True) if turned else FEEL
        there, gone = (Question(id=name, text="?", scale=scale) for name in ("there", "gone"))
        pairs = list(product(range(1, 6), repeat=2))
        responses = [
            respond(*(("there", 6 - one), ("gone", 6 - other)) if turned else (("there", one), ("gone", other)))
            for one, other in pairs
        ]
        answers = [*KanoAnswer]

        assert Kano.of(responses, there, gone) == Kano.of_answers(
            (answers[one - 1], answers[other - 1]) for one, other in pairs
        )

    def test_by_key(self) -> None:
        """Groups add up to the whole; responses without both answers are counted apart."""
        responses = [
            respond(("there", 1), ("gone", 5), segment="a"),
            respond(("there", 1), segment="a"),
            respond(("gone", 1), segment="b"),
            respond(("there", 3), ("gone", 3), segment="b", id=1),
            respond(("there", 3), ("gone", 3), segment="b", id=1),
        ]
        counted = Kano.by(responses, lambda response: response.segment, THERE, GONE)

        assert dict(counted) == {"a": Kano(one_dimensional=1, incomplete=1), "b": Kano(indifferent=1, incomplete=1)}
        assert counted.total == Kano.of(responses, THERE, GONE)

    @given(kano_counts())
    def test_category_is_the_first_of_the_most_frequent(self, counted: Kano) -> None:
        """The category and its strength agree with a Counter; what must be comes first at a tie."""
        found = Counter({one: getattr(counted, one.value) for one in KanoCategory})
        (first, most), (_, second), *_ = found.most_common()

        if not counted.answered:
            assert (counted.category, counted.category_strength, counted.total_strength) == (None, None, None)
            return
        assert counted.category is first
        assert counted.category_strength is not None
        assert abs(Fraction(counted.category_strength) - Fraction(most - second, counted.answered)) < Fraction(
            1, 10**33
        )
        assert counted.share(first) is not None
        assert (len(counted.cautions) == 1) is (most == second)

    def test_tie(self) -> None:
        """A tie is decided by the order, and said."""
        counted = Kano(attractive=3, must_be=3, indifferent=1)

        assert counted.category is KanoCategory.MUST_BE
        assert [finding.rule for finding in counted.cautions] == ["kano_categories_tied"]
        assert counted.cautions[0].evidence == (("must_be", 3), ("attractive", 3))

    def test_nothing(self) -> None:
        """No answers have no coefficients; only incomplete ones are a warning."""
        counted = Kano(incomplete=3)

        assert (counted.better, counted.worse, counted.better_interval(), counted.worse_interval()) == (None,) * 4
        assert counted.interval(KanoCategory.MUST_BE) is None
        assert counted.row()["category"] is None
        assert [finding.rule for finding in counted.cautions] == ["kano_without_answers"]
        assert Kano().cautions == ()

    def test_bounds(self) -> None:
        """Coefficients have Wilson's bounds; those of `worse` are turned."""
        counted = Kano(attractive=30, one_dimensional=20, must_be=40, indifferent=10, reverse=9)
        bounds, turned = counted.worse_interval(confidence=0.9), wilson(60, 100, confidence=0.9)

        assert counted.better_interval() == wilson(50, 100)
        assert bounds is not None
        assert turned is not None
        assert (bounds.low, bounds.high) == (-turned.high, -turned.low)
        assert counted.interval(KanoCategory.REVERSE) == wilson(9, 109)
        assert counted.row()["category"] == "must_be"
        assert counted.explain()["worse"].value == counted.worse

    def test_refuses_other_scales(self) -> None:
        """The questions have five steps and a better end."""
        wide = Question(id="there", text="?", scale=OBJECT)
        unsaid = Question(id="there", text="?", scale=Scale(low=1, high=5))
        with refused(InvalidValueError, "kano_scale_not_of_five_steps: functional"):
            Kano.of([], wide, GONE)
        with refused(InvalidValueError, "kano_scale_not_of_five_steps: dysfunctional"):
            Kano.of([], THERE, wide)
        with refused(InvalidValueError, "scale_without_a_better_end: functional"):
            Kano.of([], unsaid, GONE)
        with refused(InvalidValueError, "scale_without_a_better_end: dysfunctional"):
            Kano.of([], THERE, Question(id="gone", text="?", scale=Scale.OPEN))

    def test_refuses_answers_off_the_scale(self) -> None:
        """An answer is a number on the scale; the error says which response is wrong."""
        with refused(InvalidValueError, "answer_beyond_the_ends: responses[1]"):
            Kano.of([respond(("there", 1)), respond(("there", 6))], THERE, GONE)
        with refused(WrongTypeError, "words_for_a_step: responses[1]"):
            Kano.by([respond(("there", 1)), respond(("there", "yes"))], lambda response: response.id, THERE, GONE)
        with refused(WrongTypeError, ": answers[0]"):
            Kano.of_answers([(KanoAnswer.LIKE, "dislike")])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - a member


class TestKanoDrift:
    @pytest.mark.parametrize(
        ("letters", "direction", "is_one_way", "off"),
        [
            ("AOM", KanoDirection.DECAY, True, 0),
            ("AIM", KanoDirection.DECAY, True, 1),
            ("MA", KanoDirection.RENEWAL, True, 0),
            ("AMO", KanoDirection.DECAY, False, 0),
            ("AMA", KanoDirection.STEADY, False, 0),
            ("OO", KanoDirection.STEADY, True, 0),
            ("A", None, True, 0),
            ("IRQ", None, True, 3),
            ("", None, True, 0),
            ("-A-M-", KanoDirection.DECAY, True, 0),
        ],
    )
    def test_direction(self, letters: str, direction: KanoDirection | None, is_one_way: bool, off: int) -> None:
        """The direction is that from the first to the last on the way; other categories are counted apart."""
        of = dict(zip("MOAIRQ", KanoCategory, strict=True))
        history = [of.get(letter) for letter in letters]
        drift = expectations.kano_drift(history)
        known = [one for one in history if one is not None]

        assert (drift.direction, drift.is_one_way, drift.off_the_way) == (direction, is_one_way, off)
        assert drift.began is (known[0] if known else None)
        assert drift.ended is (known[-1] if known else None)


class TestServqual:
    def test_reverses_and_leaves_out(self) -> None:
        """Reversed items are turned by the ends of the scale; items with a half missing are counted apart."""
        items = [ask(1, "reliability"), ask(2, "responsiveness", OBJECT), ask(3), ask(4), ask(5)]
        response = respond(("P1", 5), ("E1", 7), ("P2", 3), ("E2", 2), ("P3", 4), ("E4", 4))
        service = Servqual.of([response], items)

        assert service.gaps["reliability"].value == -2
        assert service.gaps["responsiveness"] == ServiceGap(perceived=5, expected=6, complete=1)
        assert service.gaps["empathy"] == ServiceGap(only_perceived=1, only_expected=1, unanswered=1)
        assert service.score is None
        assert [finding.rule for finding in service.cautions] == ["dimension_without_items"]

    def test_by_key(self) -> None:
        """Groups add up to the whole."""
        responses = [
            respond(("P1", 5), ("E1", 7), segment="a"),
            respond(("P1", 7), ("E1", 7), segment="b"),
            respond(("P1", 7), ("E1", 7), segment="b", id=1),
            respond(("P1", 7), ("E1", 7), segment="b", id=1),
        ]
        counted = Servqual.by(responses, lambda response: response.segment, [ask(1)])

        assert {name: row.score for name, row in counted.items()} == {"a": Decimal(-2), "b": Decimal(0)}
        assert counted.total == Servqual.of(responses, [ask(1)])

    def test_nothing(self) -> None:
        """Without dimensions there is no score; without responses there are dimensions without one."""
        assert (Servqual().score, Servqual().cautions) == (None, ())
        assert Servqual.of([], [ask(1)]).gaps["empathy"].value is None
        assert Servqual.of([], []) == Servqual()

    def test_weights(self) -> None:
        """Points of 100 and shares of 1 give the same; an unknown gap of weight 0 does not matter."""
        gaps = {"a": ServiceGap(perceived=1, complete=3), "b": ServiceGap(expected=1, complete=7), "c": ServiceGap()}
        service = Servqual(gaps=TallyBy(gaps))

        assert service.weighted({"a": 50, "b": 50, "c": 0}) == service.weighted({"b": "0.5", "a": "0.5", "c": 0})
        assert service.weighted({"a": 50, "b": 40, "c": 10}) is None

    @given(servquals(), st.data())
    def test_weighted_is_exact(self, service: Servqual, data: st.DataObject) -> None:
        """The score and the weighted score agree with fractions, to the 33 digits that one rounding leaves."""
        names = list(service.gaps)
        gaps = {
            name: Fraction(gap.perceived - gap.expected) / gap.complete
            for name, gap in service.gaps.items()
            if gap.complete
        }
        cuts = sorted(data.draw(st.integers(0, 100)) for _ in names[1:])
        points = [high - low for low, high in zip([0, *cuts], [*cuts, 100], strict=True)]
        weights = dict(zip(names, points, strict=True)) if names else {}
        if not names:
            return
        weighted = service.weighted(weights)
        if any(name not in gaps for name, point in weights.items() if point):
            assert weighted is None
        else:
            exact = sum((point * gaps.get(name, Fraction(0)) for name, point in weights.items()), Fraction(0)) / 100
            assert weighted is not None
            assert abs(Fraction(weighted) - exact) <= max(abs(exact), Fraction(1)) / 10**33

    def test_refuses_weights(self) -> None:
        """Weights add up, and belong to the dimensions."""
        service = Servqual(gaps=TallyBy({"a": ServiceGap(perceived=1, complete=1)}))
        with refused(InvalidValueError, "weights_do_not_add_up: weights"):
            service.weighted({"a": 99})
        with refused(UnknownNameError, "weight_of_no_dimension: weights['b']"):
            service.weighted({"a": 50, "b": 50})
        with refused(UnknownNameError, "dimension_without_weight: weights['a']"):
            service.weighted({})
        with refused(InvalidValueError, "too_small: weights"):
            service.weighted({"a": -1})

    def test_refuses_items(self) -> None:
        """The halves of an item have one scale and one dimension, and no item comes twice."""
        (seen, hoped), other = ask(1), ask(2, scale=OBJECT)
        unnamed = Question(id="P", text="...", scale=AGREE)
        with refused(InvalidValueError, "halves_of_two_items: items[0]"):
            Servqual.of([], [(seen, other[1])])
        with refused(InvalidValueError, "halves_of_two_items: items[1]"):
            Servqual.of([], [(seen, hoped), (seen, ask(2, "tangibles")[1])])
        with refused(InvalidValueError, "halves_of_two_items: items[0]"):
            Servqual.of([], [(unnamed, unnamed)])
        with refused(InvalidValueError, "not_unique: items[1]"):
            Servqual.of([], [(seen, hoped), (seen, hoped)])

    def test_refuses_sums_without_items(self) -> None:
        """Sums belong to complete items."""
        with refused(InconsistentCountsError, "sums_of_no_items: perceived"):
            ServiceGap(perceived=1)
        with refused(InconsistentCountsError, "sums_of_no_items: expected"):
            ServiceGap(expected=1)

    def test_refuses_a_dimension_without_a_name(self) -> None:
        """A dimension has a name."""
        with refused(InvalidValueError, ": gaps"):
            Servqual(gaps=TallyBy({" ": ServiceGap()}))

    def test_rows(self) -> None:
        """A row for each dimension, in a notebook too."""
        service = Servqual(gaps=TallyBy({"a": ServiceGap(perceived=1, complete=2, only_expected=1)}))

        assert service.rows()[0]["dimension"] == "a"
        assert service.rows(plain=False)[0]["value"] == Decimal("0.5")
        assert "only_expected" in service._repr_html_()
        assert (service.gaps["a"].mean_perceived, service.gaps["a"].mean_expected) == (Decimal("0.5"), Decimal(0))
        assert service.gaps["a"].explain()["value"].value == Decimal("0.5")
        assert service.explain()["score"].formula == "(gap_1) / 1"
