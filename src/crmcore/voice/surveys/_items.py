"""The score of one respondent over several items, some of which are worded the other way round."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated

import attrs

from crmcore.model.survey import Question, Response
from crmcore.primitives import checks
from crmcore.primitives._decimals import plain_repr, ratio
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.record import SUM, at_least as at_least_kind, number
from crmcore.voice.surveys._counting import best_end_is_high, count_responses, ends_of

__all__ = ["ItemScore", "item_score"]


@attrs.frozen(kw_only=True)
class ItemScore(Result):
    """The mean of the items that a respondent answered.

    Examples:
        >>> from decimal import Decimal
        >>> from crmcore.voice.surveys import ItemScore
        >>> ItemScore(score=Decimal("5.5"), answered=2).answered
        2

    Attributes:
        score: The mean; a high one is good.
        answered: The number of answered items.
    """

    score: Annotated[Decimal, SUM] = attrs.field(converter=number, repr=plain_repr)
    answered: Annotated[int, at_least_kind(1)]


def item_score(response: Response, items: Iterable[Question], /, *, at_least: int = 1) -> ItemScore | None:
    """Return the mean of a respondent's answers to several items of one scale; None if too few are answered.

    An item on whose scale low is better is turned: it counts ``low + high - answer``, by the ends of its scale, not by
    the lowest and highest answers that occur. Items without an answer, or not applicable, are in no mean.

    Examples:
        >>> from crmcore import Question, Response, Scale, instant, surveys
        >>> agree = Scale(low=1, high=7, higher_is_better=True)
        >>> object_to = Scale(low=1, high=7, higher_is_better=False)
        >>> items = [
        ...     Question(id="kind", text="They are kind.", scale=agree),
        ...     Question(id="slow", text="They are slow.", scale=object_to),
        ...     Question(id="clear", text="The offer is clear.", scale=agree),
        ... ]
        >>> response = Response(survey_id="q1", at=instant("2026-03-02"), answers=[("kind", 5), ("slow", 3)])
        >>> surveys.item_score(response, items)
        ItemScore(score=Decimal('5'), answered=2)
        >>> surveys.item_score(response, items, at_least=3) is None
        True

    Args:
        response: The response.
        items: The questions, whose scales have the same ends and say which end is better.
        at_least: The number of answered items without which there is no score, >= 1.

    Raises:
        InvalidValueError: The scales have different ends, or one does not say which end is better; or an answer is not
            on its scale.

    The answers are read for each item, so the time grows with the items times the answers of the response.

    Source: Likert 1932, Archives of Psychology 140.
    """
    checks.as_instance(response, Response, "response")
    questions = checks.as_tuple(items, Question, "items")
    least = checks.as_count(at_least, "at_least", least=1)
    total = answered = 0
    for place, question in enumerate(questions):
        low, high = ends_of(question.scale)
        if (low, high) != ends_of(questions[0].scale):
            raise InvalidValueError(
                "items_of_two_scales",
                f"items must have scales with the same ends, got {show(question.id)} from {low} to {high}",
                field="items",
                record=place,
                operands=(question.id, low, high),
            )
        is_high = best_end_is_high(question.scale)
        count_responses([response], question)  # which refuses an answer that is not on the scale
        value = response.answer(question.id)
        if value is not None:
            total += int(value) if is_high else low + high - int(value)
            answered += 1
    mean = ratio(total, answered)
    return None if mean is None or answered < least else ItemScore(score=mean, answered=answered)
