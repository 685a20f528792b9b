"""This library's records as types of Pydantic and FastAPI, which validate, serialize and describe them.

Records need no mark: ``list[Customer]`` is a type of a model, of a request body and of a response. Collections and
unions that hold tallies by key, or numbers and times outside a record, are marked: ``Annotated[Decimal, Schema]``.
Values are read as JSON writes them and never guessed: ``"1"`` is not a whole number, and a number is not a time. If a
record's own check refuses a value, the validation error has the rule as its type, the message of that check, and the
place of the field. Errors about a record never show personal data.

Needs pydantic: ``pip install crmcore[pydantic]``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar, cast, get_args, get_origin

import attrs
from pydantic import ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema as cs

from crmcore.interop.pydantic._errors import context_of
from crmcore.interop.pydantic._schemas import MARKED, Place, Shape, as_optional, shape_with_figures
from crmcore.primitives import checks
from crmcore.primitives.errors import CrmcoreError, InvalidValueError
from crmcore.primitives.tally import TallyBy

__all__ = ["Figures", "Part", "Schema", "adapter", "error_details"]

_T = TypeVar("_T")


class Schema:
    """A mark that tells pydantic how to read and write a type; do not call it: ``Annotated[Decimal, Schema]``.

    Examples:
        >>> from typing import Annotated
        >>> from pydantic import BaseModel
        >>> from crmcore import Balance, Purchase, TallyBy
        >>> class Basket(BaseModel):
        ...     purchases: list[Purchase]
        ...     touchpoints: Annotated[TallyBy[str, Balance], Schema] = TallyBy()
        >>> bought = '{"customer_id": 7, "at": "2026-03-02T10:15Z", "amount": {"amount": "5", "currency": "EUR"}}'
        >>> Basket.model_validate_json(f'{{"purchases": [{bought}]}}').purchases[0].margin
        Money('5', 'EUR')

    Records know it themselves. A record is kept unchanged, a mapping becomes a record, and an unknown key is refused.
    With ``from_attributes=True`` any object with the attributes of a record is read too, such as a row of an ORM.
    Tallies by key, such as ``TallyBy[str, Balance]``, are a list of pairs of key and tally.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401 - as pydantic has it
        return Place("value").schema(source, handler)


@attrs.frozen(init=False)
class Part:
    """A part of a record, for a request body: a dict of the fields that were given, each of them checked.

    Examples:
        >>> from typing import Annotated, Any
        >>> from pydantic import TypeAdapter
        >>> from crmcore import Purchase
        >>> new_purchase = TypeAdapter(Annotated[dict[str, Any], Part(Purchase, without=["id", "customer_id"])])
        >>> body = new_purchase.validate_json(
        ...     '{"at": "2026-03-02T10:15Z", "amount": {"amount": "5", "currency": "EUR"}}'
        ... )
        >>> Purchase(customer_id=7, **body).amount
        Money('5', 'EUR')

    A rule that spans fields is checked when the record is built, with the constructor or with ``attrs.evolve``.

    Args:
        cls: The class of the record.
        without: The fields that the body must not have, such as an id that the server gives.
        optional: Whether every field may be left out, as in a PATCH.
    """

    cls: type[Any]
    without: frozenset[str]
    optional: bool

    def __init__(self, cls: type[Any], *, without: Iterable[str] = (), optional: bool = False) -> None:
        names = checks.as_texts(without, "without")
        fields = {field.alias for field in attrs.fields(cls)}
        if not names <= fields:
            raise InvalidValueError(
                "without_unknown_fields",
                f"without must name fields of {cls.__name__}, got {', '.join(sorted(names - fields))}",
                field="without",
                advice=f"there are {', '.join(sorted(fields))}",
            )
        for name, value in {"cls": cls, "without": names, "optional": optional}.items():
            checks.set_field(self, name, value)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401 - as pydantic has it
        shape = Shape.of(self.cls, handler)
        fields = {
            name: {**field, "schema": as_optional(field["schema"])} if self.optional else field
            for name, field in shape.fields.items()
            if name not in self.without
        }
        schema = cs.model_fields_schema(cast("dict[str, cs.ModelField]", fields), extra_behavior="forbid")

        def describe(_: CoreSchema, describe_core: GetJsonSchemaHandler) -> JsonSchemaValue:
            return describe_core(schema) | {"description": shape.description}

        return cs.no_info_wrap_validator_function(
            shape.read_part, schema, metadata={"pydantic_js_functions": [describe]}
        )


class Figures:
    """A mark that adds the figures of a result to its JSON, beside the counts: ``Annotated[Balance, Figures]``.

    Examples:
        >>> from typing import Annotated
        >>> from pydantic import TypeAdapter
        >>> from crmcore.service.balance import FailureRate
        >>> rates = TypeAdapter(Annotated[FailureRate, Figures])
        >>> rates.dump_json(FailureRate(good=3, bad=1))
        b'{"good":3,"bad":1,"neutral":0,"judged":4,"rate":"0.25"}'
        >>> rates.validate_json('{"good": 3, "bad": 1, "rate": "0.25"}')
        FailureRate(good=3, bad=1, neutral=0)

    The figures are those of `row`. In a JSON schema they are read-only: a document may leave them out, and one that has
    them must have those that follow from the counts. A figure that contradicts the counts is refused with the rule
    ``figure_contradicts_counts``. Mark the result itself, or a `TallyBy` of one; results inside another one are written
    as usual.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401 - as pydantic has it
        if get_origin(source) is TallyBy:
            return Place("value").with_figures(get_args(source), handler)
        return shape_with_figures(source, handler).schema()


def adapter(kind: type[_T], *, figures: bool = False) -> TypeAdapter[_T]:
    """Return an adapter that reads and writes a type without a model; build it once. Its errors never show the input.

    Args:
        kind: The type.
        figures: Whether the JSON of a result has its figures beside the counts, as `Figures` says.

    Examples:
        >>> from crmcore import Retention
        >>> retentions = adapter(Retention)
        >>> monthly = retentions.validate_json('{"share": 0.95, "per": "month"}')
        >>> monthly.churn
        Decimal('0.05')
        >>> retentions.dump_json(monthly)
        b'{"share":"0.95","per":"month"}'
    """
    return TypeAdapter(MARKED[kind, Figures if figures else Schema], config=ConfigDict(hide_input_in_errors=True))


def error_details(error: CrmcoreError, *place: int | str) -> dict[str, Any]:
    """Return an error of this library as a line of a validation error, to answer with status 422.

    Examples:
        >>> from crmcore import Money
        >>> try:
        ...     Money("0.5", "EUR") + Money(1, "USD")
        ... except CrmcoreError as error:
        ...     error_details(error, "body", "amount")["type"]
        'two_currencies'

    Args:
        error: The error.
        place: Where the value stands in the request; the field of the error is added.
    """
    found = {"type": error.rule, "loc": (*place, *([error.field] if error.field else [])), "msg": error.message}
    context = context_of(error)
    return {**found, "ctx": context} if context else found
