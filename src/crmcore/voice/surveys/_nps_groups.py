"""The groups of the Net Promoter Score, and its methods by name."""

from enum import StrEnum

from crmcore.model.survey import MeasureKind, Question
from crmcore.primitives import checks
from crmcore.primitives.errors import InvalidValueError

__all__ = ["NpsGroup", "NpsMethod", "ScoreRounding", "check_is_recommendation", "nps_group"]


class NpsGroup(StrEnum):
    """The three groups of the Net Promoter Score.

    Attributes:
        PROMOTER: The customer answered 9 or 10.
        PASSIVE: The customer answered 7 or 8.
        DETRACTOR: The customer answered 0 to 6.

    Source: Reichheld 2003, Harvard Business Review 81(12):46-54.
    """

    PROMOTER = "promoter"
    PASSIVE = "passive"
    DETRACTOR = "detractor"


class NpsMethod(StrEnum):
    """The published methods for the interval of a Net Promoter Score.

    Attributes:
        ADJUSTED_WALD: Three answers are added, 3/4 of them promoters and 3/4 detractors. The default: of the simple
            methods it contains the true score most nearly as often as it says.
        WALD: Plus or minus z standard errors. Its width is 0 if all answers are in one group.
        SCORE: The scores that a score test does not reject, which is Tango's interval of a paired difference.

    Source: Rocks 2016, The American Statistician 70:365-372; Lewis and Sauro 2021 (measuringu.com); Tango 1998,
    Statistics in Medicine 17:891-908.
    """

    ADJUSTED_WALD = "adjusted_wald"
    WALD = "wald"
    SCORE = "score"


class ScoreRounding(StrEnum):
    """What becomes of a half when a score is shown: -12.5 is -12 or -13.

    Attributes:
        HALF_EVEN: To the even neighbour, -12, as everywhere in this library and in Python's `round`.
        HALF_AWAY: Away from zero, -13, as in spreadsheets.
        HALF_UP: To the greater neighbour, -12, as JavaScript's ``Math.round`` does.
    """

    HALF_EVEN = "half_even"
    HALF_AWAY = "half_away"
    HALF_UP = "half_up"


def nps_group(score: int) -> NpsGroup:
    """Return the group of an answer from 0 to 10.

    Examples:
        >>> from crmcore import surveys
        >>> [surveys.nps_group(score).value for score in (6, 7, 9)]
        ['detractor', 'passive', 'promoter']

    Raises:
        InvalidValueError: The score is not from 0 to 10.
        WrongTypeError: The score is not a whole number: 6.5 is in no group.
    """
    score = checks.as_whole(score, "score", 0, 10)
    return NpsGroup.DETRACTOR if score < 7 else NpsGroup.PASSIVE if score < 9 else NpsGroup.PROMOTER


def check_is_recommendation(question: Question) -> None:
    """Refuse a question whose answers are no Net Promoter Score."""
    scale = checks.as_instance(question, Question, "question").scale
    if (scale.low, scale.high) != (0, 10) or scale.higher_is_better is False:
        raise InvalidValueError(
            "not_a_recommendation_scale",
            f"question must have the scale from 0 to 10 on which 10 is best, got {scale}",
            field="question",
            advice="use Scale.RECOMMEND_0_10",
            operands=(scale,),
        )
    if scale.measure not in {None, MeasureKind.RECOMMENDATION}:
        raise InvalidValueError(
            "not_a_recommendation",
            f"question must ask for a recommendation, got one that measures {scale.measure}",
            field="question",
            advice="use Scale.RECOMMEND_0_10 if it does",
            operands=(scale.measure,),
        )
