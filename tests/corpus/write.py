"""The records of this release as it pickles them and writes them as JSON, for the tests of all later releases.

``python -m tests.corpus.write`` writes the folder of the release. It takes its records from what the proof of purity
evaluates, which has every public name. A folder is never written again.
"""

from __future__ import annotations

import base64
import importlib
import json
import pickle
import pkgutil
import sys
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticSchemaGenerationError
from pydantic_core import PydanticSerializationError

import crmcore
from crmcore.interop.pydantic import adapter
from tests.purity.drive import PROPS
from tests.purity.expressions import VALUES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FOLDER: Final = Path(__file__).parent
PROTOCOLS: Final = (4, 5)
_LONGEST: Final = 3000
"""The longest call that is kept."""
_MORE: Final = [
    "Bonus(experience='41.5', threshold=30, target=50, full=Money('999.99', 'EUR'))",
    "Checklist(id='c', name='Manners', items=[ChecklistItem(id=1, text='Greets.')])",
    "ChecklistAnswer(item_id=1, subject_id='zoe', verdict=Verdict.MET, answered_by_id='lead')",
    "Churn(start=9, lost=4, lost_and_returned=1, paused_is_lost=True)",
    "Churn(start=9, lost=4, joined_known=False)",
    "Cohort(size=3, observed=(3, 3), active=(3, 2), active_later=(3, 2), ages=((0, 0), (1, 1)), step=TimeUnit.MONTH)",
    "CohortTriangle(TallyBy({'a': Cohort.from_counts([3, 2])}))",
    "MeanOfEnded(ended='1', censored=1, time_of_ended=3, time_at_risk='7.5')",
    "RestrictedMean(until='3.5', value='3.25', variance=0.03125)",
    "Cost(amount=Money(5, 'EUR'), at=DAY, id=3)",
    "CusumChart(target='0.1', sigma='0.02', after_signal=AfterSignal.CONTINUE, side=ChartSide.LOWER, start=1)",
    "EwmaChart(target='50', sigma='2.05', weight='0.3', after_signal=AfterSignal.RESTART)",
    "PChart(baseline=(60, 600), sigmas='2.5', side=ChartSide.UPPER)",
    "ShareCusumChart(baseline=(60, 600), after_signal=AfterSignal.RESTART, k='0.25', h=5)",
    "ShareEwmaChart(baseline=(60, 600), weight='0.1', side=ChartSide.UPPER)",
    "BaseDistribution(counts=[3, 2, 1], unknown=1, unread=2, period=Period.month(2026, 3))",
    "BaseProjection(path=[[2, 1, 0], ['1.5', 1, 0]], left='0.5', unprojected=3)",
    "Conformance(journey_map=MAP, journeys=7, reached=3, within=timedelta(days=9), as_of=DAY, open=1)",
    "Csat(positive=4, neutral=1, negative=2)",
    "Departures(mutual=1, unknown=2, unknown_initiated=3)",
    "Dissolution(at=DAY, cause=[*DissolutionCause][0], initiator=[*Initiator][0], note='a letter')",
    "KindCount(contacts=3)",
    "Explanation([Term('a', 1, 'days', 'b + c')], source='Keiningham 2014')",
    (
        "Feedback(kind=FeedbackKind.COMPLAINT, received_at=DAY, channel=Channel.CHAT, public=True, cause='stock',"
        " votes_against=2, touchpoint_id='desk', employee_id='zoe', interaction_id=5, handler_id='lead', id='f')"
    ),
    "Feedback(kind=FeedbackKind.IDEA, received_at=DAY, channel=Channel.PHONE, request=Request.REMOVE)",
    "Finding(rule='r', severity=Severity.INFO, message='m', subject='step 1')",
    "Funnel.of(VISITS, [10, 'buy'], within=timedelta(9), as_of=instant('2027-01-01'), exclude={'z': (10, 'buy')})",
    "HistoricValue(revenue=Money(9, 'EUR'), cost=Money(5, 'EUR'), revenue_without_cost=Money(2, 'EUR'))",
    "Inactivity(active=3, at_risk=2, churned=1)",
    "Invitation(survey_id='q3', at=DAY, channel=Channel.SOCIAL_NETWORK, id=7)",
    "Ledger(moments=MOMENTS[:3], ratio='7.3')",
    "MicroMoment(kind=MicroMomentKind.KNOW, at=DAY, interaction_id=5, id=6)",
    "MomentOfTruth(valence=Valence.GOOD, at=DAY, touchpoint_id='desk', interaction_id=5)",
    "Persona(name='Vera', aims=['a fence'], origin='interviews', interests=['tea'])",
    (
        "PlaybookCoverage(roles=['seller', 'operator'], situations=[Situation.QUESTION, 'lift'], "
        "pairs_covered=[('seller', 'lift')])"
    ),
    "Svg('<svg/>')",
    "Purchase(customer_id=7, at=DAY, amount=Money(5, 'EUR'), id=8)",
    "Question(id=1, text='Is Zoe not rude?', scale=Scale.YES_NO, one_sided=True, identifies=True, about_id='zoe')",
    (
        "Reading(subject_kind=SubjectKind.EMPLOYEE, subject_id='zoe', kind=MeasureKind.PERCEPTION, at=DAY, value=4,"
        " scale=Scale.RATING_1_5, aspect='speed', customer_id=7, note='personal', interaction_id=5, id=9)"
    ),
    (
        "Response(survey_id='q3', at=DAY, answers=[('nps', 9)], customer_id=7, channel=Channel.CHAT, employee_id='zoe',"
        " touchpoint_id='desk', interaction_id=5, id=4)"
    ),
    "ResponseRate(complete=4, refusal=2)",
    "RevenueChurn(start=Money(9, 'EUR'), lost=Money(5, 'EUR'), customers=3, customers_lost=1, paused_is_lost=True)",
    "StaffFactors(employee_id='zoe', willingness='0.9', empathy='0.3')",
    "Validity(rule=ExpiryRule.FROM_EXPIRY, months=12, window_days=60)",
    "Survey(id='q4', name='Spring', questions=[Question(id=1, text='Why?', scale=Scale.OPEN)], owner_id='zoe')",
    "Task(kind=TaskKind.CALL, due=DAY, employee_id='zoe', requested_by_id=1, about_id=2, id=3, note='personal')",
    "Task(kind=TaskKind.CALL, due=DAY).cancelled(DAY)",
    "paths.visits(VISITS, within=timedelta(days=9), as_of=instant('2027-01-01'))",
    (
        "lifetime_value.from_survival(margin=Money(9, 'EUR'), survival=[1, '0.6'], discount=WAITING,"
        " first_margin=EXCLUDED, acquisition_cost=Money(3, 'EUR'))"
    ),
]
"""What fills fields, and explains itself in ways, that the proof of purity leaves out."""
_ERROR: Final = '"not_positive", "n must be > 0, got 0", field="n", advice="count again", operands=(0,), record=3'
_PLAIN: Final = (bool, int, float, str, Decimal, date, timedelta, UUID, type(None))


