"""Values of customers who move among states."""

from collections.abc import Hashable, Mapping
from fractions import Fraction
from typing import Any, TypeVar, cast

from crmcore.primitives import checks
from crmcore.primitives._decimals import RATIO
from crmcore.primitives.checks import show
from crmcore.primitives.errors import DivergenceError, InvalidValueError, UnknownNameError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.money import Money, round_money, same_currency
from crmcore.primitives.rates import Discount
from crmcore.value.lifetime_value._least import round_exact
from crmcore.value.lifetime_value._result import LifetimeValue

__all__ = ["state_values"]

_K = TypeVar("_K", bound=Hashable)


def state_values(
    transitions: Mapping[_K, Mapping[_K, Any]], rewards: Mapping[_K, Money], /, *, discount: Discount
) -> dict[_K, LifetimeValue]:
    """Return the value of a customer in each state: what they bring now and later, wherever they move.

    States may be how long ago a customer last bought, their stage in the lifecycle, or a level of loyalty.
    The equations are solved exactly, so the time grows with more than the cube of the number of states: use tens, not
    thousands.

    Examples:
        >>> from crmcore import Discount, Money, TimeUnit, lifetime_value
        >>> shares = {1: ("0.3", "0.7"), 2: ("0.2", "0.8"), 3: ("0.15", "0.85"), 4: ("0.05", "0.95")}
        >>> moves = {ago: {1: again, ago + 1: waits} for ago, (again, waits) in shares.items()}  # who buys again
        >>> values = lifetime_value.state_values(
        ...     {**moves, 5: {5: 1}},
        ...     {1: Money(36, "USD"), **dict.fromkeys((2, 3, 4), Money(-4, "USD")), 5: Money(0, "USD")},
        ...     discount=Discount("0.2", TimeUnit.YEAR),
        ... )
        >>> [str(worth.value.quantized()) for worth in values.values()]  # the fourth is not worth it
        ['52.32 USD', '5.55 USD', '1.25 USD', '-1.82 USD', '0.00 USD']

    Args:
        transitions: For each state, the shares of its customers who are in each state one period later. They add up to
            1. A state that is left out has the share 0. A customer who is lost is in a state too, which brings 0.
        rewards: What a customer brings in one period in each state, less costs.
        discount: The rate of discount per period, >= 0; its unit is the period.

    Raises:
        CurrencyMismatchError: The rewards are in two currencies.
        DivergenceError: Without a discount, customers can stay for ever in states that bring something.
        InvalidValueError: The shares of a state do not add up to 1, or the discount is below 0.
        UnknownNameError: A state has no transitions or no reward.

    Source: Pfeifer and Carraway 2000, Modeling customer relationships as Markov chains, Journal of Interactive
    Marketing 14(2):43-55: ``V = (I - P / (1 + d))^-1 R``.
    """
    states, shares = _read_transitions(transitions)
    checks.check_mapping(rewards, "rewards", "state to money")
    odd = [*(state for state in states if state not in rewards), *(name for name in rewards if name not in shares)]
    for name in odd[:1]:
        raise UnknownNameError(
            "state_without_reward",
            f"rewards must have one for each state, and no other, got {show(name)} in one alone",
            field="rewards",
            operands=(name,),
            record=name,
        )
    paid = [checks.as_instance(rewards[state], Money, f"rewards[{show(state)}]") for state in states]
    for state, reward in zip(states, paid, strict=True):
        same_currency(paid[0], reward, "rewards", cast("Any", state))  # the name of the record
    rate = checks.as_instance(discount, Discount, "discount").rate
    if rate < 0:
        raise InvalidValueError(
            "discount_below_zero",
            f"discount must be >= 0, got {show(rate)}",
            field="discount",
            operands=(rate,),
        )
    solved = _solve(states, shares, [Fraction(reward.amount) for reward in paid], Fraction(rate))
    currency = paid[0].currency if paid else ""
    values = {state: round_money(round_exact(value), currency) for state, value in zip(states, solved, strict=True)}
    return {
        state: LifetimeValue(
            value=values[state],
            residual=Money.zero(currency),
            explanation=_explain(state, shares[state], reward, values, discount),
        )
        for state, reward in zip(states, paid, strict=True)
    }


