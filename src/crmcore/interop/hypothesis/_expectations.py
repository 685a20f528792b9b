"""Strategies for graded experiences, adaptation, SERVQUAL and Kano."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import ExperienceGrades, Kano, KanoCategory, MeasureKind, ServiceGap, Servqual, SubjectKind, TallyBy
from crmcore.interop.hypothesis._nouns import readings
from crmcore.interop.hypothesis._values import Fields, counts, decimals, fields_from, record, shares, words
from crmcore.voice.expectations import (
    Adaptation,
    AdaptationStep,
    GradedExperience,
    KanoDrift,
    adapt,
    grade_each,
)


def experience_grades(**fields: object) -> SearchStrategy[ExperienceGrades]:
    """Counts of experiences by their grade, without policies unless they are given."""
    return record(ExperienceGrades, fields, _experience_grades)


def _experience_grades() -> Fields:
    return dict.fromkeys(("neutral_band", "excellent_from", "max_age"), st.none())


@st.composite
def graded_experiences(draw: st.DrawFn, /, **fields: object) -> GradedExperience:
    """An experience of a customer, graded against up to two expectations of its instant."""
    usual = {"subject_kind": SubjectKind.CUSTOMER, "subject_id": 7, "customer_id": None, "aspect": ""}
    judged = {**usual, "value": decimals(0, 10), "level": None, "scale": None}
    experience = draw(readings(**judged, kind=MeasureKind.PERCEPTION))
    hoped = draw(st.lists(readings(**judged, kind=MeasureKind.EXPECTATION, at=experience.at), max_size=2))
    [graded] = grade_each([experience, *hoped], neutral_band=1, excellent_from=2)
    drawn = {name: getattr(graded, name) for name in ("expectation", "disconfirmation", "grade", "is_tied")}
    return GradedExperience(**fields_from(draw, fields, {"experience": experience, **drawn}))


def adaptation_steps(**fields: object) -> SearchStrategy[AdaptationStep]:
    """Steps whose numbers do not depend on each other."""
    return record(AdaptationStep, fields, _adaptation_steps)


def _adaptation_steps() -> Fields:
    return dict.fromkeys(("expected", "perceived", "disconfirmation", "adapted"), decimals(0, 10))


@st.composite
def adaptations(draw: st.DrawFn, /, **fields: object) -> Adaptation:
    """Paths of up to five experiences."""
    usual: Fields = {"start": decimals(0, 10), "rise": shares().filter(bool), "fall": shares()}
    drawn = fields_from(draw, fields, usual)
    if "steps" not in drawn:
        seen = draw(st.lists(decimals(0, 10), max_size=5))
        drawn["steps"] = adapt(drawn["start"], seen, rise=drawn["rise"], fall=drawn["fall"]).steps
    return Adaptation(**drawn)


def kano_counts(**fields: object) -> SearchStrategy[Kano]:
    """Counts of customers by the category of a feature."""
    return record(Kano, fields)


def kano_drifts(**fields: object) -> SearchStrategy[KanoDrift]:
    """Up to five categories, oldest first."""
    return record(KanoDrift, fields, _kano_drifts)


def _kano_drifts() -> Fields:
    return {"history": st.lists(st.none() | st.sampled_from(KanoCategory), max_size=5)}


@st.composite
def service_gaps(draw: st.DrawFn, /, **fields: object) -> ServiceGap:
    """Sums over items on a scale from 1 to 7."""
    complete = fields_from(draw, fields, {"complete": counts(1000)})["complete"]
    sums = decimals(complete, 7 * complete) if complete else st.just(Decimal(0))
    missing = dict.fromkeys(("only_perceived", "only_expected", "unanswered"), counts(1000))
    return ServiceGap(
        **fields_from(draw, {**fields, "complete": complete}, {"perceived": sums, "expected": sums, **missing})
    )


def servquals(**fields: object) -> SearchStrategy[Servqual]:
    """Gaps of up to five dimensions."""
    return record(Servqual, fields, _servquals)


def _servquals() -> Fields:
    return {"gaps": st.dictionaries(words(shortest=1).filter(str.strip), service_gaps(), max_size=5).map(TallyBy)}
