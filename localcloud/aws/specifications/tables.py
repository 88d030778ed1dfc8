"""Tables of what AWS offers, from cfn-lint, which generates them from AWS's responses. Each table is loaded lazily.

The tables of RDS are from `DescribeDBEngineVersions` and `DescribeOrderableDBInstanceOptions` in all regions: see
https://github.com/aws-cloudformation/cfn-lint/tree/main/src/cfnlint/data/schemas. The parameters of PostgreSQL are in
`data/postgres_parameters.txt`, which names its sources.
"""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

_RDS = "aws_rds_dbinstance"


class Parameter(NamedTuple):
    """A parameter of PostgreSQL in a range of major versions."""

    since: int
    """First major version in the table that has the parameter."""
    until: int
    """Last major version that has the parameter."""
    kind: str
    """`static`, `dynamic` or `internal`."""
    type: str = "string"
    """`bool`, `integer`, `real`, `enum` or `string`."""
    limits: str = "-"
    """Accepted values: `1..262143` for a number, `none,ddl,mod,all` for an enumeration, `-` for other types."""


@cache
def engines() -> frozenset[str]:
    """Return the engines of RDS, such as `postgres`."""
    first = _table("engine_version")["allOf"][0]
    return frozenset(first["then"]["properties"]["Engine"]["enum"])


@cache
def engine_versions(engine: str) -> frozenset[str]:
    """Return the versions of an engine for new instances, such as `17.6`, and `17` for its newest minor version.

    Returns:
        The versions. Empty if the tables do not have the engine.
    """
    gone = frozenset(version for key, versions in _deprecated() if key == engine for version in versions)
    offered = frozenset(version for key, versions in _versions() if key == engine for version in versions) - gone
    # The tables list a major version as deprecated as soon as one of its minor versions is deprecated.
    return offered | {version.rpartition(".")[0] for version in offered if "." in version}


@cache
def instance_classes(engine: str, version: str | None) -> frozenset[str]:
    """Return the instance classes that support an engine, or a version of it, in any region.

    Returns:
        Names such as `db.t4g.medium`. Empty if the tables do not have the version.
    """
    exact = [classes for key, known, classes in _classes() if key == engine and known == version]
    if not exact:
        exact = [
            classes
            for key, known, classes in _classes()
            if key == engine and (version is None or known.startswith(f"{version}."))
        ]
    return frozenset().union(*exact)


@cache
def all_instance_classes() -> frozenset[str]:
    """Return all current and former instance classes of any engine."""
    listed = (condition["then"] for region in _table("dbinstanceclass_enum").values() for condition in region["allOf"])
    by_region = frozenset(name for then in listed for name in then["properties"]["DBInstanceClass"]["enum"])
    return by_region.union(*(classes for _, _, classes in _classes()))


@cache
def region_instance_classes(region: str, engine: str) -> frozenset[str]:
    """Return the instance classes that support an engine in a region. Empty if the tables do not have the region."""
    return frozenset(
        name
        for condition in _table("dbinstanceclass_enum").get(region, {"allOf": ()})["allOf"]
        if condition["if"]["properties"]["Engine"]["const"] == engine
        for name in condition["then"]["properties"]["DBInstanceClass"]["enum"]
    )


@cache
def postgres_parameters() -> dict[str, tuple[Parameter, ...]]:
    """Return the parameters of PostgreSQL 15 to 18 by their name in lower case, without those of extensions."""
    found: dict[str, tuple[Parameter, ...]] = {}
    text = (Path(__file__).parent / "data" / "postgres_parameters.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            name, since, until, *rest = line.split()
            found[name.lower()] = (*found.get(name.lower(), ()), Parameter(int(since), int(until), *rest))
    return found


@cache
def _versions() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(_enumerations("engine_version", "then"))


@cache
def _deprecated() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(_enumerations("engine_version_deprecated", "if"))


def _enumerations(table: str, part: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return engine and versions from the `if` or `then` part of each rule about a single engine."""
    return [
        (engine["const"], tuple(condition[part]["properties"]["EngineVersion"]["enum"]))
        for condition in _table(table)["allOf"]
        if "const" in (engine := condition["if"]["properties"]["Engine"])
    ]


@cache
def _classes() -> tuple[tuple[str, str, frozenset[str]], ...]:
    """Return engine, version and the supported instance classes of each rule."""
    return tuple(
        (
            condition["if"]["properties"]["Engine"]["const"],
            _version(condition["if"]["properties"]["EngineVersion"]["pattern"]),
            frozenset(condition["then"]["properties"]["DBInstanceClass"]["enum"]),
        )
        for condition in _table("db_instance_class")["allOf"]
    )


def _version(pattern: str) -> str:
    r"""Return the version of a pattern: `^(17\.6\..+|17\.6)$` -> `17.6`."""
    return re.sub(r"\\(.)", r"\1", pattern.rpartition("|")[2].removesuffix(")$"))


def _table(name: str) -> Any:
    return cfnlint("schemas", "extensions", _RDS, f"{name}.json")


def cfnlint(*path: str) -> Any:
    """Read a file of cfn-lint's data.

    Raises:
        ImportError: cfn-lint is not installed.
    """
    import orjson  # noqa: PLC0415 - with a table of 3 MB, four times as fast as json

    spec = find_spec("cfnlint")  # find its data without importing it, which takes a second
    if spec is None or spec.origin is None:
        raise ImportError("cfn-lint is not installed, from which the local AWS knows what AWS offers: make setup")
    return orjson.loads(Path(spec.origin).parent.joinpath("data", *path).read_bytes())
