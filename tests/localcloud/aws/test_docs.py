"""docs/local-cloud-aws.md says what is emulated and what is recorded."""

from pathlib import Path

from localcloud.aws.catalog import resource_types

DOCS = Path(__file__).parents[3] / "docs" / "local-cloud-aws.md"


def test_the_table_has_every_type_as_it_is() -> None:
    """One row a type: emulated or recorded, and what of it is recorded only."""
    rows = [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in DOCS.read_text().splitlines()
        if line.startswith("| `aws:")
    ]
    wanted = [
        (
            f"`{type_}`",
            "recorded" if resource.recorded.startswith("all of it") else "emulated by moto",
            resource.recorded,
        )
        for type_, resource in resource_types().items()
    ]

    assert sorted(rows) == sorted(wanted)
