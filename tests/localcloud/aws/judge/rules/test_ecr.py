"""Rules of ECR: cases that the corpus does not cover, and unknown values."""

import json
from typing import Any

import pytest

from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.judge.rules.verdict import verdict

PARAMETER = "InvalidParameterException"
UNTAGGED = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14}
TAGGED = {"tagStatus": "tagged", "tagPrefixList": ["v"], "countType": "imageCountMoreThan", "countNumber": 9}
PATTERNS = {"tagStatus": "tagged", "countType": "imageCountMoreThan", "countNumber": 9}
ANY = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 100}


def rule(priority: Any, selection: Any, **more: Any) -> dict[str, Any]:
    return {"rulePriority": priority, "selection": selection, "action": {"type": "expire"}, **more}


POLICIES: list[tuple[Any, str]] = [
    ({"rules": [rule(1, UNTAGGED), rule(2, TAGGED, description="some"), rule(3, ANY)]}, ""),
    ({"rules": [rule(1, ANY), rule(2, TAGGED)]}, PARAMETER),
    ({"rules": [rule(1, ANY), rule(2, ANY)]}, PARAMETER),
    ({"rules": [rule(0, UNTAGGED)]}, PARAMETER),
    ({"rules": [rule("1", UNTAGGED)]}, PARAMETER),
    ({"rules": []}, PARAMETER),
    ({"rules": [rule(number, UNTAGGED) for number in range(1, 52)]}, PARAMETER),
    ({"rule": [rule(1, UNTAGGED)]}, PARAMETER),
    ({"rules": [rule(1, UNTAGGED, name="a")]}, PARAMETER),
    ({"rules": [rule(1, {**UNTAGGED, "countNumber": 0})]}, PARAMETER),
    ({"rules": [rule(1, {**UNTAGGED, "countUnit": "weeks"})]}, PARAMETER),
    ({"rules": [rule(1, {**UNTAGGED, "countType": "imageCount"})]}, PARAMETER),
    ({"rules": [rule(1, {**UNTAGGED, "tagPrefixList": ["v"]})]}, PARAMETER),
    ({"rules": [rule(1, {**TAGGED, "tagPrefixList": []})]}, PARAMETER),
    ({"rules": [rule(1, {**TAGGED, "tagPatternList": ["v*"]})]}, PARAMETER),
    ({"rules": [rule(1, {**PATTERNS, "tagPatternList": ["v*", "*a*b*c*d"]})]}, ""),
    ({"rules": [rule(1, {**PATTERNS, "tagPatternList": ["v*", "*a*b*c*d*"]})]}, PARAMETER),
    ({"rules": [rule(1, UNTAGGED, action={"type": "delete"})]}, PARAMETER),
]


@pytest.mark.parametrize(("policy", "code"), POLICIES, ids=lambda value: str(value)[:90])
def test_validates_a_lifecycle_policy(policy: Any, code: str) -> None:
    """Checked are its rules, their priorities and selections."""
    assert verdict("ecr", "PutLifecyclePolicy", {"lifecyclePolicyText": json.dumps(policy)}) == code


def test_accepts_an_unknown_policy() -> None:
    """Neither lifecycle nor repository policy is checked then."""
    assert verdict("ecr", "PutLifecyclePolicy", {"lifecyclePolicyText": UNKNOWN}) == ""
    assert verdict("ecr", "SetRepositoryPolicy", {"policyText": UNKNOWN}) == ""


@pytest.mark.parametrize(
    ("images", "force", "code"), [(1, False, "RepositoryNotEmptyException"), (1, True, ""), (0, False, "")]
)
def test_a_repository_with_images_is_deleted_only_with_force(images: int, force: bool, code: str) -> None:
    """An empty one is deleted in both cases."""
    ask = lambda *_, **__: {"imageIds": [{"imageTag": "v1"}] * images}  # noqa: E731

    assert verdict("ecr", "DeleteRepository", {"repositoryName": "app", "force": force}, ask) == code


@pytest.mark.parametrize(
    ("service", "operation", "tags", "code"),
    [
        ("ecr", "TagResource", [{"Key": "k" * 128, "Value": "v" * 256}], ""),
        ("ecr", "TagResource", [{"Key": "k", "Value": "v" * 257}], "InvalidTagParameterException"),
        ("ecr", "TagResource", [{"Key": "AWS:k", "Value": "v"}], "InvalidTagParameterException"),
        ("ecr", "TagResource", [{"Key": "my-aws:k", "Value": UNKNOWN}], ""),
        ("eks", "CreateCluster", {"aws:k": "v"}, "InvalidParameterException"),
        ("kms", "TagResource", [{"TagKey": f"k{n}", "TagValue": "v"} for n in range(51)], "LimitExceededException"),
        ("logs", "TagResource", UNKNOWN, ""),
    ],
)
def test_validates_tags(service: str, operation: str, tags: Any, code: str) -> None:
    """Each service has its own error code and form of tags."""
    member = "Tags" if service == "kms" else "tags"

    assert verdict(service, operation, {member: tags}) == code


@pytest.mark.parametrize(
    ("encryption", "code"),
    [
        ({"encryptionType": "KMS", "kmsKey": UNKNOWN}, ""),
        ({"encryptionType": UNKNOWN, "kmsKey": UNKNOWN}, ""),
        ({"encryptionType": "AES256"}, ""),
        ({"encryptionType": "AES256", "kmsKey": UNKNOWN}, PARAMETER),
        ({"kmsKey": UNKNOWN}, PARAMETER),
    ],
    ids=str,
)
def test_a_key_needs_the_encryption_type_kms(encryption: dict[str, str], code: str) -> None:
    assert verdict("ecr", "CreateRepository", {"encryptionConfiguration": encryption}) == code
