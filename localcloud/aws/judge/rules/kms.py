"""Rules of KMS."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules import iam_documents
from localcloud.aws.judge.rules.iam import missing_principals
from localcloud.aws.judge.rules.policies import statements
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, lookup
from localcloud.protocol.values import UNKNOWN

# AWS's messages, recorded from real requests.
_MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/kms/pf-kms"
_DEVELOPERS = "https://docs.aws.amazon.com/kms/latest/developerguide"
_API = "https://docs.aws.amazon.com/kms/latest/APIReference"
_QUOTAS = f"{_DEVELOPERS}/resource-limits.html#key-policy-limit"
_MAX_POLICY = 32 * 1024
_SYMMETRIC = "SYMMETRIC_DEFAULT"
_SIGN, _AGREE, _ENCRYPT, _MAC = "SIGN_VERIFY", "KEY_AGREEMENT", "ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC"
# Start of a key spec -> the key usages that it supports.
_USAGES: Mapping[str, tuple[str, ...]] = {
    "SYMMETRIC_DEFAULT": (_ENCRYPT,),
    "HMAC_": (_MAC,),
    "RSA_": (_ENCRYPT, _SIGN),
    "ECC_NIST_P": (_SIGN, _AGREE),
    "ECC_NIST_EDWARDS": (_SIGN,),
    "ECC_SECG_": (_SIGN,),
    "ML_DSA_": (_SIGN,),
    "SM2": (_ENCRYPT, _SIGN, _AGREE),
}


def _window(parameters: Parameters) -> Iterator[RefusedError]:
    """Require a deletion window of 7 to 30 days."""
    days = parameters.get("PendingWindowInDays")
    if isinstance(days, int) and not 7 <= days <= 30:
        words = f"PendingWindowInDays must be between 7 and 30, inclusive: {days}"
        # Pulumi's name of the property.
        path = ("deletionWindowInDays",)
        yield RefusedError(
            "ValidationException", words, path=path, value=days, source=f"{_API}/API_ScheduleKeyDeletion.html"
        )


def _usage(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a key usage that the key spec does not support."""
    usage = parameters.get("KeyUsage") or _ENCRYPT
    spec = parameters.get("KeySpec") or parameters.get("CustomerMasterKeySpec") or _SYMMETRIC
    if not known(usage) or not known(spec):
        return
    allowed = next((usages for start, usages in _USAGES.items() if spec.startswith(start)), (usage,))
    if usage not in allowed:
        words = f"KeyUsage {usage} is not compatible with KeySpec {spec}"
        yield RefusedError(
            "ValidationException", words, path=("KeyUsage",), value=usage, source=f"{_MEASURED}-key-spec-usage"
        )


