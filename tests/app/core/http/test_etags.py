"""Entity tags, and the request headers that contain them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.http.etags import etag, header, matches

OPAQUE = st.text(st.characters(codec="latin-1", exclude_characters='"', min_codepoint=0x21, exclude_categories=["Cc"]))
SPACE = st.sampled_from(["", " ", "\t", "  "])


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), OPAQUE, SPACE), max_size=5), OPAQUE)
def test_a_list_matches_the_tags_in_it(listed: list[tuple[bool, str, str]], other: str) -> None:
    """Other tags do not match; a weak tag matches only in the weak comparison (RFC 9110, 8.8.3.2)."""
    field = ",".join(f'{space}{"W/" if weak else ""}"{tag}"{space}' for weak, tag, space in listed)

    for tag in {other, *(tag for _, tag, _ in listed)}:
        assert matches(field, f'"{tag}"', strong=False) is any(named == tag for _, named, _ in listed)
        assert matches(field, f'"{tag}"', strong=True) is any(named == tag and not weak for weak, named, _ in listed)


@pytest.mark.parametrize("strong", [True, False])
@pytest.mark.parametrize(
    "field", ["", "7", '"7', '7"', "'7'", 'w/"7"', '"17"', '"07"', '"7 "', 'x"7"', '"7"x', '"*"', "* *"]
)
def test_a_malformed_or_different_tag_does_not_match(field: str, strong: bool) -> None:
    """In either comparison."""
    assert not matches(field, etag(7), strong=strong)


@pytest.mark.parametrize("field", ["*", " * ", '"7"', '"3", "7"', '"3","7"', ', "7",', '"a,b", "7"'])
def test_an_asterisk_and_lists_with_the_tag_match(field: str) -> None:
    """Empty elements of a list are ignored (RFC 9110, 5.6.1)."""
    assert matches(field, etag(7), strong=True)
    assert matches(field, etag(7), strong=False)


def test_repeated_headers_are_joined_to_a_list() -> None:
    """A missing header is None."""
    headers = [(b"if-match", b'"1"'), (b"host", b"x"), (b"if-match", b'"2"')]

    assert header(headers, b"if-match") == '"1", "2"'
    assert header(headers, b"if-none-match") is None
