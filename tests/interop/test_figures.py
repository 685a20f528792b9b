from __future__ import annotations

import json
from decimal import Decimal
from typing import Annotated, Any, cast

import jsonschema
import pytest
from fastapi import Body, FastAPI
from fastapi.testclient import TestClient
from hypothesis import given, strategies as st
from pydantic import TypeAdapter, ValidationError

from crmcore import Balance, Customer, FailureRate, TallyBy, WrongTypeError
from crmcore.interop.pydantic import Figures, adapter
from crmcore.primitives._results import Result
from tests.support.refusals import refused
from tests.support.strategies import VALUES

RATES = adapter(FailureRate, figures=True)
WITH_FIGURES = [cls for cls in VALUES if issubclass(cls, Result) and cls.ratios]


class TestFigures:
    def test_are_written_beside_the_counts(self) -> None:
        """The figures of `row` follow the fields."""
        assert {"good": 3, "bad": 1, "neutral": 0, "judged": 4, "rate": "0.25"} == json.loads(
            RATES.dump_json(FailureRate(good=3, bad=1))
        )
        assert b'{"good":3,"bad":1,"neutral":0}' == adapter(FailureRate).dump_json(FailureRate(good=3, bad=1))

    @pytest.mark.parametrize("cls", [pytest.param(cls, id=cls.__name__) for cls in WITH_FIGURES])
    @given(data=st.data())
    def test_come_back(self, cls: type[Result], data: st.DataObject) -> None:
        """A document with figures is read again, and fits its schema."""
        ours: TypeAdapter[Any] = adapter(cls, figures=True)
        value = data.draw(VALUES[cls])
        text = ours.dump_json(value)
        assert value == ours.validate_json(text)
        assert {*cls.ratios} <= {*json.loads(text)}
        jsonschema.Draft202012Validator(ours.json_schema(mode="serialization")).validate(json.loads(text))

    def test_may_be_left_out(self) -> None:
        """A figure that is not given, or that agrees in another form, is fine."""
        assert FailureRate(good=3, bad=1) == RATES.validate_json('{"good": 3, "bad": 1}')
        assert FailureRate(good=3, bad=1) == RATES.validate_json('{"good": 3, "bad": 1, "rate": "0.2500"}')
        assert FailureRate() == RATES.validate_json('{"rate": null}')
        assert FailureRate(good=3, bad=1) == RATES.validate_python({"good": 3, "bad": 1, "rate": Decimal("0.25")})

    @pytest.mark.parametrize("figure", ['"rate": "0.5"', '"rate": null', '"judged": 5'])
    def test_a_contradiction_is_refused(self, figure: str) -> None:
        """A figure that does not follow from the counts is refused at its place."""
        with pytest.raises(ValidationError) as caught:
            RATES.validate_json(f'{{"good": 3, "bad": 1, {figure}}}')
        error = caught.value.errors(include_url=False)[0]
        assert ("figure_contradicts_counts", (figure.split('"')[1],)) == (error["type"], error["loc"])

    def test_an_unknown_key_is_still_refused(self) -> None:
        """What is neither a field nor a figure is refused, and a figure is refused without the mark."""
        for ours, key in ((RATES, "score"), (adapter(FailureRate), "rate")):
            with pytest.raises(ValidationError, match=key):
                ours.validate_json(f'{{"{key}": "0.5"}}')

    def test_schema_says_read_only(self) -> None:
        """The schema describes a figure and marks it as read-only; fields are not."""
        for mode in ("validation", "serialization"):
            schema = RATES.json_schema(mode=mode)
            assert "FailureRateWithFigures" == schema["title"]
            assert [None, True] == [schema["properties"][name].get("readOnly") for name in ("good", "rate")]
            assert "description" in schema["properties"]["rate"]

    def test_of_a_noun(self) -> None:
        """A noun has no figures and is read as without the mark."""
        assert Customer(id=7) == adapter(Customer, figures=True).validate_json('{"id": 7}')

    def test_of_tallies_by_key(self) -> None:
        """The tallies of a table have their figures, which are read again and must agree."""
        ours: TypeAdapter[Any] = adapter(TallyBy[str, FailureRate], figures=True)
        table = TallyBy({"shop": FailureRate(good=3, bad=1)})
        text = ours.dump_json(table)
        assert b'[["shop",{"good":3,"bad":1,"neutral":0,"judged":4,"rate":"0.25"}]]' == text
        assert table == ours.validate_json(text)
        jsonschema.Draft202012Validator(ours.json_schema()).validate(json.loads(text))
        with pytest.raises(ValidationError, match="rate"):
            ours.validate_json('[["shop", {"good": 3, "bad": 1, "rate": "0.5"}]]')

    @pytest.mark.parametrize("kind", [int, list[FailureRate], cast("Any", TallyBy)[str, int]])
    def test_of_what_has_none(self, kind: Any) -> None:
        """Only a class of results, or a table of one, has figures."""
        with refused(WrongTypeError, "figures_of_no_result: kind"):
            adapter(kind, figures=True)

    def test_in_fastapi(self) -> None:
        """A response has the figures, and the document describes both forms under names of their own."""
        app = FastAPI()

        def double(balance: Annotated[Balance, Figures, Body()]) -> Balance:
            return balance + balance

        def plain() -> Balance:
            return Balance(good=1)

        app.post("/double", response_model=Annotated[Balance, Figures])(double)
        app.get("/plain")(plain)
        client = TestClient(app)
        assert "6" == client.post("/double", json={"good": "3"}).json()["value"]
        assert "value" not in client.get("/plain").json()
        answer = client.post("/double", json={"good": "3", "value": "1"})
        assert (422, ["body", "value"]) == (answer.status_code, answer.json()["detail"][0]["loc"])
        names = client.get("/openapi.json").json()["components"]["schemas"]
        assert {"Balance", "BalanceWithFigures-Input", "BalanceWithFigures-Output"} <= {*names}
