"""Names of the caller that no visit has, and the names nearest to them.

A name that no visit has is no mistake by itself: a quiet day has no sale. So it is a caution on the result. It can only
be a mistake if the visits have the same name in other capitals, with other spaces or of another type, such as "Till"
for "till", or 7 for "7". Then it is an error.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from crmcore.primitives._nearest import find_nearest, fold, sort_key
from crmcore.primitives.checks import show
from crmcore.primitives.errors import CrmcoreError, UnknownNameError
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.ids import Id, as_id

__all__: list[str] = []  # for the rooms of this wing


def is_among(value: object, names: Collection[Id]) -> bool:
    """Return whether a value is one of some names; what cannot be a name, such as an array, is none of them."""
    try:
        return as_id(value, "name") in names
    except CrmcoreError:
        return False


def check_spelling(names: Collection[Id], known: Collection[Id], field: str) -> None:
    """Refuse a name that differs from one of the visits only in capitals, spaces or type."""
    unknown = [name for name in names if name not in known]
    if not unknown:
        return
    spellings = {fold(other): other for other in known if other not in names}  # the caller may tell two apart
    for name in unknown:
        meant = spellings.get(fold(name))
        if meant is not None:
            raise UnknownNameError(
                "misspelt_touchpoint",
                f"{field} must name touchpoints as the visits do, got {show(name)}, and the visits have {show(meant)}",
                field=field,
                advice=f"write {show(meant)}",
                operands=(name, meant),
            )


def build_caution(rule: str, name: Id, message: str, nearest: Iterable[Id]) -> Finding:
    """Build the caution about a name that nothing matches."""
    near = [*nearest]
    return Finding(
        rule=rule,
        severity=Severity.WARNING,
        subject=str(name),
        message=message,
        advice=f"perhaps {' or '.join(map(show, near))} is meant" if near else "look whether the name is right",
        evidence=[("name", str(name)), *(("nearest", str(other)) for other in near)],
    )


Unmatched = tuple[tuple[Id, tuple[Id, ...]], ...]
"""Names that no visit has, each with the nearest names that visits have."""


def list_unmatched(names: Iterable[Id], letters: Mapping[Id, str], paths: Sequence[str]) -> Unmatched:
    """List the names that no visit has, in the order given; none if there are no journeys.

    Args:
        names: The names.
        letters: The letter of each touchpoint of the log.
        paths: The paths of the log.
    """

    def is_visited(name: Id) -> bool:
        return name in letters and any(letters[name] in path for path in paths)  # mostly in the first ones

    unvisited = [name for name in dict.fromkeys(names) if not is_visited(name)] if paths else []
    visited = [*filter(is_visited, letters)] if unvisited else []
    return tidy_unmatched(tuple((name, tuple(visited)) for name in unvisited))


def tidy_unmatched(unmatched: Unmatched) -> Unmatched:
    """Put names into an order that is the same for equal logs, each once."""
    rows = dict(unmatched)
    return tuple((name, find_nearest(name, rows[name])) for name in sorted(rows, key=sort_key))


def join_unmatched(parts: Iterable[Unmatched]) -> Unmatched:
    """Return the names that the visits of no part of a log have."""
    joined: dict[Id, tuple[Id, ...]] = {}
    for place, part in enumerate(map(dict, parts)):
        joined = {name: (*joined.get(name, ()), *near) for name, near in part.items() if not place or name in joined}
    return tidy_unmatched(tuple(joined.items()))


def list_cautions(unmatched: Unmatched, place: str) -> tuple[Finding, ...]:
    """Return a caution for each touchpoint of a place, such as a step, that no visit has."""
    return tuple(
        build_caution("step_not_visited", name, f"no visit has this touchpoint of {place}", near)
        for name, near in unmatched
    )
