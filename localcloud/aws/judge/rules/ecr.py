"""Rules of ECR."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.aws.judge.refusal import RefusedError
from localcloud.aws.judge.rules import iam_documents
from localcloud.aws.judge.rules.iam import missing_principals
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, lookup
from localcloud.protocol.values import UNKNOWN

# AWS's messages, recorded from real requests.
_MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/ecr/pf-ecr-lifecycle"
_API = "https://docs.aws.amazon.com/AmazonECR/latest/APIReference"
_SINCE = ("sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned")
_RULE_KEYS = {"rulePriority", "description", "selection", "action"}
_SELECTION_KEYS = {
    "tagStatus",
    "tagPrefixList",
    "tagPatternList",
    "countType",
    "countUnit",
    "countNumber",
    "storageClass",
}
_MAX_RULES = 50
_MAX_WILDCARDS = 4


def _lifecycle(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse an invalid lifecycle policy."""
    text = parameters.get("lifecyclePolicyText")
    for words, topic in _lifecycle_faults(text) if isinstance(text, str) and text != UNKNOWN else ():
        yield RefusedError(
            "InvalidParameterException",
            "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: "
            f"'Lifecycle policy validation failure: {words}'",
            path=("policy",),
            value=text,
            source=f"{_MEASURED}-{topic}",
        )


def _lifecycle_faults(text: str) -> Iterator[tuple[str, str]]:
    """Yield each error of a lifecycle policy, with the rule in `_MEASURED` that documents it."""
    try:
        document = json.loads(text)
    except ValueError:
        if UNKNOWN not in text:
            yield "Could not map policyString into LifecyclePolicy.", "policy-syntax"
        return
    rules = document.get("rules") if isinstance(document, dict) else None
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        yield 'object has missing required properties (["rules"])', "policy-syntax"
        return
    if not 1 <= len(rules) <= _MAX_RULES:
        yield f"a policy has 1 to {_MAX_RULES} rules", "policy-syntax"
    for rule in rules:
        yield from _rule_faults(rule)
    yield from _priority_faults(rules)


