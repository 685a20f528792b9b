"""Every rule of a constructor, broken once by a JSON document: the error stands where a form would mark it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Annotated, Any

import attrs
import pytest
from pydantic import TypeAdapter, ValidationError

from crmcore import (
    BaseDistribution,
    Channel,
    CompensationFund,
    Feedback,
    Funnel,
    Journey,
    Ledger,
    LevelTransitions,
    Request,
)
from crmcore.interop.pydantic import Part
from crmcore.journeys.attribution import Attribution, Outcome
from crmcore.journeys.journey_maps import ValueAtRisk
from crmcore.primitives.record import hints_of
from crmcore.voice.loyalty import BaseProjection, EarlyWarning
from tests.support.broken_rules import SPANNING, Broken
from tests.support.contracts import RECORDS, adapted, checks_of, document, reads_of, rules_in, wrongs
from tests.support.refusals import watch_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

every_record = pytest.mark.parametrize("cls", [pytest.param(cls, id=cls.__name__) for cls in RECORDS])


@pytest.fixture(autouse=True, scope="module")
def _errors_show_their_operands() -> Iterator[None]:
    """Whichever error a test here meets, its message and its operands tell of the same values."""
    with watch_errors():
        yield


def lines_of(cls: type, value: object) -> list[tuple[tuple[int | str, ...], str]]:
    """Where the errors of a document stand, and which rules it breaks."""
    try:
        adapted(cls).validate_python(value)
    except ValidationError as error:
        return [(line["loc"], line["type"]) for line in error.errors()]
    return []


def _readers(cls: type) -> dict[str, list[tuple[Any, Any]]]:
    """The checks of the fields of a record by their names, each with the annotation that leads to it."""
    found: dict[str, list[tuple[Any, Any]]] = {}
    for hint in hints_of(cls).values():
        for read in reads_of(hint):
            function = read.func if isinstance(read, functools.partial) else read
            found.setdefault(f"{function.__module__}.{function.__name__}", []).append((hint, read))
    return found


def _rules_of(hint: Any) -> set[str]:
    return {wrong.rule for wrong in wrongs(hint)}


class TestEarlierDocuments:
    @every_record
    def test_a_missing_field_takes_its_default_and_an_unknown_one_is_refused(self, cls: type[Any]) -> None:
        """A document that an earlier release wrote has fewer fields; a field that no release has is reported."""
        good = document(cls)
        least = {field.alias: good[field.alias] for field in attrs.fields(cls) if field.default is attrs.NOTHING}

        assert [] == [line for line in lines_of(cls, least) if line[1] in {"missing", "extra_forbidden"}]
        assert [(("shoe_size",), "extra_forbidden")] == lines_of(cls, {**good, "shoe_size": 43})
        for name in least:
            assert ((name,), "missing") in lines_of(cls, {key: good[key] for key in good if key != name})

    def test_former_names(self) -> None:
        """A field is read by the name it had before, but not by both; it is written by its name of today."""
        idea = {"kind": "idea", "received_at": "2026-03-02T09:00Z"}
        read = adapted(Feedback).validate_python({**idea, "wish": "missing", "channel": "messenger"})

        assert (Request.MISSING, Channel.CHAT) == (read.request, read.channel)
        assert "wish" not in adapted(Feedback).dump_python(read, mode="json")
        assert [(("wish",), "extra_forbidden")] == lines_of(Feedback, {**idea, "wish": "missing", "request": "remove"})
        assert {"request": Request.REMOVE} == TypeAdapter[Any](
            Annotated[dict[str, Any], Part(Feedback, optional=True)]
        ).validate_python({"wish": "remove"})


class TestFields:
    @every_record
    def test_every_kind_of_every_field(self, cls: type[Any]) -> None:
        """A value that the field's declaration refuses is reported once, at the field, with the rule as its type."""
        good = document(cls)
        hints = hints_of(cls)

        assert [] == lines_of(cls, good)
        for field in attrs.fields(cls):
            expected = {
                repr(wrong.value): [((field.alias, *wrong.place), wrong.rule)] for wrong in wrongs(hints[field.name])
            }
            actual = {
                repr(wrong.value): lines_of(cls, {**good, field.alias: wrong.value})
                for wrong in wrongs(hints[field.name])
            }

            assert expected == actual


class TestSpanning:
    @pytest.mark.parametrize(
        "broken", [pytest.param(broken, id=f"{broken.cls.__name__}-{broken.rule}") for broken in SPANNING]
    )
    def test_every_rule_between_fields(self, broken: Broken) -> None:
        """A rule that spans fields is reported once, at the field to change, with the rule as its type."""
        assert [(broken.place, broken.rule)] == lines_of(broken.cls, {**document(broken.cls), **broken.change})


NOT_IN_JSON = {
    "float_is_inexact": "a number of JSON is refused earlier, as number_not_as_text",
    "evidence_not_finite": "a text is evidence as it is, and JSON has no infinite number",
    "figure_not_finite": "a text is read as a number earlier, as not_finite",
    "label_of_another_enum": "JSON has no enums",
    "missing_time": "JSON has no NaT",
    "nanoseconds": "a text is cut to microseconds",
    "tally_compares_too_little": "a class that breaks it has no records",
    "not_hashable": "pydantic refuses such a key earlier",
    "zone_without_offsets": "a named zone has them",
    "zone_of_pytz": "an offset of ISO 8601 is no zone of pytz",
}
"""The rules that no document can break, and why."""


