"""Mean numbers of periods to an alarm: by integral equations for normal values, by Markov chains for shares.

Everything is in standard deviations of one period while nothing has changed. Both ways end in linear equations whose
matrix is dominated by its diagonal, so they are solved without pivots.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil, cos, erfc, exp, expm1, inf, isfinite, log, pi, sqrt
from typing import Final

from crmcore.primitives.errors import InvalidValueError

MOST_TRIALS: Final = 10**9
_LONGEST: Final = 1e9
"""Above it, the linear equations have lost too many digits of a float."""
_WIDEST: Final = 50.0
_CELLS: Final = 50
_LUMPS: Final = 100
_FEW: Final = 30
_FAR: Final = 8.0
_FAR_FOR_SHARES: Final = 12.0
"""A mean so many standard deviations from the only limit hardly ever gives an alarm. Shares have longer tails."""
_TIE: Final = 1e-9
"""States on a limit, as floats have them, are not beyond it."""
_UNLIKELY: Final = 1e-10
_SINGULAR: Final = 1e-13
_MOST_STATES: Final = 200
_LATTICE: Final = 1e-3
"""How near, in standard deviations, the slack must be to a multiple of the step of a lattice."""


def as_interval(periods: float) -> float | None:
    """Return a mean number of periods; None if it is too long to be computed."""
    return periods if 0 < periods <= _LONGEST else None


def _check_width(width: float) -> None:
    """Refuse what would need hundreds of equations."""
    if width > _WIDEST:
        raise InvalidValueError(
            "run_length_out_of_reach",
            f"the limits must be at most {_WIDEST:.0f} standard deviations of a step apart, got {width:.6g}",
            advice="choose a greater weight, or nearer limits",
            operands=(width,),
        )


def _combine(high: float, low: float, high_start: float, low_start: float) -> float:
    """Return the run length of two sums, one for each side, with a head start, from those of each alone."""
    if not isfinite(high) or not isfinite(low):
        return low_start if isfinite(low) else high_start
    return (high_start * low + low_start * high - high * low) / (high + low)


# ---------------------------------------------------------------------------------------------------------- p-chart


def find_binomial(n: int, p: float) -> tuple[int, list[float]]:
    """Return the probabilities of the counts in n trials, from the first that matters on, and that count.

    They grow from the most probable count by their ratios, and are divided by their sum.
    """
    if p <= 0 or p >= 1:
        return (0 if p <= 0 else n), [1.0]
    mode = min(n, int((n + 1) * p))
    odds = p / (1 - p)
    up, x = [1.0], mode
    while x < n and up[-1] > 1e-30:
        up.append(up[-1] * (n - x) / (x + 1) * odds)
        x += 1
    down, x = [1.0], mode
    while x > 0 and down[-1] > 1e-30:
        down.append(down[-1] * x / (n - x + 1) / odds)
        x -= 1
    terms = down[:0:-1] + up
    total = sum(terms)
    return x, [term / total for term in terms]


def shewhart(n: int, p: float, least: int, most: int) -> float | None:
    """Return the mean number of periods to a count below `least` or from `most` on."""
    first, terms = find_binomial(n, p)
    low = sum(terms[: max(0, least - first)])
    high = sum(reversed(terms[max(0, most - first) :]))
    chance = low + high
    return as_interval(1 / min(1.0, chance)) if chance else None


# ------------------------------------------------------------------------------------------- normal values


def find_nodes(number: int, low: float, high: float) -> tuple[list[float], list[float]]:
    """Return the nodes and weights of the quadrature of Gauss and Legendre between two bounds."""
    middle, half = (low + high) / 2, (high - low) / 2
    nodes, weights = [0.0] * number, [0.0] * number
    for place in range(number):
        x, change = cos(pi * (place + 0.75) / (number + 0.5)), 1.0
        slope = 1.0
        while abs(change) > 1e-14:
            before, now = 1.0, x
            for degree in range(2, number + 1):
                before, now = now, ((2 * degree - 1) * x * now - (degree - 1) * before) / degree
            slope = number * (x * now - before) / (x * x - 1)
            change = now / slope
            x -= change
        nodes[place] = middle + half * x
        weights[place] = half * 2 / ((1 - x * x) * slope * slope)
    return nodes, weights


def solve(matrix: list[list[float]]) -> list[float]:
    """Solve linear equations that are dominated by their diagonal. The last number of a row is its right side.

    The rows are overwritten. The solution is infinite if a pivot is nearly 0: then an alarm is nearly impossible.
    """
    for place, pivot in enumerate(matrix):
        lead, rest = pivot[place], pivot[place + 1 :]
        if lead < _SINGULAR:
            return [inf] * len(matrix)
        for row in matrix[place + 1 :]:
            if row[place]:
                factor = row[place] / lead
                row[place + 1 :] = [one - factor * other for one, other in zip(row[place + 1 :], rest, strict=True)]
    number = len(matrix)
    found = [0.0] * number
    for place in reversed(range(number)):
        row = matrix[place]
        known = sum(row[other] * found[other] for other in range(place + 1, number))
        found[place] = (row[number] - known) / row[place]
    return found


def _find_density(z: float) -> float:
    return exp(-z * z / 2) / sqrt(2 * pi)


def _find_below(z: float) -> float:
    return erfc(-z / sqrt(2)) / 2


def _count_nodes(width: float) -> int:
    """Return how many nodes an interval needs, of a width in standard deviations of a step."""
    _check_width(width)
    return 14 + ceil(2 * width)


def _cusum_one_side(k: float, h: float, shift: float) -> Callable[[float], float]:
    """Return the run length of one sum as a function of where it begins."""
    nodes, weights = find_nodes(_count_nodes(h), 0.0, h)
    places = [0.0, *nodes]

    def weigh(place: float) -> list[float]:
        below = _find_below(k - place - shift)
        return [below, *(w * _find_density(y + k - place - shift) for y, w in zip(nodes, weights, strict=True))]

    matrix: list[list[float]] = []
    for number, place in enumerate(places):
        row = [-one for one in weigh(place)]
        row[number] += 1
        matrix.append([*row, 1.0])
    found = solve(matrix)
    return lambda start: 1 + sum(one * length for one, length in zip(weigh(start), found, strict=True) if one)


def cusum(k: float, h: float, shift: float, side: str, start: float = 0.0) -> float | None:
    """Return the run length of a CUSUM chart of normal values whose mean has shifted."""
    return _take_sides(lambda one: _cusum_one_side(k, h, shift if one == "upper" else -shift), k, h, side, start)


def _take_sides(
    of: Callable[[str], Callable[[float], float]], k: float, h: float, side: str, start: float
) -> float | None:
    """Return the run length on the sides that are watched, from that of one side as a function of the head start.

    Those of both sides can be combined if the sum of one side is 0 whenever the other gives an alarm.
    """
    if side != "both":
        return as_interval(of(side)(start))
    if 2 * start > h + 2 * k:
        return None
    high, low = of("upper"), of("lower")
    return as_interval(_combine(high(0.0), low(0.0), high(start), low(start)))


def _is_far(weight: float, sigmas: float, shift: float, side: str, far: float) -> bool:
    """Return whether an average settles far from the only limit of its chart."""
    return side != "both" and sigmas - shift / _find_spread(weight) > far


def _find_spread(weight: float) -> float:
    """Return the standard deviation of an average, in that of a period; > 0 for the least of weights too."""
    return sqrt(weight) / sqrt(2 - weight)


def _find_ewma_bounds(weight: float, sigmas: float, shift: float, side: str) -> tuple[float, float]:
    """Return the final limits of an average.

    The average of a chart that watches one side is stopped five standard deviations away on the other.
    """
    spread = _find_spread(weight)
    reach, open_end = sigmas * spread, 5 * spread + max(0.0, -shift)
    return (-reach if side == "both" else -open_end), reach


def ewma(weight: float, sigmas: float, shift: float, side: str) -> float | None:
    """Return the run length of an EWMA chart of normal values whose mean has shifted.

    The equation of the final limits is solved first. From there the run length is carried back through the narrower
    limits of the first periods.
    """
    if side == "lower":
        shift, side = -shift, "upper"
    if _is_far(weight, sigmas, shift, side, _FAR):
        return None
    low, high = _find_ewma_bounds(weight, sigmas, shift, side)
    number = _count_nodes((high - low) / weight)
    keep, drift = 1 - weight, weight * shift

    def weigh(place: float, nodes: Sequence[float], weights: Sequence[float]) -> list[float]:
        middle = keep * place + drift
        row = [w / weight * _find_density((y - middle) / weight) for y, w in zip(nodes, weights, strict=True)]
        if side != "both":
            row[-1] += _find_below((low - middle) / weight)  # the last node is the lowest
        return row

    nodes, weights = find_nodes(number, low, high)
    matrix: list[list[float]] = []
    for place, node in enumerate(nodes):
        row = [-one for one in weigh(node, nodes, weights)]
        row[place] += 1
        matrix.append([*row, 1.0])
    found = solve(matrix)
    unit, unit_weights = find_nodes(number, -1.0, 1.0)  # from the highest to the lowest, as all nodes

    def stretch(period: int) -> tuple[list[float], list[float]]:
        top = high * _find_widening(keep, period)
        middle, half = (0.0, top) if side == "both" else ((top + low) / 2, (top - low) / 2)
        return [middle + half * x for x in unit], [half * w for w in unit_weights]

    for period in reversed(range(_count_widening(keep))):
        ahead, ahead_weights = stretch(period + 1)
        here = stretch(period)[0] if period else [0.0]
        found = [
            1 + sum(one * length for one, length in zip(weigh(place, ahead, ahead_weights), found, strict=True) if one)
            for place in here
        ]
    return as_interval(found[0])


def _find_widening(keep: float, period: int) -> float:
    """Return the limits after so many periods as a share of the final ones."""
    return sqrt(-expm1(2 * period * log(keep))) if keep else 1.0


def _count_widening(keep: float) -> int:
    """Return after how many periods the limits hardly widen."""
    return ceil(log(1e-5) / (2 * log(keep))) if keep else 1


# ------------------------------------------------------------------------------------------- shares


def _lump(first: int, terms: list[float]) -> list[tuple[float, float]]:
    """Return counts and their probabilities, of which many are joined to fewer with the same mean and variance."""
    step = ceil(len(terms) / _LUMPS)
    if step == 1:
        return [(float(first + place), term) for place, term in enumerate(terms)]
    lumps = [0.0] * (len(terms) // step + 2)
    for place, term in enumerate(terms):
        _share(lumps, place / step, term)
    return [(float(first + cell * step), lump) for cell, lump in enumerate(lumps)]


def _find_steps(base: float, p: float, n: int) -> tuple[list[tuple[float, float]], float]:
    """Return the distances of a share from the baseline, in standard deviations, and their probabilities.

    Also return how far apart they are; 0 if they are those of the counts and not of lumps.
    """
    sigma = sqrt(base * (1 - base) * n)
    first, terms = find_binomial(n, p)
    least = _UNLIKELY * max(terms)
    likely = [place for place, term in enumerate(terms) if term > least]
    terms = terms[likely[0] : likely[-1] + 1]
    lumps = _lump(first + likely[0], terms)
    gap = (lumps[1][0] - lumps[0][0]) / sigma if len(terms) > _LUMPS else 0.0
    return [((x - n * base) / sigma, chance) for x, chance in lumps], gap


def _find_part_below(state: float, limit: float, gap: float) -> float:
    """Return which part of a lump, from half a gap below a state to half a gap above it, is not beyond a limit."""
    if not gap:
        return 1.0 if state <= limit + _TIE else 0.0
    return max(0.0, min(1.0, (limit - state) / gap + 0.5))


def _share(row: list[float], cell: float, chance: float) -> None:
    """Add a probability to the three cells that are nearest to a state."""
    near, before, at, behind = _weigh_neighbours(cell, len(row))
    row[near - 1] += chance * before
    row[near] += chance * at
    row[near + 1] += chance * behind


def _weigh_neighbours(cell: float, number: int) -> tuple[int, float, float, float]:
    """Return the cell nearest to a state, and the weights of it and its neighbours in a quadratic interpolation."""
    near = max(1, min(round(cell), number - 2))
    part = cell - near
    return near, part * (part - 1) / 2, 1 - part * part, part * (part + 1) / 2


def _chain(rows: list[list[float]]) -> list[float]:
    """Return the mean number of steps from each state until the chain is left."""
    return solve([[(place == other) - one for other, one in enumerate(row)] + [1.0] for place, row in enumerate(rows)])


def _cusum_of_steps(steps: list[tuple[float, float]], gap: float, k: float, h: float) -> Callable[[float], float]:
    cells = _CELLS + ceil(5 * h)
    width = h / cells
    rows: list[list[float]] = []
    for place in range(cells + 1):
        row = [0.0] * (cells + 1)
        for step, chance in steps:
            state = max(0.0, place * width + step - k)
            part = _find_part_below(state, h, gap)
            if part:
                _share(row, state / width, chance * part)
        rows.append(row)
    found = _chain(rows)

    def read(start: float) -> float:
        near, before, at, behind = _weigh_neighbours(start / width, cells + 1)
        return before * found[near - 1] + at * found[near] + behind * found[near + 1]

    return read


def _cusum_of_counts(first: int, terms: list[float], a: int, b: int, h: int) -> Callable[[float], float]:
    """Return the run length of a sum of counts, each less a / b, as a function of where it begins.

    The sum is a multiple of 1 / b, and at most h / b without an alarm.
    """
    rows: list[list[float]] = []
    for place in range(h + 1):
        row = [0.0] * (h + 1)
        for count, chance in enumerate(terms, first):
            state = max(0, place + b * count - a)
            if state <= h:
                row[state] += chance
        rows.append(row)
    found = _chain(rows)
    return lambda start: found[min(h, round(start * b))]


def share_cusum(k: float, h: float, start: float, *, base: float, p: float, n: int, side: str) -> float | None:
    """Return the run length of a CUSUM chart of shares.

    With few counts the sums lie on a lattice, on which the chain is exact. With many, or if the slack does not fit a
    lattice, the sums are rounded to a grid.
    """
    _check_width(h)
    sigma = sqrt(base * (1 - base) * n)

    def of(side: str) -> Callable[[float], float]:
        share, chance = (base, p) if side == "upper" else (1 - base, 1 - p)
        slack = n * share + k * sigma
        lattice = Fraction(slack).limit_denominator(max(1, int(_MOST_STATES / (h * sigma))))
        if h * sigma <= _MOST_STATES and abs(float(lattice) - slack) < _LATTICE * sigma:
            a, b = lattice.as_integer_ratio()
            read = _cusum_of_counts(*find_binomial(n, chance), a, b, int(h * sigma * b + _TIE))
            return lambda start: read(start * sigma)
        return _cusum_of_steps(*_find_steps(share, chance, n), k, h)

    return _take_sides(of, k, h, side, start)


def share_ewma(weight: float, sigmas: float, *, base: float, p: float, n: int, side: str) -> float | None:
    """Return the run length of an EWMA chart of shares."""
    steps, gap = _find_steps(base, p, n)
    gap *= weight
    if side == "lower":
        steps, side = [(-step, chance) for step, chance in steps], "upper"
    shift = sum(step * chance for step, chance in steps)
    if _is_far(weight, sigmas, shift, side, _FAR_FOR_SHARES):
        return None
    low, high = _find_ewma_bounds(weight, sigmas, shift, side)
    _check_width((high - low) / weight)
    cells = (_CELLS if len(steps) > _FEW else 2 * _CELLS) + ceil((high - low) / weight)
    width, keep = (high - low) / cells, 1 - weight
    open_end = side != "both"

    def move(place: float, top: float) -> list[float]:
        row = [0.0] * (cells + 1)
        for step, chance in steps:
            state = keep * place + weight * step
            part = _find_part_below(state, top, gap)
            if not open_end:
                part *= _find_part_below(-state, top, gap)
            if part:
                _share(row, (max(low, min(high, state)) - low) / width, chance * part)
        return row

    grid = [low + place * width for place in range(cells + 1)]
    found = _chain([move(place, high) for place in grid])
    for period in reversed(range(_count_widening(keep))):
        top = high * _find_widening(keep, period + 1)
        places = grid if period else [0.0]
        found = [
            1 + sum(one * length for one, length in zip(move(place, top), found, strict=True) if one)
            for place in places
        ]
    return as_interval(found[0])
