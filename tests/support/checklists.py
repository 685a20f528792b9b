"""A small checklist and short ways to answer it."""

from __future__ import annotations

from crmcore import Checklist, ChecklistAnswer, ChecklistItem, Id, Verdict

Answered = tuple[Checklist, list[ChecklistAnswer]]

CLEAN = ChecklistItem(id="clean", text="The rooms are clean.", group="premises")
QUEUE = ChecklistItem(id="queue", text="The queue is short.", group="services")
SIGNS = ChecklistItem(id="signs", text="The signs are clear.", group="premises")
SHOP = Checklist(id="shop", items=[CLEAN, QUEUE, SIGNS])


def answer(item_id: Id, verdict: Verdict | None = Verdict.MET, subject_id: Id | None = None) -> ChecklistAnswer:
    """Answer an item on a subject."""
    return ChecklistAnswer(item_id=item_id, verdict=verdict, subject_id=subject_id)


def subjects(answers: list[ChecklistAnswer]) -> list[Id | None]:
    """Return the subjects of the answers in order of first occurrence, or one unknown subject without answers."""
    return list(dict.fromkeys(one.subject_id for one in answers)) or [None]
