"""How many moments were good and bad, counted in an engine."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, overload

import attrs
import narwhals as nw

from crmcore.interop.frames._building import check_same_zone, read_member
from crmcore.interop.frames._frame import Frame, group
from crmcore.interop.frames._statistics import Row, Statistics, as_instant, build_statistics, collect, key_of
from crmcore.model.moment import MomentOfTruth, Valence
from crmcore.primitives._clock import DAY, EARLIEST, MICROSECOND
from crmcore.primitives._decimals import EXACT, ONE, ZERO
from crmcore.primitives.periods import check_not_after, in_utc
from crmcore.primitives.tally import TallyBy
from crmcore.service.balance import Balance
from crmcore.service.balance._counting import Sums
from crmcore.service.balance._weighing import Weigher

__all__ = ["balance"]


@overload
def balance(
    moments: Frame[MomentOfTruth],
    /,
    *,
    ratio: Decimal | int | str = 12,
    as_of: datetime | None = None,
    window: timedelta | None = None,
    half_life: timedelta | None = None,
    resolved_weight: Decimal | int | str | float = 1,
) -> Statistics[Balance]: ...
@overload
def balance(
    moments: Frame[MomentOfTruth],
    /,
    *,
    by: str | Sequence[str],
    ratio: Decimal | int | str = 12,
    as_of: datetime | None = None,
    window: timedelta | None = None,
    half_life: timedelta | None = None,
    resolved_weight: Decimal | int | str | float = 1,
) -> Statistics[TallyBy[Any, Balance]]: ...
def balance(
    moments: Frame[MomentOfTruth],
    /,
    *,
    by: str | Sequence[str] | None = None,
    ratio: Decimal | int | str = 12,
    as_of: datetime | None = None,
    window: timedelta | None = None,
    half_life: timedelta | None = None,
    resolved_weight: Decimal | int | str | float = 1,
) -> Statistics[Any]:
    """Count good and bad moments, as `Balance.of` and `Balance.by` do.

    With a half-life, the statistics have a row for each instant at which moments happened: keep the instants as days in
    the engine if that is exact enough. With a half-life or a `resolved_weight`, they have one for each severity.

    Examples:
        >>> import polars as pl
        >>> from datetime import datetime
        >>> from crmcore import UTC, MomentOfTruth
        >>> from crmcore.interop import frames
        >>> told = pl.DataFrame(
        ...     {"who": ["anna", "bob", "anna"], "at": [datetime(2026, 3, 2)] * 3, "valence": ["good", "bad", "good"]}
        ... )
        >>> judged = frames.Frame(MomentOfTruth, told, employee_id="who", tz=UTC)
        >>> statistics = frames.balance(judged, by="who")
        >>> balances = statistics.read(statistics.frame)
        >>> balances["anna"].value, balances["bob"].value
        (Decimal('2'), Decimal('-12'))

    Args:
        moments: The moments. The weight of each is its severity.
        by: One or more columns of the data whose values are the keys; several make a tuple.
        ratio: How many good moments offset one bad moment.
        as_of: The reference date. A moment after it is an error when the statistics are read.
        window: How far back a moment counts, in whole days of age, the oldest day included.
        half_life: The age at which a moment has half its weight: ``severity * 0.5 ** (age / half_life)``.
        resolved_weight: The weight of a resolved bad moment as a share of that of an unresolved one.

    Raises:
        InvalidValueError: `window` or `half_life` is given without `as_of`, `resolved_at` and `at` are in two zones, or
            a column to group by is called as a statistic.
        UnknownNameError: A column to group by does not exist.
    """
    rules = Balance(ratio=ratio, as_of=as_of, window=window, half_life=half_life, resolved_weight=resolved_weight)
    weighs = rules.as_of is not None or rules.resolved_weight != ONE
    resolved = ["resolved_at"] if rules.resolved_weight != ONE and moments.has("resolved_at") else []
    chosen = moments.select(by, "valence", "at", optional=["severity", *resolved])
    if resolved:
        check_same_zone(moments, "resolved_at", "at")
    severity: Any = nw.col("severity") if moments.has("severity") else nw.lit(1)
    columns: dict[str, Any] = {name: nw.col(name) for name in (*chosen.keys, "valence", "at")} | {"severity": severity}
    if not weighs:
        columns["severity_known"] = ~severity.is_null()
        keys = ["valence", "severity_known"]
        measures: dict[str, Any] = {
            "rows": nw.len(),
            "weight": nw.col("severity").sum(),
            "least": nw.col("severity").min(),
        }
    else:
        keys = ["valence", "severity"]
        measures = {"rows": nw.len(), "latest": nw.col("at").max()}
        oldest = _find_oldest(rules)
        if oldest is not None:
            columns["is_recent"] = nw.col("at") > moments.literal("at", oldest)
            keys.append("is_recent")
        if rules.half_life is not None:
            keys.append("at")
        if resolved:
            known = ~nw.col("resolved_at").is_null()
            columns["is_resolved"] = known
            columns["is_resolved_early"] = known & (nw.col("resolved_at") < nw.col("at"))
            columns["is_resolved_later"] = (
                known & nw.lit(False)  # noqa: FBT003 - a literal
                if rules.as_of is None
                else known & (nw.col("resolved_at") > moments.literal("resolved_at", rules.as_of))
            )
            keys += ["is_resolved", "is_resolved_early", "is_resolved_later"]
    counted = group(
        chosen.rows.select(*(column.alias(name) for name, column in columns.items())),
        [*chosen.keys, *keys],
        **measures,
    )
    add_up = collect(Balance, chosen.by, lambda row: _add(row, rules), empty=lambda: rules)

    def finish(rows: list[Row]) -> Any:  # noqa: ANN401 - a balance, or balances by key
        return _weigh(rows, chosen.by, rules) if weighs and rows else add_up(rows)

    return build_statistics(chosen, counted, [*keys, *measures], finish)


def _find_oldest(rules: Balance) -> datetime | None:
    """Return the instant after which a moment is within the window; None if each has its own age or all are in it."""
    if rules.as_of is None or rules.window is None or rules.half_life is not None:
        return None
    as_of = in_utc(rules.as_of)
    return as_of - rules.window - DAY if rules.window < as_of - EARLIEST - DAY else None


def _add(row: Row, rules: Balance) -> Balance:
    """Return the balance of moments that weigh their severity."""
    valence = read_member(row["valence"], Valence, "valence")
    if row["severity_known"]:  # refused as the record of the moment with the least one would be
        MomentOfTruth(valence=valence, at=EARLIEST, severity=row["least"])
    number = int(row["rows"])
    if valence is Valence.NEUTRAL:
        return attrs.evolve(rules, neutral=number)
    weight = _simplify(Decimal(row["weight"] if row["severity_known"] else number))
    return attrs.evolve(rules, good=weight) if valence is Valence.GOOD else attrs.evolve(rules, bad=weight)


def _weigh(rows: list[Row], by: Sequence[str], rules: Balance) -> Any:  # noqa: ANN401 - a balance, or balances by key
    """Add up rows of moments that weigh the same: one of them is weighed, and counts as often as there are moments.

    Each distinct severity of good and of bad ones is checked once, as a record: 5x as fast as a record for each row.
    """
    as_of = None if rules.as_of is None else in_utc(rules.as_of)
    weigher = Weigher(
        as_of=as_of, window=rules.window, half_life=rules.half_life, resolved_weight=rules.resolved_weight
    )
    kinds: dict[object, MomentOfTruth] = {}
    sums: defaultdict[Any, Sums] = defaultdict(Sums)
    for place, row in enumerate(rows):
        at = as_instant(row["latest"])
        kind = tuple(map(row.get, ("valence", "severity", "is_resolved", "is_resolved_early", "is_resolved_later")))
        moment = kinds.get(kind) or kinds.setdefault(kind, _build_moment(row, at, as_of))
        if as_of is not None:
            check_not_after(as_of, at, "moments", place)
        weight = weigher.weigh_at(
            None if as_of is None else as_of - at,
            moment.severity,
            is_resolved=bool(row.get("is_resolved") and not row["is_resolved_later"]),
        )
        sums[key_of(row, by) if by else None].add(moment.valence, weight, int(row["rows"]))
    balances = {
        key: attrs.evolve(rules, good=one.all_good, bad=one.all_bad, neutral=one.neutral) for key, one in sums.items()
    }
    return TallyBy(balances) if by else balances[None]


def _build_moment(row: Row, at: datetime, as_of: datetime | None) -> MomentOfTruth:
    """Build one of the moments of a row, which refuses what cannot be a moment."""
    resolved_at = None
    if row.get("is_resolved"):
        resolved_at = at if as_of is None else max(at, as_of)
        if row["is_resolved_early"]:
            resolved_at = at - MICROSECOND
        elif row["is_resolved_later"]:
            resolved_at += MICROSECOND
    return MomentOfTruth(
        valence=read_member(row["valence"], Valence, "valence"),
        at=at,
        severity=ONE if row["severity"] is None else row["severity"],
        resolved_at=resolved_at,
    )


def _simplify(weight: Decimal) -> Decimal:
    """Return a weight without trailing zeros."""
    return EXACT.add(EXACT.normalize(weight), ZERO)
