"""The fixed words of the pictures, and their translation."""

import re
from collections.abc import Mapping
from typing import Final

from crmcore.primitives import checks
from crmcore.primitives._nearest import find_nearest
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, UnknownNameError, WrongTypeError

WORDS: Final[tuple[str, ...]] = (
    "1 backtrack",
    "1 journey",
    "1 moment",
    "1 more touchpoint is left out",
    "1 open journey is not counted",
    "1 phase",
    "1 rarer backtrack is not drawn",
    "1 rarer edge with a count of {total} is left out",
    "1 step",
    "1 visit abandoned",
    "A journey map of {steps} in {phases}",
    "Action",
    "Actor",
    "after",
    "alarm",
    "all customers",
    "all journeys",
    "and 1 more step",
    "And 1 rarer backtrack",
    "and {count} more steps",
    "And {count} rarer backtracks",
    "annoys if it is missing",
    "attractive",
    "average after",
    "average before",
    "average value",
    "awareness",
    "Back stage",
    "back to {step}",
    "{backtracks} from {start} to {end}, in {journeys}",
    "bad",
    "before",
    "bot",
    "broadcast",
    "cancelled",
    "Caution",
    "chat",
    "closed",
    "commitment",
    "committee",
    "company",
    "{count} back",
    "{count} backtracks",
    "{count} completed",
    "{count} did not deviate from the map",
    "{count} failed",
    "{count} journeys",
    "{count} left ({share} of those who reached it)",
    "{count} left before the goal",
    "{count} lost",
    "{count} moments",
    "{count} more",
    "{count} more causes",
    "{count} more touchpoints are left out",
    "{count} of unknown cause",
    "{count} open journeys are not counted",
    "{count} out of order",
    "{count} phases",
    "{count} rarer backtracks are not drawn",
    "{count} rarer edges with a total count of {total} are left out",
    "{count} reached",
    "{count} reached no step",
    "{count} reached the goal",
    "{count} repeated",
    "{count} skipped",
    "{count} steps",
    "{count} visits abandoned",
    "covers the spend",
    "cumulative share",
    "current stage",
    "customer",
    "customers",
    "cut {share}",
    "dissolution",
    "does not cover the spend",
    "dropped",
    "Due",
    "due {date}",
    "email",
    "Emotion",
    "employee",
    "end",
    "expansion",
    "Expectation",
    "exploration",
    "first moment of truth",
    "focus group",
    "forum",
    "Friday",
    "from {step}",
    "from the mix",
    "from the values",
    "Front stage",
    "{gap} points",
    "Goal",
    "goal reached",
    "good",
    "in person",
    "independent",
    "indifferent",
    "interview",
    "It is in deficit at the end",
    "It was never in deficit",
    "Journeys",
    "kept",
    "late",
    "left here",
    "letter",
    "limit {value}",
    "limits {low} to {high}",
    "Line of visibility",
    "Loop from {start} to {end}",
    "Loops",
    "lost",
    "{low} to {high}",
    "Marks",
    "meeting",
    "Messages",
    "Metric",
    "micro-moment",
    "micro-moments",
    "mobile app",
    "moment of truth",
    "Moments",
    "{moments} from {start} to {end}",
    "Monday",
    "most exits",
    "must be",
    "neutral",
    "new",
    "no causes",
    "no data",
    "no edges",
    "No journeys",
    "no moments",
    "no rows",
    "no tasks",
    "no touchpoint, so not visible in journeys",
    "no touchpoints",
    "of the step before",
    "Off the map: {touchpoints}",
    "on hold",
    "one-dimensional",
    "online survey",
    "open",
    "opening hours",
    "Opportunities",
    "optional",
    "other causes",
    "Outcome",
    "outdoor",
    "overdue",
    "Owner",
    "Pains",
    "paper form",
    "partner",
    "paused {hours} h",
    "pending",
    "Phase",
    "{phase} (continued)",
    "phone",
    "planned spend {amount}",
    "pleases {better}, annoys {worse}",
    "pleases if it is there",
    "print",
    "questionable",
    "reached",
    "read at {date}",
    "records",
    "required",
    "resolved",
    "retention",
    "retention per day",
    "retention per month",
    "retention per quarter",
    "retention per week",
    "retention per year",
    "reverse",
    "review site",
    "running {hours} h",
    "Saturday",
    "Scenario",
    "second moment of truth",
    "self service device",
    "share {before} to {after}",
    "share of customers",
    "{share} of the step before",
    "{share} with those before",
    "since {date}",
    "skipped",
    "social network",
    "staff",
    "start",
    "{start} to {end}",
    "state",
    "Step",
    "{step}, in the phase {phase}",
    "stopped {hours} h",
    "sum for a fall",
    "sum for a rise",
    "Sunday",
    "Support",
    "system",
    "Task",
    "text message",
    "The balance ends at {value}; its lowest was {lowest} on {date}",
    "the clock stands still, nothing is due",
    "The last deficit was repaid on {date}",
    "Thought",
    "Thursday",
    "{timing} moment of truth",
    "to buy",
    "to do",
    "to go",
    "to know",
    "to {step}",
    "Touchpoint",
    "{touchpoints} and {count} more",
    "Tuesday",
    "ultimate moment of truth",
    "unknown",
    "unnecessary",
    "value {before} to {after}",
    "{value} on {date}",
    "very bad",
    "very good",
    "video call",
    "vital few",
    "voice mail",
    "waiting on customer",
    "wanted",
    "wants {actions}",
    "was due {date}",
    "website",
    "Wednesday",
    "went on",
    "zero moment of truth",
)
"""Every fixed word of the pictures, the keys of `words`. A part in braces is filled in and must stay."""

