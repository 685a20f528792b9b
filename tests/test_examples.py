"""The examples that people run first."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any, ClassVar
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
            "One per cent more of them kept is 2.7 per cent more value.",
            "The garden is worth 957.18 RUB more, and leads from 2031-01-01 on.",
            "value    100000  RUB  = revenue - cost",
            "a year   20.63%",
            "of 1000 customers, left after five years: 315",
            "start of period           12.5%",
            "average of start and end  14.3%",
            "start plus new            12.0%",
            "olga    12 good  0 bad  balance   12",
            "pavel    5 good  1 bad  balance   -7, 7 good ones short",
            "What it hides: 1 of 3 in deficit, pavel by 7.",
            "2026-03-05  bad    -9",
            "lowest -9; 5 to go, at his pace 5 days.",
            "Five good days later: 0, made good on 2026-03-14.",
            "Of 80 who saw the advertisement 37 paid.",
            "ask for the aisle  came 52  left short of the till 19  went past  4",
            "Begin with one step, say the documents: see the ad, where up to 720000 RUB go astray.",
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
        assert "     50%  64 days" in told
        assert "warning censored_gaps: the gaps leave out silences that still last" in told
        assert "  there at the start 1, lost 0, of them back 0" in told
        assert "  1997-01       2 customers,  50.38 USD each: 89.00 USD of those who came back, 11.77 USD of" in told
        assert "from 1997-01 to 1997-03 10.68 USD, of it" in told
        assert "  first_order_left_out: only repeat orders count" in told
        assert "spend 50 USD on winning one? no, " in told

    def test_says_what_it_needs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without a path it explains itself."""
        monkeypatch.setattr(sys, "argv", ["cdnow.py"])
        with pytest.raises(SystemExit, match="69,659 purchases"):
            runpy.run_path(str(EXAMPLES / "cdnow.py"), run_name="__main__")


class TestTelco:
    TABLE: ClassVar = """
customerID,tenure,Contract,MonthlyCharges,Churn
a,1,Month-to-month,29.85,No
b,2,Month-to-month,53.85,Yes
c,8,Month-to-month,99.65,Yes
d,34,One year,56.95,No
e,72,Two year,113.25,No
f,0,Two year,52.55,No
"""

    def told(self, table: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> str:
        """Run the example on a table."""
        path = tmp_path / "telco.csv"
        path.write_text(table.strip())
        monkeypatch.setattr(sys, "argv", ["telco.py", str(path)])
        runpy.run_path(str(EXAMPLES / "telco.py"), run_name="__main__")
        return capsys.readouterr().out

    def test_totals_are_the_files(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Customers and lost are counted as the file says, each contract and tenure with its bounds."""
        told = self.told(self.TABLE, tmp_path, capsys, monkeypatch)

        assert "6 customers, 2 of them lost, as the file says; 1 have just joined" in told
        assert "Month-to-month        3      2   66.7%  20.8% to 93.9%" in told
        assert "up to 48 months       1      0    0.0%  0.0% to 79.3%" in told
        assert "One year less Month-to-month: -66.7%, from -93.9% to +25.0%" in told
        assert "of the customers 40.0% left, of the revenue 43.4%" in told

    def test_says_what_it_needs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without a path it explains itself."""
        monkeypatch.setattr(sys, "argv", ["telco.py"])
        with pytest.raises(SystemExit, match="7,043 of them"):
            runpy.run_path(str(EXAMPLES / "telco.py"), run_name="__main__")
