"""The stand-in for the random provider draws once and keeps the value."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.protocol.servicer import Change, ProviderError, Target
from localcloud.protocol.values import UNKNOWN
from localcloud.providers.random_ import ID_TYPE, RandomProvider, random_text

PASSWORD = Target(
    urn="urn:pulumi:s::p::random:index/randomPassword:RandomPassword::db",
    type="random:index/randomPassword:RandomPassword",
    name="db",
)


@given(st.integers(8, 64), st.booleans(), st.integers(0, 3))
def test_a_text_has_the_requested_length_and_classes(length: int, special: bool, min_upper: int) -> None:
    """It has no character of a disabled class, and the minimum of each enabled one."""
    text = random_text({"length": length, "special": special, "minUpper": min_upper})

    assert len(text) == length
    assert sum(character in string.ascii_uppercase for character in text) >= min_upper
    if not special:
        assert text.isalnum()


def test_override_special_is_the_only_source_of_specials() -> None:
    """A URL-safe password stays URL-safe."""
    text = random_text({"length": 200, "overrideSpecial": "_"})

    assert set(text) <= set(string.ascii_letters + string.digits + "_")


def test_rejects_minimums_beyond_the_length() -> None:
    """The message names the length."""
    with pytest.raises(ProviderError, match="length 4"):
        random_text({"length": 4, "minUpper": 3, "minLower": 3})


def test_a_preview_draws_nothing() -> None:
    """The value is unknown until creation."""
    id_, outputs = RandomProvider().create(PASSWORD, {"length": 20}, preview=True)

    assert (id_, outputs["result"]) == ("", UNKNOWN)


def test_a_changed_keeper_replaces() -> None:
    """This is how a rotation is requested."""
    old = {"length": 20, "keepers": {"rotation": "1"}}
    new = {"length": 20, "keepers": {"rotation": "2"}}

    assert RandomProvider().diff(PASSWORD, "none", old, old, new) == Change(changed=["keepers"], replaces=["keepers"])
    assert RandomProvider().diff(PASSWORD, "none", old, old, old) == Change()


def test_rejects_a_type_without_a_stand_in() -> None:
    """The message names the type and the accepted ones."""
    shuffle = Target(urn="u", type="random:index/randomShuffle:RandomShuffle", name="x")
    with pytest.raises(ProviderError, match=f"randomShuffle.*{ID_TYPE}"):
        RandomProvider().check(shuffle, {}, {})
