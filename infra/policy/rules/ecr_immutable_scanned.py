"""Rule: image tags are immutable, and images are scanned on push, by the repository or by its registry.

Anchors: AWS-0030, AWS-0031, CKV_AWS_51, CKV_AWS_163, CIS-EKS 5.1.1, ECR.1, ECR.2.
"""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

from pulumi_policy import Severity

from infra.policy.rule import stack_rule
from infra.resources.properties import UNKNOWN, at, items, mapping
from infra.resources.resource import Resource

REPOSITORY = "aws:ecr/repository:Repository"
REGISTRY = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration"
# With `..._WITH_EXCLUSION`, only the tags of imageTagMutabilityExclusionFilters are mutable.
IMMUTABLE = ("IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION")
FREQUENT = ("SCAN_ON_PUSH", "CONTINUOUS_SCAN")


def check(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """Yield repositories whose tags can be overwritten, or whose images are not scanned on push."""
    registries = [each for each in resources if each.type == REGISTRY]
    for repository in resources:
        if repository.type != REPOSITORY:
            continue
        mutability = repository.properties.get("imageTagMutability")
        if mutability not in (*IMMUTABLE, UNKNOWN):
            yield repository, f"imageTagMutability is {mutability or 'not set, so MUTABLE'}"
        if not _scanned(repository) and not any(_scans(each, repository) for each in registries):
            yield repository, "imageScanningConfiguration.scanOnPush is not true"


def _scanned(repository: Resource) -> bool:
    scanning = repository.properties.get("imageScanningConfiguration")
    return scanning is UNKNOWN or mapping(scanning).get("scanOnPush") in (True, UNKNOWN)


def _scans(registry: Resource, repository: Resource) -> bool:
    """Return whether a rule of the registry scans the repository, whose name may be unknown."""
    name = repository.properties.get("name")
    rules = registry.properties.get("rules")
    return rules is UNKNOWN or any(
        rule is UNKNOWN
        or (mapping(rule).get("scanFrequency") in (*FREQUENT, UNKNOWN) and _selects(mapping(rule), name))
        for rule in items(rules)
    )


def _selects(rule: dict[str, Any], name: Any) -> bool:
    filters = rule.get("repositoryFilters")
    if filters is UNKNOWN:
        return True
    patterns = [at(each, "filter") for each in items(filters)]
    return any(
        pattern in (UNKNOWN, "*") or not isinstance(name, str) or fnmatchcase(name, str(pattern))
        for pattern in patterns
    )


RULE = stack_rule(
    name="aws-ecr-immutable-scanned",
    severity=Severity.HIGH,
    description="Image tags must be immutable, and images must be scanned on push.",
    remedy="set imageTagMutability to IMMUTABLE and imageScanningConfiguration.scanOnPush to true",
    check=check,
)
