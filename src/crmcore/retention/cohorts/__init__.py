"""Who came back, by age: cohorts of customers from their acquisition on.

`Cohort.by` counts activity of any kind, and `Cohort.by_purchases` orders with their revenue. `CohortTriangle` puts the
cohorts below one another. A member counts in a column only once its last period is over for them, so young members and
the last periods of a table do not lower a rate.
"""

from crmcore.retention.cohorts._ages import AgeRule
from crmcore.retention.cohorts._cohort import Cohort, CohortReading
from crmcore.retention.cohorts._triangle import CohortTriangle

__all__ = ["AgeRule", "Cohort", "CohortReading", "CohortTriangle"]

for _name in __all__:  # pickles, tracebacks and help name this package, not the file inside it
    vars()[_name].__module__ = __name__
