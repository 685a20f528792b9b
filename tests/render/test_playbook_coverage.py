from __future__ import annotations

from hypothesis import given, strategies as st

from crmcore import PlaybookCoverage, Situation, render
from crmcore.primitives.errors import WrongTypeError
from tests.support.pictures import NAME, parsed, said, texts
from tests.support.refusals import refused

names = st.lists(texts.filter(lambda text: text.strip() != ""), unique=True, max_size=4)


class TestPlaybookCoverage:
    @given(names, names, texts)
    def test_is_a_picture(self, roles: list[str], situations: list[str], title: str) -> None:
        """The picture of any roles and situations is well formed, within its frame, and has a cell for each pair."""
        half = [(role, case) for role in roles for case in situations[::2]]
        coverage = PlaybookCoverage(roles=roles, situations=situations, pairs_covered=half)
        root = parsed(render.playbook_coverage(coverage, title=title))

        assert len(said(root, "title")) == 1 + coverage.pairs
        assert len(list(root.iter(f"{NAME}circle"))) == coverage.covered
        gaps = [box for box in root.iter(f"{NAME}rect") if box.get("class") == "gap"]
        assert len(gaps) == len(coverage.missing)

    def test_says_what_is_missing(self) -> None:
        """Each row has its count, and the description names the gaps."""
        coverage = PlaybookCoverage(
            roles=["seller", "operator"], situations=["question", "lift"], pairs_covered=[("seller", "lift")]
        )
        root = parsed(render.playbook_coverage(coverage))

        assert "1 of 4 have a playbook (25.0%)" in said(root, "text")
        assert {"1 of 2", "0 of 2"} <= set(said(root, "text"))
        assert said(root, "desc") == [
            (
                "1 of 4 have a playbook (25.0%). seller, question: no playbook. operator, question: no playbook. "
                "operator, lift: no playbook."
            )
        ]

    def test_situations_are_named(self) -> None:
        """A situation of the library is named in words, which may be translated; one of the caller's own stays."""
        coverage = PlaybookCoverage(roles=["seller"], situations=[Situation.OUT_OF_STOCK, "no_lift"])
        root = parsed(render.playbook_coverage(coverage, words={"out of stock": "нет в наличии"}))

        assert {"нет в наличии", "no_lift"} <= set(said(root, "text"))
        assert "out of stock" in said(parsed(render.playbook_coverage(coverage)), "text")

    def test_many_situations_widen_the_page(self) -> None:
        """A column is never too narrow to read."""
        cases = [f"case {number}" for number in range(12)]
        root = parsed(render.playbook_coverage(PlaybookCoverage(roles=["seller"], situations=cases)))

        assert float(root.attrib["width"]) > 12 * 96

    def test_no_pairs(self) -> None:
        """Without pairs the picture says so; anything but a coverage is refused."""
        root = parsed(render.playbook_coverage(PlaybookCoverage(roles=[], situations=["lift"])))

        assert "no rows" in said(root, "text")
        wrong: object = "seller"
        with refused(WrongTypeError, "wrong_type: coverage"):
            render.playbook_coverage(wrong)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
