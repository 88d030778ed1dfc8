"""SQL statements of lists."""

from datetime import UTC, datetime

import pytest

from app.resources.listing import FILTERS, SORTS, After, Listing, Shape, list_statement, list_values

COLUMNS = ("id", "name")


@pytest.mark.parametrize("sort", SORTS)
def test_the_order_is_total(sort: str) -> None:
    """The last column of the order is the id, in the same direction, so an index can return the rows in order."""
    statement = list_statement("items", COLUMNS, Shape(sort, (), False)).decode()

    order = statement.partition("ORDER BY ")[2].partition(" LIMIT")[0].split(", ")
    assert order[-1].startswith('"id"')
    assert len({key.endswith(" DESC") for key in order}) == 1


def test_a_resumed_list_starts_after_the_row_of_its_cursor() -> None:
    """All columns of the order are compared as one row."""
    statement = list_statement("items", COLUMNS, Shape("-name", ("name_prefix",), True))

    assert statement == (
        b'SELECT "id", "name" FROM "items" WHERE name LIKE %(name_prefix)s '
        b'AND ("name", "id") < (%(after_value)s, %(after_id)s) '
        b'ORDER BY "name" DESC, "id" DESC LIMIT %(limit)s'
    )


def test_values_are_passed_as_parameters() -> None:
    """Each value has a placeholder in the statement."""
    listing = Listing(
        limit=2,
        sort="name",
        after=After("anchor", 7),
        filters=dict.fromkeys(FILTERS, "x") | {"created_after": datetime(2026, 1, 1, tzinfo=UTC)},
    )

    statement = list_statement("users", COLUMNS, listing.shape).decode()

    assert all(f"%({name})s" in statement for name in list_values(listing))


def test_wildcards_in_a_prefix_are_escaped() -> None:
    """Percent sign, underscore and backslash."""
    assert list_values(Listing(limit=1, filters={"name_prefix": "5%_\\"}))["name_prefix"] == "5\\%\\_\\\\%"
