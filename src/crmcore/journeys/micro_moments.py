"""Is the company there whenever a customer reaches for their phone?

A customer wants to know, go, do or buy something now, on the device at hand. They decide by what they find: a site that
works on a phone, what reviewers say, what other companies charge.
"""

from __future__ import annotations

from typing import Final

from crmcore.model.checklist import Checklist, ChecklistItem
from crmcore.primitives import checks

__all__ = ["readiness"]

_PARTS_OF_DAY: Final = (("night", 0, 6), ("morning", 6, 12), ("afternoon", 12, 18), ("evening", 18, 24))


def readiness(*, service_area: str | None = None) -> Checklist:
    """Return a checklist of what must be true around the clock, with each item once for each of four parts of the day.

    Examples:
        >>> from crmcore import Audit, ChecklistAnswer, Verdict
        >>> from crmcore.journeys.micro_moments import readiness
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

    The items are ``mobile_site``, ``reviews_watched``, ``prices_watched`` and, with a service area, ``local_ads``. The
    parts of the day are the groups: ``night`` from 0 to 6 o'clock, ``morning`` to 12, ``afternoon`` to 18, ``evening``
    to 24. An id joins the two, such as ``"mobile_site/night"``.

    Args:
        service_area: Where the company serves, such as ``"Riga"``. Without it the checklist leaves out local
            advertising.

    Raises:
        InvalidValueError: An empty area.

    Source: the source articles (see why.md); Google 2015, Micro-Moments: Your Guide to Winning the Shift to Mobile.
    """
    items = [
        ("mobile_site", "the site can be read and used on a phone"),
        ("reviews_watched", "an employee reads what is written on review sites, and answers"),
        ("prices_watched", "the prices of competitors are known"),
    ]
    if service_area is not None:
        area = checks.as_nonempty_text(service_area, "service_area")
        items.append(("local_ads", f"people who search in {area} see an advertisement"))
    return Checklist(
        id="micro_moments",
        name="Ready for micro-moments",
        items=[
            ChecklistItem(id=f"{item}/{part}", text=f"From {start} to {end} o'clock, {text}.", group=part)
            for part, start, end in _PARTS_OF_DAY
            for item, text in items
        ],
    )
