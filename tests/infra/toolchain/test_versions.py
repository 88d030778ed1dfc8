"""Versions in the output of tools."""

import pytest

from infra.toolchain.versions import parse, show


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ("3.259.0", (3, 259, 0)),
        ("v3.259.0-alpha.1", (3, 259, 0)),
        ("Kubernetes v1.35.4", (1, 35, 4)),
        ("Client Version: v1.35.4\nKustomize Version: v5.7.1", (1, 35, 4)),
        ("etcd Version: 3.6.6\nGit SHA: 1.2", (3, 6, 6)),
        ("go version go1.26 linux/amd64", (1, 26, 0)),
        ("psql (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", (15, 18, 0)),
        ("aws-cli/1.45.11 Python/3.11.7", (1, 45, 11)),
        ("command not found", None),
        ("", None),
    ],
)
def test_reads_the_first_version_of_the_output(printed: str, version: tuple[int, int, int] | None) -> None:
    """Tools print it in different forms; later versions in the output belong to other parts."""
    assert parse(printed) == version


def test_versions_compare_as_numbers() -> None:
    """3.259 is newer than 3.26."""
    assert parse("3.259.0") > parse("3.26.9")  # type: ignore[operator]


def test_a_shown_version_parses_to_the_same_version() -> None:
    """Messages show the version that was compared."""
    assert parse(show((1, 35, 4))) == (1, 35, 4)
