"""What pymc-marketing says of purchases: the summary that its models of customers take."""

from collections.abc import Mapping
from pathlib import Path

from benchmarks.peers.answering import Question, imported, serve
from benchmarks.peers.rfm_columns import ask


def questions(file: Path) -> Mapping[str, Question]:
    """Return what answers each question, with the form of the answer."""
    return ask(file, imported("pymc_marketing.clv.utils").rfm_summary)


if __name__ == "__main__":
    serve("pymc-marketing", questions)
