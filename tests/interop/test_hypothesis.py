"""What the strategies promise to those who use them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import attrs
import pytest
from hypothesis import Phase, find, given, settings, strategies as st
from hypothesis.errors import NoSuchExample

import crmcore
from crmcore import (
    AdviceMotive,
    Channel,
    DissolutionCause,
    Id,
    Initiator,
    LifecycleStage,
    MeasureKind,
    Money,
    Purchase,
    Purpose,
    Touchpoint,
)
from crmcore.interop import hypothesis as ours
from crmcore.interop.hypothesis import _values
from crmcore.primitives import checks
from crmcore.primitives.record import Kind, at_least, between

if TYPE_CHECKING:
    from collections.abc import Callable

AT = datetime(2026, 3, 2, tzinfo=UTC)
RECORDS = {cls: strategy for cls, strategy in ours.every_type().items() if attrs.has(cls)}
NEVER_DRAWN: Final[dict[str, str]] = {
    "Conformance.open": "nothing is open without `as_of`, a policy, which is the caller's choice",
    "Funnel.open": "the same",
    "Outcome.open": "the same",
    "Visits.open": "the same",
    "Ledger.ratio": "the caller chooses it, like the policies of a tally",
    "Lifetime.weight": "the caller weights a sample; without that each lifetime counts once",
    "LifetimeValue.residual": "simple values have none; tests/value/test_constant_retention.py builds the others",
    "LifetimeValue.truncated": "the same",
    "Money.currency": "the caller names currencies: amounts in different ones do not add",
    "PurchaseSummary.unit": "the caller chooses it, and the days of another unit must each begin one",
    "RfmTable.calendar": "the caller chooses it, like the policies of a tally",
    "RfmTable.lookalikes": "no drawn ids differ in their type alone",
    "RfmTable.unit": "the same as `calendar`",
    "Term.formula": "a formula is about the rows above it, which a term alone does not have",
}
"""The fields that no strategy draws, and why. The policies of tallies are the caller's choice too."""
AT_ONCE = settings(database=None, derandomize=True, max_examples=500, phases=[Phase.generate])


def unvaried(cls: type) -> set[str]:
    """Return the fields that hold one value in every draw; without policies, and without ids that may be left out.

    Two different records of one id are refused wherever records are counted, so none has an id unless it is given.
    """
    fields = [
        field
        for field in attrs.fields(cls)
        if not field.metadata.get("policy") and not (field.alias == "id" and field.default is None)
    ]
    usual = {field.name: field.default for field in fields if field.default is not attrs.NOTHING}
    missing = {field.name for field in fields}

    def varies(value: object) -> bool:
        for name in [*missing]:
            if usual.setdefault(name, getattr(value, name)) != getattr(value, name):
                missing.remove(name)
        return not missing

    try:
        find(RECORDS[cls], varies, settings=AT_ONCE)
    except NoSuchExample:
        return missing
    return set()


class TestFields:
    @pytest.mark.parametrize(
        ("strategy", "fields"),
        [
            (ours.dissolutions, {"cause": DissolutionCause.FRAUD, "evidence": "a forged cheque"}),
            (ours.relationships, {"history": ((LifecycleStage.EXPANSION, AT),)}),
            (ours.tasks, {"done_at": AT}),
            (ours.readings, {"kind": MeasureKind.TRUST, "value": 7}),
            (ours.dissolutions, {"initiator": Initiator.SUPPLIER}),
            (ours.scales, {"name": "rating_1_5"}),
            (ours.scales, {"high": -7, "higher_is_better": False}),
            (ours.scales, {"low": 3, "name": "faces"}),
            (ours.feedbacks, {"recovered": None}),
            (ours.journeys, {"interactions": ()}),
            (ours.interactions, {"purpose": Purpose.ADVISE, "advice_motive": AdviceMotive.HELP}),
            (ours.adaptations, {"start": Decimal(5), "steps": ()}),
            (ours.audit_scores, {"points": Decimal(0)}),
            (ours.scores_of_audits, {"points": Decimal(0)}),
            (ours.authorities, {"limit": Money(5, "EUR"), "sale_limit": None, "approval_limit": None}),
            (ours.compensation_funds, {"opening": Money(9, "EUR"), "entries": ()}),
            (ours.perception_gaps, {"company_good": 1, "company_judged": 2}),
            (ours.playbook_coverages, {"roles": (), "pairs_covered": ()}),
        ],
    )
    @given(data=st.data())
    def test_what_is_given_is_kept(self, strategy: Any, fields: dict[str, Any], data: st.DataObject) -> None:
        """A field that is no strategy stays as it was given, and the rest fits it."""
        made: object = data.draw(strategy(**fields))

        assert fields == {name: getattr(made, name) for name in fields}

    @pytest.mark.slow
    @pytest.mark.parametrize("cls", [pytest.param(cls, id=cls.__name__) for cls in RECORDS])
    def test_every_field_is_drawn(self, cls: type) -> None:
        """Draws of a class differ in every field, but for an id that may be missing, and those listed with a reason."""
        optional = {field.name for field in attrs.fields(cls) if field.name == "id" and field.default is None}
        undrawn = {f"{cls.__name__}.{name}" for name in unvaried(cls) if name not in optional}

        assert undrawn == {name for name in NEVER_DRAWN if name.partition(".")[0] == cls.__name__}


