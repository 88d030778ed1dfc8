"""Entity tags, and what clients ask with them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.http.etags import etag, header, matches

OPAQUE = st.text(st.characters(codec="latin-1", exclude_characters='"', min_codepoint=0x21, exclude_categories=["Cc"]))
SPACE = st.sampled_from(["", " ", "\t", "  "])


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), OPAQUE, SPACE), max_size=5), OPAQUE)
def test_a_list_names_the_tags_in_it(listed: list[tuple[bool, str, str]], other: str) -> None:
    """And no others; a weak tag counts in the weak comparison only (RFC 9110, 8.8.3.2)."""
    field = ",".join(f'{space}{"W/" if weak else ""}"{tag}"{space}' for weak, tag, space in listed)

    for tag in {other, *(tag for _, tag, _ in listed)}:
        assert matches(field, f'"{tag}"', strong=False) is any(named == tag for _, named, _ in listed)
        assert matches(field, f'"{tag}"', strong=True) is any(named == tag and not weak for weak, named, _ in listed)


@pytest.mark.parametrize("strong", [True, False])
@pytest.mark.parametrize(
    "field", ["", "7", '"7', '7"', "'7'", 'w/"7"', '"17"', '"07"', '"7 "', 'x"7"', '"7"x', '"*"', "* *"]
)
def test_what_is_no_such_tag_matches_nothing(field: str, strong: bool) -> None:
    """A near miss is a miss."""
    assert not matches(field, etag(7), strong=strong)


@pytest.mark.parametrize("field", ["*", " * ", '"7"', '"3", "7"', '"3","7"', ', "7",', '"a,b", "7"'])
def test_any_and_lists_match(field: str) -> None:
    """Empty elements of a list do not count (RFC 9110, 5.6.1)."""
    assert matches(field, etag(7), strong=True)
    assert matches(field, etag(7), strong=False)


def test_a_header_given_twice_is_one_list() -> None:
    """As HTTP has it; one that is not there is None."""
    headers = [(b"if-match", b'"1"'), (b"host", b"x"), (b"if-match", b'"2"')]

    assert header(headers, b"if-match") == '"1", "2"'
    assert header(headers, b"if-none-match") is None
