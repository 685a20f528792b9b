"""What the published definitions of revenue churn decide differently."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final

import attrs

from crmcore.primitives.record import WAIT, Record

__all__ = [
    "ChangeRule",
    "ChurnMoment",
    "FreePlanRule",
    "ReactivationRule",
    "RevenueDefinition",
    "RevenuePolicy",
]


class ChangeRule(StrEnum):
    """Which changes of a customer within one period count.

    Attributes:
        NET: One: what the customer pays at the end, compared with the start. A customer who joins and leaves within the
            period has no movement.
        EACH: Every change counts at its instant. A customer who joins and leaves within the period is new and churned.
    """

    NET = "net"
    EACH = "each"


class ChurnMoment(StrEnum):
    """From when on a subscription that has ended is no longer paid.

    Attributes:
        WHEN_ENDED: From `Subscription.ended` on.
        END_OF_BILLING_PERIOD: From the end of the billing period in which it ended, or from the start of the customer's
            next subscription if that is earlier. Billing periods are counted from the start of the subscription, by the
            calendar of a zone that you give as `tz`.
    """

    WHEN_ENDED = "when_ended"
    END_OF_BILLING_PERIOD = "end_of_billing_period"


class FreePlanRule(StrEnum):
    """What a customer is who moves from a paid plan to one with the price 0.

    Someone who has only had plans with the price 0, such as a trial, is not a customer yet under either rule.

    Attributes:
        CHURN: No longer a customer: the move is churn.
        CONTRACTION: Still a customer, who pays 0: the move is contraction, and the next paid plan is expansion.
    """

    CHURN = "churn"
    CONTRACTION = "contraction"


class ReactivationRule(StrEnum):
    """Whether revenue of customers who came back counts as gained, in the net churn and in the quick ratio.

    Attributes:
        COUNTED: Reactivation counts as expansion does.
        LEFT_OUT: Reactivation is left out.
    """

    COUNTED = "counted"
    LEFT_OUT = "left_out"


@attrs.frozen(kw_only=True)
class RevenuePolicy(Record):
    """How revenue is counted: each point that published definitions decide differently.

    By default, only the net change of a customer within the period counts. A subscription is lost when it ends. A
    customer who moves to a plan with the price 0 is lost, reactivation counts, and a paused plan keeps its revenue.
    Every gap between subscriptions counts as lost, and a customer who comes back is reactivated after any absence.

    Examples:
        >>> from crmcore import ChangeRule, RevenueDefinition, RevenuePolicy
        >>> RevenueDefinition.STRIPE.policy == RevenuePolicy(changes=ChangeRule.EACH)
        True

    Attributes:
        changes: Which changes of a customer within the period count.
        churn_moment: From when on a subscription that has ended is no longer paid.
        free_plans: What a customer is who moves to a plan with the price 0.
        reactivation: Whether reactivation counts in `RevenueMovements.net_churn` and `quick_ratio`.
        paused_is_lost: Whether a subscription is not paid while it is paused.
        gap_tolerance: The longest gap between subscriptions that does not count as lost, > 0, such as a minute between
            the old and the new plan of an upgrade. In the gap, the customer pays what they paid before it.
        reactivation_window: The longest absence after which a customer who comes back is reactivated. After a longer
            one they are new. None: they are never new again.
    """

    changes: ChangeRule = ChangeRule.NET
    churn_moment: ChurnMoment = ChurnMoment.WHEN_ENDED
    free_plans: FreePlanRule = FreePlanRule.CHURN
    reactivation: ReactivationRule = ReactivationRule.COUNTED
    paused_is_lost: bool = False
    gap_tolerance: timedelta | None = None
    reactivation_window: Annotated[timedelta, WAIT] | None = None


class RevenueDefinition(StrEnum):
    """A vendor whose published definitions a count can follow; `policy` is how that vendor counts.

    What a vendor does not publish is left as `RevenuePolicy` has it by default.

    Examples:
        >>> from crmcore import RevenueDefinition
        >>> RevenueDefinition.MAXIO.policy.reactivation_window.days
        90

    Attributes:
        CHARTMOGUL: Every change counts, a customer who moves to a free plan stays one, and reactivation counts in the
            net churn (help pages "MRR movements", "Free customer handling", "Net MRR churn rate").
        STRIPE: Every change counts; trials and free plans are no revenue, and reactivation counts in the growth of MRR
            (Billing metric definitions).
        BAREMETRICS: Every change counts, and reactivation counts neither in net revenue churn nor in the quick ratio
            (product updates "Net MRR Churn", "Net Revenue Retention", "New Quick Ratio Metric").
        PROFITWELL: Who joins and leaves within the month has no movement, revenue counts until the end of the billing
            period, a paused plan pays 0, and who comes back is always reactivated (comparison pages of Paddle).
        RECURLY: Who joins and leaves within the month has no movement, revenue counts until the end of the billing
            period, a paused plan pays 0, and who comes back in less than a month has not left (help pages on churn MRR,
            on reactivation MRR, on pausing and on cancelling). Less than a month is at most 27 days here.
        MAXIO: Every change counts at once, paused plans stay as they are, and who comes back after more than 90 days is
            new (the same pages, on Maxio, formerly Chargify).

    Source: the pages named above, as read in November 2026; the guide "Which revenue churn" has their addresses.
    """

    CHARTMOGUL = "chartmogul"
    STRIPE = "stripe"
    BAREMETRICS = "baremetrics"
    PROFITWELL = "profitwell"
    RECURLY = "recurly"
    MAXIO = "maxio"

    @property
    def policy(self) -> RevenuePolicy:
        """How the vendor counts."""
        return _POLICIES[self.value]


_POLICIES: Final = {
    "chartmogul": RevenuePolicy(changes=ChangeRule.EACH, free_plans=FreePlanRule.CONTRACTION),
    "stripe": RevenuePolicy(changes=ChangeRule.EACH),
    "baremetrics": RevenuePolicy(changes=ChangeRule.EACH, reactivation=ReactivationRule.LEFT_OUT),
    "profitwell": RevenuePolicy(churn_moment=ChurnMoment.END_OF_BILLING_PERIOD, paused_is_lost=True),
    "recurly": RevenuePolicy(
        churn_moment=ChurnMoment.END_OF_BILLING_PERIOD, paused_is_lost=True, gap_tolerance=timedelta(days=27)
    ),
    "maxio": RevenuePolicy(changes=ChangeRule.EACH, reactivation_window=timedelta(days=90)),
}
