"""Properties as plain data."""

from typing import Any

import pytest
from pulumi_policy.proxy import UNKNOWN_ARRAY_VALUE, UNKNOWN_STRING_VALUE, unknown_checking_proxy

from infra.resources.properties import UNKNOWN, document, is_number, items, mapping, plain, unset


def test_plain_keeps_known_values_next_to_unknown_ones() -> None:
    """One unknown value does not hide its neighbours, as the SDK's view would."""
    view = unknown_checking_proxy({"a": [1.0, UNKNOWN_STRING_VALUE, {"b": UNKNOWN_ARRAY_VALUE, "c": "d"}]})

    assert plain(view) == {"a": [1.0, UNKNOWN, {"b": UNKNOWN, "c": "d"}]}


@pytest.mark.parametrize(
    ("value", "expected"), [(["a"], ["a"]), ("a", ["a"]), (None, []), (UNKNOWN, []), ({"a": 1}, [{"a": 1}])]
)
def test_items_takes_one_for_a_list_of_one(value: Any, expected: list[Any]) -> None:
    """IAM documents write both."""
    assert items(value) == expected


@pytest.mark.parametrize(("value", "expected"), [({"a": 1}, {"a": 1}), (None, {}), (UNKNOWN, {}), ([], {})])
def test_mapping_is_empty_without_an_object(value: Any, expected: dict[str, Any]) -> None:
    """So that a rule may walk on."""
    assert mapping(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [('{"a": 1}', {"a": 1}), ({"a": 1}, {"a": 1}), ("{", None), (UNKNOWN, UNKNOWN), (None, None)]
)
def test_document_reads_text_and_objects(value: Any, expected: Any) -> None:
    """What is no JSON is no document."""
    assert document(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(None, True), ("", True), ([], True), (UNKNOWN, False), (False, False)]
)
def test_unset_is_known_to_be_empty(value: Any, expected: bool) -> None:
    """Unknown is not unset, and neither is a value that is false."""
    assert unset(value) is expected


@pytest.mark.parametrize(("value", "expected"), [(1.0, True), (1, True), (True, False), ("1", False), (UNKNOWN, False)])
def test_is_number(value: Any, expected: bool) -> None:
    """Python takes booleans for numbers; rules must not."""
    assert is_number(value) is expected
