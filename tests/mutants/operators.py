"""Mutation operators: each changes one place of a module, like a mistake in a pull request."""

import ast
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

TIERS = ("private", "public", "database")
OPPOSITES = {
    "Allow": "Deny",
    "Deny": "Allow",
    "DoNotSchedule": "ScheduleAnyway",
    "Enabled": "Disabled",
    "ENABLED": "DISABLED",
    "IMMUTABLE": "MUTABLE",
    "StringEquals": "StringLike",
    "ArnEquals": "ArnLike",
    "aws:kms": "AES256",
    "internal": "internet-facing",
    "internet-facing": "internal",
    "require": "disable",
    "restricted": "privileged",
    "restrict": "accept",
}
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
QUANTIFIERS = {"any": "all", "all": "any"}
TEXT_ARGUMENTS = {"description", "doc", "title", "help", "message"}
"""Arguments with texts for people: no test has to detect another wording."""


@dataclass(frozen=True)
class Mutation:
    """One change of a parsed module. `make()` changes the tree in place."""

    line: int
    operator: str
    what: str
    make: Callable[[], None]


def mutations(tree: ast.Module, names: Collection[str]) -> list[Mutation]:
    """Return all mutations of a module, in a fixed order.

    `names` are the identifiers that a swap may use, because an unknown identifier would always fail.
    """
    siblings = _attributes(tree)
    found: list[Mutation] = []
    for node in _executed(tree):
        for operator in (_arguments, _entries, _items, _flags, _numbers, _strings, _conditions):
            found += operator(node)
        found += _tiers(node, names)
        found += _siblings(node, siblings)
    return sorted(found, key=lambda mutation: (mutation.line, mutation.operator, mutation.what))


