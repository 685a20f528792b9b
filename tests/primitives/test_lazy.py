from __future__ import annotations

import subprocess
import sys

import pytest

from crmcore.service import balance


def ask_a_child(question: str) -> list[str]:
    """Return the words that a new Python prints, in which nothing is loaded yet."""
    answer = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=True, timeout=60)
    return answer.stdout.split()


class TestLoadOnUse:
    def test_a_name_loads_its_file_only(self) -> None:
        """A balance of ready sums loads no moments, no feedback, no explanations and no proportions."""
        loaded = ask_a_child("import sys; from crmcore import Balance; Balance(good=3); print(*sys.modules)")

        assert "crmcore.service.balance._balance" in loaded
        assert [
            name
            for name in loaded
            if name.startswith(("crmcore.model.", "crmcore.service.balance._"))
            or name in {"crmcore.primitives.explanation", "crmcore.primitives.proportions", "statistics"}
        ] == ["crmcore.service.balance._balance"]

    def test_a_name_is_kept_once_loaded(self) -> None:
        """A loaded name, and all other names of its file, stand in the package."""
        question = "from crmcore.service import balance; balance.Ledger; print('LedgerEntry' in vars(balance))"

        assert ["True"] == ask_a_child(question)

    def test_home(self) -> None:
        """The package is the home of every class that it offers."""
        question = (
            "from crmcore.service import balance; print(balance.Ledger.__module__, balance.LedgerEntry.__module__)"
        )

        assert [balance.__name__, balance.__name__] == ask_a_child(question)

    def test_dir(self) -> None:
        """`dir` lists the names that are not loaded yet, and each name once."""
        names = ask_a_child("from crmcore.service import balance; print(*dir(balance))")

        assert set(balance.__all__) <= set(names)
        assert set(balance.__all__) <= set(dir(balance))
        assert len(set(dir(balance))) == len(dir(balance))

    def test_unknown_name(self) -> None:
        """An unknown name is an AttributeError, as in any module."""
        with pytest.raises(AttributeError, match=r"module 'crmcore\.service\.balance' has no attribute 'Nonsense'"):
            _ = balance.Nonsense  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue] - not there
