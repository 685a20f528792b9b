"""What the JSON schemas promise: whatever the constructor refuses they refuse, and whatever they accept it accepts."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, get_args, get_origin

import attrs
import pytest
from hypothesis import given, settings, strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from crmcore.primitives.record import Kind, hints_of
from tests.support.broken_rules import SPANNING
from tests.support.contracts import RECORDS, adapted, document, wrongs
from tests.support.schema_documents import from_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

every_record = pytest.mark.parametrize("cls", [pytest.param(cls, id=cls.__name__) for cls in RECORDS])
every_mode = pytest.mark.parametrize("mode", ["validation", "serialization"])

FEWER = settings(max_examples=max(settings().max_examples // 4, 3))  # of each record, for there are many
LIMITS = {
    "instant_beyond_utc": "a time whose offset leads out of the years 1 to 9999",
    "is_hashable": "a list as the key of a group, where a record leaves the type of its keys open",
    "unknown_zone": "a name that the time zone database does not have",
    "int_too_large": "a whole number above 10^30",
    "beyond_figures": "a whole number of 10^1000 or more, where a figure or evidence may be any number",
    "too_many_digits": "the same, of more digits",
}
"""The rules about one field that a schema does not have; the guide on FastAPI lists them."""


@cache
def schema_of(cls: type, mode: Any = "validation") -> dict[str, Any]:
    """The JSON schema of a record."""
    return adapted(cls).json_schema(mode=mode)


@cache
def validator(cls: type) -> Draft202012Validator:
    """What checks documents by the schema, with its formats."""
    Draft202012Validator.check_schema(schema_of(cls))
    return Draft202012Validator(schema_of(cls), format_checker=Draft202012Validator.FORMAT_CHECKER)


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Every object in a schema."""
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from nodes(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from nodes(value)


@cache
def documents(cls: type) -> st.SearchStrategy[Any]:
    """The documents that the schema of a record accepts."""
    return from_schema(schema_of(cls))


@cache
def allowed(cls: type) -> set[str]:
    """The rules that a document of a record may break although its schema accepts it: those between fields, inside too.

    Names and ids that come twice are such a rule, because a schema cannot say of which part of an item it speaks.
    """
    inside = {each for hint in hints_of(cls).values() for each in _records_in(hint)}
    return {*LIMITS, *(each.rule for each in SPANNING if each.cls is cls)}.union(*map(allowed, inside - {cls}))


def broken_by(cls: type, value: object) -> set[str]:
    """The rules that a document breaks."""
    try:
        adapted(cls).validate_json(json.dumps(value))
    except ValidationError as error:
        return {line["type"] for line in error.errors()}
    return set()


def _records_in(hint: Any) -> set[type]:
    own = {cls for cls in (hint, get_origin(hint)) if isinstance(cls, type) and attrs.has(cls) and cls is not Kind}
    return own.union(*map(_records_in, get_args(hint))) if not isinstance(hint, Kind) else set()


class TestRefuses:
    @every_record
    def test_what_a_field_refuses(self, cls: type) -> None:
        """A value that one field's declaration refuses is refused by the schema, but for the listed limits."""
        good: Any = document(cls)
        assert validator(cls).is_valid(good)

        accepted = [
            (field.alias, wrong.value, wrong.rule)
            for field in attrs.fields(cls)
            for wrong in wrongs(hints_of(cls)[field.name])
            if wrong.rule not in LIMITS and validator(cls).is_valid(good | {field.alias: wrong.value})
        ]

        assert [] == accepted


class TestAccepts:
    @every_record
    @given(data=st.data())
    @FEWER
    def test_what_the_schema_accepts(self, cls: type, data: st.DataObject) -> None:
        """A document that the schema accepts is a record, or breaks a rule between fields or a listed limit."""
        given_document = data.draw(documents(cls))
        assert validator(cls).is_valid(given_document)

        assert set() == broken_by(cls, given_document) - allowed(cls)


class TestForm:
    @every_record
    @every_mode
    def test_any_engine_compiles_the_patterns(self, cls: type, mode: Any) -> None:
        """No pattern looks around or captures by name, which RE2 and old engines of JavaScript cannot do."""
        patterns = {node["pattern"] for node in nodes(schema_of(cls, mode)) if isinstance(node.get("pattern"), str)}

        assert set() == {pattern for pattern in patterns if "(?" in pattern or "\\Z" in pattern or "\\A" in pattern}

    @every_record
    @every_mode
    def test_records_are_open(self, cls: type, mode: Any) -> None:
        """A later version may answer with a new field."""
        assert "additionalProperties" not in json.dumps(schema_of(cls, mode))

    @every_record
    def test_every_field_is_described(self, cls: type) -> None:
        """Each field says what it is, in the words of the docstring."""
        schema = schema_of(cls)
        described = schema.get("$defs", {}).get(cls.__name__, schema)  # a scale is a record or a name

        assert [] == [name for name, field in described["properties"].items() if not field.get("description")]
        assert described["description"]
