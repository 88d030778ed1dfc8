"""The table of enforcement levels in docs/policy.md; the table of rules is generated."""

from pathlib import Path

from infra.policy.levels import LEVELS

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "policy.md").read_text()


def _rows(table: str) -> list[list[str]]:
    block = TEXT.partition(f"<!-- {table}:")[2].partition(f"<!-- /{table} -->")[0]
    lines = [line for line in block.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_lists_every_level_that_is_not_mandatory() -> None:
    """Each row has a reason."""
    expected = [
        [f"`{stack}`", f"`{rule}`", level.value] for stack, levels in LEVELS.items() for rule, level in levels.items()
    ]

    assert [row[:3] for row in _rows("levels")] == expected
    assert all(row[3] for row in _rows("levels"))
