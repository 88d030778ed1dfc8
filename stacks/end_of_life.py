"""Versions in a stack whose support ends soon, or has ended."""

from collections.abc import Iterator
from datetime import date, timedelta

from stacks.settings import Settings
from stacks.versions import KUBERNETES, POSTGRESQL, RDS_AUTHORITY, RDS_AUTHORITY_ENDS

NOTICE_DAYS = 90


def ending(settings: Settings, today: date) -> Iterator[str]:
    """Yield a line for each version whose support ends within 90 days of `today`: the effect, and what to do."""
    version, database = settings.cluster.version, settings.database.engine_version
    extended = settings.cluster.support == "extended"
    ends = KUBERNETES[version].extended if extended else KUBERNETES[version].standard
    if _is_near(ends, today):
        kind = "extended" if extended else "standard"
        yield (
            f"Kubernetes {version}: {kind} support {_when(ends, today)}, then EKS upgrades the cluster automatically; "
            f"{_upgrade(version, ends, today, extended=extended)}"
        )
    major = database.partition(".")[0]
    if _is_near(POSTGRESQL[major].standard, today):
        yield (
            f"PostgreSQL {major}: standard support {_when(POSTGRESQL[major].standard, today)}, and RDS then charges "
            "more; set database.engineVersion to a later major, with applyImmediately and allowMajorVersionUpgrade"
        )
    if _is_near(RDS_AUTHORITY_ENDS, today):
        yield (
            f"{RDS_AUTHORITY}: the authority of the database's certificate {_when(RDS_AUTHORITY_ENDS, today)}; move "
            "the database to a later one, and add that one to the image first"
        )


def _is_near(ends: date, today: date) -> bool:
    return ends - today <= timedelta(days=NOTICE_DAYS)


def _when(ends: date, today: date) -> str:
    days = (ends - today).days
    return f"ended on {ends}" if days < 0 else f"ends on {ends}, in {days} days"


def _upgrade(version: str, ends: date, today: date, *, extended: bool) -> str:
    later = [each for each in KUBERNETES if _minor(each) == _minor(version) + 1]
    if ends < today:
        # EKS upgrades a cluster one minor version at a time, and never downgrades it.
        return (
            "set cluster.version to the one that `aws eks describe-cluster` shows; otherwise it is a downgrade, "
            "which EKS refuses"
        )
    step = f"set cluster.version to {later[0]} before" if later else "upgrade before"
    return step if extended else f"{step}, or cluster.support to extended, which costs more"


def _minor(version: str) -> int:
    return int(version.partition(".")[2])
