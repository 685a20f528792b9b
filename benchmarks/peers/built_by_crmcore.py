"""The library's own records."""

from benchmarks.inputs import monies
from benchmarks.peers.records import measure
from crmcore import Feedback, Interaction, Journey, MomentOfTruth, Money, Purchase, Response

RECORDS = {
    record.__name__: record for record in (Money, Purchase, MomentOfTruth, Interaction, Feedback, Response, Journey)
}

if __name__ == "__main__":
    measure(RECORDS, monies, Money)