_PART: Final = re.compile(r"\{(\w+)\}")
_PARTS: Final = {word: frozenset(_PART.findall(word)) for word in WORDS}


class Words:
    """The fixed words in the language of the caller; one that is not translated is English."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given

    def __call__(self, word: str, **parts: object) -> str:
        """Return a word with its parts filled in."""
        assert parts.keys() == _PARTS[word]  # noqa: S101 - a word that is not in the list cannot be translated
        return _PART.sub(lambda part: str(parts.get(part[1], part[0])), self._given.get(word, word))

    def count(self, number: int, one: str, several: str) -> str:
        """Return the word for one, or that for another number with its count filled in."""
        return self(one) if number == 1 else self(several, count=f"{number:,}")


def as_words(given: Mapping[str, str] | None) -> Words:
    """Check a translation: known words only, each with its parts."""
    if given is None:
        return Words({})
    checks.check_mapping(given, "words", "word to translation")
    return Words({word: _check_word(word, text) for word, text in given.items()})


def _check_word(word: object, text: object) -> str:
    parts = _PARTS.get(word) if isinstance(word, str) else None
    if parts is None:
        raise UnknownNameError(
            "no_such_word",
            f"words must translate words of the pictures, got {show(word)}",
            field="words",
            record=word,
            advice=_name_nearest(word),
            operands=(word,),
        )
    if not isinstance(text, str):
        raise WrongTypeError(
            "translation_not_a_text",
            f"words must have a text for each word, got {show(text)} for {show(word)}",
            field="words",
            record=word,
        )
    given = frozenset(_PART.findall(text))
    if given != parts:
        wanted = " and ".join(f"{{{part}}}" for part in sorted(parts)) or "no part in braces"
        raise InvalidValueError(
            "translation_without_part",
            f"the translation of {show(word)} must have {wanted}, got {show(text)}",
            field="words",
            record=word,
            operands=(text,),
        )
    return text


def _name_nearest(word: object) -> str:
    near = find_nearest(str(word), WORDS)
    return f"the nearest are {', '.join(map(show, near))}" if near else "render.WORDS lists all"
