"""Run the examples of the README and the documentation among the tests."""

from tests.face.documents import EXAMPLES

pytest_collect_file = EXAMPLES.pytest()
