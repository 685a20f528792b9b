"""Micro-moments: whether the company is there whenever a customer reaches for the phone.

A customer wants to know, go, do or buy something now, on whatever device is at hand. What they find decides: a site
that can be read, what others say, what others charge.
"""

from __future__ import annotations

from typing import Final

from crmcore.model.checklist import Checklist, ChecklistItem
from crmcore.primitives import checks
from crmcore.primitives.errors import InvalidValueError

__all__ = ["readiness"]

_PARTS_OF_DAY: Final = (("night", 0, 6), ("morning", 6, 12), ("afternoon", 12, 18), ("evening", 18, 24))


def readiness(*, service_area: str | None = None) -> Checklist:
    """What ought to be so around the clock, four parts of the day for each item.

    Examples:
        >>> from crmcore import Audit, ChecklistAnswer, Verdict
        >>> answers = [
        ...     ChecklistAnswer(item_id="mobile_site/evening", verdict=Verdict.MET),
        ...     ChecklistAnswer(item_id="reviews_watched/evening", verdict=Verdict.MET),
        ...     ChecklistAnswer(item_id="prices_watched/evening", verdict=Verdict.UNMET),
        ...     ChecklistAnswer(item_id="mobile_site/night", verdict=Verdict.MET),
        ... ]
        >>> for part, audit in Audit.by_group(readiness(), answers).items():
        ...     print(part, audit.met, audit.items, sep=", ")
        night, 1, 3
        morning, 0, 3
        afternoon, 0, 3
        evening, 2, 3
        >>> [gap.item_id for gap in readiness().gaps(answers)][:3]
        ['reviews_watched/night', 'prices_watched/night', 'mobile_site/morning']

    The items are ``mobile_site``, ``reviews_watched``, ``prices_watched`` and, for a service area, ``local_ads``; the
    parts, which are the groups, ``night`` from midnight to 6, ``morning`` to noon, ``afternoon`` to 18 and ``evening``.
    An id is the two together, such as ``"mobile_site/night"``.

    Args:
        service_area: Where the company serves, such as ``"Riga"``; left out, nobody asks for local advertising.

    Raises:
        InvalidValueError: An empty area.
        WrongTypeError: An area that is no text.

    Source: the documents; Google 2015, Micro-Moments: Your Guide to Winning the Shift to Mobile.
    """
    items = [
        ("mobile_site", "the site can be read and used on a phone"),
        ("reviews_watched", "somebody sees what is written on review sites, and answers"),
        ("prices_watched", "the prices of rivals are known"),
    ]
    if service_area is not None:
        if not checks.as_text(service_area, "service_area").strip():
            raise InvalidValueError("service_area must not be empty; leave it out where there is none", "service_area")
        items.append(("local_ads", f"whoever searches in {service_area} is shown an advertisement"))
    return Checklist(
        id="micro_moments",
        name="Ready for micro-moments",
        items=[
            ChecklistItem(id=f"{item}/{part}", text=f"From {start} to {end} o'clock, {text}.", group=part)
            for part, start, end in _PARTS_OF_DAY
            for item, text in items
        ],
    )
