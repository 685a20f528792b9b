"""Personal data: every text of every record is declared personal, or is on a list of what is shown, with a reason.

A marker stands for a name, an address or somebody's own words. It must be in no `repr`, print, table of a notebook or
error.
"""

from __future__ import annotations

import pickle
import traceback
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import islice
from typing import Any, cast, get_args
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.vendor.pretty import pretty

import crmcore
from crmcore import (
    ContactPerson,
    CrmcoreError,
    Customer,
    CustomerKind,
    Finding,
    Occasion,
    Pareto,
    Purchase,
    Response,
)
from crmcore.interop.hypothesis import customers
from crmcore.primitives.explanation import Explanation
from crmcore.primitives.ids import Id
from crmcore.primitives.record import Kind, Record, hints_of, is_personal, kind_of
from tests.model import test_hostile
from tests.purity.drive import AS_ROOMS, PROPS
from tests.purity.expressions import MISTAKES, VALUES
from tests.support.walk import modules, public_classes

MARK = "Zanda Ozola, zanda@example.com"
AT = datetime(2026, 3, 2, tzinfo=UTC)
RECORDS = [cls for cls in public_classes() if attrs.has(cls) and issubclass(cls, Record)]

OPEN = {
    "a group, by which customers are chosen and results are grouped": {
        "Customer.segments", "Customer.interests", "Response.segment", "Persona.segment", "Segment.name",
        "Segment.leaves_out", "Segment.tools", "Mix.kinds", "Servqual.gaps", "Pareto.counts", "ParetoBar.cause",
        "NewCauses.new", "Policy.category", "PricePosition.rivals", "Lifetime.segment", "SegmentRule.name",
        "SegmentTable.others",
    },
    "a scale or a unit": {

        "Standings.scales_without_rule", "Scale.name", "CustomerFigure.unit",
    },
    "a text of the company about its own plans, places and questions": {
        "Activity.name", "Checklist.name", "ChecklistItem.text", "ChecklistItem.group",
        "ExperienceTarget.aspect", "KeyResult.name", "Objective.name", "Playbook.role",
        "Playbook.steps", "Playbook.weak", "Playbook.strong", "PlaybookCoverage.roles",
        "PlaybookCoverage.pairs_covered", "Programme.goal", "Question.text",
        "Question.concept", "RootCause.what", "RootCause.fix", "RootCause.prevention", "RootCause.category",
        "ReviewEffect.source", "Training.method", "ReviewEffect.setting", "Segment.description", "Segment.strategy",
        "Survey.name",
        "Touchpoint.name",
    },
    "a drawing of an invented customer": {
        "JourneyMap.name", "JourneyMap.actor", "JourneyMap.scenario", "JourneyMap.goal", "JourneyMap.loops",
        "JourneyMap.goal_step", "JourneyStep.name", "JourneyStep.phase", "JourneyStep.goal", "JourneyStep.action",
        "JourneyStep.thought", "JourneyStep.frontstage", "JourneyStep.backstage", "JourneyStep.support_process",
        "JourneyStep.expectation", "JourneyStep.metric", "JourneyStep.messages", "Persona.name", "Persona.origin",
        "Persona.values", "Persona.interests", "Persona.motives", "Persona.aims", "Sipoc.process", "Sipoc.inputs",
        "Sipoc.outputs", "Sipoc.steps", "StepConformance.step", "ValueAtRisk.step", "Conformance.backtracks",
    },
    "a code, a time or a text that the library writes": {
        "Money.currency", "OpeningHours.monday", "OpeningHours.tuesday", "OpeningHours.wednesday",
        "OpeningHours.thursday", "OpeningHours.friday", "OpeningHours.saturday", "OpeningHours.sunday",
        "OpeningHours.exceptions", "Recurrence.at", "Attribution.method", "Explanation.source", "Finding.rule",
        "Finding.subject", "Finding.message", "Finding.advice", "Finding.evidence", "Term.name", "Term.unit",
        "Term.formula", "Wait.measure", "Journeys.paths", "Markdown.text", "Mermaid.text", "Svg.text",
    },
}  # fmt: skip
"""The texts that a `repr` shows, by the reason."""
SHOWN = {name for names in OPEN.values() for name in names}


def holds_text(hint: Any) -> bool:
    """Return whether a field may hold a text of the caller that is neither an id nor of a vocabulary."""
    if hint in (Id, Id | None) or (isinstance(hint, type) and hint is not str):
        return False
    kind = kind_of(hint)
    if kind is not None and "examples" in kind.schema:
        return False
    args = [arg for arg in get_args(hint) if not isinstance(arg, Kind)]
    if {*get_args(Id)} <= {*args}:
        args = [arg for arg in args if arg not in get_args(Id)]
    return hint is str or any(map(holds_text, args))


def holds_ids(hint: Any) -> bool:
    """Return whether a field holds ids, which errors show."""
    return hint in (Id, Id | None) or {*get_args(Id)} <= {*get_args(hint)} or any(map(holds_ids, get_args(hint)))


