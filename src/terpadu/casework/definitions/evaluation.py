"""Evaluation of checked rules: three-valued, pure, without Python's eval.

A value that is not there is None and spreads: a comparison with it is not known. `and` is false as soon as one side is
false, `or` true as soon as one is true, `has` always answers.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from terpadu.casework.definitions.language import Rule, dotted_name

Value = Any  # text, number, date, yes/no, person id, record (mapping) or list of them; None: not there


def evaluate(rule: Rule, values: Mapping[str, Value], *, today: date) -> Value:
    """Return the value of a rule, None when it depends on something that is not there. Never raises on typed values."""
    return _Walker(values, today).value_of(rule.tree)


def holds(rule: Rule, values: Mapping[str, Value], *, today: date) -> bool:
    """Tell whether a yes/no rule is known to be true."""
    return evaluate(rule, values, today=today) is True


@dataclass(frozen=True)
class _Walker:
    values: Mapping[str, Value]
    today: date

    def value_of(self, node: ast.expr) -> Value:
        """Return the value of a node."""
        method: Callable[[ast.expr], Value] = getattr(self, f"_{type(node).__name__.lower()}")
        return method(node)

    def _boolop(self, node: ast.BoolOp) -> bool | None:
        decisive = isinstance(node.op, ast.Or)
        is_known: bool = True
        for part in node.values:
            value = self.value_of(part)
            if value is decisive:
                return isinstance(node.op, ast.Or)
            is_known &= value is not None
        return not decisive if is_known else None

    def _unaryop(self, node: ast.UnaryOp) -> Value:
        value = self.value_of(node.operand)
        if value is None:
            return None
        return not value if isinstance(node.op, ast.Not) else -value

    def _binop(self, node: ast.BinOp) -> Value:
        left, right = self.value_of(node.left), self.value_of(node.right)
        if left is None or right is None:
            return None
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Sub):
            return left - right
        if isinstance(node.op, ast.Mult):
            return left * right
        return Fraction(left) / Fraction(right) if right else None

    def _ifexp(self, node: ast.IfExp) -> Value:
        test = self.value_of(node.test)
        if test is None:
            return None
        return self.value_of(node.body if test else node.orelse)

    def _compare(self, node: ast.Compare) -> bool | None:
        left = self.value_of(node.left)
        unknown = False
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.value_of(right_node)
            outcome = _compare(op, left, right)
            if outcome is False:
                return False
            unknown = unknown or outcome is None
            left = right
        return None if unknown else True

    def _constant(self, node: ast.Constant) -> Value:
        return node.value

    def _list(self, node: ast.List) -> list[Value]:
        return [self.value_of(item) for item in node.elts]

    def _name(self, node: ast.Name) -> Value:
        return self._dotted(node)

    def _attribute(self, node: ast.Attribute) -> Value:
        return self._dotted(node)

    def _dotted(self, node: ast.expr) -> Value:
        path = dotted_name(node) or ()
        return member_of(self.values, path)

    def _call(self, node: ast.Call) -> Value:
        name = ast.unparse(node.func)
        arguments = [self.value_of(argument) for argument in node.args]
        if name == "has":
            return arguments[0] not in (None, "", [], {})
        if any(argument is None for argument in arguments):
            return None
        return _CALLS[name](self.today, *arguments)


def member_of(values: Value, path: Sequence[str]) -> Value:
    """Follow a dotted path into nested values; a member of a list is the list of its rows' members."""
    for index, part in enumerate(path):
        if isinstance(values, list):
            found = [member_of(row, path[index:]) for row in values]
            return [value for value in found if value is not None]
        if not isinstance(values, Mapping):
            return None
        values = values.get(part)
    return values


def _compare(op: ast.cmpop, left: Value, right: Value) -> bool | None:
    if left is None or right is None:
        return None
    match op:
        case ast.Eq():
            return bool(left == right)
        case ast.NotEq():
            return bool(left != right)
        case ast.Lt():
            return bool(left < right)
        case ast.LtE():
            return bool(left <= right)
        case ast.Gt():
            return bool(left > right)
        case ast.GtE():
            return bool(left >= right)
        case ast.In():
            return left in right
        case _:
            return left not in right


def birthday(born: date, years: int | Fraction) -> date | None:
    """Return the day on which somebody becomes `years` old; who was born on 29 February turns on 1 March."""
    year = born.year + int(years)
    if not 1 <= year <= date.max.year:
        return None
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def age(born: date, *, on: date) -> int:
    """Return completed years of life on a day; negative before birth."""
    years = on.year - born.year
    turned = birthday(born, years)
    return years - (turned is not None and on < turned)


def _day_before(day: date) -> date | None:
    return day - timedelta(days=1) if day > date.min else None


def _region_in(region: str, *codes: str) -> bool:
    return any(region == code or region.startswith(f"{code}.") for code in codes)


_CALLS: Mapping[str, Callable[..., Value]] = {
    "age": lambda today, born: age(born, on=today),
    "year": lambda today, day: day.year,
    "birthday": lambda today, born, years: birthday(born, years),
    "day_before": lambda today, day: _day_before(day),
    "even": lambda today, number: number % 2 == 0,
    "days_between": lambda today, start, end: (end - start).days,
    "count": lambda today, rows: len(rows),
    "sum": lambda today, rows: sum(rows),
    "region_in": lambda today, region, *codes: _region_in(region, *codes),
    "today": lambda today: today,
}
