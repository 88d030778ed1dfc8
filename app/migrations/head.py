"""The newest revision, without importing Alembic: serving needs only this."""

from pathlib import Path

VERSIONS = Path(__file__).parent / "versions"


def head() -> str:
    """Return the newest revision; the file names begin with it."""
    return max(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*_*.py"))
