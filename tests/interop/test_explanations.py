"""Every explanation is written as JSON and read again, whatever digits its figures have."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import cattrs.preconf.json
import jsonschema
import pytest
from hypothesis import assume, given, strategies as st

from crmcore import CrmcoreError, Retention, TimeUnit
from crmcore.interop.cattrs import configure
from crmcore.interop.pydantic import adapter
from crmcore.primitives.explanation import Explanation, Term
from tests.corpus.write import choose
from tests.face.explanations import explain
from tests.support.strategies import VALUES

if TYPE_CHECKING:
    from collections.abc import Iterator

EXPLAINED = [cls for cls in VALUES if hasattr(cls, "explain")]
OURS = adapter(Explanation)
SCHEMA = jsonschema.Draft202012Validator(OURS.json_schema(mode="serialization"))
CONVERTER = configure(cattrs.preconf.json.make_converter())


def _list_recorded() -> Iterator[Any]:
    for records in choose().values():
        yield from (record for record in records if hasattr(record, "explain"))


def check(explanation: Explanation) -> None:
    """Check that both writers of JSON keep an explanation, and that it fits its schema.

    A number among the evidence of a caution is read as a text; it is written alike.
    """
    text = OURS.dump_json(explanation)
    SCHEMA.validate(json.loads(text))
    again = OURS.validate_json(text)
    assert again.terms == explanation.terms
    assert [type(line.value) for line in again] == [type(line.value) for line in explanation]
    assert again.source == explanation.source
    assert OURS.dump_json(again) == text
    assert CONVERTER.loads(CONVERTER.dumps(explanation), Explanation).terms == explanation.terms


class TestExplanations:
    @pytest.mark.parametrize("cls", [pytest.param(cls, id=cls.__name__) for cls in EXPLAINED])
    @given(data=st.data())
    def test_of_each_result(self, cls: type[Any], data: st.DataObject) -> None:
        """The explanation of any result comes back from JSON."""
        result = data.draw(VALUES[cls])
        try:
            explanation = explain(result)
        except CrmcoreError:  # a result may have none
            assume(condition=False)
        else:
            check(explanation)

    def test_of_each_calculator(self) -> None:
        """So does that of whatever the calculators of the corpus return."""
        for record in _list_recorded():
            check(explain(record))

    @pytest.mark.parametrize(
        "value",
        [
            Decimal("1E-40"),
            Decimal("1.5E-999"),
            Decimal(1) / 7 * Decimal("1E-966"),
            Decimal("1E+999"),
            Decimal(f"0.{'3' * 1000}"),
            Decimal(f"1.{'3' * 999}"),
            Decimal(f"{'7' * 30}.{'3' * 970}"),
            Decimal(f"{'7' * 500}.{'3' * 500}"),
            Decimal("7" * 1000),
            10**999,
            -(10**999) + 1,
            0,
            None,
        ],
        ids=repr,
    )
    def test_of_long_figures(self, value: Decimal | int | None) -> None:
        """A figure of a thousand digits is written without an exponent and read again."""
        check(Explanation([Term("figure", value)]))
        if value:
            check(Explanation([Term("figure", -value)]))

    def test_of_a_share(self) -> None:
        """A share that was computed exactly may have more decimals than an amount, and comes back too."""
        yearly = Retention(f"0.{'9' * 900}", TimeUnit.YEAR)
        ours = adapter(Retention)
        text = ours.dump_json(yearly)
        assert yearly == ours.validate_json(text)
        jsonschema.Draft202012Validator(ours.json_schema(mode="serialization")).validate(json.loads(text))
