"""The mutations of each operator."""

import ast

import pytest

from tests.mutants.operators import identifiers, mutations


def mistakes(source: str, operator: str, *more_names: str) -> set[str]:
    """Return the source after each mutation of one operator."""
    names = identifiers(ast.parse(source)) | set(more_names)
    count = len(mutations(ast.parse(source), names))
    results = set()
    for index in range(count):
        tree = ast.parse(source)
        mutation = mutations(tree, names)[index]
        mutation.make()
        if mutation.operator == operator:
            results.add(ast.unparse(tree))
    return results


@pytest.mark.parametrize(
    ("operator", "source", "expected"),
    [
        ("dropped argument", "f(a, b=1, c=d)", {"f(a, c=d)", "f(a, b=1)"}),
        ("dropped entry", "{'a': b, **c}", {"{**c}", "{'a': b}"}),
        ("dropped item", "x = [a, b]", {"x = [b]", "x = [a]"}),
        ("negated flag", "f(on=True)", {"f(on=False)"}),
        ("negated flag", "x = not a", {"x = not not a"}),
        ("negated flag", "a and b", {"a or b"}),
        ("weakened number", "f(n=30)", {"f(n=300)", "f(n=1)"}),
        ("weakened number", "n = 0", {"n = 1"}),
        ("widened pattern", "a = 'kms:Decrypt'", {"a = 'kms:*'"}),
        ("widened pattern", "a = '10.0.0.0/16'", {"a = '0.0.0.0/0'"}),
        ("widened pattern", "a = '^[a-z]$'", {"a = '[a-z]$'", "a = '^[a-z]'"}),
        ("opposite word", "a = 'Deny'", {"a = 'Allow'"}),
        ("moved condition", "a < b", {"a <= b"}),
        ("moved condition", "x = a if b else c", {"x = a if True else c", "x = a if False else c"}),
        ("moved condition", "any(a)", {"all(a)"}),
        ("dropped condition", "x = a and b", {"x = True and b", "x = a and True"}),
        ("dropped condition", "x = a or b", {"x = False or b", "x = a or False"}),
        ("dropped condition", "x = a or 0", {"x = False or 0"}),
        ("dropped condition", "[a for a in b if c]", {"[a for a in b]"}),
        ("other attribute", "f(a=x.a, b=x.b)", {"f(a=x.b, b=x.b)", "f(a=x.a, b=x.a)"}),
    ],
)
def test_an_operator_makes_its_mutations(operator: str, source: str, expected: set[str]) -> None:
    assert mistakes(source, operator) == expected


def test_swaps_a_tier_only_for_an_existing_one() -> None:
    """An unknown name would always fail, and prove nothing."""
    assert mistakes("f(net.private_ids)", "swapped tier", "public_ids") == {"f(net.public_ids)"}


def test_does_not_mutate_code_without_effect() -> None:
    """Docstrings, annotations, texts for people, error messages, and imports for type checkers."""
    source = '''
"""Text 7."""
if TYPE_CHECKING:
    x = 1
def f(a: Literal[3]) -> Literal[4]:
    """Text 8."""
    g(description="at most 9")
    raise ValueError(f"at least {5}")
'''
    assert mutations(ast.parse(source), set()) == []


def test_does_not_mutate_an_alias_that_only_mypy_uses() -> None:
    """If pydantic uses it, it is mutated."""
    alias = 'Scheme = Literal["internal", "public"]'

    assert mutations(ast.parse(alias), set()) == []
    assert mutations(ast.parse(f"from pydantic import BaseModel\n{alias}"), set()) != []


def test_mutates_the_constraints_of_an_annotation() -> None:
    """Constraints of a pydantic field are code within an annotation."""
    assert mistakes("a: Annotated[int, Field(ge=2)] = x", "weakened number") == {
        "a: Annotated[int, Field(ge=20)] = x",
        "a: Annotated[int, Field(ge=1)] = x",
    }
