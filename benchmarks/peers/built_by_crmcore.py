"""The library's own records."""

from benchmarks.inputs import monies
from benchmarks.peers.records import measure
from crmcore import Interaction, Journey, MomentOfTruth, Purchase

RECORDS = {record.__name__: record for record in (Purchase, MomentOfTruth, Interaction, Journey)}

if __name__ == "__main__":
    measure(RECORDS, monies)
