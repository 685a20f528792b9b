"""Adapters of the golden cases of communication: from the inputs of a case to the answer.

An adapter turns text into the library's types and computes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from crmcore import Channel, Interaction, Mix, TallyBy, Touchpoint, communication
from crmcore.service.communication import KindCount

Inputs = dict[str, Any]

_DAY: Final = datetime(2026, 3, 2, tzinfo=UTC)
_PLACES: Final = {True: Channel.PHONE, False: Channel.EMAIL, None: None}


def _mix(inputs: Inputs) -> dict[str, Any] | None:
    contacts = [Interaction(touchpoint_id=1, at=_DAY, purpose=kind) for kind in inputs["kinds"]]
    mix = Mix.of(contacts, lambda contact: contact.purpose)
    if mix.unknown_share is None:
        return None
    return {"shares": {str(kind): mix.share(kind) for kind in mix.kinds}, "unknown": mix.unknown_share}


def _streak(inputs: Inputs) -> dict[str, int]:
    places = [Touchpoint(id=str(personal), channel=channel) for personal, channel in _PLACES.items()]
    contacts = [
        Interaction(touchpoint_id=str(personal), at=datetime.fromisoformat(at), customer_id=customer)
        for customer, at, personal in inputs["contacts"]
    ]
    return {str(customer): run for customer, run in communication.impersonal_streaks(contacts, places).items()}


def _concentration(inputs: Inputs) -> dict[str, Any] | None:
    mix = Mix(kinds=TallyBy({channel: KindCount(contacts=int(n)) for channel, n in inputs["counts"].items()}))
    if mix.top is None:
        return None
    return {"top": mix.top, "share": mix.top_share, "herfindahl": mix.concentration}


ADAPTERS: Final[dict[str, Callable[[Inputs], Any]]] = {
    "communication.mix": _mix,
    "communication.longest_impersonal_streak": _streak,
    "communication.concentration": _concentration,
}
