"""Values of a plan as text."""

from typing import Any

import pytest

from infra.resources.properties import UNKNOWN
from infra.review.values import MAX_SHOWN_CHARACTERS, at_path, clean, shown
from tests.infra.review import built


def test_clean_removes_the_engines_marks() -> None:
    """Marks are removed at any depth."""
    assert clean({"a": [built.SECRET, built.UNKNOWN, 1]}) == {"a": ["[secret]", UNKNOWN, 1]}


def test_clean_hides_a_variable_by_its_name() -> None:
    """Environment variables of a container are pairs of name and value."""
    variables = [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "LOG_LEVEL", "value": "info"}]

    assert clean(variables) == [{"name": "DB_PASSWORD", "value": "[secret]"}, {"name": "LOG_LEVEL", "value": "info"}]


TREE = {"spec": {"containers": [{"image": "a"}], "labels": {"app.io/name": "api"}}, "unknown": UNKNOWN}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("spec.containers[0].image", "a"),
        ('spec.labels["app.io/name"]', "api"),
        ("spec.containers[1].image", None),
        ("spec.nothing.there", None),
        ("unknown.below", UNKNOWN),
    ],
)
def test_at_path_reads_paths_of_providers(path: str, expected: Any) -> None:
    """The paths are those of a detailed diff."""
    assert at_path(TREE, path) is expected or at_path(TREE, path) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (UNKNOWN, "known after up"),
        ("a\n  b", "a b"),
        (True, "true"),
        ({"b": 1, "a": [2]}, '{"a": [2], "b": 1}'),
    ],
)
def test_shown_is_one_line(value: Any, expected: str | None) -> None:
    """A value that is not set gives None."""
    assert shown(value) == expected


def test_shown_has_a_maximum_length() -> None:
    """A policy document does not fit into a table cell."""
    assert len(shown("x" * 500) or "") == MAX_SHOWN_CHARACTERS
