"""The rule language: a whitelist over Python's grammar, typed against known names before anything is published.

`and or not`, comparisons, `in`, `+ - * /`, `a if c else b`, names with members, and the functions of `FUNCTIONS`. Nothing
is executed: the text is parsed, checked node by node, and walked by `evaluation`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

KindName = Literal["text", "number", "date", "yes_no", "person", "file", "record", "list"]

LONGEST_RULE = 500
MOST_NODES = 120
LARGEST_NUMBER = 10**15


@dataclass(frozen=True)
class Type:
    """The type of a value. members: of a record. item: of a list."""

    kind: KindName
    members: Mapping[str, Type] = field(default_factory=dict, hash=False)
    item: Type | None = None

    def __str__(self) -> str:
        return f"list of {self.item}" if self.item else self.kind


TEXT, NUMBER, DATE, YES_NO = Type("text"), Type("number"), Type("date"), Type("yes_no")
PERSON, FILE = Type("person"), Type("file")
ORDERED = {"number", "date"}


@dataclass(frozen=True)
class Rule:
    """A checked rule. names: the dotted names it depends on, such as "anak.tgl_lahir"."""

    source: str
    tree: ast.expr = field(compare=False, repr=False)
    names: frozenset[str]
    type: Type


class RuleRefused(Exception):
    """A rule is not in the language; `message` says why, `remedy` what to write instead."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message, self.remedy = message, remedy


@dataclass(frozen=True)
class Function:
    """A function of the language. takes: kinds by position, None for any; rest: kind of further arguments."""

    takes: tuple[KindName | None, ...]
    gives: Type
    rest: KindName | None = None


FUNCTIONS: Mapping[str, Function] = {
    "age": Function(("date",), NUMBER),
    "year": Function(("date",), NUMBER),
    "birthday": Function(("date", "number"), DATE),
    "day_before": Function(("date",), DATE),
    "even": Function(("number",), YES_NO),
    "days_between": Function(("date", "date"), NUMBER),
    "has": Function((None,), YES_NO),
    "count": Function(("list",), NUMBER),
    "sum": Function(("list",), NUMBER),
    "region_in": Function(("text", "text"), YES_NO, rest="text"),
    "today": Function((), DATE),
}


def parse_rule(source: str, *, scope: Mapping[str, Type], expect: KindName | None = None) -> Rule:
    """Parse and type one rule.

    scope: the names it may use. expect: the kind its value must have, None for any.
    Raises RuleRefused for anything outside the language, an unknown name or a type that does not fit.
    """
    if len(source) > LONGEST_RULE:
        raise RuleRefused("the rule is too long", f"Keep it under {LONGEST_RULE} characters.")
    try:
        tree = ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise RuleRefused(
            f"'{source}' cannot be read as a rule", "Check brackets, quotes and words."
        ) from None
    if sum(1 for _ in ast.walk(tree)) > MOST_NODES:
        raise RuleRefused("the rule is too large", "Split it into computed fields.")
    checker = _Checker(scope)
    found = checker.type_of(tree)
    if expect and found.kind != expect:
        raise RuleRefused(f"the rule gives {found}, not {expect}", f"Write a rule whose value is {expect}.")
    return Rule(source=source, tree=tree, names=frozenset(checker.names), type=found)


