from __future__ import annotations

import ast
import doctest
import inspect
import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import pytest

from tests.walk import home_of, modules, public_classes

if TYPE_CHECKING:
    from types import ModuleType

MODULES = list(modules())

_AN_ENUM: Final = "its members are the example"
_AN_ERROR: Final = "the examples of those who raise it show it"
WITHOUT_EXAMPLE: Final = {
    "crmcore.journeys.attribution.PathEnd": _AN_ENUM,
    "crmcore.service.balance.BalanceVerdict": _AN_ENUM,
    "crmcore.value.cashflow.compare": "PlanComparison's example shows it",
    "crmcore.retention.churn.Activeness": _AN_ENUM,
    "crmcore.retention.churn.ChurnConvention": _AN_ENUM,
    "crmcore.retention.churn.PercentileMethod": _AN_ENUM,
    "crmcore.retention.churn.compounded_daily": "sum_of_daily's example shows both",
    "crmcore.value.lifetime_value.FirstMargin": _AN_ENUM,
    "crmcore.value.lifetime_value.TenureRule": _AN_ENUM,
    "crmcore.model.checklist.Verdict": _AN_ENUM,
    "crmcore.model.customer.AcquisitionSource": _AN_ENUM,
    "crmcore.model.customer.CustomerKind": _AN_ENUM,
    "crmcore.model.feedback.FeedbackKind": _AN_ENUM,
    "crmcore.model.feedback.ReplyPart": _AN_ENUM,
    "crmcore.model.feedback.Request": _AN_ENUM,
    "crmcore.model.interaction.AbandonReason": _AN_ENUM,
    "crmcore.model.interaction.AdviceMotive": _AN_ENUM,
    "crmcore.model.interaction.Initiative": _AN_ENUM,
    "crmcore.model.interaction.InteractionKind": _AN_ENUM,
    "crmcore.model.interaction.Purpose": _AN_ENUM,
    "crmcore.model.interaction.Tone": _AN_ENUM,
    "crmcore.model.interaction.Topic": _AN_ENUM,
    "crmcore.model.journey.InsightSource": _AN_ENUM,
    "crmcore.model.journey.Necessity": _AN_ENUM,
    "crmcore.model.moment.MicroMomentKind": _AN_ENUM,
    "crmcore.model.moment.MomentTiming": _AN_ENUM,
    "crmcore.model.moment.Valence": _AN_ENUM,
    "crmcore.model.occasion.LeapRule": _AN_ENUM,
    "crmcore.model.purchase.CostKind": _AN_ENUM,
    "crmcore.model.reading.AssessmentSource": _AN_ENUM,
    "crmcore.model.reading.LoyaltyLevel": _AN_ENUM,
    "crmcore.model.reading.SubjectKind": _AN_ENUM,
    "crmcore.model.relationship.DissolutionCause": _AN_ENUM,
    "crmcore.model.relationship.Initiator": _AN_ENUM,
    "crmcore.model.relationship.LifecycleStage": _AN_ENUM,
    "crmcore.model.relationship.RelationshipType": _AN_ENUM,
    "crmcore.model.survey.FeedbackChannel": _AN_ENUM,
    "crmcore.model.survey.Incentive": _AN_ENUM,
    "crmcore.model.survey.InvitationOutcome": _AN_ENUM,
    "crmcore.model.survey.MeasureKind": _AN_ENUM,
    "crmcore.model.survey.Scale": _AN_ENUM,
    "crmcore.model.task.TaskKind": _AN_ENUM,
    "crmcore.model.touchpoint.Channel": _AN_ENUM,
    "crmcore.model.touchpoint.ContactArea": _AN_ENUM,
    "crmcore.model.touchpoint.Ownership": _AN_ENUM,
    "crmcore.model.touchpoint.PurchasePhase": _AN_ENUM,
    "crmcore.model.touchpoint.TouchpointKind": _AN_ENUM,
    "crmcore.primitives.errors.CrmcoreError": _AN_ERROR,
    "crmcore.primitives.errors.CurrencyMismatchError": _AN_ERROR,
    "crmcore.primitives.errors.DivergenceError": _AN_ERROR,
    "crmcore.primitives.errors.IllegalTransitionError": _AN_ERROR,
    "crmcore.primitives.errors.InconsistentCountsError": _AN_ERROR,
    "crmcore.primitives.errors.InvalidValueError": _AN_ERROR,
    "crmcore.primitives.errors.NaiveInstantError": _AN_ERROR,
    "crmcore.primitives.errors.PolicyMismatchError": _AN_ERROR,
    "crmcore.primitives.errors.UnknownNameError": _AN_ERROR,
    "crmcore.primitives.errors.WrongTypeError": _AN_ERROR,
    "crmcore.primitives.explanation.Term": "Explanation's example shows it",
    "crmcore.primitives.findings.Severity": _AN_ENUM,
    "crmcore.primitives.periods.in_utc": "elapsed's example shows what it is for",
    "crmcore.primitives.proportions.two_proportions": "TwoProportions's example shows it",
    "crmcore.primitives.rates.DayCount": _AN_ENUM,
    "crmcore.primitives.rates.TimeUnit": _AN_ENUM,
}
"""The public classes and functions whose docstring holds no example, and why it needs none."""


def _examples(module: ModuleType) -> list[doctest.DocTest]:
    return [test for test in doctest.DocTestFinder().find(module) if test.examples]


def _documented(module: ModuleType) -> list[str]:
    """The docstrings of a module's source that hold an example."""
    tree = ast.parse(inspect.getsource(module))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = (ast.get_docstring(node) for node in ast.walk(tree) if isinstance(node, documented))
    return [docstring for docstring in docstrings if docstring and ">>>" in docstring]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
class TestExamples:
    def test_run(self, module: ModuleType) -> None:
        """Every example in a docstring shows what the installed library answers."""
        complaints: list[str] = []
        runner = doctest.DocTestRunner(verbose=False)
        for test in _examples(module):
            runner.run(test, out=complaints.append)

        assert "".join(complaints) == ""

    def test_are_found(self, module: ModuleType) -> None:
        """No example stands where doctest does not look."""
        assert len(_documented(module)) == len(_examples(module))


def test_every_public_name_has_an_example() -> None:
    """Every public class and function shows in its docstring what it answers, but for those listed with a reason."""
    public = {
        f"{module.__name__}.{name}": value
        for module in MODULES
        for name in getattr(module, "__all__", ())
        if home_of(value := getattr(module, name)) == module.__name__
        and (inspect.isclass(value) or inspect.isfunction(value))
    }

    assert set(WITHOUT_EXAMPLE) == {name for name, value in public.items() if ">>>" not in (value.__doc__ or "")}


@pytest.mark.parametrize(
    "enum", [cls for cls in public_classes() if issubclass(cls, StrEnum)], ids=lambda enum: enum.__name__
)
def test_every_member_is_named(enum: type[StrEnum]) -> None:
    """The docstring of an enum says of every member, by its name, what it means; an alias is named too."""
    named = set(re.findall(r"(?:^ +|`)([A-Z][A-Z0-9_]*)(?=[:`])", enum.__doc__ or "", re.MULTILINE))

    assert set(enum.__members__) == named
