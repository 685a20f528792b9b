"""The mean of readings by a key, and what their numbers must have in common to have a mean."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar, cast

from crmcore.model.reading import Reading
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, RATIO, ZERO, round_to_finest
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.grouping import KeyGuard, enumerate_once
from crmcore.primitives.ids import Id

__all__: list[str] = []  # for the room alone

_K = TypeVar("_K", bound=Hashable)

_NOTHING: Final = (ZERO, 0)


def as_pairs(
    scores: Mapping[Any, Decimal | int | str] | Iterable[tuple[Any, Decimal | int | str]],
) -> tuple[tuple[Any, Decimal], ...]:
    """Accept a mapping of ids to scores too; the record checks the pairs."""
    pairs = cast("Mapping[Any, Any]", scores).items() if isinstance(scores, Mapping) else scores
    return cast("tuple[tuple[Any, Decimal], ...]", pairs)


def divide(total: Decimal | int, n: int) -> Decimal:
    """Return a quotient to 34 digits and at most 40 decimals, which a record keeps exactly."""
    return round_to_finest(RATIO.divide(total, n))


def ends_if_low_is_better(reading: Reading) -> tuple[int, int] | None:
    """Return the ends of the scale of a reading if low is better on it, so that its numbers must be turned."""
    scale = reading.scale
    if scale is None or scale.higher_is_better is not False:
        return None
    return scale.low or 0, scale.high or 0


def read_values(readings: Iterable[Reading]) -> Iterable[tuple[int, Reading, Decimal]]:
    """Yield the place, the reading and its number, once for each id; all must measure the same on one scale."""
    first: Reading | None = None
    for place, reading in enumerate_once(readings, Reading, "readings"):
        if reading.value is None:
            raise InvalidValueError(
                "reading_without_a_value",
                f"readings must have a value, got the level {reading.level}",
                field="readings",
                advice="leave levels out: they have no mean",
                operands=(reading.level,),
                record=place,
            )
        first = first or reading
        scale = reading.scale
        if reading.kind is not first.kind or (scale is not first.scale and scale != first.scale):
            mine, others = (f"{one.kind} on {one.scale or 'no scale'}" for one in (reading, first))
            raise InvalidValueError(
                "readings_of_two_measures",
                f"readings must all measure the same on one scale, got {mine} after {others}",
                field="readings",
                advice="choose those of one kind and one scale",
                operands=(reading.kind, first.kind),
                record=place,
            )
        yield place, reading, reading.value


def mean_by(
    readings: Iterable[Reading], key: Callable[[Reading], _K], name_of: Callable[[Reading, int], Id | None]
) -> dict[_K, dict[Id | None, Decimal]]:
    """Return the mean of the readings of each key and name, of which a high one is good."""
    checks.check_callable(key, "key", "lambda reading: reading.aspect")
    sums: dict[_K, dict[Id | None, tuple[Decimal, int]]] = {}
    guard = KeyGuard(sums)
    known: type | None = None
    ends: tuple[int, int] | None = None
    add = EXACT.add
    for place, reading, value in read_values(readings):
        name = name_of(reading, place)
        group = key(reading)
        if type(group) is not known:
            known = guard.admit(group)
        ends = ends or ends_if_low_is_better(reading)
        row = sums.setdefault(group, {})
        total, n = row.get(name, _NOTHING)
        row[name] = add(total, value), n + 1
    return {
        group: {name: divide(total if ends is None else _turn(total, n, ends), n) for name, (total, n) in row.items()}
        for group, row in sums.items()
    }


def _turn(total: Decimal, n: int, ends: tuple[int, int]) -> Decimal:
    return EXACT.subtract(n * (ends[0] + ends[1]), total)
