from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from crmcore import Cohort, CohortTriangle, TallyBy, instant, render
from crmcore.interop.hypothesis import cohort_triangles
from crmcore.primitives.errors import WrongTypeError
from tests.support.pictures import parsed, said
from tests.support.refusals import refused


class TestCohortTriangle:
    @given(cohort_triangles(), st.text())
    def test_every_known_rate_has_a_cell(self, found: CohortTriangle, title: str) -> None:
        """The picture is well-formed, and has a cell for each rate that is known, of each cohort and of all."""
        root = parsed(render.cohort_triangle(found, title=title))
        cells = [box for box in root.iter("{http://www.w3.org/2000/svg}rect") if box.get("class") == "cell"]
        rates = [rate for cohort in found.cohorts.values() for rate in found.rates_of(cohort)] + [*found.whole]

        assert len([rate for rate in rates if rate is not None]) == len(cells)

    def test_says_what_it_shows(self) -> None:
        """The description and the table leave out what is not observed yet."""
        seen = [("a", instant("2026-01-05")), ("a", instant("2026-02-07")), ("b", instant("2026-02-01"))]
        found = CohortTriangle(Cohort.by(seen, as_of=instant("2026-03-01"), ages=1))

        assert ["2026-01 (1): 0: 100.0%, 1: 100.0%. 2026-02 (1): 0: 100.0%. All (2): 0: 100.0%, 1: 100.0%."] == said(
            parsed(render.cohort_triangle(found)), "desc"
        )
        assert "| 2026-02 | 1 | 100.0% |  |" in str(render.cohort_table(found))

    @pytest.mark.parametrize(("ages", "expected"), [(5, ["100.0%", "0.1%"]), (11, ["100%", "<1%"]), (30, ["", ""])])
    def test_figures_have_room(self, ages: int, expected: list[str]) -> None:
        """With many ages the figures are whole per cents, and with very many there are none; none is cut off."""
        found = CohortTriangle(TallyBy({"web": Cohort.from_counts([1000, *[1] * ages])}))
        root = parsed(render.cohort_triangle(found))
        cells = [group for group in root.iter("{http://www.w3.org/2000/svg}g") if group.find(".//{*}rect") is not None]

        assert expected == [cell.findtext("{*}text") for cell in cells][:2]
        assert ["web, 0: 100.0%", "web, 1: 0.1%"] == [cell.findtext("{*}title") for cell in cells][:2]

    def test_nothing(self) -> None:
        """Without cohorts, the picture says so; what is no triangle is refused."""
        assert ["no cohorts."] == said(parsed(render.cohort_triangle(CohortTriangle(TallyBy()))), "desc")
        with refused(WrongTypeError, ": triangle"):
            render.cohort_table(TallyBy())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - no triangle
