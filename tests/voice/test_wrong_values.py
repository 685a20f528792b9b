"""What the rooms of voice and their pictures refuse at once, and what they answer at the ends of their domains."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pytest

from crmcore import (
    AskLimit,
    BaseDistribution,
    CaseState,
    Feedback,
    FeedbackKind,
    InvalidValueError,
    LevelRule,
    LevelTransitions,
    Money,
    OpeningHours,
    Question,
    ResponseRate,
    ResponseRateConvention,
    Scale,
    Survey,
    UnknownNameError,
    WrongTypeError,
    handling,
    instant,
    render,
    surveys,
)
from crmcore.primitives.control_charts import Trend
from crmcore.voice import loyalty
from crmcore.voice.loyalty import Complacency, EarlyWarning
from crmcore.voice.surveys import AskPurpose, ScoreChange
from tests.support.refusals import refused

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
NOW = instant("2026-03-02T10:00")
LAST = datetime.max.replace(tzinfo=UTC)
ARRAY: Any = np.array([1.0, 2.0])
CASE = Feedback(kind=FeedbackKind.PROBLEM, received_at=NOW)
BASE = BaseDistribution(counts=(6, 3, 1))
MOVED = LevelTransitions(counts=((5, 1, 0), (0, 2, 1), (0, 0, 1)))
SURVEY = Survey(id="q1", questions=[Question(id=1, text="How was it?", scale=Scale.RATING_1_5)])
FINE = "1e-999999"


def a_change(**changed: object) -> ScoreChange:
    """Return a change of five points, or what the arguments make of it."""
    values: dict[str, Any] = {"difference": Fraction(5), "variance": Fraction(4), "adjusted": None, **changed}
    return ScoreChange.of(**values)


def unless_refused(call: Callable[[], T]) -> T | None:
    """Return the answer, or None if the domain of the argument does not reach so far."""
    try:
        return call()
    except InvalidValueError:
        return None


REFUSALS: list[tuple[Callable[[], object], type[Exception], str]] = [
    (lambda: loyalty.Standings.of([], as_of=NOW, customers=b"ab"), WrongTypeError, "one_for_several: customers"),
    (lambda: a_change(difference=5), WrongTypeError, "not_a_fraction: difference"),
    (lambda: a_change(difference=Fraction(10**31)), InvalidValueError, "fraction_too_large_or_fine: difference"),
    (lambda: a_change(variance=Fraction(1, 10**1001)), InvalidValueError, "fraction_too_large_or_fine: variance"),
    (lambda: a_change(variance=Fraction(-1)), InvalidValueError, "variance_below_zero: variance"),
    (lambda: a_change(adjusted={}), WrongTypeError, "not_a_pair: adjusted"),
    (lambda: a_change(adjusted=(Fraction(1), None)), WrongTypeError, "not_a_fraction: adjusted[1]"),
    (
        lambda: ScoreChange(difference=1, standard_error=10**5000),
        InvalidValueError,
        "not_an_estimate: standard_error",
    ),
    (
        lambda: EarlyWarning(counts=[(1, 2)], baseline_periods=1, strength="0.5"),  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - wrong on purpose
        WrongTypeError,
        "estimate_not_a_float: strength",
    ),
    (lambda: LevelRule.NPS.rank(ARRAY), WrongTypeError, "wrong_number_type: value"),
    (lambda: LevelRule.NPS.rank(11), InvalidValueError, ": value"),
    (lambda: BASE.share(ARRAY), UnknownNameError, "no_such_level: level"),
    (lambda: MOVED.share("loyal", ARRAY), UnknownNameError, "no_such_level: after"),
    (lambda: LevelTransitions.of({}, {}, gone=[[]]), WrongTypeError, "not_an_id: gone[0]"),  # type: ignore[list-item] # pyright: ignore[reportArgumentType] - wrong on purpose
    (
        lambda: loyalty.rates_by_factor({"anna": [[]]}, {}),  # type: ignore[list-item] # pyright: ignore[reportArgumentType] - wrong on purpose
        WrongTypeError,
        "not_a_text: factors[0]",
    ),
    (lambda: loyalty.rates_by_factor({"anna": count()}, {}), WrongTypeError, "not_a_text: factors[0]"),  # type: ignore[dict-item] # pyright: ignore[reportArgumentType] - wrong on purpose
    (
        lambda: surveys.whom_to_ask([], purpose=AskPurpose.NEEDS, as_of=NOW, worth={"anna": 5}),  # type: ignore[dict-item] # pyright: ignore[reportArgumentType] - wrong on purpose
        WrongTypeError,
        "wrong_type: worth[0]",
    ),
    (lambda: surveys.cadence(ARRAY), WrongTypeError, "not_a_duration: mean_gap"),
    (lambda: surveys.cadence(timedelta(days=-1)), InvalidValueError, "duration_negative: mean_gap"),
    (lambda: surveys.krejcie_morgan(220, margin=FINE), InvalidValueError, ": margin"),
    (
        lambda: surveys.lint(SURVEY, identity_words=["name", "x" * 1_000_000]),
        InvalidValueError,
        "text_too_long: identity_words[1]",
    ),
    (lambda: AskLimit(within=timedelta(days=1)).find_end(None, NOW), WrongTypeError, "one_for_several: times"),  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - wrong on purpose
    (lambda: AskLimit(within=timedelta(days=1)).find_end([None], NOW), WrongTypeError, "not_an_instant: times[0]"),  # type: ignore[list-item] # pyright: ignore[reportArgumentType] - wrong on purpose
    (lambda: AskLimit(within=timedelta(days=1)).find_end([], None), WrongTypeError, "not_an_instant: now"),  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - wrong on purpose
    (lambda: CASE.entered([], NOW), WrongTypeError, "not_a_member: state"),  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - wrong on purpose
    (lambda: render.timeline(CASE, as_of=NOW, paused_in=5), WrongTypeError, "one_for_several: paused_in"),  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - wrong on purpose
    (
        lambda: render.intervals([("desk", (Decimal("sNaN"), None))]),
        InvalidValueError,
        "figure_too_large: rows[0]",
    ),
    (lambda: render.trend([("desk", (10**5000, None))]), InvalidValueError, "figure_too_large: rows[0]"),
]


class TestRefusals:
    @pytest.mark.parametrize(("call", "error", "broken"), REFUSALS)
    def test_refuses(self, call: Callable[[], object], error: type[Exception], broken: str) -> None:
        """A wrong value is refused with its name before anything is done with it."""
        with refused(error, broken):
            call()

    def test_level_of_a_text(self) -> None:
        """`rank` reads what `level` reads."""
        assert LevelRule.NPS.rank("8") == LevelRule.NPS.rank(8) == 1


class TestEndsOfTheDomain:
    def test_whom_to_ask_reads_worth(self) -> None:
        """Money is summed, by ids."""
        assert surveys.whom_to_ask([], purpose=AskPurpose.NEEDS, as_of=NOW, worth={"anna": Money(5, "EUR")}) == ()

    def test_find_end(self) -> None:
        """The limit ends when its oldest event leaves the time, at the latest with the calendar."""
        day = AskLimit(within=timedelta(days=1))
        assert day.find_end([], NOW) is None
        assert day.find_end([NOW], NOW) == NOW + timedelta(days=1)
        assert day.find_end([NOW - timedelta(days=1)], NOW) is None
        assert AskLimit(within=timedelta.max).find_end([NOW], NOW) == LAST

    def test_tiny_shares(self) -> None:
        """A share that is next to nothing counts, and takes no time."""
        asked = ResponseRate(complete=1, refusal=1, unknown=2)
        assert unless_refused(lambda: asked.rate_by(ResponseRateConvention.RR3, e=FINE)) in (None, Decimal("0.5"))
        bounds = unless_refused(lambda: surveys.nonresponse_bounds("0.5", response_rate=FINE))
        assert bounds is None or bounds.high == 1
        bias = unless_refused(
            lambda: surveys.nonresponse_bias(response_rate=FINE, respondent_mean=3, nonrespondent_mean=1)
        )
        assert bias in (None, 2)

    @pytest.mark.parametrize(
        ("high_from", "is_high"), [(FINE, True), ("0.5", True), (Decimal(f"0.5{'0' * 300}1"), False)]
    )
    def test_high_loyalty(self, high_from: Decimal | str, is_high: bool) -> None:
        """The verdict is exact at the tie and right next to it."""
        quiet = timedelta(days=1)
        high = unless_refused(
            lambda: Complacency(loyal=1, known=2, as_of=NOW, high_from=high_from, quiet_after=quiet).is_high
        )
        assert high in (None, is_high)

    @pytest.mark.parametrize("statistic", [2, -2])
    def test_trend_with_a_tiny_variance(self, statistic: int) -> None:
        """The trend is as clear as a float can say."""
        z = unless_refused(lambda: Trend(statistic=statistic, variance=FINE).z)
        assert z in (None, 1e300 if statistic > 0 else -1e300)

    def test_paused_states_of_a_timeline(self) -> None:
        """The picture takes the states from any iterable."""
        states = iter([CaseState.WAITING_ON_CUSTOMER])
        assert "Timeline" in str(render.timeline(CASE, as_of=NOW, paused_in=states))

    def test_clock_until_the_end_of_the_calendar(self) -> None:
        """Open hours over millennia are counted within a moment."""
        hours = OpeningHours(zone=UTC, monday=[("09:00", "17:00")])
        weeks = (LAST - NOW) // timedelta(days=7)
        assert handling.clock(CASE, as_of=LAST, hours=hours).running >= weeks * timedelta(hours=8)
