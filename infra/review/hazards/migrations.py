"""Migrations of the database that drop, rename or narrow something, so that data or the previous release is lost."""

import ast
import re
from collections.abc import Iterator
from operator import ge

UPGRADE = "upgrade"
OPERATIONS = {
    "drop_table": "drops a table",
    "drop_column": "drops a column",
    "rename_table": "renames a table",
    "alter_column": "",
}
"""Operation of alembic -> what it does: https://alembic.sqlalchemy.org/en/latest/ops.html."""
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
        "adds a required column without a default",
    ),
)
"""Regular expression of the start of a statement -> what it does."""


def destructive(source: str) -> Iterator[str]:
    """Yield what the upgrade of a revision destroys, one text each.

    Raises:
        SyntaxError: the source is not Python.
    """
    found: dict[str, None] = {}
    for node in _upgrading(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in OPERATIONS:
            found.update(dict.fromkeys(_operation(node.func.attr, node)))
        elif isinstance(node, ast.Constant | ast.JoinedStr) and (text := _text(node)):
            found.update(dict.fromkeys(_sql(text)))
    yield from found


def _upgrading(module: ast.Module) -> Iterator[ast.AST]:
    """Yield the nodes that an upgrade runs: those of its function, of functions that it calls, and constants."""
    functions = {each.name: each for each in module.body if isinstance(each, ast.FunctionDef)}
    constants = [each for each in module.body if isinstance(each, ast.Assign | ast.AnnAssign)]
    reached: list[str] = []
    waiting = [UPGRADE]
    while waiting:
        name = waiting.pop()
        if name in functions and name not in reached:
            reached.append(name)
            waiting += [each.id for each in ast.walk(functions[name]) if isinstance(each, ast.Name)]
    for each in [*constants, *(functions[name] for name in reached)]:
        yield from _without_docstring(each)


def _without_docstring(node: ast.AST) -> Iterator[ast.AST]:
    statements = {id(each.value) for each in ast.walk(node) if isinstance(each, ast.Expr)}
    inside = {id(part) for each in ast.walk(node) if isinstance(each, ast.JoinedStr) for part in each.values}
    for each in ast.walk(node):
        is_docstring = isinstance(each, ast.Constant) and id(each) in statements
        if not is_docstring and id(each) not in inside:
            yield each


def _operation(name: str, call: ast.Call) -> Iterator[str]:
    if name != "alter_column":
        yield OPERATIONS[name]
        return
    given = {each.arg: each.value for each in call.keywords}
    if "new_column_name" in given:
        yield "renames a column"
    if isinstance(given.get("nullable"), ast.Constant) and ast.literal_eval(given["nullable"]) is False:
        yield "makes a column required"
    if "type_" in given and not _is_wider(given.get("existing_type"), given["type_"]):
        yield "changes the type of a column"


def _is_wider(old: ast.expr | None, new: ast.expr) -> bool:
    (before, sizes), (after, limits) = _type(old), _type(new)
    if before != after:
        return (before, after) in WIDENING
    return not limits or (len(sizes) == len(limits) and all(map(ge, limits, sizes)))


def _type(node: ast.expr | None) -> tuple[str, list[int]]:
    """Return the name of a type such as `sa.String(50)`, and its sizes."""
    call = node if isinstance(node, ast.Call) else None
    named = call.func if call else node
    name = named.attr if isinstance(named, ast.Attribute) else named.id if isinstance(named, ast.Name) else ""
    given = [*call.args, *(each.value for each in call.keywords)] if call else []
    return name, [each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, int)]


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    """Return a text with a name in place of each value that is only known when it runs."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "x" for each in node.values)
    return node.value if isinstance(node.value, str) else ""


def _sql(text: str) -> Iterator[str]:
    bare = re.sub(r"--[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)
    if not re.match(r"\s*DO\b", bare, re.IGNORECASE):  # the body of a function does not run now
        bare = re.sub(r"\$(\w*)\$.*?\$\1\$", " ", bare, flags=re.DOTALL)
    bare = re.sub(r"'(?:[^']|'')*'", "''", bare).replace('"', "")
    for statement in re.split(r";|\bBEGIN\b|\bTHEN\b|\bLOOP\b", " ".join(bare.split()), flags=re.IGNORECASE):
        for pattern, what in STATEMENTS:
            if re.match(pattern, statement.strip(), re.IGNORECASE):
                yield what
