"""Rules of S3 about bucket policies: syntax, principals that exist, and public access."""

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.iam import is_missing
from localcloud.aws.judge.rules.policies import actions, is_json, statements, texts
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, lookup

_ARN = re.compile(r"arn:aws[a-z-]*:s3:::(?P<bucket>[^/]+)(?P<key>/.*)?", re.DOTALL)
_PRINCIPAL = re.compile(
    r"\*|\d{12}|(?:AROA|AIDA|AIPA|AKIA|ASIA|AGPA|ANPA)[A-Z0-9]+"
    r"|arn:aws[a-z-]*:(?:iam|sts)::\d{12}:(?:root|user|role|assumed-role|federated-user)(?:/.+)?"
)
# A policy is not public if it has a condition with fixed values on one of these keys:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
_PUBLIC = (
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"
    "#access-control-block-public-access-policy-status"
)
_CLOSING = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)


_VERSIONS = ("2008-10-17", "2012-10-17")
_UPLOADS = "https://github.com/humanmade/S3-Uploads/issues/239"
# Keys of list requests: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
_OF_LISTS = frozenset({"s3:delimiter", "s3:max-keys", "s3:prefix"})


def _malformed(words: str, policy: str, source: str) -> RefusedError:
    return RefusedError("MalformedPolicy", words, path=("Policy",), value=policy, source=source)


def _policy(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a policy that is malformed or does not apply to the bucket."""
    text, bucket = parameters.get("Policy"), parameters.get("Bucket")
    if text is None or not known(text):
        return
    if not is_json(text):
        words = "Policies must be valid JSON and the first byte must be '{'"
        yield _malformed(words, text, "https://github.com/cloud-gov/terraform-provision/pull/574")
        return
    found = statements(text)
    if found is None:
        yield _malformed(
            "Missing required field Statement", text, "https://github.com/hashicorp/terraform/issues/28688"
        )
        return
    version = json.loads(text).get("Version", _VERSIONS[0])
    if version not in _VERSIONS:
        words = "The policy must contain a valid version string"
        yield _malformed(words, text, "https://github.com/versity/versitygw/issues/1536")
    for statement in found:
        yield from (_malformed(words, text, source) for words, source in _faults(statement, bucket))


def _faults(statement: Mapping[str, Any], bucket: Any) -> Iterator[tuple[str, str]]:
    """Yield AWS's message for each error of a statement, with its source."""
    for name, other in (
        ("Effect", ""),
        ("Principal", "NotPrincipal"),
        ("Action", "NotAction"),
        ("Resource", "NotResource"),
    ):
        if name not in statement and other not in statement:
            yield f"Missing required field {name}", "https://github.com/humanmade/S3-Uploads/issues/191"
    if not all(_PRINCIPAL.fullmatch(name) for name in _principals(statement)):
        yield "Invalid principal in policy", "https://github.com/versity/versitygw/issues/649"
    taken = {name: _resource_types(name) for name in texts(statement.get("Action"))}
    if not all(taken.values()):
        yield "Policy has invalid action", "https://github.com/versity/versitygw/issues/650"
    resources = texts(statement.get("Resource"))
    if not all(_is_in(bucket, name) for name in resources):
        yield "Policy has invalid resource", "https://github.com/noobaa/noobaa-core/issues/10058"
    elif resources and not all(types & _kinds(resources) for types in taken.values() if types):
        yield "Action does not apply to any resource(s) in statement", _UPLOADS
    actions_ = texts(statement.get("Action"))
    if actions_ and not any(map(_lists, actions_)) and any(key in _OF_LISTS for key in _condition_keys(statement)):
        yield "Conditions do not apply to combination of actions and resources in statement", _UPLOADS


def _condition_keys(statement: Mapping[str, Any]) -> Iterator[str]:
    conditions = statement.get("Condition")
    for keys in conditions.values() if isinstance(conditions, Mapping) else ():
        yield from (str(key).lower() for key in keys or ())


def _lists(action: str) -> bool:
    """Return whether an action, which can be a pattern, includes an action that lists a bucket."""
    return any(fnmatchcase(name, action.lower()) for name in ("s3:listbucket", "s3:listbucketversions"))


def _principals(statement: Mapping[str, Any]) -> list[str]:
    """Return the accounts, roles and users of a statement, without services and identity providers."""
    principal = statement.get("Principal", statement.get("NotPrincipal"))
    return texts(principal.get("AWS")) if isinstance(principal, Mapping) else texts(principal)


def _resource_types(action: str) -> frozenset[str]:
    """Return the resource types of an action, which can be a pattern. Empty if S3 has no such action."""
    if action == "*":
        return frozenset({"bucket", "object"})
    service, _, pattern = action.lower().partition(":")
    if service != "s3":
        return frozenset()
    found = [types for name, types in actions("s3").items() if fnmatchcase(name, pattern)]
    # An action on another resource type, such as an access point, is not checked.
    return frozenset().union(*(types or {"bucket", "object"} for types in found))


def _is_in(bucket: Any, resource: str) -> bool:
    found = _ARN.fullmatch(resource)
    return found is not None and ("$" in resource or not known(bucket) or fnmatchcase(str(bucket), found["bucket"]))


def _kinds(resources: list[str]) -> frozenset[str]:
    """Return whether the resources are buckets or objects. A pattern as the bucket name can be both."""
    kinds: set[str] = set()
    for found in filter(None, map(_ARN.fullmatch, resources)):
        kinds |= {"object"} if found["key"] else {"bucket"}
        kinds |= {"object"} if found["bucket"].endswith("*") else set()
    return frozenset(kinds)


def _who_exists(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a policy that names a role or user of this account that does not exist."""
    text = str(parameters.get("Policy"))
    for name in sorted({name for statement in statements(text) or () for name in _principals(statement)}):
        if is_missing(ask, name):
            source = "https://github.com/cloud-custodian/cloud-custodian/issues/4948"
            yield _malformed("Invalid principal in policy", text, source)


def _public(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a public policy, unless the public access block of the bucket allows it.

    Since April 2023 new buckets have one: https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html.
    """
    text = str(parameters.get("Policy"))
    if not any(is_public(statement) for statement in statements(text) or ()):
        return
    if not lookup(ask, "s3", "GetBucketVersioning", Bucket=parameters["Bucket"]):
        return  # the bucket does not exist
    block = lookup(ask, "s3", "GetPublicAccessBlock", Bucket=parameters["Bucket"])
    if block.get("PublicAccessBlockConfiguration", {"BlockPublicPolicy": True}).get("BlockPublicPolicy"):
        yield RefusedError("AccessDenied", "Access Denied", path=("Policy",), value=text, source=_PUBLIC)


def is_public(statement: Mapping[str, Any]) -> bool:
    """Return whether a statement grants public access, by the definition of S3."""
    if statement.get("Effect") != "Allow" or "*" not in _principals(statement):
        return "NotPrincipal" in statement and statement.get("Effect") == "Allow"
    return not any(
        key.lower() in _CLOSING and not any("*" in value or "?" in value for value in texts(values))
        for operator, keys in (statement.get("Condition") or {}).items()
        if "Not" not in operator and isinstance(keys, Mapping)
        for key, values in keys.items()
    )


REQUEST_RULES: RequestRules = {("s3", "PutBucketPolicy"): (_policy,)}
STATE_RULES: StateRules = {("s3", "PutBucketPolicy"): (_who_exists, _public)}
