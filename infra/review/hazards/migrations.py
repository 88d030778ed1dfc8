"""Migrations of the database that drop, rename or narrow something, so that data or the previous release is lost."""

import ast
import re
from collections.abc import Iterable, Iterator
from operator import ge

UPGRADE = "upgrade"
GENERATED = ("Computed", "Identity")
OPERATIONS = {
    "drop_table": "drops a table",
    "drop_column": "drops a column",
    "rename_table": "renames a table",
    "drop": "drops an object of the database",
    "drop_all": "drops tables",
    "delete": "deletes rows",
    "add_column": "",
    "alter_column": "",
}
"""Operation of alembic or SQLAlchemy -> what it does: https://alembic.sqlalchemy.org/en/latest/ops.html,
https://docs.sqlalchemy.org/en/20/core/metadata.html, https://docs.sqlalchemy.org/en/20/core/dml.html."""
REQUIRED = "adds a required column without a default"
WIDENING = frozenset(
    (
        ("SmallInteger", "Integer"),
        ("SmallInteger", "BigInteger"),
        ("Integer", "BigInteger"),
        ("String", "Text"),
        ("Float", "Double"),
    )
)
"""(old, new) types of SQLAlchemy that keep every value."""
# https://www.postgresql.org/docs/current/sql-altertable.html. Other `DROP` of a table or column loosens a constraint.
STATEMENTS = (
    (r"DROP (TABLE|SCHEMA|DATABASE|MATERIALIZED VIEW|VIEW|TYPE|SEQUENCE|DOMAIN)\b", "drops an object of the database"),
    (
        r"ALTER TABLE .*\bDROP (?!CONSTRAINT\b|DEFAULT\b|NOT NULL\b|EXPRESSION\b|IDENTITY\b)",
        "drops a column",
    ),
    (r"TRUNCATE\b", "deletes all rows of a table"),
    (r"(WITH .*)?\bDELETE FROM\b", "deletes rows"),
    (r"ALTER .*\bRENAME\b", "renames something that the previous release may use"),
    (r"ALTER TABLE .*\bSET NOT NULL\b", "makes a column required"),
    (r"ALTER TABLE .*\bALTER (COLUMN )?\S+ (SET DATA )?TYPE (?!TEXT\b|BIGINT\b)", "changes the type of a column"),
    (
        r"ALTER TABLE .*\bADD (COLUMN )?(IF NOT EXISTS )?(?!CONSTRAINT\b)(?![^,]*\b(DEFAULT|GENERATED)\b)"
        r"[^,]*\bNOT NULL\b",
        REQUIRED,
    ),
)
"""Regular expression of the start of a statement -> what it does."""


def destructive(source: str | bytes) -> Iterator[str]:
    """Yield what the upgrade of a revision destroys, one text each.

    Raises:
        SyntaxError: the source is not Python.
    """
    found: dict[str, None] = {}
    for node in _upgrading(ast.parse(source)):
        if isinstance(node, ast.Call) and (name := _name(node.func)) in OPERATIONS:
            found.update(dict.fromkeys(_operation(name, node)))
        elif isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp) and (text := _text(node)):
            found.update(dict.fromkeys(_sql(text)))
    yield from found


def revision_of(source: str | bytes) -> str:
    """Return the id of a revision; "" if it is none, or no Python."""
    try:
        found = dict(_definitions(ast.parse(source).body)).get("revision")
    except SyntaxError:
        return ""
    value = found.value if isinstance(found, ast.Assign | ast.AnnAssign) else None
    return str(value.value) if isinstance(value, ast.Constant) else ""


def _upgrading(module: ast.Module) -> Iterator[ast.AST]:
    """Yield the nodes that an upgrade runs: those of its function, and of all of the module that it names."""
    definitions = list(_definitions(module.body))
    reached: list[ast.stmt] = []
    waiting = [UPGRADE]
    while waiting:
        name = waiting.pop()
        for defined, statement in definitions:
            if defined == name and statement not in reached:
                reached.append(statement)
                waiting += [each.id for each in ast.walk(statement) if isinstance(each, ast.Name)]
    for each in reached:
        yield from _without_docstring(each)


