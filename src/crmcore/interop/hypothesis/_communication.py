"""Strategies for how the company speaks with customers."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import ContactLimit, Effort, Interaction, Mix, Purpose, Spend, TallyBy, communication as room
from crmcore.interop.hypothesis._values import Fields, counts, fields_from, instants, maybe_of, record
from crmcore.service.communication import ContactDecision, KindCount


def contact_limits(**fields: object) -> SearchStrategy[ContactLimit]:
    """Limits of up to three times within up to a year."""
    return record(ContactLimit, fields, _contact_limits)


def _contact_limits() -> Fields:
    days = st.integers(1, 365).map(lambda number: timedelta(days=number))
    return {"at_most": st.integers(1, 3), "within": days, "purpose": maybe_of(Purpose)}


@st.composite
def contact_decisions(draw: st.DrawFn, /, **fields: object) -> ContactDecision:
    """Decisions after at most one contact."""
    drawn = fields_from(draw, fields, {"as_of": instants()})
    day = drawn["as_of"]
    met = [Interaction(touchpoint_id=1, at=day, customer_id=1)] if draw(st.booleans()) else []
    limit = draw(contact_limits(at_most=1))
    decision = room.may_contact(met, customer_id=1, as_of=day, limits=[limit])
    usual: Fields = {"allowed_from": decision.allowed_from, "blocked_by": decision.blocked_by}
    return ContactDecision(**{**usual, **drawn})


def kind_counts(**fields: object) -> SearchStrategy[KindCount]:
    """Contacts of one kind."""
    return record(KindCount, fields)


def mixes(**fields: object) -> SearchStrategy[Mix]:
    """Contacts of up to four purposes."""
    return record(Mix, fields, _mixes)


def _mixes() -> Fields:
    kinds = st.dictionaries(st.sampled_from(Purpose), kind_counts(contacts=counts()), max_size=4)
    return {"kinds": kinds.map(TallyBy)}


def spends(**fields: object) -> SearchStrategy[Spend]:
    """What was spent, in euro unless all are given."""
    return record(Spend, fields)


def efforts(**fields: object) -> SearchStrategy[Effort]:
    """Contacts with new and existing customers, and what both bought, in euro unless all are given."""
    return record(Effort, fields)