def _rule_faults(rule: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    selection, action = rule.get("selection"), rule.get("action")
    if (
        not isinstance(selection, Mapping)
        or not isinstance(action, Mapping)
        or not isinstance(rule.get("rulePriority"), int)
    ):
        yield "object has missing required properties", "policy-syntax"
        return
    unknown = sorted({*rule} - _RULE_KEYS | {*selection} - _SELECTION_KEYS)
    if unknown:
        yield f"object instance has properties which are not allowed by the schema: {unknown}", "policy-syntax"
    if action.get("type") not in ("expire", "transition"):
        yield f"action type {action.get('type')} is not expire or transition", "action"
    yield from _count_faults(selection)
    yield from _tag_faults(selection)


def _count_faults(selection: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    kind, unit, number = (selection.get(key) for key in ("countType", "countUnit", "countNumber"))
    if kind not in ("imageCountMoreThan", *_SINCE):
        yield f"countType {kind} is not known", "count"
    elif kind == "imageCountMoreThan" and unit is not None:
        yield "countUnit can be specified only with a countType of sinceImage", "count"
    elif kind in _SINCE and unit != "days":
        yield f"countType {kind} needs countUnit days", "count"
    if not isinstance(number, int) or number < 1:
        yield "numeric instance is lower than the required minimum (minimum: 1)", "count"


def _tag_faults(selection: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    status = selection.get("tagStatus")
    lists = [key for key in ("tagPrefixList", "tagPatternList") if selection.get(key)]
    if status not in ("tagged", "untagged", "any"):
        yield f"tagStatus {status} is not tagged, untagged or any", "tag-status"
    elif status == "tagged" and not lists:
        yield "Must specify tagPrefixList or tagPatternList when tagStatus=TAGGED", "tag-status"
    elif status == "tagged" and len(lists) > 1:
        words = "If policy has a tagged rule, it must specify only one of tagPrefixList or tagPatternList"
        yield words, "tag-status"
    elif status != "tagged" and lists:
        yield f"Cannot specify {lists[0]} with tagStatus {status}", "tag-status"
    patterns = selection.get("tagPatternList")
    for pattern in patterns if isinstance(patterns, list) else ():
        if str(pattern).count("*") > _MAX_WILDCARDS:
            yield f"Invalid tag pattern provided. Total number of * must not exceed {_MAX_WILDCARDS}", "tag-status"


def _priority_faults(rules: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    numbers = [rule["rulePriority"] for rule in rules if isinstance(rule.get("rulePriority"), int)]
    if any(number < 1 for number in numbers):
        yield "numeric instance is lower than the required minimum (minimum: 1)", "rule-priority"
    if len(numbers) != len(set(numbers)):
        yield "Duplicate priority in multiple rules", "rule-priority"
    any_ = [rule.get("rulePriority") for rule in rules if (rule.get("selection") or {}).get("tagStatus") == "any"]
    if len(any_) > 1:
        yield "Only one rule can specify tagStatus=ANY", "rule-priority"
    elif any_ and numbers and any_[0] != max(numbers):
        yield "Rule for tagStatus=ANY must have the highest rulePriority", "rule-priority"


def _policy(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a policy that violates the grammar of policy documents."""
    text = parameters.get("policyText")
    for _ in iam_documents.faults(text, "resource") if isinstance(text, str) and text != UNKNOWN else ():
        yield RefusedError(
            "InvalidParameterException",
            "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'",
            path=("policy",),
            value=text,
            source=f"{_API}/API_SetRepositoryPolicy.html",
        )


def _policy_principals(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a policy that names a role or user that does not exist."""
    text = str(parameters.get("policyText") or "")
    for _ in missing_principals(ask, text):
        yield RefusedError(
            "InvalidParameterException",
            "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Principal not found'",
            path=("policy",),
            value=text,
            source="https://github.com/hashicorp/terraform-provider-aws/issues/39064",
        )


def _encryption(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a KMS key for an encryption that does not use KMS."""
    encryption = parameters.get("encryptionConfiguration") or {}
    kind, key = encryption.get("encryptionType"), encryption.get("kmsKey")
    if key and kind in (None, "AES256"):
        yield RefusedError(
            "InvalidParameterException",
            "Invalid parameter at 'encryptionConfiguration' failed to satisfy constraint: 'Invalid encryption "
            "configuration: Encryption key should not be set for AES256 encryption.'",
            path=("encryptionConfiguration", "kmsKey"),
            value=key,
            source="https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/ecr/pf-ecr-encryption-configuration",
        )


def _key(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a KMS key that does not exist."""
    key = (parameters.get("encryptionConfiguration") or {}).get("kmsKey")
    if key and not lookup(ask, "kms", "DescribeKey", KeyId=key):
        yield RefusedError(
            "KmsException",
            f"The operation failed due to a KMS exception: key '{key}' does not exist",
            path=("encryptionConfiguration", "kmsKey"),
            value=key,
            source=f"{_API}/API_CreateRepository.html",
        )


def _images(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse the deletion of a repository that has images, unless `force` is set."""
    name = parameters.get("repositoryName")
    if not parameters.get("force") and lookup(ask, "ecr", "ListImages", repositoryName=name).get("imageIds"):
        yield RefusedError(
            "RepositoryNotEmptyException",
            f"The repository with name '{name}' cannot be deleted because it still contains images",
            path=("forceDelete",),
            value=False,
            source=f"{_API}/API_DeleteRepository.html",
        )


REQUEST_RULES: RequestRules = {
    ("ecr", "CreateRepository"): (_encryption,),
    ("ecr", "PutLifecyclePolicy"): (_lifecycle,),
    ("ecr", "SetRepositoryPolicy"): (_policy,),
}
STATE_RULES: StateRules = {
    ("ecr", "CreateRepository"): (_key,),
    ("ecr", "SetRepositoryPolicy"): (_policy_principals,),
    ("ecr", "DeleteRepository"): (_images,),
}