def _executed(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield executed nodes: no docstrings, annotations, imports for type checkers, error messages or user texts."""
    models = "pydantic" in ast.unparse(tree)
    queue: list[ast.AST] = [tree]
    while queue:
        node = queue.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":  # mypy checks it
            continue
        # An alias that no model uses is for mypy only.
        if isinstance(node, ast.Assign) and not models and ast.unparse(node.value).startswith("Literal["):
            continue
        yield node
        for name, value in ast.iter_fields(node):
            skipped = (
                name in ("annotation", "returns")
                or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))  # a docstring
                or isinstance(node, ast.Raise | ast.Assert | ast.Yield)
                or (isinstance(node, ast.keyword) and node.arg in TEXT_ARGUMENTS)
            )
            # `Annotated[int, Field(ge=1)]` is an annotation that is used at runtime.
            children = [c for c in (value if isinstance(value, list) else [value]) if isinstance(c, ast.AST)]
            if not skipped or (name == "annotation" and any("Field(" in ast.unparse(c) for c in children)):
                queue += reversed(children)


def _arguments(node: ast.AST) -> Iterator[Mutation]:
    if isinstance(node, ast.Call):
        for keyword in node.keywords:
            if keyword.arg and keyword.arg not in TEXT_ARGUMENTS:
                drop = _dropper(node.keywords, keyword)
                yield Mutation(keyword.value.lineno, "dropped argument", f"drop {ast.unparse(keyword)}", drop)


def _entries(node: ast.AST) -> Iterator[Mutation]:
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            text = f"drop {ast.unparse(key)}: {ast.unparse(value)}" if key else f"drop **{ast.unparse(value)}"

            def drop(at: ast.Dict = node, value: ast.expr = value) -> None:
                index = next(i for i, other in enumerate(at.values) if other is value)
                del at.keys[index], at.values[index]

            yield Mutation(value.lineno, "dropped entry", text, drop)


def _items(node: ast.AST) -> Iterator[Mutation]:
    if isinstance(node, ast.List | ast.Set) and len(node.elts) > (1 if isinstance(node, ast.Set) else 0):
        for item in node.elts:
            yield Mutation(item.lineno, "dropped item", f"drop {ast.unparse(item)}", _dropper(node.elts, item))


def _flags(node: ast.AST) -> Iterator[Mutation]:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield _constant(node, "negated flag", not node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        twice = _setter(node, "operand", lambda operand=node.operand: ast.UnaryOp(ast.Not(), operand))
        yield Mutation(node.lineno, "negated flag", f"{ast.unparse(node)} -> without not", twice)
    if isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        text = f"{ast.unparse(node)} -> {'or' if other is ast.Or else 'and'}"
        yield Mutation(node.lineno, "negated flag", text, _setter(node, "op", other))


def _numbers(node: ast.AST) -> Iterator[Mutation]:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield _constant(node, "weakened number", node.value * 10 or 1)
        if node.value > 1:
            yield _constant(node, "weakened number", type(node.value)(1))


def _strings(node: ast.AST) -> Iterator[Mutation]:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return
    text = node.value
    service, colon, action = text.partition(":")
    if colon and service.isalnum() and service.islower() and action.isalpha() and action[:1].isupper():
        yield _constant(node, "widened pattern", f"{service}:*")
    if text[:1].isdigit() and "/" in text and text.rpartition("/")[2].isdigit():
        yield _constant(node, "widened pattern", "0.0.0.0/0")
    if text.startswith("^") and text.endswith("$"):
        yield _constant(node, "widened pattern", text[1:])
        yield _constant(node, "widened pattern", text[:-1])
    if text in OPPOSITES:
        yield _constant(node, "opposite word", OPPOSITES[text])


def _conditions(node: ast.AST) -> Iterator[Mutation]:
    if isinstance(node, ast.Compare):
        for index, op in enumerate(node.ops):
            other = COMPARISONS[type(op)]
            ops = [*node.ops[:index], other(), *node.ops[index + 1 :]]
            text = f"{ast.unparse(node)} -> {other.__name__}"
            yield Mutation(node.lineno, "moved condition", text, _setter(node, "ops", lambda ops=ops: ops))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in QUANTIFIERS:
        other = QUANTIFIERS[node.func.id]
        yield Mutation(
            node.lineno,
            "moved condition",
            f"{ast.unparse(node)} -> {other}",
            _setter(node.func, "id", lambda other=other: other),
        )
    if isinstance(node, ast.If | ast.IfExp):
        for value in (True, False):
            text = f"if {ast.unparse(node.test)} -> if {value}"
            yield Mutation(node.lineno, "moved condition", text, _setter(node, "test", lambda v=value: ast.Constant(v)))
    if isinstance(node, ast.BoolOp):
        neutral = isinstance(node.op, ast.And)
        for index, value in enumerate(node.values):
            if isinstance(value, ast.Constant) and value.value == neutral:
                continue  # without it the result is equal, such as `0` in `number or 0`
            values = [*node.values[:index], ast.Constant(neutral), *node.values[index + 1 :]]
            text = f"{ast.unparse(node)} -> without {ast.unparse(value)}"
            drop = _setter(node, "values", lambda values=values: values)
            yield Mutation(value.lineno, "dropped condition", text, drop)
    if isinstance(node, ast.comprehension):
        for test in node.ifs:
            text = f"drop if {ast.unparse(test)}"
            yield Mutation(test.lineno, "dropped condition", text, _dropper(node.ifs, test))


def _tiers(node: ast.AST, names: Collection[str]) -> Iterator[Mutation]:
    field = "attr" if isinstance(node, ast.Attribute) else "id"
    if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
        text = getattr(node, field)
        tier, underscore, rest = text.partition("_")
        for other in (f"{other}{underscore}{rest}" for other in TIERS if tier in TIERS and other != tier):
            if other in names:
                change = _setter(node, field, lambda other=other: other)
                yield Mutation(node.lineno, "swapped tier", f"{text} -> {other}", change)


def identifiers(tree: ast.Module) -> set[str]:
    """Return the names, attributes and parameters of a module."""
    return {
        name
        for node in ast.walk(tree)
        for name in (getattr(node, "id", None), getattr(node, "attr", None), getattr(node, "arg", None))
        if isinstance(name, str)
    }


def _attributes(tree: ast.Module) -> dict[str, list[str]]:
    """Return object -> its attributes that the module reads, such as `wanted` -> `min_replicas`, `port`."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            found.setdefault(ast.unparse(node.value), set()).add(node.attr)
    return {of: sorted(names) for of, names in found.items()}


def _siblings(node: ast.AST, attributes: dict[str, list[str]]) -> Iterator[Mutation]:
    """Pass another attribute of the same object, like an incomplete edit of a copied line."""
    if isinstance(node, ast.keyword) and isinstance(node.value, ast.Attribute):
        value = node.value
        names = attributes.get(ast.unparse(value.value), [])
        if len(names) > 1:
            other = names[(names.index(value.attr) + 1) % len(names)]
            yield Mutation(
                value.lineno,
                "other attribute",
                f"{ast.unparse(node)} -> .{other}",
                _setter(value, "attr", lambda: other),
            )


def _constant(node: ast.Constant, operator: str, new: object) -> Mutation:
    return Mutation(node.lineno, operator, f"{node.value!r} -> {new!r}", _setter(node, "value", lambda: new))


def _setter(node: ast.AST, field: str, new: Callable[[], object]) -> Callable[[], None]:
    return lambda: setattr(node, field, new())


def _dropper(items: list[ast.keyword] | list[ast.expr], item: ast.AST) -> Callable[[], None]:
    def drop() -> None:
        del items[next(i for i, other in enumerate(items) if other is item)]

    return drop
