"""Changes outside of Pulumi that count as drift."""

from typing import Any

import pytest

from localcloud.kubernetes.drift import project, without_bookkeeping


@pytest.mark.parametrize(
    ("wanted", "applied", "live", "found"),
    [
        ({"cpu": "0.5"}, {"cpu": "500m"}, {"cpu": "500m"}, {"cpu": "0.5"}),
        ({"a": ""}, {}, {}, {"a": ""}),
        ({"a": 1}, {"a": 1, "d": 2}, {"a": 1, "d": 3}, {"a": 1}),
        ({"a": 1, "b": 2}, {"a": 1, "b": 2}, {"a": 1, "b": 9}, {"a": 1, "b": 9}),
        ({"a": 1, "b": 2}, {"a": 1, "b": 2}, {"a": 1}, {"a": 1}),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1, "d": 0}]}, {"a": [{"b": 2, "d": 0}]}, {"a": [{"b": 2}]}),
        ({"a": [1, 2]}, {"a": [1, 2]}, {"a": [1]}, {"a": [1]}),
        ({"a": [1]}, {"a": [1]}, {"a": [1, 2]}, {"a": [1]}),
        ({"a": [1]}, {"a": [1]}, {"a": [2, 1]}, {"a": [2]}),
        ({"a": {"b": 1}}, {"a": {"b": 1}}, {"a": None}, {}),
    ],
    ids=[
        "quantity",
        "dropped",
        "default",
        "changed",
        "removed",
        "in a list",
        "shorter list",
        "appended",
        "inserted",
        "whole branch",
    ],
)
def test_projects_live_values_onto_inputs(wanted: Any, applied: Any, live: Any, found: Any) -> None:
    """A value changes only if applying the inputs would yield another one."""
    assert project(wanted, applied, live) == found


def test_drops_fields_that_only_the_api_server_sets() -> None:
    """An import must not contain them."""
    manifest = {"metadata": {"name": "a", "uid": "1", "generation": 2}, "spec": {}, "status": {"phase": "x"}}

    assert without_bookkeeping(manifest) == {"metadata": {"name": "a"}, "spec": {}}