def _definitions(body: Iterable[ast.stmt]) -> Iterator[tuple[str, ast.stmt]]:
    """Yield the names that the statements of a module define, with the statement."""
    for each in body:
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield each.name, each
        elif isinstance(each, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = each.targets if isinstance(each, ast.Assign) else [each.target]
            yield from (
                (part.id, each) for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)
            )
        elif isinstance(each, ast.If | ast.Try):
            yield from _definitions([*each.body, *each.orelse])


def _without_docstring(node: ast.AST) -> Iterator[ast.AST]:
    statements = {id(each.value) for each in ast.walk(node) if isinstance(each, ast.Expr)}
    inside = {id(part) for each in ast.walk(node) if isinstance(each, ast.expr) for part in _parts(each)}
    for each in ast.walk(node):
        is_docstring = isinstance(each, ast.Constant) and id(each) in statements
        if not is_docstring and id(each) not in inside:
            yield each


def _name(node: ast.expr | None) -> str:
    """Return the name of a function or a type, with or without its module."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _operation(name: str, call: ast.Call) -> Iterator[str]:
    if name == "add_column":
        yield from _added(call)
    elif name == "alter_column":
        yield from _altered(call)
    else:
        yield OPERATIONS[name]


def _added(call: ast.Call) -> Iterator[str]:
    for column in (each for each in ast.walk(call) if isinstance(each, ast.Call) and _name(each.func) == "Column"):
        given = {each.arg: each.value for each in column.keywords}
        generated = any(isinstance(each, ast.Call) and _name(each.func) in GENERATED for each in column.args)
        if _is_false(given.get("nullable")) and "server_default" not in given and not generated:
            yield REQUIRED


def _altered(call: ast.Call) -> Iterator[str]:
    given = {each.arg: each.value for each in call.keywords}
    if "new_column_name" in given:
        yield "renames a column"
    if _is_false(given.get("nullable")):
        yield "makes a column required"
    if "type_" in given and not _is_wider(given.get("existing_type"), given["type_"]):
        yield "changes the type of a column"


def _is_false(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _is_wider(old: ast.expr | None, new: ast.expr) -> bool:
    (before, sizes), (after, limits) = _type(old), _type(new)
    if before != after:
        return (before, after) in WIDENING
    return not limits or (len(sizes) == len(limits) and all(map(ge, limits, sizes)))


def _type(node: ast.expr | None) -> tuple[str, list[int]]:
    """Return the name of a type such as `sa.String(50)`, and its sizes."""
    call = node if isinstance(node, ast.Call) else None
    name = _name(call.func if call else node)
    given = [*call.args, *(each.value for each in call.keywords)] if call else []
    return name, [each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, int)]


def _text(node: ast.expr) -> str:
    """Return a text with a name in place of each value that is only known when it runs; "" if it is not text."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(_text(each) or "x" for each in _parts(node))


def _parts(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.JoinedStr):
        return node.values
    return [node.left, node.right] if isinstance(node, ast.BinOp) else []


def _sql(text: str) -> Iterator[str]:
    bare = re.sub(r"--[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)
    if not re.match(r"\s*DO\b", bare, re.IGNORECASE):  # the body of a function does not run now
        bare = re.sub(r"\$(\w*)\$.*?\$\1\$", " ", bare, flags=re.DOTALL)
    bare = re.sub(r"'(?:[^']|'')*'", "''", bare).replace('"', "")
    for statement in re.split(r";|\bBEGIN\b|\bTHEN\b|\bLOOP\b", " ".join(bare.split()), flags=re.IGNORECASE):
        for pattern, what in STATEMENTS:
            if re.match(pattern, statement.strip(), re.IGNORECASE):
                yield what
