"""Finds the resources of a call in moto's state: ARN, policy, tags, and the key that encrypts them.

`references` has the services without resource-based policies. For an unknown resource, only an `Allow` for `*` applies,
but every `Deny` does.
"""

from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from localcloud.aws.iam.patterns import Values
from localcloud.aws.iam.policy import NO_RESOURCE, Statement, statements
from localcloud.aws.iam.references import arns
from localcloud.aws.iam.requests import Call


@dataclass(frozen=True, kw_only=True)
class Resource:
    """The resource of an action."""

    arn: str | None
    """ARN, `NO_RESOURCE` for operations without a resource, or None if it is unknown."""
    policy: Sequence[Statement] = ()
    tags: Mapping[str, str] | None = None
    """Tags, or None if they are unknown."""
    key: "Resource | None" = None
    """Customer's key that encrypts the resource."""
    keys: Mapping[str, Values] = field(default_factory=dict)
    """Condition keys of the resource in lower case, without its tags."""


UNKNOWN = Resource(arn=None)
NONE = Resource(arn=NO_RESOURCE)


def named(call: Call, action: str, account_id: str) -> list[Resource]:
    """Return the resources of one action of a call."""
    find = _SERVICES.get(call.service)
    if find:
        return find(call, action, account_id)
    found = arns(call, action, account_id)
    if found is None:
        return [UNKNOWN]
    return [_reference(call, arn, account_id) for arn in found] or [NONE]


def key_resource(name: str, region: str, account_id: str) -> Resource:
    """Return the key with this id, ARN, alias name or alias ARN."""
    from moto.kms.models import kms_backends  # noqa: PLC0415 - slow to load, and only the server needs it

    backend = kms_backends[account_id][region]
    with suppress(Exception):  # moto raises different exceptions for a missing key
        found = backend.keys[backend.any_id_to_key_id(name)]
        tags = backend.tagger.get_tag_dict_for_resource(found.id)
        return Resource(arn=found.arn, policy=statements(found.policy), tags=tags)
    return Resource(arn=name if name.startswith("arn:") else f"arn:aws:kms:{region}:{account_id}:key/{name}", tags={})


def role_resource(arn: str, account_id: str) -> Resource:
    """Return the role with this ARN. Its policy is the trust policy."""
    from moto.iam.models import iam_backends  # noqa: PLC0415

    for found in iam_backends[account_id]["aws"].roles.values():
        if found.arn == arn:
            boundary = found.permissions_boundary_arn
            return Resource(
                arn=arn,
                policy=statements(found.assume_role_policy_document),
                tags={tag["Key"]: tag["Value"] for tag in found.tags or []},
                keys={"iam:permissionsboundary": (boundary,)} if boundary else {},
            )
    return Resource(arn=arn, tags={})


def _reference(call: Call, arn: str, account_id: str) -> Resource:
    """Return a resource without a policy, and with its tags if they are known."""
    if call.service == "iam":
        return replace(role_resource(arn, account_id), policy=())
    if call.service != "ec2":
        return Resource(arn=arn)
    from moto.ec2.models import ec2_backends  # noqa: PLC0415

    found = ec2_backends[account_id][call.region].tags.get(arn.rpartition("/")[2]) or {}
    return Resource(arn=arn, tags={str(key): str(value) for key, value in found.items()})


def _queues(call: Call, _action: str, account_id: str) -> list[Resource]:
    from moto.sqs.models import sqs_backends  # noqa: PLC0415 - slow to load, and only the server needs it

    if call.operation == "ListQueues":
        return [NONE]
    name = call.parameters.get("QueueName") or str(call.parameters.get("QueueUrl", "")).rpartition("/")[2]
    arn = call.parameters.get("SourceArn") or f"arn:aws:sqs:{call.region}:{account_id}:{name}"
    if arn.endswith(":"):
        return [UNKNOWN]
    queue = sqs_backends[account_id][call.region].queues.get(arn.rpartition(":")[2])
    if queue is None:
        return [Resource(arn=arn, tags={})]
    key = str(queue.kms_master_key_id or "")
    return [
        Resource(
            arn=arn,
            policy=statements(queue.policy or {}),
            tags=dict(queue.tags),
            key=None if key in {"", "alias/aws/sqs"} else key_resource(key, call.region, account_id),
        )
    ]


_WITHOUT_KEY = frozenset(
    {"CreateKey", "ListKeys", "ListAliases", "GenerateRandom", "DescribeCustomKeyStores", "ListRetirableGrants"}
)


