"""The permissions that a call requires: its own actions, and actions on roles and keys that it passes to a service.

Sources in addition to those of `actions`:
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html; for keys of new resources, the permissions
that the CloudFormation schemas of `AWS::EKS::Cluster`, `AWS::RDS::DBInstance` and `AWS::ECR::Repository` list for
`create`; for a password that RDS manages,
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html; for keys in use,
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html,
https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html; for BatchGetSecretValue,
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from localcloud.aws.iam import answers, resources
from localcloud.aws.iam.actions import actions
from localcloud.aws.iam.answers import Codes
from localcloud.aws.iam.patterns import Values
from localcloud.aws.iam.requests import Call
from localcloud.aws.iam.resources import Resource

# Action -> the actions that the service calls in KMS on behalf of the caller if a customer's key encrypts the resource.
_OF_RESOURCE = {
    "sqs:SendMessage": ("kms:GenerateDataKey", "kms:Decrypt"),
    "sqs:ReceiveMessage": ("kms:Decrypt",),
    "secretsmanager:GetSecretValue": ("kms:Decrypt",),
    "secretsmanager:PutSecretValue": ("kms:GenerateDataKey", "kms:Decrypt"),
    "s3:GetObject": ("kms:Decrypt",),
    "s3:PutObject": ("kms:GenerateDataKey",),
}
_KEY_DENIED = {"sqs": Codes(json="KmsAccessDenied", query="KMS.AccessDeniedException", s3="", ec2="")}
# The same for calls that name the key: operation -> the parameters with a key, and the actions on it.
_USE, _GRANT = ("kms:GenerateDataKey", "kms:Decrypt"), ("kms:DescribeKey", "kms:CreateGrant")
_KEYS: Mapping[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]] = {
    ("eks", "CreateCluster"): (("encryptionConfig.0.provider.keyArn",), _GRANT),
    ("eks", "AssociateEncryptionConfig"): (("encryptionConfig.0.provider.keyArn",), _GRANT),
    ("rds", "CreateDBInstance"): (("KmsKeyId", "PerformanceInsightsKMSKeyId"), _GRANT),
    ("ecr", "CreateRepository"): (("encryptionConfiguration.kmsKey",), _GRANT),
    ("secretsmanager", "CreateSecret"): (("KmsKeyId",), _USE),
    ("secretsmanager", "UpdateSecret"): (("KmsKeyId",), _USE),
    ("s3", "PutObject"): (("SSEKMSKeyId",), ("kms:GenerateDataKey",)),
    ("s3", "CopyObject"): (("SSEKMSKeyId",), ("kms:GenerateDataKey",)),
}
_MANAGED = ("CreateSecret", "TagResource")
# Operation -> the parameter with the passed role, and the service that it is passed to, or "" if undocumented by AWS.
_ROLES: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("eks", "CreateCluster"): (("roleArn", "eks.amazonaws.com"), ("computeConfig.nodeRoleArn", "")),
    ("eks", "UpdateClusterConfig"): (("computeConfig.nodeRoleArn", ""),),
    ("eks", "CreateNodegroup"): (("nodeRole", ""),),
    ("eks", "CreateFargateProfile"): (("podExecutionRoleArn", ""),),
    ("eks", "CreateAddon"): (("serviceAccountRoleArn", ""),),
    ("eks", "UpdateAddon"): (("serviceAccountRoleArn", ""),),
    ("eks", "CreatePodIdentityAssociation"): (("roleArn", ""),),
    ("eks", "UpdatePodIdentityAssociation"): (("roleArn", ""),),
    ("ec2", "CreateFlowLogs"): (("DeliverLogsPermissionArn", "vpc-flow-logs.amazonaws.com"),),
    ("rds", "CreateDBInstance"): (("MonitoringRoleArn", "monitoring.rds.amazonaws.com"),),
    ("rds", "ModifyDBInstance"): (("MonitoringRoleArn", "monitoring.rds.amazonaws.com"),),
}


@dataclass(frozen=True, kw_only=True)
class Need:
    """A required permission: one action on one resource."""

    action: str
    resource: Resource
    of_service: Resource | None = None
    """If a service calls KMS on behalf of the caller, the service's resource that the key encrypts."""
    context: Mapping[str, Values] = field(default_factory=dict)
    """Condition keys in lower case, in addition to those of the call."""
    codes: Codes = answers.DENIED
    """Error codes of a denial."""


