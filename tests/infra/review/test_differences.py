"""Differences by key, cut around what differs, without secrets."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.resources.properties import UNKNOWN
from infra.review.differences import Leaf, leaves
from infra.review.values import MAX_SHOWN_CHARACTERS, shown_pair

POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "A", "Action": ["s3:Get"]}, {"Sid": "B", "Action": ["s3:Put"]}],
}
SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=200)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, [Leaf("x.b", 2, 3)]),
        ({"a": 1}, {}, [Leaf("x.a", 1, None)]),
        ({"a.b": 1}, {"a.b": 2}, [Leaf('x["a.b"]', 1, 2)]),
        (["a", "b"], ["b", "c"], [Leaf("x[]", "a", "c")]),
        (["a", "b"], ["b"], [Leaf("x[]", "a", None)]),
        (["a", "b"], ["b", "a"], [Leaf("x (order)", ["a", "b"], ["b", "a"])]),
        (
            [{"name": "a", "value": 1}, {"name": "b", "value": 2}],
            [{"name": "b", "value": 3}, {"name": "a", "value": 1}],
            [Leaf("x[name=b].value", 2, 3)],
        ),
        ([{"v": 1}], [{"v": 2}], [Leaf("x[0].v", 1, 2)]),
        (True, 1, [Leaf("x", True, 1)]),
        ({"a": 1}, UNKNOWN, [Leaf("x", {"a": 1}, UNKNOWN)]),
        (
            json.dumps(POLICY),
            json.dumps({**POLICY, "Statement": [POLICY["Statement"][0], {"Sid": "B", "Action": ["s3:Put", "s3:Del"]}]}),
            [Leaf("x.Statement[Sid=B].Action[]", None, "s3:Del")],
        ),
    ],
)
def test_each_leaf_that_differs_is_found_by_key(old: Any, new: Any, expected: list[Leaf]) -> None:
    """Objects, lists and JSON documents."""
    assert leaves(old, new, "x") == expected


@given(VALUES, VALUES)
def test_values_differ_in_a_leaf_if_and_only_if_they_differ(old: Any, new: Any) -> None:
    """Texts of the same JSON document are equal; so are a missing value and null."""
    found = leaves(old, new, "x")

    assert leaves(old, old, "x") == []
    assert all(leaf.old != leaf.new or isinstance(leaf.old, bool) != isinstance(leaf.new, bool) for leaf in found)
    if isinstance(old, str | int) and isinstance(new, str | int) and old != new and not str(old).startswith(("{", "[")):
        assert found == [Leaf("x", old, new)]


@given(st.text(alphabet="abc{} ", max_size=300), st.text(alphabet="abc{} ", max_size=300))
def test_long_values_are_cut_around_their_difference(before: str, after: str) -> None:
    """Both are short, and differ if the values do."""
    old, new = " ".join(before.split()), " ".join(after.split())

    shown = shown_pair(old, new)

    assert all(len(text or "") <= MAX_SHOWN_CHARACTERS for text in shown)
    assert (shown[0] == shown[1]) == (old == new)


def test_the_difference_at_the_end_of_a_long_value_is_shown() -> None:
    """Not only its start."""
    old, new = shown_pair("a" * 500 + "old", "a" * 500 + "new")

    assert (old or "").endswith("aold")
    assert (new or "").endswith("anew")
    assert (old or "").startswith("…")


def test_an_unknown_value_is_no_empty_one() -> None:
    """It is not known yet."""
    assert shown_pair("a", UNKNOWN) == ("a", "known after up")


def test_a_secret_in_a_json_document_is_not_shown() -> None:
    """Known by its name."""
    (leaf,) = leaves('{"password": "hunter2hunter2", "port": 1}', '{"password": "hunter3hunter3", "port": 2}', "x")

    assert leaf == Leaf("x.port", 1, 2)