def _read_transitions(transitions: Mapping[_K, Mapping[_K, Any]]) -> tuple[list[_K], dict[_K, dict[_K, Fraction]]]:
    checks.check_mapping(transitions, "transitions", "state to the shares of the states after it")
    shares: dict[_K, dict[_K, Fraction]] = {}
    for state, row in transitions.items():
        name = f"transitions[{show(state)}]"
        checks.check_mapping(row, name, "state to share")
        shares[state] = {after: Fraction(checks.as_share(share, name)) for after, share in row.items()}
        unknown = [after for after in row if after not in transitions]
        if unknown:
            raise UnknownNameError(
                "state_without_transitions",
                f"transitions must have a row for each state, got none for {show(unknown[0])}",
                field="transitions",
                advice="a state that is never left is {state: {state: 1}}",
                operands=(unknown[0],),
                record=state,
            )
        total = sum(shares[state].values(), Fraction(0))
        if total != 1:
            raise InvalidValueError(
                "shares_of_a_state_not_one",
                f"transitions must have shares that add up to 1, got {show(RATIO.plus(round_exact(total)))}",
                field="transitions",
                operands=(RATIO.plus(round_exact(total)),),
                record=state,
            )
    return list(shares), shares


def _solve(
    states: list[_K], shares: dict[_K, dict[_K, Fraction]], rewards: list[Fraction], rate: Fraction
) -> list[Fraction]:
    """Solve the equations of the values exactly; states from which nothing is ever brought have the value 0."""
    paying = {state for state, reward in zip(states, rewards, strict=True) if reward}
    while more := {s for s in states if s not in paying and any(p and a in paying for a, p in shares[s].items())}:
        paying |= more
    live = [state for state in states if state in paying]
    places = {state: place for place, state in enumerate(live)}
    rows = [
        [Fraction(int(one is other)) - shares[one].get(other, Fraction(0)) / (1 + rate) for other in live] + [reward]
        for one, reward in zip(states, rewards, strict=True)
        if one in places
    ]
    for column in range(len(live)):
        pivot = next((row for row in range(column, len(live)) if rows[row][column]), None)
        if pivot is None:
            raise DivergenceError(
                "customers_stay_for_ever",
                "discount must be > 0 if customers can stay for ever in states that bring something, got 0",
                field="discount",
                advice="name a discount, or a state that is left in the end",
                operands=(0,),
            )
        rows[column], rows[pivot] = rows[pivot], rows[column]
        head = rows[column][column]
        rows[column] = [cell / head for cell in rows[column]]
        for place, row in enumerate(rows):
            if place != column and row[column]:
                factor = row[column]
                rows[place] = [cell - factor * other for cell, other in zip(row, rows[column], strict=True)]
    return [rows[places[state]][-1] if state in places else Fraction(0) for state in states]


def _explain(
    state: _K, row: dict[_K, Fraction], reward: Money, values: dict[_K, Money], discount: Discount
) -> Explanation:
    unit = f"per {discount.per.value}"
    lines = [term("reward", reward, f"/{discount.per.value}"), term("discount", discount.rate, unit)]
    parts: list[str] = []
    for number, (after, share) in enumerate(row.items(), 1):
        if after == state:
            continue
        lines += [
            term(f"share_{number}", round_exact(share), f"{unit} to {after}" if isinstance(after, str) else unit),
            term(f"value_{number}", values[after]),
        ]
        parts.append(f"share_{number} * value_{number}")
    later = " + ".join(parts)
    formula = f"reward + ({later}) / (1 + discount)" if parts else "reward"
    if stays := row.get(state, Fraction(0)):
        lines.append(term("stays", round_exact(stays), unit))
        formula = f"({formula}) / (1 - stays / (1 + discount))" if stays != 1 or discount.rate else ""
    return Explanation([*lines, term("value", values[state], "", formula)])
