"""The resources that a call names, in moto's state: ARN, policy, tags, and the key that encrypts them.

Of services without a function here, no resource is known: only a statement for `*` then allows, and every Deny holds.
"""

from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from localcloud.aws.iam.policy import NO_RESOURCE, Statement, statements
from localcloud.aws.iam.requests import Call


@dataclass(frozen=True, kw_only=True)
class Resource:
    """What an action is done to."""

    arn: str | None
    """NO_RESOURCE for operations without one; None where it is not known here."""
    policy: Sequence[Statement] = ()
    tags: Mapping[str, str] | None = None
    """None where they are not known here."""
    key: "Resource | None" = None
    """The customer's key that encrypts it."""


UNKNOWN = Resource(arn=None)
NONE = Resource(arn=NO_RESOURCE)


def named(call: Call, action: str, account_id: str) -> list[Resource]:
    """The resources of one action of a call."""
    find = _SERVICES.get(call.service)
    return find(call, action, account_id) if find else [UNKNOWN]


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
            key=None if key in {"", "alias/aws/sqs"} else _key(key, call.region, account_id),
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
        # Whether somebody may change an alias, IAM alone decides: an alias has no policy.
        left_to_account = {"Effect": "Allow", "Principal": {"AWS": account_id}, "Action": "kms:*", "Resource": "*"}
        policy = statements({"Statement": [left_to_account]})
        return [_key(str(name), call.region, account_id), Resource(arn=arn, policy=policy, tags={})]
    return [_key(str(name), call.region, account_id)] if name else [UNKNOWN]


def _key(name: str, region: str, account_id: str) -> Resource:
    """A key by its id, ARN, alias or the ARN of its alias."""
    from moto.kms.models import kms_backends  # noqa: PLC0415

    backend = kms_backends[account_id][region]
    with suppress(Exception):  # moto refuses what it does not find, in several ways
        key = backend.keys[backend.any_id_to_key_id(name)]
        tags = backend.tagger.get_tag_dict_for_resource(key.id)
        return Resource(arn=key.arn, policy=statements(key.policy), tags=tags)
    return Resource(arn=name if name.startswith("arn:") else f"arn:aws:kms:{region}:{account_id}:key/{name}", tags={})


def _key_of(ciphertext: Any) -> str | None:
    from moto.kms.utils import _deserialize_ciphertext_blob  # noqa: PLC0415

    with suppress(Exception):  # what is no ciphertext of this account names no key
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
            key=None if key in {"", "alias/aws/secretsmanager"} else _key(key, call.region, account_id),
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
            key=_key(encryption, call.region, account_id) if encryption and key else None,
        )
        for key in keys
    ]


def _key_of_bucket(bucket: Any) -> str:
    rule = (bucket.encryption or {}).get("Rule") or {}
    default = (rule[0] if isinstance(rule, list) else rule).get("ApplyServerSideEncryptionByDefault") or {}
    name = str(default.get("KMSMasterKeyID") or "")
    return "" if name == "alias/aws/s3" else name


def _roles(call: Call, _action: str, account_id: str) -> list[Resource]:
    from moto.iam.models import iam_backends  # noqa: PLC0415

    if call.operation != "AssumeRole":
        return [NONE]
    arn = str(call.parameters.get("RoleArn", ""))
    for role in iam_backends[account_id]["aws"].roles.values():
        if role.arn == arn:
            return [Resource(arn=arn, policy=statements(role.assume_role_policy_document))]
    return [Resource(arn=arn)]


_SERVICES: Mapping[str, Callable[[Call, str, str], list[Resource]]] = {
    "kms": _keys,
    "s3": _objects,
    "secretsmanager": _secrets,
    "sqs": _queues,
    "sts": _roles,
}