class _Checker:
    """Walks a parsed rule, finds the type of each part and collects the names."""

    def __init__(self, scope: Mapping[str, Type]) -> None:
        self.scope = scope
        self.names: set[str] = set()

    def type_of(self, node: ast.expr) -> Type:
        """Return the type of a node. Raises RuleRefused."""
        method: Callable[[ast.expr], Type] | None = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise RuleRefused(
                f"'{ast.unparse(node)}' is not part of the language",
                "Use names, comparisons, and/or/not, + - * /, a if c else b, or a function: "
                + ", ".join(FUNCTIONS),
            )
        return method(node)

    def _expect(self, node: ast.expr, kind: KindName) -> Type:
        found = self.type_of(node)
        if found.kind != kind:
            raise RuleRefused(f"'{ast.unparse(node)}' is {found}, not {kind}", f"Use a {kind} here.")
        return found

    def _boolop(self, node: ast.BoolOp) -> Type:
        for value in node.values:
            self._expect(value, "yes_no")
        return YES_NO

    def _unaryop(self, node: ast.UnaryOp) -> Type:
        if isinstance(node.op, ast.Not):
            return self._expect(node.operand, "yes_no")
        if isinstance(node.op, ast.USub):
            return self._expect(node.operand, "number")
        raise RuleRefused("this sign is not part of the language", "Use 'not' or '-'.")

    def _binop(self, node: ast.BinOp) -> Type:
        if not isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
            raise RuleRefused(f"'{ast.unparse(node)}' is not part of the language", "Use + - * or /.")
        self._expect(node.left, "number")
        return self._expect(node.right, "number")

    def _ifexp(self, node: ast.IfExp) -> Type:
        self._expect(node.test, "yes_no")
        found = self.type_of(node.body)
        self._same(found, self.type_of(node.orelse), node)
        return found

    def _compare(self, node: ast.Compare) -> Type:
        left = self.type_of(node.left)
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.type_of(right_node)
            self._check_comparison(op, left, right, node)
            left = right
        return YES_NO

    def _check_comparison(self, op: ast.cmpop, left: Type, right: Type, node: ast.expr) -> None:
        if isinstance(op, ast.In | ast.NotIn):
            if right.kind != "list" or right.item is None:
                raise RuleRefused(f"'{ast.unparse(node)}' looks into {right}", "Put a list after 'in'.")
            self._same(left, right.item, node)
            return
        self._same(left, right, node)
        if isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
            if left.kind not in ORDERED:
                raise RuleRefused(
                    f"'{ast.unparse(node)}' orders {left}", "Only numbers and dates have an order."
                )
        elif not isinstance(op, ast.Eq | ast.NotEq):
            raise RuleRefused(f"'{ast.unparse(node)}' is not part of the language", "Use == or !=.")
        elif left.kind in ("record", "list", "file"):
            raise RuleRefused(f"'{ast.unparse(node)}' compares {left}", "Compare one of its members.")

    def _same(self, left: Type, right: Type, node: ast.expr) -> None:
        if left.kind != right.kind:
            raise RuleRefused(
                f"'{ast.unparse(node)}' mixes {left} and {right}", "Use two values of one type."
            )

    def _constant(self, node: ast.Constant) -> Type:
        types: dict[type, Type] = {str: TEXT, bool: YES_NO, int: NUMBER}
        found = types.get(type(node.value))
        too_large = isinstance(node.value, int) and abs(node.value) > LARGEST_NUMBER
        if found is None or too_large:
            raise RuleRefused(
                f"'{ast.unparse(node)}' is not a value of the language", "Use whole numbers or texts."
            )
        return found

    def _list(self, node: ast.List) -> Type:
        if not node.elts:
            raise RuleRefused("an empty list says nothing", "Put at least one value in the list.")
        items = [self.type_of(item) for item in node.elts]
        for item in items[1:]:
            self._same(items[0], item, node)
        return Type("list", item=items[0])

    def _name(self, node: ast.Name) -> Type:
        return self._dotted(node)

    def _attribute(self, node: ast.Attribute) -> Type:
        return self._dotted(node)

    def _dotted(self, node: ast.expr) -> Type:
        path = dotted_name(node)
        if path is None:
            raise RuleRefused(f"'{ast.unparse(node)}' is not a name", "Write name.member.")
        found = self.scope.get(path[0])
        if found is None:
            raise RuleRefused(
                f"nothing is called '{path[0]}'", f"Known names: {', '.join(sorted(self.scope))}."
            )
        for part in path[1:]:
            found = self._member(found, part, path)
        self.names.add(".".join(path))
        return found

    def _member(self, owner: Type, part: str, path: tuple[str, ...]) -> Type:
        row = owner.item if owner.kind == "list" and owner.item else owner
        member = row.members.get(part)
        if member is None:
            known = ", ".join(sorted(row.members)) or "none"
            raise RuleRefused(f"'{'.'.join(path)}': there is no '{part}'", f"Known members: {known}.")
        return Type("list", item=member) if owner.kind == "list" else member

    def _call(self, node: ast.Call) -> Type:
        name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
        function = FUNCTIONS.get(name)
        if function is None or node.keywords:
            raise RuleRefused(f"'{name}' is not a function of the language", f"Use {', '.join(FUNCTIONS)}.")
        self._check_count(name, function, len(node.args))
        for index, argument in enumerate(node.args):
            kind = function.takes[index] if index < len(function.takes) else function.rest
            found = self.type_of(argument) if kind is None else self._expect(argument, kind)
            if name == "sum" and (found.item is None or found.item.kind != "number"):
                raise RuleRefused(f"sum cannot add {found}", "Sum a list of numbers.")
        return function.gives

    def _check_count(self, name: str, function: Function, given: int) -> None:
        least = len(function.takes)
        if given < least or (given > least and function.rest is None):
            raise RuleRefused(f"{name} takes {least} value(s), not {given}", f"Write {name}(…) with {least}.")


def dotted_name(node: ast.expr) -> tuple[str, ...] | None:
    """Return the parts of `a.b.c`, or None for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return (node.id, *reversed(parts)) if isinstance(node, ast.Name) else None
