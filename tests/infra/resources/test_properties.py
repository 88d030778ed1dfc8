"""Conversion of resource properties to plain data."""

from typing import Any

import pytest
from pulumi_policy.proxy import UNKNOWN_ARRAY_VALUE, UNKNOWN_STRING_VALUE, unknown_checking_proxy

from infra.resources.properties import UNKNOWN, document, is_number, items, mapping, plain, unset


def test_plain_keeps_known_values_next_to_unknown_ones() -> None:
    """An unknown value does not hide its neighbours, unlike in the SDK's view."""
    view = unknown_checking_proxy({"a": [1.0, UNKNOWN_STRING_VALUE, {"b": UNKNOWN_ARRAY_VALUE, "c": "d"}]})

    assert plain(view) == {"a": [1.0, UNKNOWN, {"b": UNKNOWN, "c": "d"}]}


@pytest.mark.parametrize(
    ("value", "expected"), [(["a"], ["a"]), ("a", ["a"]), (None, []), (UNKNOWN, []), ({"a": 1}, [{"a": 1}])]
)
def test_items_treats_a_single_value_as_a_list(value: Any, expected: list[Any]) -> None:
    """IAM documents contain both forms."""
    assert items(value) == expected


@pytest.mark.parametrize(("value", "expected"), [({"a": 1}, {"a": 1}), (None, {}), (UNKNOWN, {}), ([], {})])
def test_mapping_is_empty_without_an_object(value: Any, expected: dict[str, Any]) -> None:
    """A rule can then continue without a special case."""
    assert mapping(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [('{"a": 1}', {"a": 1}), ({"a": 1}, {"a": 1}), ("{", None), (UNKNOWN, UNKNOWN), (None, None)]
)
def test_document_reads_text_and_objects(value: Any, expected: Any) -> None:
    """Text that is not JSON gives None."""
    assert document(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(None, True), ("", True), ([], True), (UNKNOWN, False), (False, False)]
)
def test_unset_is_true_for_known_empty_values_only(value: Any, expected: bool) -> None:
    """Unknown and False are not unset."""
    assert unset(value) is expected


@pytest.mark.parametrize(("value", "expected"), [(1.0, True), (1, True), (True, False), ("1", False), (UNKNOWN, False)])
def test_is_number_excludes_booleans(value: Any, expected: bool) -> None:
    """In Python, a boolean is an int."""
    assert is_number(value) is expected
