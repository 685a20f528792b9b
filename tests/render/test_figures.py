"""The pictures of figures: rates over time, values against retention, and changes of a mix."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, strategies as st

from crmcore import (
    AfterSignal,
    ChartSide,
    Churn,
    CrmcoreError,
    Discount,
    EwmaChart,
    FirstMargin,
    Kano,
    Money,
    PChart,
    Period,
    Retention,
    ShareCusumChart,
    ShareEwmaChart,
    TimeUnit,
    ValueMix,
    instant,
    lifetime_value,
    render,
)
from crmcore.interop.hypothesis import graded_customers, kano_counts, mix_shifts
from crmcore.primitives.errors import CurrencyMismatchError, InvalidValueError, WrongTypeError
from crmcore.primitives.proportions import Interval
from crmcore.value.rfm import RfmScores
from tests.support.pictures import NAME, parsed, paths, said, texts
from tests.support.refusals import refused

if TYPE_CHECKING:
    from crmcore.value.lifetime_value import MixShift

floats = st.floats(-1e30, 1e30) | st.floats(0, 1)
YEAR = TimeUnit.YEAR


def dots(root: Any, kind: str) -> int:
    """Count the dots of a class."""
    return sum(dot.get("class") == kind for dot in root.iter(f"{NAME}circle"))


CHARTS: Final = [
    PChart(baseline=(1, 10)),
    PChart(baseline=(0, 10)),
    ShareEwmaChart(baseline=(1, 10), side=ChartSide.UPPER),
    ShareCusumChart(baseline=(1, 10), after_signal=AfterSignal.RESTART),
    ShareCusumChart(baseline=(1, 10), side=ChartSide.LOWER, after_signal=AfterSignal.RESTART),
]


class TestControlChart:
    @pytest.mark.parametrize("chart", CHARTS)
    @given(st.lists(st.tuples(texts, st.integers(0, 60)), max_size=50), texts)
    def test_is_a_picture(self, chart: Any, rows: list[tuple[str, int]], title: str) -> None:
        """The picture of any points under any labels is well formed and within its frame."""
        points = chart.run((min(n, 7), n) for _, n in rows)
        pairs = list(zip((label for label, _ in rows), points, strict=True))

        parsed(render.control_chart(pairs, title=title))

    def test_p_chart(self) -> None:
        """Each share is a dot, an alarm a diamond; limits are stairs with a gap where n is 0."""
        points = PChart(baseline=(60, 600)).run([(20, 200), (0, 0), (33, 190), (18, 190)])
        root = parsed(render.control_chart(zip("abcd", points, strict=True)))
        (line,), limits = paths(root, "line"), paths(root, "limit")

        assert "MML" == "".join(letter for letter in line if letter.isalpha())
        assert ["MHMHVH"] * 2 == ["".join(letter for letter in limit if letter.isalpha()) for limit in limits]
        assert 2 == dots(root, "dot")
        assert 1 == len(paths(root, "center"))
        assert ["alarm", "alarm"] == [one.get("class") for one in root.iter(f"{NAME}polygon")]
        a, c, d = "a: 10.0% (limits 3.6% to 16.4%).", "c: 17.4% (limits 3.5% to 16.5%), alarm.", "d: 9.5% (limits 3.5%"
        assert [f"{a} b: no data. {c} {d} to 16.5%)."] == said(root, "desc")

    def test_one_side(self) -> None:
        """An average on one side has one limit, and what was observed is beside it as a pale dot."""
        points = ShareEwmaChart(baseline=(1, 10), side=ChartSide.UPPER).run([(20, 200), (24, 200)])
        root = parsed(render.control_chart({"a": points[0], "b": points[1]}))

        assert 1 == len(paths(root, "limit"))
        assert 1 == dots(root, "observed")
        assert ["a: 10.0% (limit 11.3%). b: 10.4% (limit 11.6%)."] == said(root, "desc")

    def test_sums(self) -> None:
        """A CUSUM chart has a line for each side, with its name, and one limit; its figures are numbers."""
        both = ShareCusumChart(baseline=(1, 10), after_signal=AfterSignal.RESTART).run([(30, 200), (0, 200)])
        root = parsed(render.control_chart(zip("ab", both, strict=True)))

        assert (1, 1, 1) == tuple(len(paths(root, kind)) for kind in ("line", "fall", "limit"))
        assert ["sum for a rise", "sum for a fall"] == [text for text in said(root, "text") if text.startswith("sum")]
        a, b = "a: sum for a rise 1.9, sum for a fall 0.0", "b: sum for a rise 0.0, sum for a fall 4.2"
        assert [f"{a} (limit 4.0). {b} (limit 4.0), alarm."] == said(root, "desc")

    def test_values(self) -> None:
        """Values that are not shares are written as numbers."""
        points = EwmaChart(target=50, sigma=2).run([51, None, 49])
        told = said(parsed(render.control_chart(enumerate(points), as_percent=False)), "desc")[0]

        assert told.startswith("0: 50.2 (limits 48.8 to 51.2). 1: 50.2")

    def test_no_limits(self) -> None:
        """The caution of a baseline without variance stands below the picture, once."""
        points = PChart(baseline=(0, 600)).run([(1, 190), (2, 190)])
        root = parsed(render.control_chart(enumerate(points)))
        caution = "a baseline of no successes has no limits, so the chart never gives an alarm"

        assert [caution] == [text for text in said(root, "text") if text.startswith("a baseline")]
        assert [] == paths(root, "limit")

    def test_of_nothing(self) -> None:
        """A picture without points says so."""
        assert ["no rows."] == said(parsed(render.control_chart([])), "desc")

    def test_refuses_nonsense(self) -> None:
        """Only points are drawn, and only points of one kind in one picture."""
        point = PChart(baseline=(1, 10)).add((1, 10))
        sums = ShareCusumChart(baseline=(1, 10), after_signal=AfterSignal.RESTART).add((1, 10))
        rows: Any
        for rows, place in [([("a", 5)], 0), ([("a", point), ("b", sums)], 1)]:
            with refused(WrongTypeError, f"wrong_type: rows[{place}]"):
                render.control_chart(rows)


class TestTrend:
    @given(
        st.lists(st.tuples(texts, st.tuples(st.none() | floats, st.none() | st.tuples(floats, floats))), max_size=60),
        texts,
        st.dictionaries(texts, floats, max_size=2),
    )
    def test_is_a_picture(self, rows: list[Any], title: str, marks: dict[str, float]) -> None:
        """The picture of any rates under any labels is well formed and within its frame."""
        bounded = [
            (label, (rate, None if bounds is None else Interval(min(bounds), max(bounds))))
            for label, (rate, bounds) in rows
        ]
        root = parsed(render.trend(bounded, title=title, marks=marks))
        whiskers = sum(rate is not None and bounds is not None for _, (rate, bounds) in bounded)

        assert sum(rate is not None for _, (rate, _) in bounded) == dots(root, "dot")
        assert whiskers == len(paths(root, "whisker"))
        assert len(marks) == len(paths(root, "mark"))

    def test_rows(self) -> None:
        """The line has a gap where the rate is unknown, and the place is shaded and labelled."""
        rows: dict[str, Any] = {
            "a": (Decimal("0.1"), Interval(0.05, 0.2)),
            "b": (0.2, Interval(0.1, 0.3)),
            "c": (None, None),
            "d": (0, None),
        }
        root = parsed(render.trend(rows, marks={"target": 0.15}))
        (line,) = paths(root, "line")

        assert "MLM" == "".join(letter for letter in line if letter.isalpha())
        assert 1 == len(list(root.iter(f"{NAME}polygon")))
        assert "no data" in said(root, "text")
        assert ["target: 15.0%. a: 10.0% (5.0 to 20.0%). b: 20.0% (10.0 to 30.0%). c: no data. d: 0.0%."] == said(
            root, "desc"
        )

    def test_periods_and_tallies(self) -> None:
        """A tally gives its rate and its interval, and a calendar period is named by its date."""
        periods = [
            Period.year(2026),
            Period.quarter(2026, 3),
            Period.month(2026, 3),
            Period.day(instant("2026-03-09").date()),
            Period(instant("2026-03-09"), instant("2026-03-11")),
        ]
        told = said(parsed(render.trend({period: Churn(start=0) for period in periods})), "desc")[0]
        counted = Churn.from_counts(start=50, lost=5)

        names = ["2026", "2026 Q3", "2026-03", "2026-03-09", "2026-03-09 \N{EN DASH} 2026-03-11"]

        assert " ".join(f"{name}: no data." for name in names) == told
        assert str(render.trend({"x": counted})) == str(render.trend({"x": (counted.rate, counted.interval())}))
        assert str(render.intervals({"x": counted})) == str(render.intervals({"x": (counted.rate, counted.interval())}))

    def test_many_rows(self) -> None:
        """Labels are left out so that they do not overlap, and the last one stays."""
        root = parsed(render.trend([(f"label {number}", (0.1, None)) for number in range(100)]))
        drawn = [text for text in said(root, "text") if text.startswith("label")]

        assert 5 < len(drawn) < 15
        assert "label 99" == drawn[0]

    @pytest.mark.parametrize(("rows", "radius"), [(40, "4"), (41, "2")])
    def test_dots_of_many_rows_are_small(self, rows: int, radius: str) -> None:
        """The dots of more than 40 rows are small, so that they do not hide the line."""
        root = parsed(render.trend([(number, (0.1, None)) for number in range(rows)]))

        assert [radius] * rows == [dot.get("r") for dot in root.iter(f"{NAME}circle")]

    def test_of_nothing(self) -> None:
        """A picture without rows says so, and a narrow gap has no label."""
        assert ["no rows."] == said(parsed(render.trend([])), "desc")
        rows = [(number, (None if number == 50 else 0.1, None)) for number in range(100)]
        assert "no data" not in said(parsed(render.trend(rows)), "text")

    def test_refuses_nonsense(self) -> None:
        """A row that is no label with figures is refused, and so are marks that are no rates."""
        with refused(WrongTypeError, "not_a_pair: rows[0]"):
            render.trend([("a", 0.5)])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with refused(WrongTypeError, "not_a_rate: marks[0]"):
            render.trend([], marks={"a": "0.5"})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
        with refused(WrongTypeError, "not_a_mapping: marks"):
            render.trend([], marks=[("a", 0.5)])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    @pytest.mark.parametrize("largest", [1e30, Decimal("1E30"), 10**30])
    def test_the_largest_rate(self, largest: float | Decimal) -> None:
        """A rate of 10^30, above or below 0, is drawn, and one beyond it is refused."""
        for rate in (largest, -largest):
            parsed(render.trend([("a", (rate, None))]))
            with refused(InvalidValueError, "figure_too_large: rows[0]"):
                render.trend([("a", (rate * 2, None))])


class TestValueByRetention:
    @given(
        st.dictionaries(st.decimals(0, 1, places=4), st.none() | st.decimals(-(10**9), 10**9, places=2), max_size=12),
        st.none() | st.decimals(0, 10**9, places=2),
        st.dictionaries(texts, st.decimals(0, 1, places=4), max_size=3),
        texts,
    )
    def test_is_a_picture(
        self, amounts: dict[Decimal, Decimal | None], spend: Decimal | None, marks: dict[str, Decimal], title: str
    ) -> None:
        """The picture of any values is well formed, and a dot is covered exactly if the guard allows the spend."""
        values = {
            Retention(share, YEAR): None if amount is None else Money(amount, "EUR")
            for share, amount in amounts.items()
        }
        planned = None if spend is None else Money(spend, "EUR")
        lines = {name: Retention(share, YEAR) for name, share in marks.items()}
        root = parsed(render.value_by_retention(values, spend=planned, marks=lines, title=title))
        known = [amount for amount in amounts.values() if amount is not None]
        covered = sum(amount >= spend for amount in known) if spend is not None else 0
        legend = 0 if spend is None else (covered > 0) + (covered < len(known))

        assert len(known) == dots(root, "dot") + dots(root, "covered") + dots(root, "uncovered") - legend
        assert covered == dots(root, "covered") - (covered > 0)
        assert len(lines) == len(paths(root, "mark"))
        assert (spend is not None) == len(paths(root, "spend"))

    def test_values(self) -> None:
        """A value has its verdict, a tie is covered, cautions are shown once, and an unknown value is said."""
        values: dict[Retention, Any] = {
            Retention(share, YEAR): lifetime_value.constant_retention(
                margin=Money(100, "EUR"),
                retention=Retention(share, YEAR),
                discount=Discount("0.1", YEAR),
                first_margin=FirstMargin.INCLUDED,
            )
            for share in ("0.6", "0.55")
        }
        root = parsed(
            render.value_by_retention(
                {**values, Retention("0.7", YEAR): None},
                spend=Money(220, "EUR"),
                marks={"today": Retention("0.65", YEAR)},
            )
        )
        (about,) = said(root, "desc")

        assert about.startswith(
            "55.0%: 200.00 EUR, does not cover the spend. 60.0%: 220.00 EUR, covers the spend. 70.0%: unknown. "
            "today: 65.0%. planned spend 220.00 EUR. every customer"
        )
        assert "retention per year" in said(root, "text")
        assert 1 == about.count("every customer is assumed")

    def test_one_verdict(self) -> None:
        """The legend explains the colours that occur."""
        root = parsed(render.value_by_retention({Retention("0.8", YEAR): Money(1, "EUR")}, spend=Money(1, "EUR")))

        assert "covers the spend" in said(root, "text")
        assert "does not cover the spend" not in said(root, "text")

    def test_of_nothing(self) -> None:
        """A picture without values says so."""
        root = parsed(render.value_by_retention({}))

        assert ["no data."] == said(root, "desc")
        assert "retention" in said(root, "text")

    @pytest.mark.parametrize(
        ("values", "options", "error", "broken"),
        [
            ([], {}, WrongTypeError, "not_a_mapping: values"),
            ({0.5: None}, {}, WrongTypeError, "wrong_type: values[0]"),
            ({Retention("0.5", YEAR): 5}, {}, WrongTypeError, "wrong_type: values[0]"),
            ({}, {"marks": {"a": 0.5}}, WrongTypeError, "wrong_type: marks[0]"),
            ({}, {"spend": Money(-1, "EUR")}, InvalidValueError, "too_small: spend"),
            (
                {Retention("0.5", YEAR): None, Retention("0.5", TimeUnit.MONTH): None},
                {},
                InvalidValueError,
                "retentions_of_several_units: values",
            ),
            (
                {Retention("0.5", YEAR): Money(1, "EUR")},
                {"spend": Money(1, "USD")},
                CurrencyMismatchError,
                "two_currencies: values[0]",
            ),
        ],
    )
    def test_refuses_nonsense(self, values: Any, options: dict[str, Any], error: type[Exception], broken: str) -> None:
        """Wrong types, two units, two currencies and a spend below zero are refused."""
        with refused(error, broken):
            render.value_by_retention(values, **options)


class TestRfmGrid:
    @given(graded_customers(), texts)
    def test_is_a_picture(self, graded: RfmScores, title: str) -> None:
        """Any grades make a well-formed picture and a table of as many rows as grades."""
        root = parsed(render.rfm_grid(graded, title=title))
        table = str(render.rfm_table(graded))

        assert 1 + graded.quantiles**2 == len(said(root, "title"))
        assert 2 + graded.quantiles <= table.count("\n")

    def test_nothing(self) -> None:
        """Of no customers there is no data."""
        assert ["no data."] == said(parsed(render.rfm_grid(RfmScores())), "desc")


class TestMixShift:
    @given(mix_shifts(), texts)
    def test_is_a_picture(self, shift: MixShift[Any, Any], title: str) -> None:
        """The picture of any change has a row for each segment, one for all customers, and four bars."""
        root = parsed(render.mix_shift(shift, title=title))
        segments = {name for mix in (shift.before, shift.after) for name, _ in mix.rows}

        assert 1 + len(segments) + 1 + 4 == len(said(root, "title"))

    def test_rows(self) -> None:
        """A segment that one of the mixes lacks has a share of zero and an unknown value."""
        before = ValueMix.of({"small": (1, Money(10, "EUR")), "old": (1, Money(30, "EUR")), None: (0, Money(0, "EUR"))})
        after = ValueMix.of({"small": (3, Money(14, "EUR")), "new": (1, Money(50, "EUR"))})
        root = parsed(render.mix_shift(after.since(before)))

        assert [
            "small: share 50.0% to 75.0%, value 10.00 EUR to 14.00 EUR.",
            "old: share 50.0% to 0.0%, value 30.00 EUR to unknown.",
            "unknown: share 0.0% to 0.0%, value unknown to unknown.",
            "new: share 0.0% to 25.0%, value unknown to 50.00 EUR.",
            "all customers: value 20.00 EUR to 23.00 EUR.",
            "average before: 20.00 EUR.",
            "from the values: +2.50 EUR.",
            "from the mix: +0.50 EUR.",
            "average after: 23.00 EUR.",
        ] == said(root, "title")[1:]

    def test_a_reversal_is_said(self) -> None:
        """The caution of a reversal stands below the picture, and a fall is marked."""
        before = ValueMix.of({"small": (87, Money(93, "EUR")), "large": (263, Money(73, "EUR"))})
        after = ValueMix.of({"small": (270, Money(87, "EUR")), "large": (80, Money(69, "EUR"))})
        root = parsed(render.mix_shift(after.since(before)))

        assert "every segment in the other, because the mix changed." in said(root, "desc")[0]
        assert 1 == sum(box.get("class") == "fall" for box in root.iter(f"{NAME}rect"))

    def test_of_a_change_only(self) -> None:
        """A mix is refused."""
        with refused(WrongTypeError, "wrong_type: shift"):
            render.mix_shift(ValueMix.of({}))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestKanoPlane:
    @given(st.lists(st.tuples(texts | st.none(), kano_counts()), max_size=6), texts)
    def test_is_a_picture(self, features: list[tuple[str | None, Kano]], title: str) -> None:
        """The picture of any features lists each, and has a dot for each place that one of them has."""
        root = parsed(render.kano_plane(features, title=title))
        placed = {(counted.better, counted.worse) for _, counted in features if counted.better is not None}

        assert min(1, len(placed)) <= dots(root, "dot") <= len(placed)

    def test_features(self) -> None:
        """Each feature is told; those close together share a number, and one without coefficients has no dot."""
        root = parsed(
            render.kano_plane(
                {
                    "pool": Kano(attractive=6, must_be=2, indifferent=2),
                    "bath": Kano(attractive=60, must_be=21, indifferent=20),
                    "tie": Kano(one_dimensional=1, must_be=1),
                    "noise": Kano(reverse=3),
                    None: Kano(),
                }
            )
        )

        assert said(root, "desc")[0].startswith(
            "pool: attractive, pleases 60.0%, annoys 20.0%. bath: attractive, pleases 59.4%, annoys 20.8%. "
            "tie: must be, pleases 50.0%, annoys 100.0%. noise: reverse, no data. unknown: no data. "
            "tie: must_be, one_dimensional are equally frequent"
        )
        assert "1, 2" in said(root, "text")
        assert dots(root, "dot") == 2

    def test_nothing(self) -> None:
        """Without features the plane is empty, and says so."""
        assert ["no data."] == said(parsed(render.kano_plane({})), "desc")

    def test_refuses_nonsense(self) -> None:
        """Only counts of features are drawn, with a confidence between 0 and 1."""
        wrong: Any = {"pool": 3}
        with refused(WrongTypeError, "wrong_type: features[0]"):
            render.kano_plane(wrong)
        with refused(WrongTypeError, "not_a_pair: features[0]"):
            render.kano_plane(wrong.values())
        with refused(CrmcoreError, ": confidence"):
            render.kano_plane({}, confidence=1)