def needs(call: Call, account_id: str) -> Iterator[Need]:
    """Yield each permission that a call requires."""
    for action in actions(call):
        dependent = action == "ec2:CreateTags" and call.operation != "CreateTags"
        context: dict[str, Values] = {"ec2:createaction": (call.operation,)} if dependent else {}
        for resource in resources.named(call, action, account_id):
            yield Need(action=action, resource=resource, context=context)
            for key_action in _OF_RESOURCE.get(action, ()) if resource.key else ():
                codes = _KEY_DENIED.get(call.service, answers.DENIED)
                key = resource.key or resource
                yield Need(action=key_action, resource=key, of_service=resource, codes=codes)
    yield from _passed(call, account_id)
    yield from _encrypted(call, account_id)
    yield from _managed_password(call, account_id)
    if call.operation == "BatchGetSecretValue":
        for secret in call.parameters.get("SecretIdList") or ():
            yield from needs(replace(call, operation="GetSecretValue", parameters={"SecretId": secret}), account_id)


def _passed(call: Call, account_id: str) -> Iterator[Need]:
    for path, service in _ROLES.get((call.service, call.operation), ()):
        if arn := _at(call.parameters, path):
            # The trust policy of a role does not decide who may pass it.
            role = replace(resources.role_resource(arn, account_id), policy=())
            context: dict[str, Values] = {"iam:passedtoservice": (service,)} if service else {}
            yield Need(action="iam:PassRole", resource=role, context=context)


def _encrypted(call: Call, account_id: str) -> Iterator[Need]:
    paths, key_actions = _KEYS.get((call.service, call.operation), ((), ()))
    context: dict[str, Values] = {
        "kms:viaservice": (f"{call.service}.{call.region}.amazonaws.com",),
        "kms:grantisforawsresource": ("true",),
    }
    for name in filter(None, (_at(call.parameters, path) for path in paths)):
        key = resources.key_resource(name, call.region, account_id)
        yield from (Need(action=action, resource=key, context=context) for action in key_actions)


def _managed_password(call: Call, account_id: str) -> Iterator[Need]:
    """Yield the permissions in Secrets Manager and KMS that RDS uses to manage the password of a master user."""
    if call.operation not in {"CreateDBInstance", "ModifyDBInstance"}:
        return
    parameters = call.parameters
    # RDS generates the name of the secret.
    arn = f"arn:aws:secretsmanager:{call.region}:{account_id}:secret:rds!db-{'?' * 36}-{'?' * 6}"
    secret = resources.Resource(arn=arn, tags={})
    if is_true(parameters.get("ManageMasterUserPassword")):
        yield from (Need(action=f"secretsmanager:{action}", resource=secret) for action in _MANAGED)
        if name := _at(parameters, "MasterUserSecretKmsKeyId"):
            key = resources.key_resource(name, call.region, account_id)
            yield from (Need(action=action, resource=key) for action in (*_GRANT, *_USE))
    if is_true(parameters.get("RotateMasterUserPassword")):
        yield Need(action="secretsmanager:RotateSecret", resource=secret)


def is_true(value: Any) -> bool:
    """Return whether a boolean parameter is true. In a form it is a string."""
    return str(value).lower() == "true"


def _at(parameters: Any, path: str) -> str:
    """Return the string at a path in the parameters, such as `computeConfig.nodeRoleArn`, or "" if it is not set."""
    for name in path.split("."):
        if isinstance(parameters, list):
            parameters = parameters[int(name)] if len(parameters) > int(name) else None
        else:
            parameters = parameters.get(name) if isinstance(parameters, Mapping) else None
    return parameters if isinstance(parameters, str) else ""
