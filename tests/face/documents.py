"""How the examples of the README and the documentation are run; each document is one namespace, top to bottom."""

from pathlib import Path

from sybil import Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

ROOT = Path(__file__).parents[2]

_SESSIONS = PythonCodeBlockParser()
_SESSIONS.codeblock_parser = CodeBlockParser("pycon", PythonEvaluator())  # which Sybil would skip in silence

EXAMPLES = Sybil(parsers=[PythonCodeBlockParser(), _SESSIONS], path=str(ROOT), pattern="*.md")
