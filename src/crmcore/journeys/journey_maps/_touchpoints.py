"""Touchpoints, found from a company's processes."""

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
    """Return the touchpoints at which processes meet the customer: every input they give, every output they get.

    Examples:
        >>> from crmcore import Sipoc, journey_maps
        >>> paint = Sipoc(
        ...     process="sell to measure",
        ...     inputs=[("customer", "measurements"), ("paint works", "pigments"), ("courier", "delivery")],
        ...     outputs=[("mixed paint", "customer"), ("sales figures", "head office")],
        ... )
        >>> for touchpoint in journey_maps.touchpoints_from([paint], customers=["customer"], partners=["courier"]):
        ...     print(touchpoint.id, touchpoint.ownership.value, sep=", ")
        sell to measure: measurements, owned
        sell to measure: delivery, partner
        sell to measure: mixed paint, owned

    They are candidates. Add the channel, the phase and the contact area of each with `attrs.evolve`, and leave out
    those at which the company and the customer do not meet. Begin with the largest end-to-end processes.

    Args:
        processes: The processes, largest first.
        customers: The names that the processes use for the customer, exactly as written there.
        partners: The names of those who serve the customer for the company, such as a courier. What a partner gives is
            a touchpoint of the partner.

    Returns:
        Each touchpoint once, in the order of the processes, inputs first. Its id joins the process and what is passed,
        such as ``"sell to measure: mixed paint"``; its name is what is passed. What the customer gives or gets is owned
        by the company, even if a partner takes part in it.

    Raises:
        InvalidValueError: A customer or partner that no process names, or a name that is both.

    Source: Six Sigma, the phase Define (suppliers, inputs, process, outputs, customers).
    """
    customer_roles, partner_roles = _as_roles(customers, "customers"), _as_roles(partners, "partners")
    if both := [role for role in customer_roles if role in partner_roles]:
        raise InvalidValueError(
            "customer_and_partner",
            f"customers and partners must be different, {show(both[0])} is both",
            field="partners",
            operands=(both[0],),
        )
    several = checks.as_tuple(processes, Sipoc, "processes")
    known = dict.fromkeys(role for process in several for role in (*process.suppliers, *process.customers))
    for name, roles in (("customers", customer_roles), ("partners", partner_roles)):
        if missing := [role for role in roles if role not in known]:
            raise InvalidValueError(
                "role_of_no_process",
                f"{name} must be named by a process, {show(missing[0])} is not",
                field=name,
                record=[*roles].index(missing[0]),
                advice=f"there are {', '.join(map(show, known)) or 'none'}",
                operands=(missing[0],),
            )
    touchpoints: dict[str, Touchpoint] = {}
    for process in several:
        given = [(thing, role) for role, thing in process.inputs if role in customer_roles or role in partner_roles]
        got = [(thing, role) for thing, role in process.outputs if role in customer_roles]
        for thing, role in (*given, *got):
            touchpoint_id = f"{process.process}: {thing}"
            if touchpoint_id not in touchpoints or role in customer_roles:
                ownership = Ownership.OWNED if role in customer_roles else Ownership.PARTNER
                touchpoints[touchpoint_id] = Touchpoint(id=touchpoint_id, name=thing, ownership=ownership)
    return tuple(touchpoints.values())


def _as_roles(roles: Iterable[str], name: str) -> dict[str, None]:
    given = checks.end_at_limit(checks.iterate(roles, name, "text"), roles, name)
    return dict.fromkeys(checks.as_nonempty_text(role, f"{name}[{place}]") for place, role in enumerate(given))
