"""The same fields as strict frozen pydantic models.

They check types and no more. crmcore also checks that an instant has a time zone and that an id is not empty.
"""

from typing import Any, get_type_hints

import attrs
from pydantic import BaseModel, ConfigDict, create_model

from benchmarks.inputs import amounts
from benchmarks.peers.built_by_crmcore import RECORDS
from benchmarks.peers.records import measure
from crmcore import Interaction, Money


class Strict(BaseModel):
    """A model that converts nothing and does not change."""

    model_config = ConfigDict(strict=True, frozen=True)


def strict(record: type[attrs.AttrsInstance], models: dict[Any, Any]) -> type[Strict]:
    """Return a model with the fields of a record and their defaults; models stand for the types of ours."""
    types = get_type_hints(record)
    fields: dict[str, Any] = {
        field.name: (models.get(types[field.name], types[field.name]), default(field)) for field in attrs.fields(record)
    }
    return create_model(record.__name__, __base__=Strict, **fields)


def default(field: "attrs.Attribute[Any]") -> object:
    """Return the default of a field, or what pydantic takes for none."""
    return ... if field.default is attrs.NOTHING else field.default


if __name__ == "__main__":
    MONEY: Any = strict(Money, {})
    INTERACTION: Any = strict(Interaction, {})
    MODELS = {Money: MONEY, Money | None: MONEY | None, tuple[Interaction, ...]: tuple[INTERACTION, ...]}
    OWN: Any = {"Interaction": INTERACTION, "Money": MONEY}
    CLASSES = {name: strict(record, MODELS) for name, record in RECORDS.items()} | OWN
    measure(
        CLASSES,
        lambda n: [MONEY(amount=amount, currency="EUR") for amount in amounts(n)],
        lambda amount, currency: {"amount": amount, "currency": currency},
    )
