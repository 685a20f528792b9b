"""The check that an explanation does not lie: every formula is computed again from the rows above it."""

from __future__ import annotations

import ast
from decimal import ROUND_CEILING, Context, Decimal, DivisionByZero, InvalidOperation
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmcore.primitives.explanation import Explanation


ARITHMETIC = Context(prec=60, Emin=-999999, Emax=999999, traps=[DivisionByZero, InvalidOperation])
OPERATORS: dict[type[ast.operator], Any] = {
    ast.Add: ARITHMETIC.add,
    ast.Sub: ARITHMETIC.subtract,
    ast.Mult: ARITHMETIC.multiply,
    ast.Div: ARITHMETIC.divide,
    ast.Pow: ARITHMETIC.power,
}
FUNCTIONS: dict[str, Any] = {
    "min": min,
    "max": max,
    "ceil": lambda number: number.to_integral_value(ROUND_CEILING, ARITHMETIC),
    "ln": ARITHMETIC.ln,
    "exp": ARITHMETIC.exp,
}


def evaluate(node: ast.AST, names: dict[str, Decimal]) -> Decimal:
    """Compute a formula from the rows above it; anything but arithmetic fails to match."""
    match node:
        case ast.Expression(body):
            return evaluate(body, names)
        case ast.BinOp(left, operator, right):
            result = OPERATORS[type(operator)](evaluate(left, names), evaluate(right, names))
            assert isinstance(result, Decimal)
            return result
        case ast.UnaryOp(ast.USub(), operand):
            return evaluate(operand, names).copy_negate()
        case ast.Name(name):
            return names[name]
        case ast.Constant(int() | float() as number):
            return Decimal(repr(number))
        case ast.Call(ast.Name(function), arguments):
            result = FUNCTIONS[function](*(evaluate(argument, names) for argument in arguments))
            assert isinstance(result, Decimal)
            return result
        case _:
            raise AssertionError(ast.dump(node))


def replay(explanation: Explanation) -> None:
    """Every formula gives its row's value, and gives none just where the row has none."""
    names: dict[str, Decimal] = {}
    for term in explanation:
        if term.formula:
            try:
                computed = evaluate(ast.parse(term.formula, mode="eval"), names)
            except (DivisionByZero, InvalidOperation):
                computed = None
            if term.value is None or computed is None:
                assert term.value == computed, term
            else:
                assert abs(computed - term.value) <= Decimal("1E-25") * max(Decimal(1), abs(computed)), term
        if term.value is not None:
            names[term.name] = Decimal(term.value)
