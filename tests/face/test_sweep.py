"""Every public callable, with one argument broken at a time, ends in an error of the library or in a right answer.

This is a sample: a few values for each argument. `make sweep` tries all of them.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.sweep import ROOT, State

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it forks, and bounds the memory of its children")


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Figures and faults of a sweep, made by processes of their own."""
    into: Path = tmp_path_factory.mktemp("sweep")
    command = [sys.executable, "-m", "tests.support.sweep", "--sample", "--processes", "2", "--into", str(into)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    assert (into / "figures.json").exists(), told.stderr
    lines = (into / "faults.jsonl").read_text(encoding="utf-8").splitlines()
    return json.loads((into / "figures.json").read_text(encoding="utf-8")), [json.loads(line) for line in lines]


def test_a_state_is_read_while_it_is_written() -> None:
    """No child seems to work at a call since long ago because its parent reads what is half written."""
    state = State(2)
    state.write(1, 7, 1e6, 1e3)
    child = os.fork()
    while not child:
        state.write(1, 7, 1e6, 1e3)
    end = time.monotonic() + 0.2
    read = {state.read(1)}
    while time.monotonic() < end:
        read.add(state.read(1))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)

    assert {(7, 1e6, 1e3)} == read


@pytest.mark.slow
class TestSweep:
    def test_calls_everything(self, swept: tuple[dict[str, Any], list[dict[str, str]]]) -> None:
        """There is a valid call of every public callable."""
        figures, _ = swept
        assert [] == figures["missing"]
        assert figures["callables"] > 800
        assert figures["arguments"] > 2500

    def test_finds_nothing_new(self, swept: tuple[dict[str, Any], list[dict[str, str]]]) -> None:
        """A broken call ends in time, in an error of ours or in a right answer, but for the faults that are known."""
        figures, faults = swept
        new = {*figures["new"]}
        assert [] == [fault for fault in faults if f"{fault['target']}\t{fault['argument']}\t{fault['kind']}" in new]
