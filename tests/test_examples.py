"""Tests of the examples in `examples/`."""

from __future__ import annotations

import csv
import gzip
import math
import os
import runpy
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
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
    def test_prints_the_numbers_of_the_source_articles(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The tour prints the numbers that follow from the source articles."""
        runpy.run_path(str(EXAMPLES / "tour.py"), run_name="__main__")
        output = capsys.readouterr().out

        for line in (
            "value            30000  RUB       = annual_value * years * gross_margin",
            "No, that is 10000 RUB too much.",
            "The customer must stay 6.67 years, 1.67 years longer.",
            "If retention rises by 1 %, the value rises by 2.7 %.",
            "The garden is worth 957.18 RUB more. It leads from 2031-01-01 on.",
            "value                  100000  RUB                 = revenue - cost",
            "churn a year   20.63%",
            "Of 1000 customers, 315 remain after five years.",
            "start of period           12.5%",
            "average of start and end  14.3%",
            "start plus new            12.0%",
            "olga    12 good  0 bad  balance   12",
            "pavel    5 good  1 bad  balance   -7, 7 good moments needed",
            "1 of 3 employees has a deficit: pavel, by 7.",
            "2026-03-05  bad    -9",
            "The lowest balance is -9. The deficit is now 5, which takes 5 more days.",
            "After five more good days the balance is 0. It was repaid on 2026-03-14.",
            "Of 80 customers who saw the advertisement, 37 paid.",
            "ask for the aisle  came 52  left before paying 19  skipped it  4",
            "'see the ad': up to 720000 RUB are lost there.",
        ):
            assert line in output.splitlines()


class TestCdnow:
    @pytest.mark.parametrize("wheel", [True, False])
    def test_reads_the_log_from_file_or_wheel(
        self, *, wheel: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The totals are those of the file, every customer counts once, and the output says how much is too much."""
        path = tmp_path / ("lifetimes.whl" if wheel else "log.txt")
        if wheel:
            with ZipFile(path, "w") as archive:
                archive.writestr("lifetimes/datasets/CDNOW_master.txt", LOG.strip())
        else:
            path.write_text(LOG.strip())
        monkeypatch.setattr(sys, "argv", ["cdnow.py", str(path)])
        runpy.run_path(str(EXAMPLES / "cdnow.py"), run_name="__main__")
        output = capsys.readouterr().out

        assert "6 purchases since 1997-01-01" in output
        assert "161.83 USD in total, the same as in the file; 53.94 USD per customer" in output
        assert "bought more than once:      2 of 3 (66.7%)" in output
        assert "1997-01       2 of 2 (100.0%)" in output
        assert "1997-03       0 of 1 (0.0%)" in output
        assert "     50%  64 days" in output
        assert "warning censored_gaps: " in output
        assert "  1 at the start, 0 lost, 0 of these came back" in output
        assert (
            "  1997-01       2 customers, average  50.38 USD: 89.00 USD if they bought again, 11.77 USD if they"
            in output
        )
        assert "change of the average from 1997-01 to 1997-03: 10.68 USD, " in output
        assert "  first_order_left_out: " in output
        # customers 2 and 3: 150.06 in 4 orders, of which 2 are further ones, so 37.515 * 1 * 0.3 = 11.25 each
        assert "spend 50 USD to win such a customer? no, 38.75 USD too much" in output


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

    def run(self, table: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> str:
        """Return the output of the example for a table."""
        path = tmp_path / "telco.csv"
        path.write_text(table.strip())
        monkeypatch.setattr(sys, "argv", ["telco.py", str(path)])
        runpy.run_path(str(EXAMPLES / "telco.py"), run_name="__main__")
        return capsys.readouterr().out

    def test_totals_are_those_of_the_file(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The counts are those of the file, and each contract and tenure has its confidence interval."""
        output = self.run(self.TABLE, tmp_path, capsys, monkeypatch)

        assert "6 customers, 2 lost, the same as in the file; 1 joined in this month" in output
        assert "Month-to-month        3      2   66.7%  20.8% to 93.9%" in output
        assert "up to 48 months       1      0    0.0%  0.0% to 79.3%" in output
        assert "One year minus Month-to-month: -66.7%, 95 % confidence interval -93.9% to +25.0%" in output
        assert "lost: 40.0% of the customers and 43.4% of the revenue" in output


class TestSurvey:
    COLUMNS: ClassVar = ["CUEX1", "CUSA1", "CUSCO", "CUSL2", "IMAG1", "PERQ1", "PERV1", "CUSL1"]

    def test_scores_are_those_of_the_file(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The means are those of the columns, the scale of its own is left out, and shares have their bounds."""
        rows = [[3, 10, 9, 1, 5, 6, 7, 8], [4, 9, 2, 1, 5, 8, 7, 8], [5, 1, 8, 1, 5, 7, 7, 8]]
        lines: list[list[object]] = [["", *self.COLUMNS], *([str(number), *row] for number, row in enumerate(rows))]
        path = tmp_path / "mobi.csv"
        path.write_text("\n".join(",".join(map(str, line)) for line in lines))
        monkeypatch.setattr(sys, "argv", ["survey.py", str(path)])
        runpy.run_path(str(EXAMPLES / "survey.py"), run_name="__main__")
        output = capsys.readouterr().out

        assert "3 responses to 7 questions" in output
        assert "  CUEX1  expectations        4.00   2.87 to  5.13" in output
        assert "CUSL2" not in output
        assert "  no_free_text: " in output
        assert "Satisfaction, of_all         66.7%   20.8% to  93.9%" in output
        assert "Satisfaction, net            33.3%  " in output
        assert "  well    50.0% of 2" in output


class TestHelpdesk:
    COLUMNS: ClassVar = ["Case ID", "Activity", "Resource", "Complete Timestamp", "seriousness", "customer"]
    REAL: ClassVar = Path(os.environ.get("CRMCORE_DATA", "."), "helpdesk/helpdesk.csv.gz")

    def run(self, path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
        """Return the output of the example for a file."""
        monkeypatch.setattr(sys, "argv", ["helpdesk.py", str(path)])
        runpy.run_path(str(EXAMPLES / "helpdesk.py"), run_name="__main__")
        return capsys.readouterr().out

    @pytest.mark.parametrize("packed", [True, False])
    def test_clocks_are_those_of_the_file(
        self, *, packed: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A wait pauses the clock, a resolution stops it, and an event after that opens the ticket again."""
        days = {
            "one": {1: "Assign seriousness", 2: "Take in charge ticket", 5: "Wait", 9: "Resolve ticket", 20: "Closed"},
            "two": {3: "Insert ticket", 5: "Resolve ticket", 8: "Assign seriousness", 10: "Resolve ticket"},
            "six": {6: "Wait", 7: "Create SW anomaly"},
        }
        rows = [
            [ticket, activity, "Value 1", f"2012/10/{day:02} 08:00:00.000", "low", "b" if ticket == "six" else "a"]
            for ticket, events in days.items()
            for day, activity in events.items()
        ]
        text = "\n".join(",".join(row) for row in [self.COLUMNS, *rows])
        path = tmp_path / ("helpdesk.csv.gz" if packed else "helpdesk.csv")
        path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
        output = self.run(path, capsys, monkeypatch)

        assert "11 events, 3 tickets, 2 customers; the clocks are read at 2012-10-20" in output
        # one ran for 4 days, two for 2 and 2, six for 13; one paused for 4, six for 1; stopped were 11, and 3 and 10
        assert "  running         21 days  0:00:00      1 at the end" in output
        assert "  paused           5 days  0:00:00      0 at the end" in output
        assert "  stopped         24 days  0:00:00      2 at the end" in output
        assert "  new, not taken up           3 days  11.5%" in output
        assert "  first                             5.0     5.0      8.0        1" in output
        assert "  on_clock                          4.0     4.0      4.0        1" in output
        assert "  within  7 days  66.7%   20.8% to  93.9%  2 met, 0 late, 1 overdue, 0 pending" in output
        assert "1 reopenings, of 1 tickets (33.3%)" in output
        assert output.endswith("too few months\n")

    def test_months_are_charted_by_seriousness(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each seriousness has its own charts, without the first and the last month; without spread there is none."""
        low = [7, *([4, 6] * 6), 5, 30, 5, 9]  # on average 5, so that only the month of 30 is unusual
        rows = [
            [
                f"{kind} {month} {number}",
                "Wait",
                "",
                f"{2010 + month // 12}/{1 + month % 12}/03 08:00:00.000",
                kind,
                "a",
            ]
            for month, many in enumerate(low)
            for kind, count in (("low", many), ("high", 2))
            for number in range(count)
        ]
        path = tmp_path / "helpdesk.csv"
        path.write_text("\n".join(",".join(row) for row in [self.COLUMNS, *rows]), encoding="utf-8")
        output = self.run(path, capsys, monkeypatch)

        assert output.partition("Tickets a month, against the first 12 full months\n")[2].splitlines() == [
            "  seriousness low: 100 tickets, 5.0 +- 1.0 a month at first",
            "    EWMA   first alarm 2011-03 more; 2 in 3 months",
            "    CUSUM  first alarm 2011-03 more; 1 in 3 months",
            "  seriousness high: 30 tickets, 2.0 +- 0.0 a month at first",
        ]

    @pytest.mark.skipif(not REAL.is_file(), reason="set CRMCORE_DATA to the folder that holds the data")
    def test_totals_are_those_of_a_plain_count(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A loop over the rows, without the library, finds the same times and reopenings."""
        over = ("Resolve ticket", "Closed")
        with gzip.open(self.REAL, "rt", newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        moments = [datetime.fromisoformat(row["Complete Timestamp"].replace("/", "-")) for row in rows]
        seconds = {"running": 0.0, "paused": 0.0, "stopped": 0.0}
        reopenings, end = 0, max(moments)
        later = dict.fromkeys((row["Case ID"] for row in rows), end)
        after: dict[str, str] = {}
        for row, at in reversed(list(zip(rows, moments, strict=True))):  # each event lasts until the next of its ticket
            ticket, activity = row["Case ID"], row["Activity"]
            clock = "stopped" if activity in over else "paused" if activity == "Wait" else "running"
            seconds[clock] += (later[ticket] - at).total_seconds()
            reopenings += activity in over and after.get(ticket, activity) not in over
            later[ticket], after[ticket] = at, activity
        output = self.run(self.REAL, capsys, monkeypatch)

        assert f"{len(rows):,} events, {len(after):,} tickets, " in output
        for clock, length in seconds.items():
            whole = timedelta(seconds=length)
            assert f"  {clock:<8} {whole.days:>9,} days {timedelta(seconds=whole.seconds)!s:>8}  " in output
        assert f"{reopenings:,} reopenings, " in output
        assert "  running     39,816 days  3:10:00 " in output  # as somebody else counted
        assert "164 reopenings, of 154 tickets (3.4%)" in output

    @pytest.mark.skipif(not REAL.is_file(), reason="set CRMCORE_DATA to the folder that holds the data")
    def test_charts_are_those_of_a_plain_count(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Text cut from the rows, and the recursions of Roberts and Page in floats, give the same totals and alarms."""
        with gzip.open(self.REAL, "rt", newline="", encoding="utf-8-sig") as file:
            rows = sorted(csv.DictReader(file), key=lambda row: row["Complete Timestamp"])
        received = {row["Case ID"]: row["Complete Timestamp"][:7] for row in reversed(rows)}
        counts = Counter(received.values())
        numbers = [counts[month] for month in sorted(counts)][1:-1]
        mean = sum(numbers[:12]) / 12
        sigma = math.sqrt(sum((number - mean) ** 2 for number in numbers[:12]) / 11)
        average, high, low, alarms = mean, 0.0, 0.0, {"EWMA": list[int](), "CUSUM": list[int]()}
        for place, number in enumerate(numbers[12:], 1):
            average += 0.2 * (number - average)
            if abs(average - mean) > 3 * sigma * math.sqrt(0.2 / 1.8 * (1 - 0.8 ** (2 * place))):
                alarms["EWMA"].append(place)
            high = max(0.0, high + (number - mean) / sigma - 0.5)
            low = max(0.0, low - (number - mean) / sigma - 0.5)
            if high > 4 or low > 4:
                alarms["CUSUM"].append(place)
                high, low = (0.0 if side > 4 else side for side in (high, low))
        output = self.run(self.REAL, capsys, monkeypatch)

        assert {"Value 1"} == {row["seriousness"] for row in rows}
        whole = f"{sum(numbers):,} tickets, {mean:.1f} +- {sigma:.1f} a month"
        assert f"  seriousness Value 1: {whole} at first\n" in output
        for name, found in alarms.items():
            first = sorted(counts)[12 + found[0]]
            told = f"first alarm {first.replace('/', '-')} more; {len(found)} in {len(numbers) - 12} months"
            assert f"    {name:<5}  {told}\n" in output


class TestExpectations:
    COLUMNS: ClassVar = ["CUEX1", "PERQ1", "CUSA1", "CUSL1", "CUSCO"]

    def test_totals_are_those_of_the_file(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each grade, the gap and the means by grade and by satisfaction are those of the rows."""
        rows = [[8, 6, 4, 1, 5], [7, 7, 8, 8, 7], [7, 8, 7, 6, 6], [6, 8, 9, 10, 8], [5, 10, 9, 8, 9]]
        lines: list[list[object]] = [["", *self.COLUMNS], *([str(number), *row] for number, row in enumerate(rows))]
        path = tmp_path / "mobi.csv"
        path.write_text("\n".join(",".join(map(str, line)) for line in lines))
        monkeypatch.setattr(sys, "argv", ["expectations.py", str(path)])
        runpy.run_path(str(EXAMPLES / "expectations.py"), run_name="__main__")
        output = capsys.readouterr().out

        assert "5 experiences, 5 with an expectation" in output
        assert "  poor        20.0%    3.6% to  62.4%" in output
        assert "  excellent   40.0%   11.8% to  76.9%" in output
        assert "Gap of overall quality: +1.200 points over 5 customers" in output
        assert "  excellent          2                9.00                9.00                8.50" in output
        assert "  1 to 4             1                4.00                1.00                5.00" in output


class TestNight:
    @pytest.mark.slow
    def test_counts_in_processes(self) -> None:
        """The tallies of two processes add up to the moments of the database; every fifteenth is bad."""
        command = [sys.executable, str(EXAMPLES / "night.py")]
        output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout

        assert output.splitlines() == [
            "1,000 customers, 18,666 good and 1,334 bad moments",
            "200 customers have a deficit",
        ]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("cdnow", "69,659 purchases"),
        ("telco", "7,043 customers"),
        ("survey", "250 customers"),
        ("helpdesk", "4,580 tickets"),
        ("expectations", "250 customers"),
    ],
)
def test_prints_its_docstring_without_a_path(name: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a path an example that reads a file prints its docstring."""
    monkeypatch.setattr(sys, "argv", [f"{name}.py"])
    with pytest.raises(SystemExit, match=says):
        runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
