"""How the company defines its relationships, and how it presents itself."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

import attrs

from crmcore.model.persona import Persona, Segment
from crmcore.model.relationship import RelationshipType
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ratio
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.money import Money, same_currency
from crmcore.retention.relationships._rules import Rule, list_names, normalize

__all__ = ["TOOLS_BY_TYPE", "lint", "value_overlap"]

TOOLS_BY_TYPE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        RelationshipType.TRANSACTIONAL: ("kiosk", "shop", "vending machine"),
        RelationshipType.LONG_TERM: ("newsletter", "phone", "e-mail", "visit", "invitation", "loyalty programme"),
        RelationshipType.PERSONAL_ASSISTANCE: ("shop", "e-mail", "call centre", "phone", "chat", "visit"),
        RelationshipType.DEDICATED_PERSONAL_ASSISTANCE: ("personal manager", "phone", "e-mail", "visit"),
        RelationshipType.SELF_SERVICE: ("kiosk", "website", "app", "help pages", "vending machine"),
        RelationshipType.AUTOMATED_SERVICES: ("profile", "order updates", "recommendations", "app", "bot"),
        RelationshipType.COMMUNITIES: ("forum", "social network", "meet-up"),
        RelationshipType.CO_CREATION: ("product committee", "shares", "idea votes", "reviews", "forum"),
    }
)
"""Tools that serve each type of relationship. The examples of the source articles, and common ones; give your own."""

_UNDEFINED: Final = Rule("relationship_undefined", "define the relationship", "decide on its types and its strategy")
_MISFIT: Final = Rule(
    "tool_serves_no_type", "align the tools with the strategy", "drop the tool, or name the type that it serves"
)
_UNKNOWN_TOOL: Final = Rule(
    "tool_unknown", "align the tools with the strategy", "add it to tools_by_type", Severity.INFO
)
_FACELESS: Final = Rule("segment_without_persona", "write the portrait of the consumer", "write one, and show it")
_STRAY: Final = Rule(
    "persona_of_unknown_segment", "write the portrait of the consumer", "correct the name of the segment"
)
_PORTRAIT: Final = Rule(
    "portrait_incomplete", "the customer gets to know the company first", "say it, and tell customers"
)
_SILENT: Final = Rule("value_without_channel", "define core values and where to broadcast them", "choose a channel")
_FOREIGN: Final = Rule(
    "broadcast_of_unknown_value", "define core values and where to broadcast them", "add it to the company's values"
)
_STRANGERS: Final = Rule(
    "few_shared_values", "customers look for shared values", "choose other customers, or learn what matters to these"
)
_TRIAL: Final = Rule(
    "trial_below_its_price", "let customers try, with a value far above the price", "give more, or lower the price"
)


def value_overlap(one: Persona, other: Persona, /) -> Decimal | None:
    """Return how many values two portraits share: those of both over those of either.

    Examples:
        >>> from crmcore import Persona, relationships
        >>> company = Persona(name="Our company", values=["honesty", "Craft", "calm"])
        >>> vera = Persona(name="Vera", segment="book buyers", values=["honesty", "craft", "speed"])
        >>> relationships.value_overlap(company, vera)
        Decimal('0.5')

    None if either names no values. Values are equal if they differ only in capitals and spaces, so write the same value
    in the same words.

    Source: Jaccard 1912, New Phytologist 11(2):37-50.
    """
    mine, theirs = (
        {normalize(value) for value in checks.as_instance(persona, Persona, name).values}
        for persona, name in ((one, "one"), (other, "other"))
    )
    return ratio(len(mine & theirs), len(mine | theirs)) if mine and theirs else None


def lint(
    segments: Iterable[Segment],
    /,
    *,
    personas: Iterable[Persona] | None = None,
    company: Persona | None = None,
    broadcasts: Mapping[str, Iterable[str]] | None = None,
    tools_by_type: Mapping[str, Iterable[str]] | None = None,
    least_overlap: Decimal | int | str | float | None = None,
    trials: Mapping[str, tuple[Money, Money]] | None = None,
    least_value_to_price: Decimal | int | str = 1,
) -> tuple[Finding, ...]:
    """Return what is missing or wrong in how the company defines its relationships and presents itself.

    Examples:
        >>> from crmcore import Persona, RelationshipType, Segment, relationships
        >>> readers = Segment(
        ...     name="book buyers",
        ...     types=[RelationshipType.SELF_SERVICE],
        ...     tools=["website", "call centre"],
        ...     strategy="sell more to those who read much",
        ... )
        >>> for finding in relationships.lint([readers], personas=[]):
        ...     print(finding.rule, finding.message, sep=": ")
        tool_serves_no_type: call centre does not serve self_service
        segment_without_persona: the segment has no persona

    Rules about each segment, which always run:

    - ``relationship_undefined``: it has no type of relationship, or no strategy.
    - ``tool_serves_no_type``: a tool serves none of the types of the segment, only others.
    - ``tool_unknown``: a tool is in no row of `tools_by_type`.

    Rules that run if you give what they read:

    - ``segment_without_persona``, ``persona_of_unknown_segment`` (`personas`).
    - ``portrait_incomplete`` (`company`): it does not say where the company comes from, where it is going, what it is
      interested in or what it values.
    - ``value_without_channel``, ``broadcast_of_unknown_value`` (`company` and `broadcasts`).
    - ``few_shared_values`` (`company`, `personas` and `least_overlap`): the `value_overlap` of the company and a
      persona is below `least_overlap`. A portrait without values is left out.
    - ``trial_below_its_price`` (`trials`): its value is below `least_value_to_price` times its price.

    Exactly the threshold is no finding. The evidence names the concept, the source and the threshold of each rule.

    Args:
        segments: The segments, with their definitions.
        personas: The portraits of their customers.
        company: The portrait of the company itself.
        broadcasts: The channels by which each value of the company is told.
        tools_by_type: The tools that serve each type of relationship, types of your own too; None for
            `TOOLS_BY_TYPE`.
        least_overlap: The least share of values in common, 0 to 1. The articles give none, so there is no default.
        trials: The value and the price of each trial, by its name, in one currency.
        least_value_to_price: How many times its price a trial should at least be worth, > 0. The articles say that the
            price should be far below the value, and give no number; 1 is the least that is not a loss.

    Raises:
        InvalidValueError: Two segments have one name, or a price is below zero.
        CurrencyMismatchError: The value and the price of a trial are in two currencies.

    Source: the source articles, see why.md (the rules).
    """
    known = list(checks.iterate_records(segments, Segment, "segments"))
    checks.check_unique([segment.name for segment in known], "segments", "a name")
    plan = _Plan(
        segments=known,
        personas=None if personas is None else list(checks.iterate_records(personas, Persona, "personas")),
        company=None if company is None else checks.as_instance(company, Persona, "company"),
        broadcasts=None if broadcasts is None else _as_texts_by(broadcasts, "broadcasts", "channels"),
        tools_by_type=_as_texts_by(TOOLS_BY_TYPE if tools_by_type is None else tools_by_type, "tools_by_type", "tools"),
    )
    least = None if least_overlap is None else checks.as_share(least_overlap, "least_overlap")
    worth = checks.as_positive(least_value_to_price, "least_value_to_price")
    return (
        *plan.check_segments(),
        *plan.check_personas(),
        *plan.check_portrait(),
        *plan.check_overlap(least),
        *_check_trials({} if trials is None else trials, worth),
    )


def _as_texts_by(given: Mapping[str, Iterable[str]], name: str, kind: str) -> dict[str, frozenset[str]]:
    checks.check_mapping(given, name, kind)
    return {checks.as_nonempty_text(key, name): checks.as_texts(texts, name) for key, texts in given.items()}


@attrs.frozen(kw_only=True)
class _Plan:
    """What the company has decided about its relationships, and about itself."""

    segments: list[Segment]
    personas: list[Persona] | None
    company: Persona | None
    broadcasts: dict[str, frozenset[str]] | None
    tools_by_type: dict[str, frozenset[str]]

    def check_segments(self) -> Iterator[Finding]:
        """Check the definition of each segment, and its tools."""
        served = {kind: frozenset(map(normalize, tools)) for kind, tools in self.tools_by_type.items()}
        known = frozenset[str]().union(*served.values())
        for segment in self.segments:
            missing = [name for name in ("types", "strategy") if not getattr(segment, name)]
            if missing:
                yield _UNDEFINED.find(segment.name, f"the segment has no {' and no '.join(missing)}")
            fitting = frozenset[str]().union(*(served.get(kind, frozenset()) for kind in segment.types))
            for tool in sorted(segment.tools):
                if normalize(tool) not in known:
                    yield _UNKNOWN_TOOL.find(segment.name, f"{tool} serves no known type", ("tool", tool))
                elif segment.types and normalize(tool) not in fitting:
                    types = list_names(segment.types)
                    yield _MISFIT.find(segment.name, f"{tool} does not serve {types}", ("tool", tool), ("types", types))

    def check_personas(self) -> Iterator[Finding]:
        """Check that segments and personas belong together."""
        if self.personas is None:
            return
        drawn = {persona.segment for persona in self.personas}
        names = {segment.name for segment in self.segments}
        for segment in self.segments:
            if segment.name not in drawn:
                yield _FACELESS.find(segment.name, "the segment has no persona")
        for persona in self.personas:
            if persona.segment is not None and persona.segment not in names:
                yield _STRAY.find(persona.name, "there is no such segment", ("segment", persona.segment))

    def check_portrait(self) -> Iterator[Finding]:
        """Check how the company presents itself, and where."""
        if self.company is None:
            return
        missing = [name for name in ("origin", "aims", "interests", "values") if not getattr(self.company, name)]
        if missing:
            yield _PORTRAIT.find(self.company.name, f"the portrait has no {', no '.join(missing)}")
        if self.broadcasts is None:
            return
        told = {normalize(value) for value, channels in self.broadcasts.items() if channels}
        held = {normalize(value) for value in self.company.values}
        for value in sorted(self.company.values):
            if normalize(value) not in told:
                yield _SILENT.find(self.company.name, f"{value} is told by no channel", ("value", value))
        for value in sorted(self.broadcasts):
            if normalize(value) not in held:
                yield _FOREIGN.find(self.company.name, f"{value} is no value of the company", ("value", value))

    def check_overlap(self, least: Decimal | None) -> Iterator[Finding]:
        """Check how many values the company shares with its customers."""
        if least is None or self.company is None:
            return
        mine = {normalize(value) for value in self.company.values}
        for persona in self.personas or ():
            theirs = {normalize(value) for value in persona.values}
            overlap = value_overlap(self.company, persona)
            if overlap is not None and len(mine & theirs) < EXACT.multiply(least, len(mine | theirs)):
                yield _STRANGERS.find(
                    persona.name,
                    f"{len(mine & theirs)} of {len(mine | theirs)} values are shared",
                    ("overlap", overlap),
                    ("least", least),
                )


def _check_trials(trials: Mapping[str, tuple[Money, Money]], least: Decimal) -> Iterator[Finding]:
    checks.check_mapping(trials, "trials", "a value and a price")
    for name, pair in trials.items():
        value, price = (
            checks.as_instance(part, Money, "trials") for part in checks.as_pair(pair, "trials", "a value and a price")
        )
        checks.check_not_below(price.amount, 0, "trials")
        same_currency(value, price, "trials")
        if value.amount < EXACT.multiply(least, price.amount):
            yield _TRIAL.find(
                checks.as_nonempty_text(name, "trials"),
                f"it is worth {value}, and costs {price}",
                ("value", value.amount),
                ("price", price.amount),
                ("least", least),
            )
