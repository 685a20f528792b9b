"""Touchpoints, found from what a company does from end to end."""

from collections.abc import Iterable

from crmcore.model.journey import Sipoc
from crmcore.model.touchpoint import Ownership, Touchpoint
from crmcore.primitives import checks
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError

__all__ = ["touchpoints_from"]


def touchpoints_from(
    processes: Iterable[Sipoc], /, *, customers: Iterable[str], partners: Iterable[str] = ()
) -> tuple[Touchpoint, ...]:
    """The places where processes meet the customer: every input that he gives and every output that he gets.

    Examples:
        >>> paint = Sipoc(
        ...     process="sell to measure",
        ...     inputs=[("customer", "measurements"), ("paint works", "pigments"), ("courier", "delivery")],
        ...     outputs=[("mixed paint", "customer"), ("sales figures", "head office")],
        ... )
        >>> for place in touchpoints_from([paint], customers=["customer"], partners=["courier"]):
        ...     print(place.id, place.ownership.value, sep=", ")
        sell to measure: measurements, owned
        sell to measure: delivery, partner
        sell to measure: mixed paint, owned

    They are candidates: say of each by what channel the two meet, in which phase and in which area, with
    `attrs.evolve`, and leave out where nobody meets. Take the largest processes from end to end first.

    Args:
        processes: The processes, largest first.
        customers: What the processes call the customer, each name as it is written there.
        partners: Who serves him for the company, such as a courier; what such a one gives is a touchpoint of his.

    Returns:
        Each place once, in the order of the processes, inputs first: its id is the process and what passes there, such
        as ``"sell to measure: mixed paint"``, its name what passes. What the customer himself gives or gets is the
        company's own, whoever else has a part in it.

    Raises:
        InvalidValueError: A customer or partner that no process names, or one that is both.
        WrongTypeError: An item is no `Sipoc`, or a name no text.

    Source: Six Sigma, the phase Define (suppliers, inputs, process, outputs, customers).
    """
    his, theirs = _roles(customers, "customers"), _roles(partners, "partners")
    if both := [role for role in his if role in theirs]:
        raise InvalidValueError(f"customers and partners must be different ones, {show(both[0])} is both", "customers")
    several = checks.as_tuple(processes, Sipoc, "processes")
    known = dict.fromkeys(role for one in several for role in (*one.suppliers, *one.customers))
    for name, roles in (("customers", his), ("partners", theirs)):
        if missing := [role for role in roles if role not in known]:
            raise InvalidValueError(
                f"{name} must be named by a process, {show(missing[0])} is not; "
                f"there are {', '.join(map(show, known)) or 'none'}",
                name,
            )
    found: dict[str, Touchpoint] = {}
    for process in several:
        given = [(thing, role) for role, thing in process.inputs if role in his or role in theirs]
        got = [(thing, role) for thing, role in process.outputs if role in his]
        for thing, role in (*given, *got):
            place = f"{process.process}: {thing}"
            if place not in found or role in his:
                ownership = Ownership.OWNED if role in his else Ownership.PARTNER
                found[place] = Touchpoint(id=place, name=thing, ownership=ownership)
    return tuple(found.values())


def _roles(roles: Iterable[str], name: str) -> dict[str, None]:
    return dict.fromkeys(checks.as_text(role, f"each of {name}") for role in checks.iterate(roles, name, "text"))
