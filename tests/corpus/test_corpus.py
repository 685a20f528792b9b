"""What earlier releases stored is read, and is what it was. Each folder holds what one release wrote."""

from __future__ import annotations

import base64
import json
import pickle
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import attrs
import pytest

from crmcore import CrmcoreError
from crmcore.interop.pydantic import adapter
from tests.corpus.write import FOLDER, PROTOCOLS, describe, list_calls, names, public_classes

if TYPE_CHECKING:
    from pathlib import Path

RELEASES: Final = sorted(path for path in FOLDER.iterdir() if (path / "values.json").exists())
NAMES: Final = names()


@cache
def read(folder: Path) -> dict[str, Any]:
    """What a release wrote."""
    found: dict[str, Any] = json.loads((folder / "values.json").read_text(encoding="utf-8"))
    return found


def today(folder: Path, call: str) -> str:
    """A call of a release with the names of today."""
    renamed = folder / "renamed.json"
    for before, after in json.loads(renamed.read_text(encoding="utf-8")) if renamed.exists() else ():
        call = call.replace(before, after)
    return call


VALUES: Final = [
    pytest.param(value, today(folder, value["call"]), id=f"{folder.name}-{value['name']}-{place}")
    for folder in RELEASES
    for place, value in enumerate(read(folder)["values"])
]
every_value: Final = pytest.mark.parametrize(("value", "call"), VALUES)
every_call: Final = pytest.mark.parametrize(("name", "call"), list(list_calls()))


def is_no_record(call: str) -> bool:
    """Whether a call gives the members of an enum, an error or a `TallyBy`, which are written in no document."""
    return call.startswith(("(", "TallyBy(")) or call.partition("(")[0].endswith("Error")


def parts_of(value: Any) -> object:
    """What two equal values share: an error has no equality of its own."""
    if isinstance(value, CrmcoreError):
        return type(value), [getattr(value, part) for part in CrmcoreError.__slots__]
    return value


def check_same(expected: Any, value: Any) -> None:
    """The value has the type of the expected one, and equals it."""
    assert parts_of(expected) == parts_of(value)
    assert type(expected) is type(value)
    if not isinstance(value, CrmcoreError):
        assert hash(expected) == hash(value)


def check_pickles(expected: Any, kept: dict[str, Any]) -> None:
    """Each pickle gives the expected value, to the zone of an instant and the last zero of a number."""
    for pickled in kept["pickles"].values():
        value = pickle.loads(base64.b64decode(pickled))
        check_same(expected, value)
        assert repr(expected) == repr(value)


def check_document(expected: Any, kept: dict[str, Any]) -> None:
    """The document gives the expected value."""
    if kept["document"] is not None:
        check_same(expected, adapter(type(expected)).validate_json(json.dumps(kept["document"])))


class TestEarlierReleases:
    @every_value
    def test_pickles_are_read(self, value: dict[str, Any], call: str) -> None:
        """A pickle of an earlier release gives what the written-down call gives today."""
        check_pickles(eval(call, dict(NAMES)), value)

    @every_value
    def test_documents_are_read(self, value: dict[str, Any], call: str) -> None:
        """A document of an earlier release gives what the written-down call gives today."""
        check_document(eval(call, dict(NAMES)), value)

    @pytest.mark.parametrize("folder", RELEASES, ids=lambda folder: folder.name)
    def test_a_folder_is_complete(self, folder: Path) -> None:
        """Every public record, enum and error of a release is in its folder, and a record as a document too."""
        kept = read(folder)
        documents = {value["name"] for value in kept["values"] if value["document"] is not None}

        assert kept["public"] == list(dict.fromkeys(value["name"] for value in kept["values"]))
        assert all(is_no_record(value["call"]) for value in kept["values"] if value["name"] not in documents)
        assert all({str(number) for number in PROTOCOLS} == {*value["pickles"]} for value in kept["values"])

    def test_every_release_has_a_folder(self) -> None:
        """The changelog and the corpus name the same releases."""
        changelog = (FOLDER.parents[1] / "CHANGELOG.md").read_text(encoding="utf-8")
        released = [line.split()[1].strip("[]") for line in changelog.splitlines() if line.startswith("## ")]

        assert sorted(released[1:]) == [folder.name for folder in RELEASES]


class TestThisVersion:
    @every_call
    def test_writes_what_it_reads(self, name: str, call: str) -> None:
        """What the next folder will hold is read, as a pickle and as a document."""
        expected = eval(call, dict(NAMES))
        kept = describe(name, call, expected)

        check_pickles(expected, kept)
        check_document(expected, kept)

    def test_nothing_is_left_out(self) -> None:
        """The next folder will hold every public record, enum and error, and each record as a document too."""
        calls = list(list_calls())
        values = [describe(name, call, eval(call, dict(NAMES))) for name, call in calls]
        documents = {value["name"] for value in values if value["document"] is not None}

        assert list(public_classes()) == list(dict.fromkeys(name for name, _ in calls))
        assert documents == {name for name, cls in public_classes().items() if attrs.has(cls)}