def _policy(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a policy that is too long, violates the grammar, or prevents later changes of the policy."""
    text = parameters.get("Policy")
    if not isinstance(text, str) or text == UNKNOWN:
        return
    if known(text) and len(text.encode()) > _MAX_POLICY:
        words = f"The key policy is longer than {_MAX_POLICY} bytes."
        yield RefusedError("LimitExceededException", words, path=("Policy",), value=text, source=_QUOTAS)
    for words in iam_documents.faults(text, "resource"):
        # KMS accepts a statement without actions, which has no effect: see botocore's `CreateKeyRequest.Policy`.
        if words != iam_documents.NO_ACTIONS:
            yield _malformed(text, words, f"{_DEVELOPERS}/key-policies.html")
    listed = statements(text)
    locked = listed and (any(map(_shuts_out, listed)) or not any(map(_keeps_access, listed)))
    if locked and not parameters.get("BypassPolicyLockoutSafetyCheck"):
        words = "The new key policy will not allow you to update the key policy in the future."
        yield _malformed(text, words, f"{_MEASURED}-key-policy-lockout")


def _malformed(text: str, words: str, source: str) -> RefusedError:
    return RefusedError("MalformedPolicyDocumentException", words, path=("Policy",), value=text, source=source)


def _keeps_access(statement: Mapping[str, Any]) -> bool:
    """Return whether the statement allows a principal of an account to change the policy. True if not known yet."""
    principal = statement.get("Principal")
    people = principal.get("AWS") if isinstance(principal, Mapping) else principal
    unknown = any(UNKNOWN in str(action) for action in _actions(statement))
    covers = "NotAction" in statement or unknown or _changes_policy(statement)
    return statement.get("Effect") == "Allow" and bool(people) and covers


def _shuts_out(statement: Mapping[str, Any]) -> bool:
    """Return whether the statement denies everyone changes of the policy, which overrides all other statements."""
    principal = statement.get("Principal")
    everybody = principal == "*" or (isinstance(principal, Mapping) and principal.get("AWS") in ("*", ["*"]))
    on_this_key = statement.get("Resource") in ("*", ["*"])
    always = not statement.get("Condition")
    return statement.get("Effect") == "Deny" and everybody and on_this_key and always and _changes_policy(statement)


def _changes_policy(statement: Mapping[str, Any]) -> bool:
    return any(fnmatchcase("kms:putkeypolicy", str(action).lower()) for action in _actions(statement))


def _actions(statement: Mapping[str, Any]) -> list[Any]:
    actions = statement.get("Action", [])
    return actions if isinstance(actions, list) else [actions]


def _policy_principals(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a policy that names a role or user that does not exist."""
    text = str(parameters.get("Policy") or "")
    for _ in missing_principals(ask, text):
        words = "Policy contains a statement with one or more invalid principals."
        yield _malformed(text, words, f"{_DEVELOPERS}/key-policy-overview.html")


def service_may_use(ask: Ask, key: str, service: str) -> bool:
    """Return whether the policy of a key allows a service to use it. False if the key does not exist."""
    answer = lookup(ask, "kms", "GetKeyPolicy", KeyId=key, PolicyName="default")
    return any(
        statement.get("Effect") == "Allow"
        and (statement.get("Principal") == "*" or service in dict(_all_principals(statement)))
        for statement in statements(str(answer.get("Policy"))) or ()
    )


def _all_principals(statement: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for kind, value in iam_documents.principal_items(statement):
        yield value, kind


def _alias(parameters: Parameters) -> Iterator[RefusedError]:
    """Require a name with the prefix `alias/`, and refuse the reserved prefix `alias/aws/`."""
    name = parameters.get("AliasName")
    if not isinstance(name, str) or not known(name):
        return
    if not name.startswith("alias/"):
        words = f'Alias must start with the prefix "alias/". Please see {_DEVELOPERS}/kms-alias.html'
        source = "https://github.com/localstack/localstack/blob/main/localstack-core/localstack/services/kms/utils.py"
        yield RefusedError("ValidationException", words, path=("name",), value=name, source=source)
    elif name.startswith("alias/aws/"):
        words = "The alias name for a customer managed CMK cannot begin with alias/aws/."
        source = f"{_MEASURED}-alias-name"
        yield RefusedError("NotAuthorizedException", words, path=("name",), value=name, source=source)


def encrypts(ask: Ask, key: str) -> bool:
    """Return whether a key exists, is enabled and is symmetric, as services require for encryption."""
    found = lookup(ask, "kms", "DescribeKey", KeyId=key).get("KeyMetadata") or {}
    return (found.get("KeyState"), found.get("KeySpec")) == ("Enabled", _SYMMETRIC)


def _target(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a key that does not exist or is pending deletion."""
    id_ = str(parameters.get("TargetKeyId"))
    key = lookup(ask, "kms", "DescribeKey", KeyId=id_).get("KeyMetadata")
    if not key:
        words = f"Key '{id_}' does not exist"
        yield RefusedError(
            "NotFoundException", words, path=("targetKeyId",), value=id_, source=f"{_API}/API_CreateAlias.html"
        )
    elif key["KeyState"] == "PendingDeletion":
        yield RefusedError(
            "KMSInvalidStateException",
            f"{key['Arn']} is pending deletion.",
            path=("targetKeyId",),
            value=id_,
            source=f"{_DEVELOPERS}/key-state.html",
        )


def _rotation(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse rotation of a key that is not symmetric."""
    key = lookup(ask, "kms", "DescribeKey", KeyId=parameters.get("KeyId")).get("KeyMetadata") or {}
    spec = key.get("KeySpec", _SYMMETRIC)
    if spec != _SYMMETRIC:
        yield RefusedError(
            "UnsupportedOperationException",
            f"Key rotation is not supported for keys of spec {spec}",
            path=("enableKeyRotation",),
            value=True,
            source=f"{_DEVELOPERS}/rotate-keys.html",
        )


REQUEST_RULES: RequestRules = {
    ("kms", "ScheduleKeyDeletion"): (_window,),
    ("kms", "CreateKey"): (_usage, _policy),
    ("kms", "PutKeyPolicy"): (_policy,),
    ("kms", "CreateAlias"): (_alias,),
}
STATE_RULES: StateRules = {
    ("kms", "CreateKey"): (_policy_principals,),
    ("kms", "PutKeyPolicy"): (_policy_principals,),
    ("kms", "CreateAlias"): (_target,),
    ("kms", "UpdateAlias"): (_target,),
    ("kms", "EnableKeyRotation"): (_rotation,),
}
