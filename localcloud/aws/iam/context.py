"""The condition keys of a request.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html,
https://docs.aws.amazon.com/kms/latest/developerguide/policy-conditions.html. The local endpoint uses HTTP on loopback
instead of TLS, so aws:SecureTransport is true.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from localcloud.aws.iam.conditions import Context
from localcloud.aws.iam.patterns import Values
from localcloud.aws.iam.principals import Principal
from localcloud.aws.iam.requests import Call, request_tags
from localcloud.aws.iam.resources import Resource

ABSENT = frozenset(
    {
        "aws:calledvia",
        "aws:calledviafirst",
        "aws:calledvialast",
        "aws:federatedprovider",
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:principaltag/",
        "aws:referer",
        "aws:resourceorgid",
        "aws:resourceorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:username",
        "ec2:createaction",
        "iam:permissionsboundary",
        "kms:encryptioncontext:",
        "kms:encryptioncontextkeys",
        "kms:viaservice",
        "s3:delimiter",
        "s3:max-keys",
        "s3:prefix",
        "s3:versionid",
        "sts:externalid",
        "sts:sourceidentity",
        "aws:sourceidentity",
        "secretsmanager:versionid",
        "secretsmanager:versionstage",
    }
)
"""Keys that a request lacks unless they are set explicitly.

Without the keys of the network (aws:SourceIp, aws:SourceVpc, aws:SourceVpce, aws:VpcSourceIp), which are unknown:
local pods are not in an AWS network."""

_CONTEXT_KEYS = {"sqs": "aws:sqs:arn", "secretsmanager": "SecretARN", "s3": "aws:s3:arn"}
_PARAMETERS = {
    "iam:awsservicename": "AWSServiceName",
    "iam:permissionsboundary": "PermissionsBoundary",
    "iam:policyarn": "PolicyArn",
    "sts:externalid": "ExternalId",
    "sts:rolesessionname": "RoleSessionName",
    "sts:sourceidentity": "SourceIdentity",
    "s3:delimiter": "delimiter",
    "s3:max-keys": "max-keys",
    "s3:prefix": "prefix",
    "s3:versionid": "versionId",
    "secretsmanager:versionid": "VersionId",
    "secretsmanager:versionstage": "VersionStage",
}


def context_of(
    principal: Principal,
    call: Call,
    resource: Resource,
    *,
    account_id: str,
    of_service: Resource | None = None,
    more: Mapping[str, Values] | None = None,
) -> Context:
    """Return all condition keys of a request for one action on one resource.

    Args:
        principal: principal that signed the request.
        call: operation and its parameters.
        resource: resource of the action.
        account_id: id of the account.
        of_service: if a service calls KMS on behalf of the caller, the service's resource that `resource` encrypts.
        more: keys that only this action has, such as `iam:passedtoservice`.
    """
    via = call.service if of_service else ""
    now = datetime.now(UTC)
    values: dict[str, Values] = {
        **principal.context,
        "aws:currenttime": (now.strftime("%Y-%m-%dT%H:%M:%SZ"),),
        "aws:epochtime": (str(int(now.timestamp())),),
        "aws:principalisawsservice": ("false",),
        "aws:requestedregion": (call.region,),
        "aws:resourceaccount": (account_id,),
        "aws:securetransport": ("true",),
        "aws:viaawsservice": ("true" if via else "false",),
        "kms:calleraccount": (account_id,),
        **resource.keys,
        **{key: (str(call.parameters[name]),) for key, name in _PARAMETERS.items() if call.parameters.get(name)},
        **_encryption(call, of_service),
    }
    if via:
        values |= {
            "kms:viaservice": (f"{via}.{call.region}.amazonaws.com",),
            "aws:calledvia": (f"{via}.amazonaws.com",),
        }
    known = set(ABSENT)
    if resource.tags is not None:
        known |= {"aws:resourcetag/", "secretsmanager:resourcetag/"}
        values |= {f"aws:resourcetag/{key}".lower(): (value,) for key, value in resource.tags.items()}
        values |= {f"secretsmanager:resourcetag/{key}".lower(): (value,) for key, value in resource.tags.items()}
    tags = request_tags(call.parameters)
    if tags is not None:
        known |= {"aws:requesttag/", "aws:tagkeys"}
        values |= {f"aws:requesttag/{key}".lower(): (value,) for key, value in tags.items()}
        values |= {"aws:tagkeys": tuple(tags)} if tags else {}
    values |= more or {}
    return Context(values=values, known=frozenset(known))


def _encryption(call: Call, of_service: Resource | None) -> dict[str, Values]:
    """Return the keys of the encryption context, which is the caller's or a service's: the ARN of its resource."""
    given = call.parameters.get("EncryptionContext")
    if of_service:
        given = {_CONTEXT_KEYS[call.service]: str(of_service.arn)} if call.service in _CONTEXT_KEYS else {}
    if not isinstance(given, dict) or not given:
        return {}
    return {
        **{f"kms:encryptioncontext:{key}".lower(): (str(value),) for key, value in given.items()},
        "kms:encryptioncontextkeys": tuple(given),
    }