@attrs.frozen(kw_only=True)
class Shop:
    """A class outside the library, with fields of every derived kind."""

    id: Id
    owner_id: Id | None
    name: str
    nickname: str | None
    is_open: bool
    has_parking: bool | None
    capacity: int | None
    share: Decimal
    opened: datetime
    on: date
    lasts: timedelta | None
    rent: Money
    channel: Channel | None
    channels: frozenset[Channel]
    tags: frozenset[str]
    places: tuple[Touchpoint, ...]
    bounds: tuple[int, str]


def lacks(name: str) -> Callable[[Shop], bool]:
    """Whether a field is None."""
    return lambda shop: getattr(shop, name) is None


@attrs.frozen(kw_only=True)
class Odd:
    """A class with a field of which the annotation does not say enough."""

    number: complex | None = None


class TestDerived:
    def test_annotations_are_enough(self) -> None:
        """A field without an entry of its own is drawn as its annotation says, None among it where that is allowed."""
        shops = _values.record(Shop, {"name": "corner"})
        optional = [field.name for field in attrs.fields(Shop) if "None" in str(field.type)]
        unknown = {name: find(shops, lacks(name), settings=AT_ONCE) for name in optional}
        known = find(shops, lambda shop: bool(shop.places and shop.tags), settings=AT_ONCE)

        assert "corner" == known.name
        assert [getattr(shop, name) for name, shop in unknown.items()] == [None] * len(optional)

    def test_refuses_what_it_cannot_derive(self) -> None:
        """An annotation that does not say enough is refused, with the class and the field, before anything is drawn."""
        with pytest.raises(TypeError, match=r"no strategy for Odd\.number of type complex \| None"):
            _values.record(Odd, {})

    @given(st.data())
    def test_bounds_and_kinds(self, data: st.DataObject) -> None:
        """A whole number lies within the bounds of its kind, or above its only one; an unknown kind is refused."""
        for kind, low, high in ((between(2, 4), 2, 4), (at_least(3), 3, 103)):
            assert low <= data.draw(_values.from_annotation(Annotated[int, kind], "Odd.number")) <= high
        with pytest.raises(TypeError, match=r"no strategy for Odd\.number, of a kind of its own"):
            _values.from_annotation(Annotated[int, Kind(checks.as_count)], "Odd.number")

    def test_refuses_an_entry_without_a_field(self) -> None:
        """An entry for a field that the class does not have is refused."""
        with pytest.raises(LookupError, match="Odd has no field nmber"):
            _values.fields_of(Odd, lambda: {"number": None, "nmber": 1})


class TestRegister:
    @given(data=st.data())
    def test_types_are_found(self, data: st.DataObject) -> None:
        """After registering, a strategy is found by its type."""
        ours.register([Purchase])

        assert isinstance(data.draw(st.from_type(Purchase)), Purchase)


class TestFirstUse:
    @pytest.mark.slow
    def test_is_quick_in_a_new_environment(self, tmp_path: Path) -> None:
        """The first test of a user passes in a new process, without the tables that Hypothesis keeps from earlier runs.

        Hypothesis fails a test whose input is slow to generate. The table of what a codec can write takes a second to
        compute. Hypothesis keeps it in a file, which must not be there.

        The library stands in a folder of installed packages, as it does for a user: of a package under development
        Hypothesis also reads the source of every module, to find its constants.
        """
        installed = tmp_path / "site-packages"
        shutil.copytree(Path(crmcore.__file__).parent, installed / "crmcore")
        (tmp_path / "first.py").write_text(
            "from hypothesis import given, strategies as st\n"
            "from crmcore.interop.hypothesis import customers, feedbacks, monies, purchases\n"
            "@given(st.lists(purchases(amount=monies('EUR'))), customers(), feedbacks())\n"
            "def test(bought, customer, feedback):\n"
            "    assert customer.id is not None\n"
            "test()\n",
            encoding="utf-8",
        )
        first = subprocess.run(
            [sys.executable, "first.py"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(installed)},
            capture_output=True,
            text=True,
            check=False,
        )

        assert (0, "") == (first.returncode, first.stderr)
        assert [] == list(tmp_path.rglob("codec-*"))
