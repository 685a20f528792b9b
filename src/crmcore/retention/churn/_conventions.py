"""The definitions of the churn rate that one record of counts answers."""

from enum import StrEnum

__all__ = ["ChurnConvention"]


class ChurnConvention(StrEnum):
    """A published definition of the churn rate; on the same customers the definitions give different numbers.

    Two more definitions need every day counted separately: `sum_of_daily` and `average_daily`. They take what `daily`
    returns.

    Attributes:
        START_OF_PERIOD: The customers of the start who left and were not back at the end, divided by the customers at
            the start (ChartMogul).
        AVERAGE_OF_START_AND_END: All who left, divided by the mean of the customers at the start and at the end. If
            no customer joins or returns, it is above 1 as soon as more than two thirds of the customers are lost.
        START_PLUS_NEW: All who left, divided by the customers at the start plus all who joined (Stripe).
        PERSON_TIME: All who left, divided by the average number of customers through time. This is the rate of survival
            analysis and of actuaries, per customer and period. It can be above 1, and it needs exposure.

    Source: the help pages of ChartMogul ("Churn rate formulas") and Stripe Billing ("Subscriber churn rate"). Shopify's
    engineering blog of 2011 discusses the midpoint. Occurrence over exposure is textbook survival analysis.
    """

    START_OF_PERIOD = "start_of_period"
    AVERAGE_OF_START_AND_END = "average_of_start_and_end"
    START_PLUS_NEW = "start_plus_new"
    PERSON_TIME = "person_time"