def _keys(call: Call, action: str, account_id: str) -> list[Resource]:
    if call.operation in _WITHOUT_KEY:
        return [NONE]
    parameters = call.parameters
    if action == "kms:ReEncryptTo":
        name = parameters.get("DestinationKeyId")
    elif action == "kms:ReEncryptFrom":
        name = parameters.get("SourceKeyId") or _key_of(parameters.get("CiphertextBlob"))
    else:
        name = parameters.get("KeyId") or parameters.get("TargetKeyId") or _key_of(parameters.get("CiphertextBlob"))
    if "AliasName" in parameters:
        alias = parameters["AliasName"]
        name = name or alias
        arn = f"arn:aws:kms:{call.region}:{account_id}:{alias}"
        # An alias has no policy, so only identity-based policies decide who may change it.
        left_to_account = {"Effect": "Allow", "Principal": {"AWS": account_id}, "Action": "kms:*", "Resource": "*"}
        policy = statements({"Statement": [left_to_account]})
        return [key_resource(str(name), call.region, account_id), Resource(arn=arn, policy=policy, tags={})]
    return [key_resource(str(name), call.region, account_id)] if name else [UNKNOWN]


def _key_of(ciphertext: Any) -> str | None:
    from moto.kms.utils import _deserialize_ciphertext_blob  # noqa: PLC0415

    with suppress(Exception):  # the value is not a ciphertext of this account
        return str(_deserialize_ciphertext_blob(b64decode(ciphertext)).key_id)
    return None


def _secrets(call: Call, action: str, account_id: str) -> list[Resource]:
    from moto.secretsmanager.models import secretsmanager_backends  # noqa: PLC0415

    if call.operation in {"ListSecrets", "GetRandomPassword"} or action == "secretsmanager:BatchGetSecretValue":
        return [NONE]
    prefix = f"arn:aws:secretsmanager:{call.region}:{account_id}:secret:"
    name = str(call.parameters.get("SecretId") or call.parameters.get("Name") or "")
    if not name:
        return [UNKNOWN]
    secret: Any = secretsmanager_backends[account_id][call.region].secrets.get(name)
    if secret is None:
        return [Resource(arn=name if name.startswith("arn:") else f"{prefix}{name}-??????", tags={})]
    key = str(getattr(secret, "kms_key_id", None) or "")
    return [
        Resource(
            arn=secret.arn,
            policy=statements(getattr(secret, "policy", None) or {}),
            tags={tag["Key"]: tag["Value"] for tag in getattr(secret, "tags", None) or []},
            key=None if key in {"", "alias/aws/secretsmanager"} else key_resource(key, call.region, account_id),
        )
    ]


def _objects(call: Call, action: str, account_id: str) -> list[Resource]:
    from moto.s3.models import s3_backends  # noqa: PLC0415

    if call.operation == "ListBuckets":
        return [NONE]
    name, keys = str(call.parameters.get("Bucket", "")), [str(call.parameters.get("Key", ""))]
    if "CopySource" in call.parameters and action.startswith("s3:GetObject"):
        name, _, key = str(call.parameters["CopySource"]).lstrip("/").partition("/")
        keys = [key.partition("?")[0]]
    if call.operation == "DeleteObjects":
        keys = list(call.parameters.get("Keys", ()))
    bucket = s3_backends[account_id]["aws"].buckets.get(name)
    policy = statements(bucket.policy.decode()) if bucket is not None and bucket.policy else ()
    encryption = _key_of_bucket(bucket) if bucket is not None else ""
    return [
        Resource(
            arn=f"arn:aws:s3:::{name}/{key}" if key else f"arn:aws:s3:::{name}",
            policy=policy,
            key=key_resource(encryption, call.region, account_id) if encryption and key else None,
        )
        for key in keys
    ]


def _key_of_bucket(bucket: Any) -> str:
    rule = (bucket.encryption or {}).get("Rule") or {}
    default = (rule[0] if isinstance(rule, list) else rule).get("ApplyServerSideEncryptionByDefault") or {}
    name = str(default.get("KMSMasterKeyID") or "")
    return "" if name == "alias/aws/s3" else name


def _roles(call: Call, _action: str, account_id: str) -> list[Resource]:
    if call.operation != "AssumeRole":
        return [NONE]
    return [role_resource(str(call.parameters.get("RoleArn", "")), account_id)]


_SERVICES: Mapping[str, Callable[[Call, str, str], list[Resource]]] = {
    "kms": _keys,
    "s3": _objects,
    "secretsmanager": _secrets,
    "sqs": _queues,
    "sts": _roles,
}
