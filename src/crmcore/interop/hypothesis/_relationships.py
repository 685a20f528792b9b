"""Strategies for how relationships are practised."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import PracticeShare, Referrals
from crmcore.interop.hypothesis._values import Fields, counts, fields_from, monies, record
from crmcore.retention.relationships import RelationshipQuality


def practice_shares(**fields: object) -> SearchStrategy[PracticeShare]:
    """Counts of what is practised, what is not and what is unknown."""
    return record(PracticeShare, fields, _practice_shares)


def _practice_shares() -> Fields:
    return dict.fromkeys(("practised", "missed", "unknown"), counts())


@st.composite
def referral_counts(draw: st.DrawFn, /, **fields: object) -> Referrals:
    """Counts of referred customers, in euro unless the amounts are given."""
    referred, of_unknown_value = sorted(draw(st.tuples(counts(), counts())), reverse=True)
    usual: Fields = {
        "customers": counts().map(lambda others: referred + others),
        "referred": referred,
        "of_unknown_value": of_unknown_value,
        "value": monies(low=0),
        "rewards": monies(low=0),
    }
    return Referrals(**fields_from(draw, fields, usual))


def relationship_qualities(**fields: object) -> SearchStrategy[RelationshipQuality]:
    """Relationships with any of their measures known."""
    return record(RelationshipQuality, fields)
