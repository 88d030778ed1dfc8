"""Values are converted to the declared type of their setting."""

from collections.abc import Mapping
from typing import Annotated, Literal

import pytest
from pydantic import Field

from stacks.settings.model import SettingsModel
from stacks.settings.typed import typed


class Inner(SettingsModel):
    """An object."""

    port: Annotated[int, Field(ge=1)] = 1
    url: Annotated[str, Field(pattern="x")] | None = None


class Outer(SettingsModel):
    """Settings with one of each type."""

    on: bool = True
    count: Annotated[int, Field(ge=0)] = 0
    name: str = ""
    version: Literal["1.35", "2"] = "2"
    days: Literal[7, 31] = 7
    names: Annotated[tuple[Annotated[str, Field()], ...], Field()] = ()
    numbers: tuple[int, ...] = ()
    tags: Mapping[str, str] = {}
    inner: Inner = Inner()


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("on", "true", True),
        ("on", "false", False),
        ("on", False, False),
        ("on", "True", "True"),
        ("on", "yes", "yes"),
        ("on", "1", "1"),
        ("on", 1, 1),
        ("on", "", ""),
        ("count", "8080", 8080),
        ("count", "-1", -1),
        ("count", "0", 0),
        ("count", "007", "007"),
        ("count", "0x10", "0x10"),
        ("count", "1e3", "1e3"),
        ("count", "3.0", "3.0"),
        ("count", " 3", " 3"),
        ("count", "\u0663", "\u0663"),
        ("count", True, True),
        ("count", 3.5, 3.5),
        ("name", 4711, "4711"),
        ("name", True, "true"),
        ("name", "true", "true"),
        ("name", 1.5, 1.5),
        ("name", None, None),
        ("version", 2, "2"),
        ("days", 31, 31),
        ("days", "31", 31),
        ("days", "1.5", "1.5"),
        ("version", 1.35, 1.35),
        ("names", [1, "a", True], ["1", "a", "true"]),
        ("names", '["a", 5]', ["a", "5"]),
        ("names", "a", "a"),
        ("names", "", None),
        ("numbers", ["1", 2], [1, 2]),
        ("tags", {"a": 5, "b": "5"}, {"a": "5", "b": "5"}),
        ("tags", '{"a": 5}', {"a": "5"}),
        ("tags", '{"a": 5, "a": 6}', '{"a": 5, "a": 6}'),
        ("tags", '{"a": NaN}', '{"a": NaN}'),
        ("tags", "{", "{"),
        ("tags", "[" * 100_000, "[" * 100_000),
        ("inner", {"port": "80", "url": 5}, {"port": 80, "url": "5"}),
        ("inner", '{"port": "80"}', {"port": 80}),
        ("inner", "5", "5"),
        ("inner", {"url": None}, {"url": None}),
        ("unknown", "true", "true"),
    ],
)
def test_converts_a_value_to_the_declared_type(name: str, given: object, expected: object) -> None:
    """A value that cannot be converted stays as it is, and the model refuses it."""
    (found,) = typed({name: given}, Outer, {}).values()

    assert (found, type(found)) == (expected, type(expected))


def test_does_not_convert_a_number_in_another_spelling_to_text() -> None:
    """Only values with another spelling are excluded, and numeric settings stay numbers."""
    spellings = {("name",): "007", ("tags", "a"): "TRUE", ("inner", "port"): "0x50", ("names", 1): "1_0"}
    values = {"name": 7, "tags": {"a": True, "b": True}, "inner": {"port": 80}, "names": [10, 10]}

    assert typed(values, Outer, spellings) == {**values, "tags": {"a": True, "b": "true"}, "names": ["10", 10]}
