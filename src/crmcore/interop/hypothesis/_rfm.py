"""Strategies for recency, frequency and monetary value."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import OrderRule, Purchase, RfmTable, SegmentRule, SegmentTable
from crmcore.interop.hypothesis._nouns import purchases
from crmcore.interop.hypothesis._values import Fields, cached, days, fields_from, ids, monies, record
from crmcore.primitives.periods import in_utc
from crmcore.value.rfm import PurchaseSummary, RefundRule, RfmScore, RfmScores


@st.composite
def purchase_summaries(draw: st.DrawFn, /, **fields: object) -> PurchaseSummary:
    """Summaries of one customer in euro, with a holdout or without; many have a single order."""
    first = draw(days().filter(lambda day: day.year < 9900))
    orders = draw(st.sampled_from((1, 1, 2, 3, 17)))
    last = first + timedelta(days=draw(st.integers(0, 900))) if orders > 1 else first
    end = last + timedelta(days=draw(st.integers(0, 900)))
    usual: Fields = {
        "customer_id": ids(),
        "orders": orders,
        "first": first,
        "last": last,
        "end": end,
        "spend": monies(),
        "repeat_spend": monies() if orders > 1 else monies(low=0, high=0),
    }
    if draw(st.booleans()):
        usual |= {
            "holdout_end": end + timedelta(days=draw(st.integers(0, 90))),
            "holdout_orders": st.integers(0, 9),
            "holdout_spend": monies(),
        }
    return PurchaseSummary(**fields_from(draw, fields, usual))


@st.composite
def rfm_tables(draw: st.DrawFn, /, **fields: object) -> RfmTable:
    """Tables of a few purchases in euro, from the arguments of ``RfmTable.of``."""
    bought: list[Purchase] = draw(st.lists(purchases(amount=monies(), cost=None), max_size=6))
    times = sorted((purchase.at for purchase in bought), key=in_utc) or [draw(purchases()).at]
    as_of = fields_from(draw, fields, {"as_of": st.just(times[-1]) | st.sampled_from(times)})["as_of"]
    usual: Fields = {
        "as_of": as_of,
        "holdout_until": times[-1] if in_utc(as_of) < in_utc(times[-1]) else None,
        "order_rule": st.sampled_from(OrderRule),
        "refund_rule": st.sampled_from(RefundRule),
    }
    return RfmTable.of(bought, **fields_from(draw, {**fields, "as_of": as_of}, usual))


def rfm_scores(**fields: object) -> SearchStrategy[RfmScore]:
    """Grades of one customer from 1 to 5, and their spend in euro."""
    return record(RfmScore, fields, _rfm_scores)


def _rfm_scores() -> Fields:
    return {**dict.fromkeys(("recency", "frequency", "monetary"), st.integers(1, 5)), "spend": monies()}


@cached
def graded_customers() -> SearchStrategy[RfmScores]:
    """Grades of several customers, as a result."""
    scores = st.lists(rfm_scores(), max_size=5, unique_by=lambda score: score.customer_id)
    return st.builds(RfmScores, scores=scores, quantiles=st.integers(5, 9))


@st.composite
def segment_rules(draw: st.DrawFn, /, **fields: object) -> SegmentRule:
    """Ranges of grades from 1 to 5."""
    grades = st.tuples(st.integers(1, 5), st.integers(1, 5)).map(lambda pair: (min(pair), max(pair)))
    usual: Fields = {
        "name": st.sampled_from(("best", "good", "new", "lost")),
        **dict.fromkeys(("recency", "frequency", "monetary"), grades),
    }
    return SegmentRule(**fields_from(draw, fields, usual))


def segment_tables(**fields: object) -> SearchStrategy[SegmentTable]:
    """Tables of a few rules for grades from 1 to 5."""
    return record(SegmentTable, fields, _segment_tables)


def _segment_tables() -> Fields:
    return {
        "rules": st.lists(segment_rules(), max_size=4),
        "quantiles": st.integers(5, 9),
        "others": st.sampled_from(("others", "rest")),
    }
