"""Just ask them: is the survey fair, whom may you ask, what did they answer, and how sure is the score?

`lint` says what is wrong with a survey before it is sent. `may_ask` says whether a customer may be asked again. `Nps`,
`Csat`, `CustomerEffort`, `ReturnLikelihood` and `AnswerCounts` count answers, with bounds. `ResponseRate` and
`nonresponse_bounds` say what those who did not answer may have hidden.
"""

from typing import TYPE_CHECKING

from crmcore.primitives._lazy import load_on_use
from crmcore.voice.surveys._words import IDENTITY_WORDS, LEADING_WORDS

if TYPE_CHECKING:  # for type checkers, which cannot follow the table below
    from crmcore.voice.surveys._asking import (
        AskDecision,
        AskEvent,
        AskLimit,
        cadence,
        cadences,
        may_ask,
        may_ask_each,
    )
    from crmcore.voice.surveys._change import ScoreChange
    from crmcore.voice.surveys._counts import AnswerCounts
    from crmcore.voice.surveys._coverage import AskPurpose, SurveyCoverage, coverage, whom_to_ask
    from crmcore.voice.surveys._csat import Csat, CsatConvention
    from crmcore.voice.surveys._effort import CustomerEffort, ReturnLikelihood
    from crmcore.voice.surveys._items import ItemScore, item_score
    from crmcore.voice.surveys._lint import SurveyTime, lint, time_needed
    from crmcore.voice.surveys._nps import Nps
    from crmcore.voice.surveys._nps_groups import NpsGroup, NpsMethod, ScoreRounding, nps_group
    from crmcore.voice.surveys._panel import NpsPanel, paired_change
    from crmcore.voice.surveys._response_rate import (
        NonresponseBounds,
        ResponseRate,
        ResponseRateConvention,
        eligibility,
        nonresponse_bias,
        nonresponse_bounds,
    )
    from crmcore.voice.surveys._rounds import RoundConvention, SurveyRound
    from crmcore.voice.surveys._sampling import (
        SampleSize,
        krejcie_morgan,
        margin_of_error,
        nps_sample_size,
        sample_size,
    )
    from crmcore.voice.surveys._weighting import WeightedScore, post_stratified

__all__ = [
    "IDENTITY_WORDS",
    "LEADING_WORDS",
    "AnswerCounts",
    "AskDecision",
    "AskEvent",
    "AskLimit",
    "AskPurpose",
    "Csat",
    "CsatConvention",
    "CustomerEffort",
    "ItemScore",
    "NonresponseBounds",
    "Nps",
    "NpsGroup",
    "NpsMethod",
    "NpsPanel",
    "ResponseRate",
    "ResponseRateConvention",
    "ReturnLikelihood",
    "RoundConvention",
    "SampleSize",
    "ScoreChange",
    "ScoreRounding",
    "SurveyCoverage",
    "SurveyRound",
    "SurveyTime",
    "WeightedScore",
    "cadence",
    "cadences",
    "coverage",
    "eligibility",
    "item_score",
    "krejcie_morgan",
    "lint",
    "margin_of_error",
    "may_ask",
    "may_ask_each",
    "nonresponse_bias",
    "nonresponse_bounds",
    "nps_group",
    "nps_sample_size",
    "paired_change",
    "post_stratified",
    "sample_size",
    "time_needed",
    "whom_to_ask",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = load_on_use(
        __name__,
        {
            "_asking": "AskDecision AskEvent AskLimit cadence cadences may_ask may_ask_each",
            "_change": "ScoreChange",
            "_counts": "AnswerCounts",
            "_coverage": "AskPurpose SurveyCoverage coverage whom_to_ask",
            "_csat": "Csat CsatConvention",
            "_effort": "CustomerEffort ReturnLikelihood",
            "_items": "ItemScore item_score",
            "_lint": "SurveyTime lint time_needed",
            "_nps": "Nps",
            "_nps_groups": "NpsGroup NpsMethod ScoreRounding nps_group",
            "_panel": "NpsPanel paired_change",
            "_response_rate": """
                NonresponseBounds ResponseRate ResponseRateConvention eligibility nonresponse_bias nonresponse_bounds
            """,
            "_rounds": "RoundConvention SurveyRound",
            "_sampling": "SampleSize krejcie_morgan margin_of_error nps_sample_size sample_size",
            "_weighting": "WeightedScore post_stratified",
        },
    )
