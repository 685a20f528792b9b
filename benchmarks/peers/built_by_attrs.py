"""The same fields as plain attrs classes, which check nothing."""

from typing import Any

import attrs

from benchmarks.inputs import monies
from benchmarks.peers.built_by_crmcore import RECORDS
from benchmarks.peers.records import measure


def unchecked(record: type[attrs.AttrsInstance]) -> type:
    """Return a class with the fields of a record and their defaults, without validators, converters and methods."""
    fields = {field.name: attrs.field(default=field.default, type=field.type) for field in attrs.fields(record)}
    return attrs.make_class(record.__name__, fields, frozen=True, kw_only=True, slots=True)


if __name__ == "__main__":
    CLASSES: dict[str, Any] = {name: unchecked(record) for name, record in RECORDS.items()}
    measure(CLASSES, monies, lambda amount, currency: CLASSES["Money"](amount=amount, currency=currency))
