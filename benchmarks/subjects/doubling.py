"""How the time of each public calculator grows when its input does: twice the records should take twice the time.

    python -m benchmarks doubling

Every public function and method with a collection among its arguments is found by walking the library, and called with
2n and 4n records of each shape of `benchmarks/shapes.py`. What its result derives is timed in the same way. A row of
the table is the worst shape: the time for 4n records by that for 2n, so that 2 is linear and 4 is quadratic. What its
documentation calls more than linear has no aim. Shapes that a calculator refuses are left out.

With `--smoke` everything is called once with a few records.
"""

# What a calculator takes is found at run time, so a lambda that is handed to one has no type.
# pyright: reportUnknownArgumentType=false, reportUnknownLambdaType=false, reportUnknownMemberType=false

import inspect
import typing
from collections import abc
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from functools import cache, partial
from time import process_time
from typing import Any, Final, get_args, get_origin

import attrs

from benchmarks.harness import Row, Run, benchmark
from benchmarks.shapes import ARGUMENTS, MAKERS, SHAPES, SIZED, START, Shape, make_score
from crmcore import (
    AfterSignal,
    AskLimit,
    Audit,
    AuditScore,
    AuditScores,
    Balance,
    BaseDistribution,
    Buying,
    Checklist,
    ChecklistAnswer,
    ChecklistItem,
    Cohort,
    Consistency,
    ConstancyDrift,
    ContactLimit,
    CrmcoreError,
    Customer,
    CusumChart,
    Discount,
    EwmaChart,
    Interaction,
    Journey,
    Journeys,
    LeadOverTime,
    LevelChange,
    LevelTransitions,
    LoyaltyLevel,
    Mix,
    Money,
    Outcome,
    PChart,
    PerceptionGap,
    Period,
    Playbook,
    PlaybookCoverage,
    PracticeShare,
    Purchase,
    Question,
    Reading,
    RelativeAdvantage,
    Response,
    Scale,
    Servqual,
    ShareCusumChart,
    ShareEwmaChart,
    Subscription,
    Survey,
    Survival,
    TallyBy,
    TaskKind,
    TenureRule,
    TimeUnit,
    Touchpoint,
    Valence,
    Validity,
    ValueMix,
    Verdict,
    WaitStart,
    attribution,
    churn,
    loyalty,
    render,
)
from crmcore.primitives.control_charts import ChartPoint
from crmcore.service.communication import KindCount
from crmcore.service.programme import Schedule
from tests.support.walk import public_classes, public_names

AIM: Final = 2.46
"""The highest ratio that we aim for: an exponent of 1.3, which leaves room for a sort and for a full cache."""

SMALLEST: Final = 0.002
"""Seconds that the largest input must take; what takes less is too short to compare."""

SHOWN: Final = 25

Call = Callable[[], object]
Maker = Callable[[Shape, int], Call]

LINEAR_IN_EACH: Final[dict[str, str]] = {
    "journey_maps.compare": "journeys times steps of the map",
    "surveys.item_score": "items times answers of one response",
    "staff.lint": "a finding for each update and employee",
    "staff.lint > __repr__": "a finding for each update and employee",
}
"""Calculators whose documentation names another cost, and which one."""

LEFT_OUT: Final[dict[str, str]] = {
    "model.feedback.Feedback.answered": "its collection is the parts of one reply, of which there are nine",
    "retention.survival.Survival.from_counts": "its counts must fall; `of_durations` counts as many columns",
    "value.lifetime_value.expected_buyers": "its shares are few; the time is their number times that of the periods",
    "value.lifetime_value.from_survival": "its shares must fall from 1; each is read once",
    "value.lifetime_value.migration": "its shares are few; the time is their number times that of the periods",
    "value.lifetime_value.state_values": "its states are few: it solves equations, as `attribution.markov` does",
    "voice.expectations.Servqual.weighted": "its collection is the weights of five dimensions",
}
"""Public names with a collection among their arguments that are not called, and why."""


