"""Documents that a JSON schema accepts, from the keywords that the schemas of this library have."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, timedelta, timezone
from typing import Any, Final

from hypothesis import strategies as st

_OFFSETS: Final = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_TEXTS: Final = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9)
_FORMATS: Final[dict[str, st.SearchStrategy[str]]] = {
    "date": st.dates().map(lambda day: day.isoformat()),
    "date-time": st.datetimes(timezones=st.just(UTC) | _OFFSETS).map(lambda moment: moment.isoformat()),
}
_KNOWN: Final = {
    *("$defs", "$ref", "allOf", "anyOf", "default", "description", "enum", "examples", "exclusiveMaximum"),
    *(
        "exclusiveMinimum",
        "format",
        "items",
        "maxItems",
        "maxLength",
        "maximum",
        "minItems",
        "minLength",
        "minimum",
        "pattern",
    ),
    *("prefixItems", "properties", "required", "title", "type", "uniqueItems"),
}


def from_schema(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return a strategy of documents. An unknown keyword is refused, because it would not be obeyed."""
    strategy: st.SearchStrategy[Any] = _from(schema, schema.get("$defs", {}), {})
    return strategy


def _from(schema: dict[str, Any], known: dict[str, Any], seen: dict[str, st.SearchStrategy[Any]]) -> Any:
    assert schema.keys() <= _KNOWN, schema.keys() - _KNOWN

    def inner(part: dict[str, Any]) -> st.SearchStrategy[Any]:
        strategy: st.SearchStrategy[Any] = _from(part, known, seen)
        return strategy

    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        if "properties" in schema:  # a record with a narrower field
            wide = known[name]["properties"]
            narrow = {field: {**wide[field], "allOf": [more]} for field, more in schema["properties"].items()}
            return inner({**known[name], "properties": wide | narrow})
        return seen.setdefault(name, st.deferred(lambda: inner(known[name])))
    if "anyOf" in schema:
        return st.one_of(*map(inner, schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    return _TYPES[schema.get("type", "")](schema, inner)


def _object(schema: dict[str, Any], inner: Callable[[Any], Any]) -> st.SearchStrategy[Any]:
    needed = set(schema.get("required", ()))
    fields = {name: inner(field) for name, field in schema["properties"].items()}
    return st.fixed_dictionaries(
        {name: field for name, field in fields.items() if name in needed},
        optional={name: field for name, field in fields.items() if name not in needed},
    )


def _array(schema: dict[str, Any], inner: Callable[[Any], Any]) -> st.SearchStrategy[Any]:
    if "prefixItems" in schema:
        assert schema["minItems"] == schema["maxItems"] == len(schema["prefixItems"])
        return st.tuples(*map(inner, schema["prefixItems"])).map(list)
    unique = repr if schema.get("uniqueItems") else None
    return st.lists(inner(schema.get("items", {})), min_size=schema.get("minItems", 0), max_size=3, unique_by=unique)


def _string(schema: dict[str, Any], _: Callable[[Any], Any]) -> st.SearchStrategy[Any]:
    patterns = [schema["pattern"]] if "pattern" in schema else []
    patterns += [each["pattern"] for each in schema.get("allOf", [])]
    # A pattern of JSON Schema is one of ECMA-262: `$` is the end of the text, and a digit one of ASCII. Python's own
    # reading must fit too, because jsonschema uses it: to it, "\x1f" is a space.
    each_must: list[re.Pattern[str]] = [
        re.compile(pattern.replace("$", r"\Z"), flags) for pattern in patterns for flags in (re.ASCII, re.UNICODE)
    ]
    texts = st.from_regex(each_must[0]) if each_must else _FORMATS.get(schema.get("format", ""), _TEXTS)
    least, most = schema.get("minLength", 0), schema.get("maxLength", math.inf)
    return texts.filter(lambda text: least <= len(text) <= most and all(must.search(text) for must in each_must))


def _integer(schema: dict[str, Any], _: Callable[[Any], Any]) -> st.SearchStrategy[int]:
    usual = st.integers(max(schema.get("minimum", -9), -9), min(schema.get("maximum", 99), 99))
    return usual | st.integers(schema.get("minimum"), schema.get("maximum"))


def _number(schema: dict[str, Any], _: Callable[[Any], Any]) -> st.SearchStrategy[float]:
    low, high = (
        schema.get("minimum", schema.get("exclusiveMinimum")),
        schema.get("maximum", schema.get("exclusiveMaximum")),
    )
    return st.floats(
        None if low is None else float(low),
        None if high is None else float(high),
        allow_nan=False,
        allow_infinity=False,
        exclude_min="exclusiveMinimum" in schema,
        exclude_max="exclusiveMaximum" in schema,
    )


_TYPES: Final[dict[str, Callable[[dict[str, Any], Callable[[Any], Any]], st.SearchStrategy[Any]]]] = {
    "": lambda _, __: st.none() | st.booleans() | st.integers() | _TEXTS | st.lists(st.integers(), max_size=2),
    "array": _array,
    "boolean": lambda _, __: st.booleans(),
    "integer": _integer,
    "null": lambda _, __: st.none(),
    "number": _number,
    "object": _object,
    "string": _string,
}
