"""Encoding and decoding of values in Pulumi's protocol."""

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from localcloud.protocol.values import UNKNOWN, decode, encode, is_unknown

SIGNATURE = "4dabf18193072939515e22adb298388d"
scalars = st.one_of(st.booleans(), st.integers(-(2**52), 2**52), st.text(max_size=20))
objects = st.dictionaries(
    st.text(min_size=1, max_size=8).filter(lambda key: key != SIGNATURE),
    st.recursive(scalars, lambda inner: st.lists(inner, max_size=3), max_leaves=6),
    max_size=5,
)


@given(objects)
def test_an_encoded_value_decodes_to_the_same_value(value: dict[str, object]) -> None:
    """Integers stay integers, and lists stay lists."""
    assert decode(encode(value)) == value


def test_none_is_absence() -> None:
    """A None in an object is left out at any depth."""
    assert decode(encode({"a": None, "b": {"c": None, "d": 1}})) == {"b": {"d": 1}}


@pytest.mark.parametrize(
    ("mark", "expected"),
    [("1b47061264138c4ac30d75fd1eb44270", "hidden"), ("d0e6a833031e9bbcd3f4e8bde6ca49a4", "hidden")],
)
def test_secrets_and_outputs_are_unwrapped(mark: str, expected: str) -> None:
    """The wrapper of the protocol is removed."""
    struct = struct_pb2.Struct()
    struct.update({"password": {SIGNATURE: mark, "value": "hidden"}})

    assert decode(struct) == {"password": expected}


def test_an_output_without_a_value_is_unknown() -> None:
    """It is not known in a preview."""
    struct = struct_pb2.Struct()
    struct.update({"id": {SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4"}})

    assert decode(struct) == {"id": UNKNOWN}
    assert is_unknown(decode(struct))


def test_unknowns_are_found_at_any_depth() -> None:
    """They are found in lists and objects."""
    assert is_unknown({"a": [1, {"b": UNKNOWN}]})
    assert not is_unknown({"a": [1, {"b": "known"}]})