def texts_of(cls: type[Any]) -> list[str]:
    """List the fields of a record that hold a text."""
    hints = hints_of(cls)
    return [field.name for field in attrs.fields(cls) if holds_text(hints[field.name])]


def personal_of(cls: type[Any]) -> list[Any]:
    """List the fields of a record that are personal by their kind."""
    hints = hints_of(cls)
    return [field for field in attrs.fields(cls) if is_personal(hints[field.name])]


PERSONAL = [cls for cls in RECORDS if personal_of(cls)]


def first(cls: Any) -> Any:
    """Return a valid record."""
    return test_hostile.plain(cls)


def marked(cls: type[Any]) -> Any:
    """Return a record with the marker in each field that is personal."""
    return attrs.evolve(first(cls), **{field.alias: MARK for field in personal_of(cls)})


def prints(record: Any) -> list[str]:
    """Return what a log, a console, a notebook and Hypothesis show of a record."""
    html = record._repr_html_() if hasattr(record, "_repr_html_") else ""
    return [repr(record), str(record), f"{record}", pretty(record), pretty([record]), repr((record,)), html]


def parts(error: CrmcoreError) -> str:
    """Return all that an error has, with its traceback and its pickle."""
    pickled = pickle.loads(pickle.dumps(error))
    notes = getattr(error, "__notes__", [])
    values = [error.message, error.advice, error.operands, error.record, error.args, str(error), repr(error), notes]
    return repr(values) + repr(vars(pickled)) + str(pickled) + "".join(traceback.format_exception_only(error))


def refusal(record: Any, alias: str, value: object) -> str:
    """Return all of the error about a value of a field; nothing if the value is valid."""
    try:
        attrs.evolve(record, **{alias: value})
    except CrmcoreError as error:
        return parts(error)
    return ""


class TestDeclarations:
    def test_every_text_is_personal_or_has_a_reason_to_be_shown(self) -> None:
        """A new text is declared personal, or stands on the list of what is shown, with the reason."""
        undecided = {
            f"{cls.__name__}.{name}"
            for cls in RECORDS
            for name in texts_of(cls)
            if not is_personal(hints_of(cls)[name]) and attrs.fields_dict(cls)[name].repr is not False
        }
        assert undecided == SHOWN

    def test_names_contacts_and_notes_are_personal(self) -> None:
        """The list of personal fields has those that name somebody, and those in somebody's own words."""
        found = {f"{cls.__name__}.{field.name}" for cls in PERSONAL for field in personal_of(cls)}
        assert {
            "Customer.name", "ContactPerson.name", "ContactPerson.email", "ContactPerson.phone", "ContactPerson.role",
            "Employee.name", "Employee.role", "Feedback.text", "Feedback.cause", "Feedback.category", "Journey.goal",
            "MicroMoment.need", "Insight.text", "Occasion.name", "Reading.aspect", "Task.why", "Purchase.reason",
        } <= found  # fmt: skip


class TestPrints:
    @pytest.mark.parametrize("cls", PERSONAL)
    def test_show_nothing_personal(self, cls: type[Any]) -> None:
        """No print of a record has what is personal, also not those of Hypothesis and IPython."""
        record = marked(cls)
        assert any(MARK == getattr(record, field.name) for field in personal_of(cls))
        assert [text for text in prints(record) if "Zanda" in text or "zanda" in text] == []

    @pytest.mark.parametrize("cls", PERSONAL)
    def test_of_a_class_of_the_caller_show_nothing_personal(self, cls: type[Any]) -> None:
        """A class of the caller that derives from a record hides the same."""
        derived: Any = attrs.frozen(kw_only=True)(type("Own", (cls,), {"__annotations__": {}}))
        values = {field.alias: getattr(marked(cls), field.name) for field in attrs.fields(cls) if field.init}
        assert [text for text in prints(derived(**values)) if "Zanda" in text] == []

    def test_of_a_customer_show_no_birthday(self) -> None:
        """A day of the year is personal together with the customer."""
        anna = Customer(id=7, occasions=[Occasion(name="birthday", month=2, day=29)])
        assert [text for text in prints(anna) if "birthday" in text or "29" in text] == []

    def test_of_contacts_inside_show_nothing_personal(self) -> None:
        """A record inside of another hides the same."""
        person = ContactPerson(id=1, name=MARK, email=MARK, phone=MARK, role=MARK)
        firm = Customer(id=7, kind=CustomerKind.ORGANIZATION, name=MARK, contacts=[person])
        assert [text for text in prints(firm) if "Zanda" in text] == []
        assert "ContactPerson(id=1)" in pretty(firm)

    def test_of_answers_show_numbers_alone(self) -> None:
        """An answer in words is three dots."""
        response = Response(survey_id=1, at=AT, answers=[("nps", 9), ("why", MARK)])
        assert [text for text in prints(response) if "Zanda" in text] == []
        assert "('nps', 9), ('why', '...')" in repr(response)

    def test_of_a_strategy_show_nothing_personal(self) -> None:
        """Hypothesis, which prints the call that drew a record, prints its `repr` instead."""
        seen: list[str] = []

        @st.composite
        def drawn(draw: st.DrawFn) -> None:
            record = draw(customers(name=MARK) | st.builds(Customer, id=st.just(1), name=st.just(MARK)))
            seen.append(pretty(record))

        settings(max_examples=3, database=None)(given(drawn())(lambda _: None))()
        assert seen
        assert [text for text in seen if "Zanda" in text] == []

    def test_of_a_cycle_is_cut(self) -> None:
        """What contains itself is printed as three dots, as for a list."""

        class Printer:
            said = ""

            def text(self, said: str) -> None:
                self.said += said

        printer = Printer()
        Customer(id=1)._repr_pretty_(printer, True)
        assert printer.said == "..."


