"""YAML is read as by the engine: duplicate keys and special data are refused. tests/infra compares with the engine."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stacks.settings.engine_yaml import WrongYamlError, read

objects = st.recursive(
    st.integers(0, 9).map(str),
    lambda inner: st.dictionaries(st.sampled_from("abcd"), inner, min_size=1, max_size=3),
    max_leaves=8,
).filter(lambda value: isinstance(value, dict))


def lines_of(value: dict[str, object], path: tuple[str, ...] = (), depth: int = 0) -> list[tuple[tuple[str, ...], str]]:
    """Return a document in block style, as (path, line) for each of its lines."""
    lines = []
    for key, inner in value.items():
        nested = isinstance(inner, dict)
        lines.append(((*path, key), f"{'  ' * depth}{key}:{'' if nested else f' {inner}'}"))
        if isinstance(inner, dict):
            lines += lines_of(inner, (*path, key), depth + 1)
    return lines


@settings(deadline=None, max_examples=100)
@given(objects, st.data())
def test_a_duplicate_key_is_refused_at_every_depth(value: dict[str, object], data: st.DataObject) -> None:
    """The message has its path and both lines. The test inserts the duplicate after the first key and its value."""
    lines = lines_of(value)
    assert read("\n".join(line for _, line in lines)).value is not None
    index = data.draw(st.integers(0, len(lines) - 1))
    path, line = lines[index]
    after = next((i for i in range(index + 1, len(lines)) if len(lines[i][0]) <= len(path)), len(lines))
    key = line.strip().partition(":")[0]
    again = line.replace(key, data.draw(st.sampled_from([key, f"'{key}'", f'"{key}"'])), 1).partition(":")[0] + ": 1"
    lines.insert(after, (path, again))
    with pytest.raises(WrongYamlError) as caught:
        read("\n".join(line for _, line in lines))

    assert caught.value.problems == [
        f"line {after + 1}: {'.'.join(path)}: duplicate, first in line {index + 1}",
    ]


def test_all_duplicate_keys_are_reported_together() -> None:
    """Each is reported once, also if an alias repeats the object."""
    with pytest.raises(WrongYamlError) as caught:
        read("a: &a\n  b: 1\n  b: 2\nc: *a\na: 1\n")

    assert caught.value.problems == [
        "line 5: a: duplicate, first in line 1",
        "line 3: a.b: duplicate, first in line 2",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: .inf", "line 1: a: .inf is not accepted; write a number"),
        ("a: -.INF", "line 1: a: -.INF is not accepted; write a number"),
        ("a: .nan", "line 1: a: .nan is not accepted; write a number"),
        ("a: !!binary eA==", "line 1: a: the tag tag:yaml.org,2002:binary is not accepted; write a plain value"),
        ("a: !!int 5", "line 1: a: the tag tag:yaml.org,2002:int is not accepted; write a plain value"),
        ("a: !mine 5", "line 1: a: the tag !mine is not accepted; write a plain value"),
        ("a:\n  1.50: x", "line 2: a key must be text; write it in quotes"),
        ("a:\n  007: x", "line 2: a key must be text; write it in quotes"),
        ("a:\n  null: x", "line 2: a key must be text; write it in quotes"),
        ("? [a]\n: x", "line 1: a key must be text; write it in quotes"),
        ("a: {<<: [1]}", "line 1: << takes an object, or a list of objects"),
        ("a: &a\n  b: *a", "line 1: an anchor contains itself"),
        ("a: &a\n  <<: *a", "line 1: an anchor contains itself"),
        ("a: 1\n--- \nb: 1", "not valid YAML: but found another document"),
        ("a: 1\nb: \x01", "not valid YAML: special characters are not allowed"),
        ("[" * 5000, "nested too deeply"),
    ],
)
def test_refuses_values_that_are_not_plain_data(text: str, problem: str) -> None:
    """The message is one line with the place and what to write."""
    with pytest.raises(WrongYamlError) as caught:
        read(text)

    assert caught.value.problems == [problem]


def test_limits_the_values_that_aliases_expand_to() -> None:
    """A few lines with nested aliases can expand to billions of values."""
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    text += "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12))
    with pytest.raises(WrongYamlError, match="the aliases expand to more than 100000 values"):
        read(text)


@settings(deadline=None, max_examples=300)
@given(st.text(st.sampled_from(list(":-{}[]&*!|>'\"%@`#, \n\tab01.<~=?")), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """The reader raises no other error."""
    try:
        found = read(text).value
    except WrongYamlError as error:
        found = error.problems
    assert isinstance(found, dict | list | str | int | float | None)


@pytest.mark.parametrize("escape", [r"\ud800", r"\udfff", r"\U00110000", r"\UFFFFFFFF", r"a\ud83d\ude00"])
def test_an_invalid_escape_is_refused_with_its_location(escape: str) -> None:
    """The engine's YAML parser, which is derived from libyaml, refuses it too."""
    with pytest.raises(WrongYamlError, match="not a Unicode character") as caught:
        read(f'a: 1\nb: "{escape}"')

    assert caught.value.place == "2:4"


@pytest.mark.parametrize("prefix", ["", "-", "+", "0", "0x", "0o", "0b"])
def test_reads_a_number_with_thousands_of_digits_as_text(prefix: str) -> None:
    """It exceeds 64 bits, and Python refuses to convert it; leading zeros do not count."""
    assert read(f"a: {prefix}{'1' * 5_000}").value == {"a": f"{prefix}{'1' * 5_000}"}
    assert read(f"a: {'0' * 5_000}7").value == {"a": 7}