def public_classes() -> dict[str, type]:
    """Every public record, enum and error of this release, and `TallyBy`, by its name."""
    found: dict[str, type] = {}
    for info in pkgutil.walk_packages(crmcore.__path__, "crmcore."):
        if not info.name.startswith("crmcore.interop") and not info.name.rpartition(".")[2].startswith("_"):
            module = importlib.import_module(info.name)
            found |= {name: getattr(module, name) for name in getattr(module, "__all__", ())}
    kinds = (Enum, crmcore.CrmcoreError, crmcore.TallyBy)
    return {
        name: value
        for name, value in sorted(found.items())
        if isinstance(value, type) and (attrs.has(value) or issubclass(value, kinds)) and value is not crmcore.Tally
    }


def names() -> dict[str, Any]:
    """What a call may name."""
    found: dict[str, Any] = {
        "Decimal": Decimal,
        "UTC": UTC,
        "UUID": UUID,
        "ZoneInfo": ZoneInfo,
        "date": date,
        "datetime": datetime,
        "timedelta": timedelta,
        "timezone": timezone,
    }
    return found | public_classes()


def call_of(value: Any) -> str:  # noqa: C901, PLR0911 - one branch for each kind of value
    """The call that builds a value, as text."""
    cls = type(value)
    if isinstance(value, Enum):
        return f"{cls.__name__}.{value.name}"
    if isinstance(value, datetime):
        fold = ", fold=1" if value.fold else ""
        parts = [value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond]
        while parts[3:] and not parts[-1]:
            parts.pop()
        return f"datetime({', '.join(map(str, parts))}, tzinfo={_call_of_zone(value.tzinfo)}{fold})"
    if isinstance(value, date):
        return f"date({value.year}, {value.month}, {value.day})"
    if isinstance(value, timedelta):
        return f"timedelta(days={value.days}, seconds={value.seconds}, microseconds={value.microseconds})"
    if isinstance(value, tzinfo):
        return _call_of_zone(value)
    if isinstance(value, _PLAIN):
        return repr(value)
    if isinstance(value, tuple):
        return f"({''.join(f'{call_of(item)}, ' for item in value)})"
    if isinstance(value, frozenset):
        return f"frozenset({{{', '.join(sorted(map(call_of, value)))}}})" if value else "frozenset()"
    if isinstance(value, crmcore.TallyBy):
        return f"TallyBy([{', '.join(f'({call_of(key)}, {call_of(row)})' for key, row in value.items())}])"
    given = [
        f"{field.alias}={call_of(part)}"
        for field in attrs.fields(cls)
        if field.init
        and ((part := getattr(value, field.name)) != field.default or type(part) is not type(field.default))
    ]
    return f"{cls.__name__}({', '.join(given)})"


