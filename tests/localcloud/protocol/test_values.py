"""Values survive the way over Pulumi's wire."""

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
def test_what_is_encoded_is_decoded_the_same(value: dict[str, object]) -> None:
    """Integers stay integers, lists stay lists."""
    assert decode(encode(value)) == value


def test_none_is_absence() -> None:
    """A None in an object is left out, at every depth."""
    assert decode(encode({"a": None, "b": {"c": None, "d": 1}})) == {"b": {"d": 1}}


@pytest.mark.parametrize(
    ("mark", "expected"),
    [("1b47061264138c4ac30d75fd1eb44270", "hidden"), ("d0e6a833031e9bbcd3f4e8bde6ca49a4", "hidden")],
)
def test_secrets_and_outputs_are_opened(mark: str, expected: str) -> None:
    """The wrapper that the wire puts around them is gone."""
    struct = struct_pb2.Struct()
    struct.update({"password": {SIGNATURE: mark, "value": "hidden"}})

    assert decode(struct) == {"password": expected}


def test_an_output_without_a_value_is_unknown() -> None:
    """A preview cannot know it."""
    struct = struct_pb2.Struct()
    struct.update({"id": {SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4"}})

    assert decode(struct) == {"id": UNKNOWN}
    assert is_unknown(decode(struct))


def test_unknowns_are_found_at_every_depth() -> None:
    """In lists and objects alike."""
    assert is_unknown({"a": [1, {"b": UNKNOWN}]})
    assert not is_unknown({"a": [1, {"b": "known"}]})