def _make_paths(shape: Shape, size: int) -> dict[tuple[int, ...], Outcome]:
    """Return what paths led to: of three touchpoints each; in a chain one path through all of them."""
    if shape.chained:
        return {tuple(range(size)): Outcome(conversions=1, nulls=1)}
    labels = shape.labels or max(7, size // 8)
    return {
        (number % labels, number // labels % labels, number // labels // labels): Outcome(conversions=1, nulls=1)
        for number in range(size)
    }


def _make_several(cls: type, shape: Shape, size: int) -> list[Any]:
    return [MAKERS[cls](shape, number) for number in range(size)]


def _call(function: Callable[..., object], *arguments: object, **named: object) -> Call:
    return partial(function, *arguments, **named)


def _make_items() -> list[tuple[Question, Question]]:
    asked = [Question(id=n, text="?", scale=Scale.RATING_1_5, concept=f"part {n // 2}") for n in range(8)]
    return [*zip(asked[::2], asked[1::2], strict=True)]


def _make_states(size: int) -> dict[int, str]:
    return {number: [*LoyaltyLevel][number % 3] for number in range(size)}


def _make_scores(shape: Shape, size: int) -> list[Any]:
    return [make_score(shape, number) for number in range(size)]


def _make_days(shape: Shape, size: int) -> Any:
    days = Period(START, START + timedelta(days=size))
    return churn.daily(_make_several(Subscription, shape, size), days)


_SMILE: Final = Question(id="nps", text="Are you satisfied?", scale=Scale.SATISFACTION_1_5)
_PLAIN: Final = SHAPES[0]
_FLOW: Final = Shape("", customers=0, labels=0)


def _attribute(name: str, **named: object) -> Maker:
    return lambda shape, size: _call(getattr(attribution, name), _make_paths(shape, size), **named)


def _audit(function: Callable[..., object], *more: object, **named: object) -> Maker:
    return lambda shape, size: _call(
        function, ARGUMENTS["checklist"], _make_several(ChecklistAnswer, shape, size), *more, **named
    )


def _run(chart: Any, value: Callable[[int], object]) -> Maker:
    return lambda _, size: _call(chart.run, [value(number) for number in range(size)])


def _score(function: Callable[..., object], **named: object) -> Maker:
    return lambda shape, size: _call(function, _make_scores(shape, size), **named)


def _given(**named: Any) -> dict[str, Any]:
    return named


GIVEN: Final[dict[str, dict[str, Any]]] = {
    "primitives.control_charts.cumulative_sums": _given(target=1),
    "journeys.journey_maps.touchpoints_from": _given(customers=["customer"], partners=()),
    "journeys.paths.Funnel.of": _given(optional=()),
    "journeys.paths.ConversionTimes.of": _given(optional=(), between=None),
    "service.follow_ups.after": _given(steps={TaskKind.CALL: 3}),
    "service.follow_ups.after_purchase": _given(steps={TaskKind.CALL: 3}),
    "service.communication.may_contact": _given(limits=[MAKERS[ContactLimit](SHAPES[0], 1)]),
    "service.communication.may_contact_each": _given(limits=[MAKERS[ContactLimit](SHAPES[0], 1)]),
    "voice.surveys.may_ask": _given(limits=[MAKERS[AskLimit](SHAPES[0], 1)]),
    "voice.surveys.may_ask_each": _given(limits=[MAKERS[AskLimit](SHAPES[0], 1)]),
    "render.mermaid_gantt": _given(start=START),
    "render.survival_curves": _given(segments=MAKERS[Survival](SHAPES[0], 1)),
    "render.survival_table": _given(segments=MAKERS[Survival](SHAPES[0], 1)),
    "retention.survival.Survival.of_durations": _given(ended=None, entered=None, weights=None),
    "voice.handling.next_responses": _given(since=WaitStart.LAST_UNANSWERED),
    "service.follow_ups.outreach": _given(interests=None, steps={TaskKind.CALL: 3}),
    "service.balance.moments_from": _given(rule=lambda _: Valence.GOOD),
    "service.communication.Mix.of": _given(kind=lambda one: str(one.touchpoint_id)),
    "service.communication.Mix.by": _given(kind=lambda one: str(one.touchpoint_id)),
    "value.lifetime_value.Buying.of": _given(tenure=TenureRule.FIRST_TO_LAST, as_of=None),
    "value.lifetime_value.Buying.by": _given(tenure=TenureRule.FIRST_TO_LAST, as_of=None),
    "value.lifetime_value.break_even_price": _given(target=Money(500, "EUR")),
    "value.lifetime_value.CustomerEquity.of": _given(
        existing=ValueMix.of({"all": (3, Money(9, "EUR"))}), discount=Discount("0.1", TimeUnit.YEAR)
    ),
    "voice.handling.IdeaVotes.of": _given(merged={}),
    "voice.handling.IdeaVotes.by_idea": _given(merged={}),
    "voice.loyalty.LevelTransitions.of": _given(gone=()),
    "voice.surveys.Csat.of": _given(question=_SMILE),
    "voice.surveys.Csat.by": _given(question=_SMILE),
}
"""Arguments of a calculator that are not those of its annotations."""

SKIPPED: Final = {"paused_in", "exclude", "step_within", "channel_within", "rules", "levels", "priority", "hours"}
"""Optional arguments that do not grow with data."""

OTHERS: Final[dict[str, Maker]] = {
    "journeys.attribution.chain": _attribute("chain"),
    "journeys.attribution.first": _attribute("first"),
    "journeys.attribution.last": _attribute("last"),
    "journeys.attribution.last_non_direct": _attribute("last_non_direct", direct=1),
    "journeys.attribution.linear": _attribute("linear"),
    "journeys.attribution.markov": _attribute("markov"),
    "journeys.attribution.position": _attribute("position"),
    "journeys.attribution.shapley": lambda _, size: _call(
        attribution.shapley, {(n % 7, n // 7 % 7, n // 49 % 7, n // 343): Outcome(conversions=1) for n in range(size)}
    ),
    "journeys.log.Journeys.decode": lambda _, size: _call(Journeys(touchpoint_ids=[1, 2]).decode, ["AB"] * size),
    "journeys.log.Journeys.sessions": lambda shape, size: _call(
        Journeys.of(_make_several(Interaction, shape, size)).sessions, timedelta(minutes=30)
    ),
    "journeys.log.Journeys.apart": lambda shape, size: _call(
        Journeys.of(_make_several(Interaction, shape, size)).apart, lambda customer_id: customer_id
    ),
    "model.checklist.Checklist.gaps": lambda shape, size: _call(
        ARGUMENTS["checklist"].gaps, _make_several(ChecklistAnswer, shape, size)
    ),
    "model.checklist.Checklist.lines": lambda shape, size: _call(
        ARGUMENTS["checklist"].lines, _make_several(ChecklistAnswer, shape, size)
    ),
    "model.journey.Journey.phases": lambda shape, size: _call(
        SIZED[Journey](shape, size).phases, _make_several(Touchpoint, shape, size)
    ),
    "primitives.control_charts.CusumChart.run": _run(
        CusumChart(target=1, sigma=3, after_signal=AfterSignal.RESTART), lambda n: n % 3
    ),
    "primitives.control_charts.EwmaChart.run": _run(EwmaChart(target=1, sigma=3), lambda n: n % 3),
    "primitives.control_charts.PChart.run": _run(PChart(baseline=(60, 601)), lambda n: (n % 9, 100)),
    "primitives.control_charts.ShareCusumChart.run": _run(
        ShareCusumChart(baseline=(60, 601), after_signal=AfterSignal.RESTART), lambda n: (n % 9, 100)
    ),
    "primitives.control_charts.ShareEwmaChart.run": _run(ShareEwmaChart(baseline=(60, 601)), lambda n: (n % 9, 100)),
    "primitives.money.Money.allocate": lambda _, size: _call(Money(9999, "EUR").allocate, [*range(1, size + 1)]),
    "primitives.tally.Tally.total": lambda shape, size: _call(
        Mix.total, [Mix(kinds=TallyBy({shape.label(n): KindCount(contacts=1)})) for n in range(size)]
    ),
    "primitives.tally.TallyBy.merge": lambda shape, size: _call(
        TallyBy.merge, [TallyBy({shape.what(n): Balance(good=1)}) for n in range(size)]
    ),
    "primitives.tally.TallyBy.rows": lambda _, size: _call(
        TallyBy({number: Balance(good=1) for number in range(size)}).rows
    ),
    "retention.churn.average_daily": lambda shape, size: _call(churn.average_daily, _make_days(shape, size)),
    "retention.churn.compounded_daily": lambda shape, size: _call(churn.compounded_daily, _make_days(shape, size)),
    "retention.churn.sum_of_daily": lambda shape, size: _call(churn.sum_of_daily, _make_days(shape, size)),
    "retention.relationships.PracticeShare.of": lambda shape, size: _call(
        PracticeShare.of, _make_several(Customer, shape, size), lambda one: one.id % 2 == 0
    ),
    "retention.relationships.PracticeShare.by": lambda shape, size: _call(
        PracticeShare.by, _make_several(Customer, shape, size), _key_of, lambda one: one.id % 2 == 0
    ),
    "service.audits.Audit.of": _audit(Audit.of),
    "service.audits.Audit.by": _audit(Audit.by, lambda one: one.subject_id),
    "service.audits.Audit.by_group": _audit(Audit.by_group),
    "service.audits.AuditScore.of": lambda shape, size: _call(
        AuditScore.of,
        Checklist(id="long", items=[MAKERS[ChecklistItem](shape, number) for number in range(size)]),
        [ChecklistAnswer(item_id=number, verdict=Verdict.MET) for number in range(size)],
    ),
    "service.audits.AuditScores.of": _audit(AuditScores.of),
    "service.audits.AuditScores.by": _audit(AuditScores.by, lambda one: one.subject_id),
    "service.audits.AuditScores.of_scores": lambda _, size: _call(
        AuditScores.of_scores, [Decimal(n % 5) / 5 for n in range(size)]
    ),
    "service.programme.Schedule.delayed": lambda shape, size: _call(
        SIZED[Schedule](shape, size).delayed, dict.fromkeys(range(size), 2)
    ),
    "service.staff.PlaybookCoverage.of": lambda shape, size: _call(
        PlaybookCoverage.of,
        _make_several(Playbook, shape, size),
        roles=[f"role {n}" for n in range(size)],
        situations=[*dict.fromkeys(map(shape.label, range(min(size, 7))))],
    ),
    "service.staff.Validity.until": lambda shape, size: _call(
        MAKERS[Validity](shape, 1).until, [shape.at(n).date() for n in range(size)]
    ),
    "service.staff.Validity.is_valid": lambda shape, size: _call(
        MAKERS[Validity](shape, 1).is_valid, [shape.at(n).date() for n in range(size)], on=START.date()
    ),
    "journeys.attribution.shapley_value": lambda *_: _call(
        attribution.shapley_value, {frozenset(n for n in range(10) if mask >> n & 1): 1 for mask in range(1, 1024)}
    ),
    "retention.cohorts.Cohort.from_counts": lambda _, size: _call(Cohort.from_counts, range(size, 0, -1)),
    "value.lifetime_value.Buying.simple": lambda _, size: _call(
        Buying.of(_make_several(Purchase, _PLAIN, 9), tenure=TenureRule.FIRST_TO_LAST).simple,
        service_cost=[Money(1, "EUR")] * size,
    ),
    "value.lifetime_value.ValueMix.by": lambda shape, size: _call(
        ValueMix.by, {n: Money(n, "EUR") for n in range(size)}, shape.what
    ),
    "voice.expectations.Consistency.of": lambda shape, size: _call(
        Consistency.of, _make_scores(shape, size), lambda one: one.aspect
    ),
    "voice.expectations.ConstancyDrift.of": lambda shape, size: _call(
        ConstancyDrift.of, ARGUMENTS["checklist"], *2 * [_make_several(ChecklistAnswer, shape, size)]
    ),
    "voice.expectations.ConstancyDrift.by": lambda shape, size: _call(
        ConstancyDrift.by,
        ARGUMENTS["checklist"],
        *2 * [_make_several(ChecklistAnswer, shape, size)],
        lambda one: one.subject_id,
    ),
    "voice.expectations.LeadOverTime.of": lambda shape, size: _call(
        LeadOverTime.of,
        [attrs.evolve(one, aspect="") for one in _make_scores(replace(shape, labels=2), size)],
        _make_several(Period, shape, size),
    ),
    "voice.expectations.PerceptionGap.of": _score(PerceptionGap.of, threshold=8),
    "voice.expectations.PerceptionGap.by": lambda shape, size: _call(
        PerceptionGap.by, _make_scores(shape, size), lambda one: one.aspect, threshold=8
    ),
    "voice.expectations.RelativeAdvantage.of": _score(RelativeAdvantage.of),
    "voice.expectations.RelativeAdvantage.by": lambda shape, size: _call(
        RelativeAdvantage.by, _make_scores(shape, size), lambda one: one.aspect
    ),
    "model.survey.Survey.check": lambda shape, size: _call(
        SIZED[Survey](shape, size).check, attrs.evolve(SIZED[Response](shape, size), survey_id=7)
    ),
    "render.control_chart": lambda _, size: _call(
        render.control_chart, dict(enumerate(_make_several(ChartPoint, _PLAIN, size)))
    ),
    "voice.expectations.Servqual.of": lambda shape, size: _call(
        Servqual.of, [SIZED[Response](shape, 8) for _ in range(size)], _make_items()
    ),
    "voice.expectations.Servqual.by": lambda shape, size: _call(
        Servqual.by, [SIZED[Response](shape, 8) for _ in range(size)], _key_of, _make_items()
    ),
    "voice.loyalty.BaseDistribution.of": lambda _, size: _call(BaseDistribution.of, _make_states(size)),
    "voice.loyalty.LevelChange.of": lambda _, size: _call(
        LevelChange.of, [(level, level) for level in _make_states(size).values()]
    ),
    "voice.loyalty.LevelTransitions.of": lambda _, size: _call(LevelTransitions.of, *2 * [_make_states(size)]),
    "voice.loyalty.early_warning": lambda _, size: _call(
        loyalty.early_warning, [(n % 9, 100) for n in range(size)], baseline_periods=1
    ),
    "voice.loyalty.project": lambda _, size: _call(
        loyalty.project, LevelTransitions.of(*2 * [_make_states(9)]), [1, 2, 3], periods=size
    ),
    "voice.loyalty.BaseDistribution.over": lambda shape, size: _call(
        BaseDistribution.over, _make_several(Reading, shape, size), _make_several(Period, shape, size)
    ),
    "voice.loyalty.LevelTransitions.over": lambda shape, size: _call(
        LevelTransitions.over, _make_several(Reading, shape, size), _make_several(Period, shape, size)
    ),
}
"""Calls that annotations do not tell."""


@cache
def find_calculators() -> dict[str, Any]:
    """Return every public function and method with a collection among its arguments, by its full name."""
    found: dict[str, Any] = {}
    for name, value in public_names().items():
        if inspect.isfunction(value):
            found[name] = value
        elif inspect.isclass(value):
            for member, raw in vars(value).items():
                if not member.startswith("_") and isinstance(raw, classmethod | staticmethod):
                    found[f"{name}.{member}"] = getattr(value, member)
                elif not member.startswith("_") and inspect.isfunction(raw):
                    found[f"{name}.{member}"] = raw
    return {
        name: value
        for name, value in found.items()
        if name.removeprefix("crmcore.") in OTHERS or any(map(_is_collection, _hints(value).values()))
    }


@cache
def _names() -> dict[str, Any]:
    classes = {cls.__name__: cls for cls in public_classes()}
    return {**vars(typing), **vars(abc), "timedelta": timedelta, **classes}


@cache
def _hints(function: Any) -> dict[str, Any]:
    """Return the annotations of the arguments, texts evaluated; the fixed words of pictures are no data."""
    hints: dict[str, Any] = {}
    known = {**_names(), **getattr(inspect.unwrap(function), "__globals__", {})}
    known |= {name: value for name, value in _names().items() if name not in known}
    for parameter in inspect.signature(function).parameters.values():
        hint = parameter.annotation
        if parameter.name in {"self", "words", "kind"} or hint is inspect.Parameter.empty:
            continue
        hints[parameter.name] = _evaluate(hint, known)
    return hints


def _evaluate(hint: Any, known: Mapping[str, Any]) -> Any:
    text = hint if isinstance(hint, str) else None
    if text is not None:
        return _evaluate(eval(text, dict(known)), known)
    if isinstance(hint, typing.ForwardRef):
        return _evaluate(eval(hint.__forward_arg__, dict(known)), known)
    return hint


def _is_collection(hint: Any) -> bool:
    """Return whether an argument may hold many records; a pair of numbers is no collection."""
    origin = get_origin(hint)
    if isinstance(hint, type) and hint in SIZED:
        return True
    if origin is not None and isinstance(origin, type) and issubclass(origin, abc.Iterable) and origin is not tuple:
        return True
    if origin is tuple:
        return get_args(hint)[-1:] == (Ellipsis,)
    return origin is not abc.Callable and any(map(_is_collection, get_args(hint)))


def _is_sized(hint: Any) -> bool:
    return isinstance(hint, type) and hint in SIZED


class UnknownError(Exception):
    """No input can be made of an annotation."""


ONE: Final = 3
"""How many records a record among many holds."""


def _make(hint: Any, name: str, shape: Shape, number: int, size: int) -> Any:
    """Return a value for an annotation: size records if it is a collection, otherwise the record of a number."""
    hint = _evaluate(hint, _names())
    origin, args = get_origin(hint), get_args(hint)
    if isinstance(hint, type) and hint in SIZED and size != ONE:
        return SIZED[hint](shape, size)
    if isinstance(hint, type) and hint in MAKERS:
        return MAKERS[hint](shape, number)
    if hint is str or (isinstance(hint, type) and issubclass(hint, str) and not issubclass(hint, Enum)):
        return shape.label(number)
    if isinstance(hint, typing.TypeVar):
        return _make(hint.__bound__, name, shape, number, size) if _is_record(hint.__bound__) else number
    if isinstance(hint, type) and issubclass(hint, Enum):
        return [*hint][number % len(hint)]
    if origin is tuple:
        return tuple(_make(arg, name, shape, number, size) for arg in args)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return {
            (number if args[0] is not str else f"label {number}")
            if _is_key(args[0])
            else _make(args[0], name, shape, number, size): _make(args[1], name, shape, number, ONE)
            for number in range(size)
        }
    if origin is not None and isinstance(origin, type) and issubclass(origin, abc.Iterable):
        return _records(args[0], name, shape, size)
    if args:  # a union
        many = [arg for arg in args if _is_collection(arg)]
        records = [arg for arg in args if _is_record(arg)]
        if set(args) >= {str, int} and not many:
            return number
        if many:
            return _make(many[0], name, shape, number, size)
        if records:
            return _make(records[number % len(records)], name, shape, number, size)
        return _make(next(arg for arg in args if arg is not type(None)), name, shape, number, size)
    raise UnknownError(f"{name}: {hint}")


def _is_record(hint: Any) -> bool:
    return isinstance(hint, type) and hint in MAKERS and hint.__module__.startswith("crmcore")


def _is_key(hint: Any) -> bool:
    return isinstance(hint, typing.TypeVar) or hint is str or set(get_args(hint)) >= {str, int}


_MADE: dict[tuple[Any, str, str, int], Any] = {}


def _records(hint: Any, name: str, shape: Shape, size: int) -> list[Any]:
    key = (repr(hint), name if name == "periods" else "", shape.name, size)
    if key not in _MADE:
        _MADE[key] = [_make(hint, name, shape, number, ONE) for number in range(size)]
    return list(_MADE[key])


def _key_of(record: Any) -> object:
    """Return the key to count by: a touchpoint, a customer, or what else tells records apart."""
    for name in ("category", "employee_id", "touchpoint_id", "about_id", "aspect", "customer_id", "idea_id", "id"):
        value = getattr(record, name, None)
        if value is not None:
            return value
    return record if isinstance(record, int | str) else "all"


def build(name: str, function: Any, shape: Shape, size: int) -> Call:
    """Return a call of a calculator with so many records in each of its collections."""
    short = name.removeprefix("crmcore.")
    if short in OTHERS:
        return OTHERS[short](shape, size)
    given = GIVEN.get(short, {})
    places: list[Any] = []
    named: dict[str, Any] = {}
    hints = _hints(function)
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name == "self":
            raise UnknownError(name)
        required = parameter.default is inspect.Parameter.empty
        hint = hints.get(parameter.name)
        if parameter.name in given:
            value = given[parameter.name]
        elif parameter.name in SKIPPED and not required:
            continue
        elif parameter.name in ARGUMENTS and required and not _is_sized(hint):
            value = ARGUMENTS[parameter.name]
        elif parameter.name == "currency":
            value = "EUR"
        elif hint is not None and _is_collection(hint):
            value = _make(hint, parameter.name, shape, 0, size)
        elif not required:
            continue
        elif get_origin(hint) is abc.Callable:
            value = _key_of
        else:
            value = _make(hint, parameter.name, shape, 1, size)
        if parameter.kind is parameter.POSITIONAL_ONLY:
            places.append(value)
        else:
            named[parameter.name] = value
    return lambda: function(*places, **named)


DERIVED: Final = ("row", "rows", "explain", "_repr_html_", "cautions", "__repr__")


def derive(result: Any) -> Iterator[tuple[str, Call]]:
    """Yield what a result derives, as calls."""
    for name in DERIVED:
        member = getattr(type(result), name, None)
        if isinstance(member, property):
            yield name, partial(getattr, result, name)
        elif callable(member):
            yield name, getattr(result, name)


def seconds(call: Call, times: int = 3) -> float:
    """Return the least CPU time of some calls."""
    least = float("inf")
    for _ in range(times):
        start = process_time()
        call()
        least = min(least, process_time() - start)
    return least


@benchmark
def doubling(run: Run) -> Iterator[Row]:
    """Call every calculator with twice and four times so many records of each shape."""
    size = max(4, run.n // 800)
    rows: list[Row] = []
    for name, function in find_calculators().items():
        if name.removeprefix("crmcore.") in LEFT_OUT:
            continue
        rows += measure(name, function, size, run.rounds)
    rows.sort(key=lambda row: -(row.ratio or 0))
    missed = [row for row in rows if row.met is False]
    yield from missed
    yield from [row for row in rows if row.met is not False][:SHOWN]


def measure(name: str, function: Any, size: int, rounds: int) -> list[Row]:
    """Return the worst shape of a calculator, and of each thing that its result derives."""
    worst: dict[str, Row] = {}
    done = 0
    refused: object = None
    for shape in SHAPES:
        try:
            calls = [build(name, function, shape, times * size) for times in (2, 4)]
            results = [call() for call in calls]
        except CrmcoreError as error:
            refused = error
            continue
        done += 1
        short = name.removeprefix("crmcore.").split(".", 1)[-1]
        groups = {short: calls}
        derived = [dict(derive(result)) for result in results]
        groups |= {f"{short} > {what}": [each[what] for each in derived] for what in derived[0] if what in derived[1]}
        for what, (smaller, larger) in groups.items():
            try:
                time = seconds(larger, 1)
            except CrmcoreError:
                continue
            if time < SMALLEST:
                continue
            ours, other = min(time, seconds(larger, rounds)), seconds(smaller, rounds)
            row = Row(
                name=f"{what}, {4 * size:,} / {2 * size:,}",
                ours=1e3 * ours,
                other=1e3 * other,
                aim=None if what in LINEAR_IN_EACH else AIM,
                note=LINEAR_IN_EACH.get(what, shape.name),
            )
            if what not in worst or (row.ratio or 0) > (worst[what].ratio or 0):
                worst[what] = row
    if not done:
        raise ValueError(f"{name} refuses all shapes") from (refused if isinstance(refused, Exception) else None)
    return list(worst.values())
