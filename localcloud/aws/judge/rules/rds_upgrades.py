"""Rules of RDS about a change of the engine version of an instance."""

from collections.abc import Iterator

from localcloud.aws.judge.refusal import RefusedError
from localcloud.aws.judge.rules.rds_state import instance
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules

_GUIDE = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide"
_UPGRADE = f"{_GUIDE}/USER_UpgradeDBInstance.PostgreSQL.html"
_TARGETS = f"{_GUIDE}/USER_UpgradeDBInstance.PostgreSQL.MajorVersion.html"
# Minor versions that PostgreSQL released on the same day, by major version: https://www.instaclustr.com/?p=19095.
_TOGETHER = {14: 23, 15: 18, 16: 14, 17: 10, 18: 4}


def _upgrade(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a downgrade, a major version upgrade without its flag, and a version that is not an upgrade target."""
    found = instance(ask, str(parameters["DBInstanceIdentifier"]))
    wanted = str(parameters.get("EngineVersion") or "")
    if not found or not wanted:
        return
    now, engine = str(found["EngineVersion"]), found["Engine"]
    before, after, source = _numbers(now), _numbers(wanted), _UPGRADE
    if after[: len(before)] < before[: len(after)]:
        words = f"Cannot upgrade {engine} from {now} to {wanted}"
    elif after[:1] != before[:1] and engine == "postgres" and not parameters.get("AllowMajorVersionUpgrade"):
        words = "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version."
    elif engine == "postgres" and _is_older(after, before):
        words, source = f"Cannot upgrade {engine} from {now} to {wanted}", _TARGETS
    else:
        return
    yield RefusedError("InvalidParameterCombination", words, path=("EngineVersion",), value=wanted, source=source)


def _is_older(after: tuple[int, ...], before: tuple[int, ...]) -> bool:
    """Return whether PostgreSQL released a version before the deployed one. It is not among RDS's upgrade targets.

    For example, the targets of 16.8 are 17.4 and 17.5, and the only target of 16.9 is 17.5.
    """
    ages = [
        version[1] - _TOGETHER[version[0]] for version in (after, before) if version[0] in _TOGETHER and version[1:]
    ]
    return len(ages) == 2 and ages[0] < ages[1]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


REQUEST_RULES: RequestRules = {}
STATE_RULES: StateRules = {("rds", "ModifyDBInstance"): (_upgrade,)}
