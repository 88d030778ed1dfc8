"""A rule reads only values that a preview knows, and ends at the first other one."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from localcloud.aws.judge.partial import NotKnownError, OwnId, Partial, until_unknown
from localcloud.protocol.values import UNKNOWN

VALUES = Partial(
    {"a": 1, "b": UNKNOWN, "c": {"d": f"x{UNKNOWN}", "e": 2}, "f": [{"g": UNKNOWN}], "h": [UNKNOWN], "i": None}
)
IN_PART = Partial({"a": 1}, frozenset({"b"}))


@pytest.mark.parametrize(
    "read",
    [
        lambda: VALUES["b"],
        lambda: VALUES.get("b"),
        lambda: VALUES["c"]["d"],
        lambda: VALUES["f"][0].get("g"),
        lambda: VALUES.get("h"),
        lambda: dict(VALUES),
        lambda: {**VALUES},
        lambda: list(Partial({UNKNOWN: 1})),
        lambda: IN_PART["c"],
        lambda: IN_PART.get("c", 1),
        lambda: "c" in IN_PART,
    ],
)
def test_an_unknown_value_cannot_be_read(read: Callable[[], Any]) -> None:
    with pytest.raises(NotKnownError):
        read()


def test_known_values_can_be_read() -> None:
    """Also beside unknown ones, and keys that are known to be absent."""
    assert (VALUES["a"], VALUES["c"]["e"], VALUES["i"], VALUES.get("z", 3)) == (1, 2, None, 3)
    assert "b" in VALUES
    assert len(VALUES["f"]) == 1
    assert IN_PART.get("b") is None
    assert bool(IN_PART)


def test_the_own_id_can_be_read() -> None:
    """It stays the own id as a text, but is unknown for rules of requests."""
    own = OwnId(UNKNOWN)

    assert isinstance(Partial({"id": str(own)})["id"], OwnId)
    assert own == UNKNOWN
    assert f"no support for {own}" == "no support for the new resource"
    with pytest.raises(TypeError):
        list(own)


@pytest.mark.parametrize(
    "read",
    [lambda own: own.split(":", 5), lambda own: own.startswith("arn:"), lambda own: own[0]],
)
def test_the_text_of_the_own_id_cannot_be_read(read: Callable[[str], Any]) -> None:
    with pytest.raises(NotKnownError):
        read(OwnId(UNKNOWN))


def test_a_rule_ends_at_an_unknown_value() -> None:
    """What it reported before remains."""

    def rule() -> Iterator[int]:
        yield VALUES["a"]
        yield VALUES["b"]

    assert list(until_unknown(rule())) == [1]
