from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from crmcore import CrmcoreError, Survival, TimeUnit, render
from crmcore.interop.hypothesis import survivals
from tests.support.pictures import NAME, parsed, paths, said, texts
from tests.support.refusals import refused

DRUG = Survival.of_durations([2, 4, 4, 6], [True, True, False, False], unit=TimeUnit.MONTH)


class TestCurves:
    @given(st.dictionaries(texts, survivals(unit=TimeUnit.DAY), max_size=6), texts)
    def test_is_a_picture(self, segments: dict[str, Survival], title: str) -> None:
        """The picture of any curves under any title is well formed and within its frame, with a curve for each."""
        counted = {name: survival for name, survival in segments.items() if survival.times}
        root = parsed(render.survival_curves(counted, title=title))

        assert len(counted) == sum(len(paths(root, f"curve{place}")) for place in range(6)) // 2

    def test_steps(self) -> None:
        """The curve falls at each end; a stroke is a lifetime that was last seen, and the band ends with the curve."""
        root = parsed(render.survival_curves(DRUG, title="Months"))

        # months go from 190 to 730, and shares from 300 up to 58
        assert ["M190 58H370V118.5H550V179H730", "M18 358L40 358"] == paths(root, "curve0")
        assert ["M550 175v8M730 175v8"] == paths(root, "seen0")
        (band,) = root.iter(f"{NAME}polygon")
        assert band.attrib["points"].startswith("190,58 370,58 370,")
        assert ["2 of 4 ended, the median is 4."] == said(root, "desc")
        assert {"months", "at risk", "100.0%"} <= {*said(root, "text")}

    def test_segments(self) -> None:
        """Each segment has its colour, its name and its numbers at risk; at 0 a band ends."""
        none = Survival.of_durations([1, 2, 3], [False] * 3, unit=TimeUnit.MONTH)
        gone = Survival.of_durations([5], unit=TimeUnit.MONTH)
        root = parsed(render.survival_curves({"a": none, None: gone}))

        assert ["a: 0 of 3 ended, the median is not reached. unknown: 1 of 1 ended, the median is 5."] == said(
            root, "desc"
        )
        assert ["bounds0"] == [band.get("class") for band in root.iter(f"{NAME}polygon")]

    def test_ends_at_one_place(self) -> None:
        """Ends that lie at one place of the picture are one fall of the curve."""
        near = Survival.of_durations(["5", "5.0001", "10", "10"], [True, True, True, False], unit=TimeUnit.DAY)
        [curve, _] = paths(parsed(render.survival_curves(near)), "curve0")

        # the shares 0.75 and 0.5 at the middle of the axis, from 190 to 730
        assert curve.startswith("M190 58H460V118.5V179H730")

    def test_many(self) -> None:
        """Many steps share a place, and many strokes are left out."""
        many = Survival.of_durations(range(1, 5001), [number % 2 == 0 for number in range(5000)])
        root = parsed(render.survival_curves(many))

        assert [] == paths(root, "seen0")
        assert len(paths(root, "curve0")[0]) < 40_000

    def test_refusals(self) -> None:
        """Curves have lifetimes and one unit, and at most six are told apart."""
        for refusal, segments in (
            ("too_many_segments: segments", dict.fromkeys(range(7), DRUG)),
            ("curves_of_two_units: segments[1]", {1: DRUG, 2: Survival.of_durations([1])}),
            ("no_lifetimes: None", {1: Survival()}),
            ("wrong_type: segments[0]", {1: 5}),
        ):
            with refused(CrmcoreError, refusal):
                render.survival_curves(segments)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - what is tested

    @pytest.mark.parametrize("confidence", [0, 1, 95])
    def test_confidence(self, confidence: float) -> None:
        """A confidence lies between 0 and 1."""
        with refused(CrmcoreError, "not_a_confidence: confidence"):
            render.survival_curves(DRUG, confidence=confidence)


class TestTable:
    def test_lines(self) -> None:
        """A line for each segment and time; after the last time nothing is known."""
        lines = str(render.survival_table({"<a>": DRUG}, ["2.5", 9])).splitlines()

        assert "| &#60;a&#62; | 2.5 | 3 | 75.0% | 12.8% | 96.1% |" == lines[2]
        assert "| &#60;a&#62; | 9 | 0 | no data |  |  |" == lines[3]