WRONG = [
    pytest.param(cls, field.alias, id=f"{cls.__name__}.{field.alias}")
    for cls in RECORDS
    if cls.__module__.startswith("crmcore.model.")
    for field in attrs.fields(cls)
    if field.init and not holds_ids(hints_of(cls)[field.name]) and f"{cls.__name__}.{field.name}" not in SHOWN
]
"""The fields that are neither an id nor a name that the caller has to see again."""


class TestErrors:
    @pytest.mark.parametrize(("cls", "alias"), WRONG)
    def test_show_no_text_in_the_wrong_place(self, cls: type[Any], alias: str) -> None:
        """A text where another value is due, in a list or alone, is shown by its length."""
        for value in (MARK, [MARK], (MARK, MARK), [(MARK,)], [(MARK, MARK, MARK)], {MARK: MARK}, MARK.encode(), {MARK}):
            assert "anda" not in refusal(first(cls), alias, value)

    @pytest.mark.parametrize("cls", PERSONAL)
    def test_about_another_field_show_nothing_personal(self, cls: type[Any]) -> None:
        """An error about one field has nothing of the others."""
        record = marked(cls)
        for field in attrs.fields(cls):
            for value in (object(), -1, [object()], 1.5, "", [""], None, datetime(2026, 1, 1)):  # noqa: DTZ001 - naive
                assert "anda" not in refusal(record, field.alias, value)

    def test_length_is_named(self) -> None:
        """The message says that it is a text, and how long; one character is one."""
        with pytest.raises(CrmcoreError, match="amount must be a Money, got a text of 30 characters"):
            Purchase(customer_id=1, at=AT, amount=MARK)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - wrong
        with pytest.raises(CrmcoreError, match="at must be .* got a text of 1 character;"):
            Purchase(customer_id=1, at="x", amount=MARK)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - wrong


ABOUT = {
    "obstacles_differ": "the pains of a map, which its pictures show",
    "tied_at_the_cut": "the causes that were counted",
    "role_without_guide": "the role that has no playbook",
}
"""The findings about a text that is personal elsewhere, and what they name."""


def told(value: object) -> list[str]:
    """Return what the findings, the explanation and the prints of a result say."""
    several: list[Any] = [*value] if isinstance(value, list | tuple) else [value]
    texts: list[str] = []
    for one in several:
        findings = [one] if isinstance(one, Finding) else getattr(one, "cautions", ())
        texts += [str(finding) + repr(finding.row()) for finding in findings if finding.rule not in ABOUT]
        if hasattr(one, "explain") and not isinstance(one, type | Pareto):  # each line of a Pareto is of a cause
            try:
                lines: Explanation = cast("Any", one).explain()
                texts.append(f"{lines}{lines.rows()}")
            except CrmcoreError as error:
                texts.append(parts(error))
    return texts


class TestEverywhere:
    def test_no_finding_explanation_or_error_has_what_is_personal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whatever is asked of records, a text that is personal shows only in what is about it."""

        def mark(cls: Any) -> None:
            aliases = [field.alias for field in personal_of(cls)]
            build = cls.__init__

            def build_marked(self: object, *args: Any, **given: Any) -> None:
                old = {alias: given.get(alias) or "" for alias in aliases}
                marks = {alias: text if MARK in text else f"{MARK} {text}" for alias, text in old.items()}
                build(self, *args, **(given | marks))

            monkeypatch.setattr(cls, "__init__", build_marked)

        namespace: dict[str, Any] = {**vars(crmcore), "Decimal": Decimal, "RIGA": ZoneInfo("Europe/Riga"), "date": date}
        namespace |= {"datetime": datetime, "timedelta": timedelta, "timezone": timezone, "islice": islice}
        for module in modules():
            namespace |= {name: getattr(module, name) for name in getattr(module, "__all__", ())}
        namespace |= {room: getattr(crmcore, room) for room in AS_ROOMS}
        for cls in PERSONAL:
            mark(cls)
        for name, expression in PROPS.items():
            namespace[name] = eval(expression, namespace)
        shown: dict[str, list[str]] = {}
        asked = 0
        for expression in (*VALUES, *MISTAKES):
            try:
                texts = told(eval(expression, namespace))
            except CrmcoreError as error:
                texts = [parts(error)]
            except Exception:  # noqa: BLE001 - what needs more than these names
                continue
            asked += bool(texts)
            shown |= {expression: found} if (found := [text for text in texts if "zanda" in text.casefold()]) else {}
        assert asked > 300
        assert shown == {}
