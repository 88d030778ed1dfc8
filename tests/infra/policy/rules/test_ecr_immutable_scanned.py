"""aws-ecr-immutable-scanned."""

from typing import Any

import pytest

from infra.policy.rules.ecr_immutable_scanned import RULE
from tests.infra.policy.compliant import REPOSITORY
from tests.infra.policy.judge import ABSENT, Given, violations


def test_accepts_immutable_scanned_images() -> None:
    """Both properties are set."""
    assert violations(RULE, REPOSITORY) == []


@pytest.mark.parametrize(("value", "found"), [("MUTABLE", "is MUTABLE"), (ABSENT, "is not set, so MUTABLE")])
def test_rejects_mutable_tags(value: Any, found: str) -> None:
    """Without the property, MUTABLE is AWS's default."""
    [message] = violations(RULE, REPOSITORY.but("imageTagMutability", value))

    assert f"imageTagMutability {found}" in message


@pytest.mark.parametrize("value", [ABSENT, {}, {"scanOnPush": False}])
def test_rejects_images_that_are_not_scanned(value: Any) -> None:
    """Without the property, AWS does not scan images."""
    [message] = violations(RULE, REPOSITORY.but("imageScanningConfiguration", value))

    assert "scanOnPush is not true" in message


def _registry(*rules: object) -> Given:
    return Given(
        type="aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
        name="registry",
        properties={"scanType": "ENHANCED", "rules": list(rules)},
    )


def _rule(frequency: str, pattern: str) -> dict[str, object]:
    return {"scanFrequency": frequency, "repositoryFilters": [{"filter": pattern, "filterType": "WILDCARD"}]}


NOT_SCANNED = REPOSITORY.but("imageScanningConfiguration", ABSENT).but("name", "drydock/api")


@pytest.mark.parametrize(("frequency", "pattern"), [("SCAN_ON_PUSH", "*"), ("CONTINUOUS_SCAN", "drydock/*")])
def test_accepts_images_that_the_registry_scans(frequency: str, pattern: str) -> None:
    """The configuration of the registry has rules for names of repositories."""
    assert violations(RULE, NOT_SCANNED, _registry(_rule("MANUAL", "*"), _rule(frequency, pattern))) == []


@pytest.mark.parametrize(("frequency", "pattern"), [("MANUAL", "*"), ("SCAN_ON_PUSH", "other/*")])
def test_rejects_images_that_the_registry_does_not_scan(frequency: str, pattern: str) -> None:
    """Its rules scan on request only, or are for other repositories."""
    assert len(violations(RULE, NOT_SCANNED, _registry(_rule(frequency, pattern)))) == 1


def test_accepts_immutable_tags_with_exclusions() -> None:
    """Only the listed tags are mutable."""
    assert violations(RULE, REPOSITORY.but("imageTagMutability", "IMMUTABLE_WITH_EXCLUSION")) == []
