"""What is wrong with how the company speaks with customers."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from crmcore.model.interaction import Initiative, Interaction, Purpose
from crmcore.model.touchpoint import Touchpoint
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ZERO, ratio
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.ids import Id, as_id
from crmcore.service.communication._contacts import first_contacts, impersonal_streaks, is_personal_at, list_by_customer

__all__ = ["lint"]


def lint(
    interactions: Iterable[Interaction],
    /,
    *,
    touchpoints: Iterable[Touchpoint] = (),
    owners: Mapping[Id, Id] | None = None,
    longest_streak: int = 5,
    most_selling: Decimal | int | str | float = "0.5",
) -> tuple[Finding, ...]:
    """Return what is wrong with how the company speaks with its customers.

    Examples:
        >>> from crmcore import Interaction, Purpose, communication, instant
        >>> contacts = [
        ...     Interaction(touchpoint_id="mail", at=instant(at), customer_id="anna", purpose=purpose)
        ...     for at, purpose in [("2026-03-02", Purpose.SELL), ("2026-03-09", Purpose.INFORM)]
        ... ]
        >>> for finding in communication.lint(contacts):
        ...     print(finding.rule, finding.subject)
        sold_at_first_contact anna

    The rules, in the order of the result:

    - ``mostly_selling``: of the contacts of a known purpose that the customer did not begin, more than `most_selling`
      were to sell. The company does not inform, and builds no relationship.
    - ``channel_without_owner``: customers are met at a touchpoint for which no employee answers.
    - ``one_sided_contact``: contacts at a touchpoint were worth something to the company, and nothing to the customer.
    - ``sold_at_first_contact``: the first contact with a customer, unless the customer began it, was to sell.
    - ``only_impersonal``: more than `longest_streak` contacts in a row without a person who answers at once.
    - ``news_by_mail_only``: all contacts to inform a customer were impersonal; such news are taken for spam.

    A rule without its input does not run: the last two need `touchpoints`, the second needs `owners`.

    Args:
        interactions: The contacts, in any order, since the first one of each customer.
        touchpoints: The touchpoints of the company.
        owners: The employee who answers for each touchpoint, by its id; None if that is not known.
        longest_streak: How many impersonal contacts in a row are allowed, >= 0; a custom, not a measured limit.
        most_selling: The share of contacts to sell that is allowed, from 0 to 1; a custom, not a measured limit.

    Source: the source articles, see why.md.
    """
    contacts = list(iterate_once(interactions, Interaction, "interactions"))
    places = list(iterate_once(touchpoints, Touchpoint, "touchpoints"))
    allowed = checks.as_count(longest_streak, "longest_streak")
    most = checks.as_share(most_selling, "most_selling")
    owned = None if owners is None else _read_owners(owners)
    return (
        *_find_selling(contacts, most),
        *_find_unowned(contacts, owned),
        *_find_one_sided(contacts),
        *_find_first_sales(contacts),
        *_find_impersonal(contacts, places, allowed),
        *_find_mailed_news(contacts, places),
    )


def _find_selling(contacts: list[Interaction], most: Decimal) -> Iterator[Finding]:
    purposes = [
        one.purpose for one in contacts if one.initiative is not Initiative.CUSTOMER and one.purpose is not None
    ]
    selling = sum(purpose == Purpose.SELL for purpose in purposes)
    share = ratio(selling, len(purposes))
    if share is not None and EXACT.multiply(most, len(purposes)) < selling:
        yield _warn(
            "mostly_selling",
            "contacts",
            f"{selling} of {len(purposes)} contacts were to sell",
            "inform customers and relate to them first",
            [("share", share), ("allowed", most)],
        )


def _read_owners(owners: Mapping[Id, Id]) -> set[Id]:
    """Return the touchpoints for which an employee answers."""
    checks.check_mapping(owners, "owners", "ids of touchpoints to ids of employees")
    for employee in owners.values():
        as_id(employee, "owners")
    return {as_id(touchpoint, "owners") for touchpoint in owners}


def _find_unowned(contacts: list[Interaction], owned: set[Id] | None) -> Iterator[Finding]:
    if owned is None:
        return
    counts: dict[Id, int] = {}
    for contact in contacts:
        counts[contact.touchpoint_id] = counts.get(contact.touchpoint_id, 0) + 1
    for touchpoint_id, count in counts.items():
        if touchpoint_id not in owned:
            yield _warn(
                "channel_without_owner",
                str(touchpoint_id),
                "no employee answers for it",
                "name one person, and prefer one channel that fits over many that are neglected",
                [("contacts", count)],
            )


def _find_one_sided(contacts: list[Interaction]) -> Iterator[Finding]:
    counts: dict[Id, int] = {}
    for contact in contacts:
        gain, ours = contact.value_to_customer, contact.value_to_company
        if gain is not None and ours is not None and gain <= ZERO < ours:
            counts[contact.touchpoint_id] = counts.get(contact.touchpoint_id, 0) + 1
    for touchpoint_id, count in counts.items():
        yield _warn(
            "one_sided_contact",
            str(touchpoint_id),
            "contacts were worth something to the company and nothing to the customer",
            "give the customer a use of each contact, or leave it out",
            [("contacts", count)],
        )


def _find_first_sales(contacts: list[Interaction]) -> Iterator[Finding]:
    for contact in first_contacts(contacts):
        if contact.purpose == Purpose.SELL and contact.initiative is not Initiative.CUSTOMER:
            yield _warn(
                "sold_at_first_contact",
                str(contact.customer_id),
                "the first contact was to sell",
                "let the customer get to know the company first",
                [("touchpoint", str(contact.touchpoint_id))],
            )


def _find_impersonal(contacts: list[Interaction], places: list[Touchpoint], allowed: int) -> Iterator[Finding]:
    for customer, streak in impersonal_streaks(contacts, places).items():
        if streak > allowed:
            yield _warn(
                "only_impersonal",
                str(customer),
                f"{streak} contacts in a row were impersonal",
                "call or visit the customer, or ask for a talk",
                [("streak", streak), ("allowed", allowed)],
            )


def _find_mailed_news(contacts: list[Interaction], places: list[Touchpoint]) -> Iterator[Finding]:
    is_personal = is_personal_at(places)
    for customer, theirs in list_by_customer(contacts).items():
        news = [is_personal(one) for one in theirs if one.purpose == Purpose.INFORM]
        if news and all(personal is False for personal in news):
            yield _warn(
                "news_by_mail_only",
                str(customer),
                "news reached the customer only in writing",
                "let the customer's own manager call about what is of use to them",
                [("news", len(news))],
            )


def _warn(
    rule: str, subject: str, message: str, advice: str, evidence: list[tuple[str, Decimal | int | str]]
) -> Finding:
    return Finding(
        rule=rule, severity=Severity.WARNING, subject=subject, message=message, advice=advice, evidence=evidence
    )
