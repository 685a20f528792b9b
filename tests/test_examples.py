"""The examples that people run first."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
LOG = """
 00001 19970101  1   11.77
 00002 19970112  1   12.00
 00002 19970112  5   77.00
 00003 19970302  2   20.76
 00003 19980330  2   20.76
 00003 19980602  2   19.54
"""


class TestTour:
    def test_tells_the_documents_numbers(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The book buyer, the forty thousand, the hundred thousand, half in three years, twelve to one."""
        runpy.run_path(str(EXAMPLES / "tour.py"), run_name="__main__")
        told = capsys.readouterr().out

        for line in (
            "value            30000  RUB       = annual_value * years * gross_margin",
            "No: 10000 RUB too much.",
            "He would have to stay 6.67 years, 1.67 more than he does.",
            "value    100000  RUB  = revenue - cost",
            "a year   20.63%",
            "of 1000 customers, left after five years: 315",
            "olga    12 good  0 bad  balance   12",
            "pavel    5 good  1 bad  balance   -7, 7 good ones short",
            "What it hides: 1 of 3 in deficit, pavel by 7.",
            "2026-03-05  bad    -9",
            "lowest -9; 5 to go, at his pace 5 days.",
            "Five good days later: 0, made good on 2026-03-14.",
        ):
            assert line in told.splitlines()


class TestCdnow:
    @pytest.mark.parametrize("wheel", [True, False])
    def test_reads_the_log_from_file_or_wheel(
        self, *, wheel: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Totals are the file's, every customer is judged once, and the refusal says by how much."""
        path = tmp_path / ("lifetimes.whl" if wheel else "log.txt")
        if wheel:
            with ZipFile(path, "w") as archive:
                archive.writestr("lifetimes/datasets/CDNOW_master.txt", LOG.strip())
        else:
            path.write_text(LOG.strip())
        monkeypatch.setattr(sys, "argv", ["cdnow.py", str(path)])
        runpy.run_path(str(EXAMPLES / "cdnow.py"), run_name="__main__")
        told = capsys.readouterr().out

        assert "6 purchases, from 1997-01-01 on" in told
        assert "161.83 USD in all, as the file says; 53.94 USD a customer" in told
        assert "bought more than once:      2 of 3 (66.7%)" in told
        assert "1997-01       2 of 2 (100.0%)" in told
        assert "1997-03       0 of 1 (0.0%)" in told
        assert "spend 50 USD on winning one? no, " in told

    def test_says_what_it_needs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without a path it explains itself."""
        monkeypatch.setattr(sys, "argv", ["cdnow.py"])
        with pytest.raises(SystemExit, match="69,659 purchases"):
            runpy.run_path(str(EXAMPLES / "cdnow.py"), run_name="__main__")