def _call_of_zone(zone: Any) -> str:
    if isinstance(zone, ZoneInfo):
        return f"ZoneInfo({zone.key!r})"
    return "UTC" if zone is UTC else f"timezone({call_of(zone.utcoffset(None))})"


def _records_in(value: Any) -> Iterator[Any]:
    """A value, and every record in it."""
    if isinstance(value, list | tuple | frozenset):
        parts: Iterable[Any] = value
    elif isinstance(value, dict | crmcore.TallyBy):
        parts = value.values()
    elif attrs.has(type(value)):
        parts = [getattr(value, field.name) for field in attrs.fields(type(value))]
    else:
        return
    yield value
    for part in parts:
        yield from _records_in(part)


def candidates() -> Iterator[Any]:
    """Every record that the proof of purity evaluates."""
    namespace: dict[str, Any] = {"RIGA": ZoneInfo("Europe/Riga"), "Decimal": Decimal}
    namespace |= {"islice": islice, "date": date, "datetime": datetime, "timedelta": timedelta, "timezone": timezone}
    for info in pkgutil.walk_packages(crmcore.__path__, "crmcore."):
        if not info.name.startswith("crmcore.interop"):
            module = importlib.import_module(info.name)
            namespace |= {name: getattr(module, name) for name in getattr(module, "__all__", ())}
    rooms: dict[str, str] = vars(crmcore)["_MODULES"]
    namespace |= {name: importlib.import_module(path) for name, path in rooms.items()}
    for name, expression in PROPS.items():
        namespace[name] = eval(expression, namespace)
    for expression in (*VALUES, *_MORE):
        yield from _records_in(eval(expression, namespace))


def choose() -> dict[str, list[Any]]:
    """Records of each class, each of which fills a field, or gives it a type, as those before it do not."""
    classes: dict[str, Any] = dict(public_classes())
    chosen: dict[str, list[Any]] = {name: [] for name in classes}
    seen: set[tuple[object, ...]] = set()
    for record in candidates():
        name = type(record).__name__
        cls: Any = classes.get(name)
        if cls is not type(record):
            continue
        fields = attrs.fields(cls) if attrs.has(cls) else ()
        values = [(field, getattr(record, field.name)) for field in fields]
        new = {(name, field.name, type(value), value == field.default) for field, value in values} - seen
        if (new or not chosen[name]) and len(call_of(record)) < _LONGEST:
            seen |= new
            chosen[name].append(record)
    return chosen


def list_calls() -> Iterator[tuple[str, str]]:
    """The calls whose values are kept, with the public name that each is for. Those of an enum are all its members."""
    chosen = choose()
    for name, cls in public_classes().items():
        if issubclass(cls, Enum):
            yield name, call_of(tuple(cls))
        elif issubclass(cls, crmcore.CrmcoreError):
            yield name, f"{name}({_ERROR})"
        else:
            yield from ((name, call_of(record)) for record in chosen[name])


def describe(name: str, call: str, value: Any) -> dict[str, Any]:
    """A value as it is kept: the call that builds it, its pickles, and its document, if it has one."""
    pickles = {str(number): base64.b64encode(pickle.dumps(value, number)).decode() for number in PROTOCOLS}
    return {"name": name, "call": call, "pickles": pickles, "document": _write(value)}


def _write(record: Any) -> Any:
    """The record as JSON; None if this release does not write it."""
    if not attrs.has(type(record)):
        return None
    kind: TypeAdapter[Any] = adapter(type(record))
    try:
        document = kind.dump_json(record)
        return json.loads(document) if kind.validate_json(document) == record else None
    except (ValidationError, PydanticSchemaGenerationError, PydanticSerializationError):
        return None


def release() -> dict[str, Any]:
    """What is kept of this release: its public names, and values for each."""
    known = names()
    return {
        "public": [*public_classes()],
        "values": [describe(name, call, eval(call, dict(known))) for name, call in list_calls()],
    }


if __name__ == "__main__":
    folder = FOLDER / crmcore.__version__
    if ".dev" in folder.name or folder.exists():
        sys.exit(f"{folder.name} is no release, or its folder is written already")
    text = json.dumps(release(), indent=1, ensure_ascii=False)
    folder.mkdir()
    (folder / "values.json").write_text(text + "\n", encoding="utf-8")