EXACT = ("checks.as_decimal", "checks.as_exact", "checks.as_non_negative", "checks.as_positive")
EARLIER = {
    **{(f"crmcore.primitives.{name}", "int_too_large"): "a number of JSON is refused earlier" for name in EXACT},
    ("crmcore.primitives.control_charts._points._as_variance", "int_too_large"): "a number of JSON is refused earlier",
    ("crmcore.primitives.checks.as_instant", "not_a_zone"): "an offset of ISO 8601 is a zone",
    ("crmcore.journeys.attribution._attribution._as_credit", "int_too_large"): "the same",
    ("crmcore.model.survey._as_answers", "out_of_range"): "int_too_large comes first",
    ("crmcore.primitives.money.as_non_negative", "two_currencies"): "the table has it where there is a second amount",
    ("crmcore.primitives.money.as_non_negative", "wrong_type"): "pydantic says model_type",
    **{
        ("crmcore.primitives.findings._as_evidence", rule): "a text is evidence as it is, so a figure is a whole number"
        for rule in ("not_a_number", "not_finite", "number_too_long", "wrong_number_type")
    },
    **{
        (f"crmcore.primitives.{name}", "int_too_large"): "a whole number may be as large as a figure"
        for name in ("explanation._as_figure", "findings._as_evidence")
    },
    ("crmcore.primitives.explanation._as_figure", "wrong_number_type"): "not_a_figure comes first",
    ("crmcore.primitives.record._read_instance", "wrong_type"): "pydantic says model_type",
    ("crmcore.primitives.record._read_label", "not_a_member"): "only a forged member is a member and none",
    ("crmcore.value.lifetime_value._history._read_maybe", "wrong_type"): "pydantic says model_type",
    ("crmcore.service.balance._deficits._as_sum", "int_too_large"): "a number of JSON is refused earlier",
}
"""The rules that a kind has, but that no document can break there, and why."""
AFTER_FIELDS = {
    "int_too_large": "the annotation of the field says it already",
    "not_a_zone": "an offset of ISO 8601 is a zone",
    "wrong_number_of_parts": "the annotation of the field says it already",
    "wrong_type": "the same",
}
"""The rules that the check of a record has, but that the checks of its fields find first."""
ELSEWHERE: dict[type, set[str]] = {
    Attribution: {"two_currencies"},  # it has one amount only
    **{  # the field is a tuple of labels already
        cls: {"frame_for_records", "mapping_for_several", "not_a_member", "one_for_several"}
        for cls in (BaseDistribution, BaseProjection, LevelTransitions)
    },
    **{  # the records inside have instants already
        cls: {"instant_beyond_utc", "naive_instant", "not_an_instant"} for cls in (CompensationFund, Journey, Ledger)
    },
    EarlyWarning: {"not_a_pair"},  # the field is one of pairs already
    Funnel: {"within_without_as_of"},  # its window may stand alone
    Outcome: {"two_currencies", "within_without_as_of"},  # as in both
    ValueAtRisk: {"two_currencies"},  # it has one amount only
}
"""The rules of functions that the check of a record calls, but not with what could break them."""


class TestComplete:
    @every_record
    def test_no_rule_between_fields_is_left_out(self, cls: type) -> None:
        """The source of a record's check raises no rule that the table does not break.

        What the check of a field has refused already, a check of several fields cannot meet.
        """
        named = {rule for check in checks_of(cls) for rule in rules_in(check, cls)}
        exempt = {*NOT_IN_JSON, *AFTER_FIELDS, *ELSEWHERE.get(cls, ())}
        of_fields = {rule for hint in hints_of(cls).values() for rule in _rules_of(hint)}
        broken = {each.rule for each in SPANNING if each.cls is cls}

        assert set() == named - of_fields - broken - exempt

    def test_rules_read_the_fields_that_a_class_names(self) -> None:
        """A class that a table builds without its constructor names a field of every rule between fields."""
        named = [each for each in SPANNING if "_ruled" in vars(each.cls)]
        missed = [(each.cls.__name__, each.rule) for each in named if vars(each.cls)["_ruled"].isdisjoint(each.change)]

        assert missed == []
        assert {"Purchase", "MomentOfTruth", "Interaction", "Subscription"} <= {each.cls.__name__ for each in named}

    @pytest.mark.parametrize("name", sorted({name for cls in RECORDS for name in _readers(cls)}))
    def test_no_rule_of_a_kind_is_left_out(self, name: str) -> None:
        """The source of a kind raises no rule that its wrong values do not break."""
        uses = [(cls, hint, read) for cls in RECORDS for hint, read in _readers(cls).get(name, [])]
        broken = {wrong.rule for _, hint, _ in uses for wrong in wrongs(hint)}
        earlier = {rule for function, rule in EARLIER if function == name}
        spanning = {each.rule for cls, _, _ in uses for each in SPANNING if each.cls is cls}

        assert set() == rules_in(uses[0][2]) - broken - spanning - {*NOT_IN_JSON, *earlier}

    def test_no_exception_is_stale(self) -> None:
        """What the table breaks needs no reason why it cannot."""
        broken = {each.rule for each in SPANNING} | {
            wrong.rule for cls in RECORDS for hint in hints_of(cls).values() for wrong in wrongs(hint)
        }

        assert set() == broken & set(NOT_IN_JSON)
