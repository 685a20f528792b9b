from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from crmcore import InvalidValueError, Ownership, Sipoc, Touchpoint, WrongTypeError
from crmcore.interop.hypothesis import sipocs
from crmcore.journeys.journey_maps import touchpoints_from
from tests.support.refusals import refused

SALE = Sipoc(
    process="sell to measure",
    inputs=[("customer", "measurements"), ("paint works", "pigments"), ("courier", "delivery")],
    outputs=[("mixed paint", "customer"), ("sales figures", "head office"), ("address", "courier")],
)
ADVICE = Sipoc(process="advise", inputs=[("firm", "question")], outputs=[("answer", "firm"), ("answer", "customer")])


def as_rows(places: tuple[Touchpoint, ...]) -> list[tuple[object, str, Ownership]]:
    """Return the id, the name and the ownership of each touchpoint."""
    return [(place.id, place.name, place.ownership) for place in places]


class TestTouchpointsFrom:
    def test_example(self) -> None:
        """What a customer gives and gets is owned by the company, what a partner gives is the partner's."""
        places = touchpoints_from([SALE, ADVICE], customers=["customer", "firm"], partners=["courier"])

        assert [
            ("sell to measure: measurements", "measurements", Ownership.OWNED),
            ("sell to measure: delivery", "delivery", Ownership.PARTNER),
            ("sell to measure: mixed paint", "mixed paint", Ownership.OWNED),
            ("advise: question", "question", Ownership.OWNED),
            ("advise: answer", "answer", Ownership.OWNED),
        ] == as_rows(places)

    def test_customers_come_first(self) -> None:
        """What a partner brings and the customer gets is owned by the company."""
        parcel = Sipoc(process="send", inputs=[("courier", "parcel")], outputs=[("parcel", "customer")])

        assert [("send: parcel", "parcel", Ownership.OWNED)] == as_rows(
            touchpoints_from([parcel], customers=["customer"], partners=["courier"])
        )
        back = Sipoc(process="send", inputs=[("customer", "parcel"), ("courier", "parcel")])
        assert [Ownership.OWNED] == [
            place.ownership for place in touchpoints_from([back], customers=["customer"], partners=["courier"])
        ]

    @given(st.lists(sipocs(), max_size=4), st.data())
    def test_by_hand(self, processes: list[Sipoc], data: st.DataObject) -> None:
        """Each touchpoint comes from the process in its id, once, and none is missing."""
        roles = sorted({role for one in processes for role in (*one.suppliers, *one.customers)})
        customers = data.draw(st.lists(st.sampled_from(roles), unique=True) if roles else st.just([]))
        partners = [role for role in roles if role not in customers]
        expected = {
            f"{one.process}: {thing}"
            for one in processes
            for thing in (
                *(thing for _, thing in one.inputs),
                *(thing for thing, customer in one.outputs if customer in customers),
            )
        }
        places = touchpoints_from(iter(processes), customers=customers, partners=partners)

        assert expected == {place.id for place in places}
        assert len(expected) == len(places)

    def test_nobody(self) -> None:
        """Without processes or customers there is no touchpoint."""
        assert () == touchpoints_from([], customers=[])
        assert () == touchpoints_from([SALE], customers=[])

    @pytest.mark.parametrize(
        ("processes", "roles", "error", "broken"),
        [
            (
                [SALE],
                {"customers": ["client"]},
                InvalidValueError,
                "role_of_no_process: customers[0]",
            ),
            ([SALE], {"customers": [], "partners": ["post"]}, InvalidValueError, "role_of_no_process: partners[0]"),
            ([], {"customers": ["customer"]}, InvalidValueError, "role_of_no_process: customers[0]"),
            (
                [SALE],
                {"customers": ["courier"], "partners": ["courier"]},
                InvalidValueError,
                "customer_and_partner: partners",
            ),
            ([SALE], {"customers": "customer"}, WrongTypeError, "one_for_several: customers"),
            ([SALE], {"customers": [1]}, WrongTypeError, "not_a_text: customers[0]"),
            (["sell"], {"customers": []}, WrongTypeError, "wrong_type: processes[0]"),
            (SALE, {"customers": []}, WrongTypeError, "one_for_several: processes"),
        ],
    )
    def test_refuses(self, processes: Any, roles: dict[str, Any], error: type[Exception], broken: str) -> None:
        """A role that no process names is refused, because it would find nothing."""
        with refused(error, broken):
            touchpoints_from(processes, **roles)
