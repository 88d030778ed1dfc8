"""Entity tags, and what clients ask with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.etags import etag, header, is_known, required_versions


@given(st.integers(1, 2**31 - 1))
def test_a_tag_that_was_handed_out_is_understood(version: int) -> None:
    """In both headers."""
    assert required_versions(etag(version)) == [version]
    assert is_known(etag(version), version)
    assert not is_known(etag(version), version + 1)


@pytest.mark.parametrize(
    ("if_match", "versions"),
    [
        (None, None),
        ("*", None),
        (" * ", None),
        ('"1", "3"', [1, 3]),
        ('W/"1", "3"', [3]),
        ('"x", "01", "-1", "99999999999999"', []),
        ("1", []),
        ("", []),
    ],
)
def test_if_match_names_versions(if_match: str | None, versions: list[int] | None) -> None:
    """Weak tags never match, and what is no tag of ours matches nothing."""
    assert required_versions(if_match) == versions


@pytest.mark.parametrize(
    ("if_none_match", "known"), [(None, False), ("*", True), ('"3", W/"7"', True), ('"17"', False), ("7", False)]
)
def test_if_none_match_names_what_the_client_has(if_none_match: str | None, known: bool) -> None:
    """Here weak tags do match."""
    assert is_known(if_none_match, 7) is known


def test_a_header_given_twice_is_one_list() -> None:
    """As HTTP has it; one that is not there is None."""
    headers = [(b"if-match", b'"1"'), (b"host", b"x"), (b"if-match", b'"2"')]

    assert header(headers, b"if-match") == '"1", "2"'
    assert header(headers, b"if-none-match") is None
