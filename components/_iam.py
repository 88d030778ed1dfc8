"""IAM policy documents, as pure functions of ARNs."""

import json
from collections.abc import Sequence
from typing import Any

CLOUDFRONT_REGION = "us-east-1"
"""Where certificates, web ACLs and deliveries of logs of CloudFront have to be:
https://docs.aws.amazon.com/acm/latest/userguide/acm-regions.html,
https://docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works-resources.html and
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html"""


def policy_document(*statements: dict[str, Any]) -> str:
    """Return a policy document with the statements, as JSON in a stable order."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, sort_keys=True)


def assume_role(service: str, condition: dict[str, Any] | None = None) -> str:
    """Allow an AWS service, such as `ec2.amazonaws.com`, to assume the role. EKS tags its sessions."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }
    return policy_document(statement | ({"Condition": condition} if condition else {}))


def assume_role_for_cluster(service: str, account_id: str, cluster_arn: str) -> str:
    """Allow a service of EKS to assume the role for one cluster; no other cluster, in any account, can use it.

    https://docs.aws.amazon.com/eks/latest/userguide/cross-service-confused-deputy-prevention.html
    """
    return assume_role(
        service,
        {
            "StringEquals": {"aws:SourceAccount": account_id},
            "ArnEquals": {"aws:SourceArn": cluster_arn},
        },
    )


def read_secret(secret_arn: str, key_arn: str, region: str) -> str:
    """Allow reading one secret, and decrypting it with its key through Secrets Manager."""
    return policy_document(_read_secrets(secret_arn), _decrypt_secrets(secret_arn, key_arn, region))


def connect_database(region: str, account_id: str, resource_id: str, user: str) -> str:
    """Allow signing in to one RDS instance as one user, by IAM database authentication.

    Args:
        region: region of the instance.
        account_id: account of the instance.
        resource_id: the instance's DbiResourceId, `db-...`; not its identifier.
        user: role of PostgreSQL.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html
    """
    arn = f"arn:aws:rds-db:{region}:{account_id}:dbuser:{resource_id}/{user}"
    return policy_document({"Effect": "Allow", "Action": ["rds-db:connect"], "Resource": arn})


def read_secrets(
    secret_arns: Sequence[str], key_arn: str | None, *, region: str, account_id: str, foreign: Sequence[str] = ()
) -> str:
    """Allow reading and decrypting the secrets.

    Args:
        secret_arns: the secrets; duplicates, of a secret that is the content of two files, are removed.
        key_arn: the key of those that are not foreign, if there are any.
        region: region of the secrets.
        account_id: account of the secrets.
        foreign: secrets whose key, if any, is unknown here. Any key may be used, but only for
            these secrets.
    """
    statements = [_read_secrets(sorted(set(secret_arns)))]
    if key_arn:
        statements.append({"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": key_arn})
    if foreign:
        statements.append(_decrypt_secrets(sorted(set(foreign)), f"arn:aws:kms:{region}:{account_id}:key/*", region))
    return policy_document(*statements)


def _read_secrets(secrets: str | list[str]) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
        "Resource": secrets,
    }


def _decrypt_secrets(secrets: str | list[str], key: str, region: str) -> dict[str, Any]:
    """Allow the use of a key for these secrets only: Secrets Manager names the secret in the encryption context.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
    """
    return {
        "Effect": "Allow",
        "Action": ["kms:Decrypt"],
        "Resource": key,
        "Condition": {
            "StringEquals": {
                "kms:ViaService": f"secretsmanager.{region}.amazonaws.com",
                "kms:EncryptionContext:SecretARN": secrets,
            }
        },
    }


def use_queues(queue_arns: Sequence[str], key_arn: str) -> str:
    """Allow sending, receiving and deleting messages of the queues, and the use of the key that encrypts them."""
    return policy_document(
        {
            "Effect": "Allow",
            "Action": [
                "sqs:SendMessage",
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:ChangeMessageVisibility",
                "sqs:GetQueueAttributes",
            ],
            "Resource": list(queue_arns),
        },
        # SQS calls KMS on behalf of the caller: Decrypt to receive, GenerateDataKey to send.
        {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": key_arn},
    )


def write_logs(groups: Sequence[str], *, region: str, account_id: str) -> str:
    """Allow adding streams and events to existing log groups.

    A policy names a group with `:*` at its end:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
    """
    return policy_document(
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [f"arn:aws:logs:{region}:{account_id}:log-group:{group}:*" for group in groups],
        }
    )


def refuse_without_tls(queue_arn: str) -> str:
    """Deny every use of a queue without TLS; IAM policies decide who may use it."""
    return policy_document(
        {
            "Sid": "DenyInsecureTransport",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": queue_arn,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    )


def log_bucket_policy(bucket_arn: str, account_id: str) -> str:
    """Allow VPC flow logs of one account to be written to the bucket, and deny requests without TLS."""
    delivery = {
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
    }
    return policy_document(
        deny_bucket_without_tls(bucket_arn),
        delivery
        | {
            "Sid": "FlowLogWrite",
            "Action": "s3:PutObject",
            "Resource": f"{bucket_arn}/AWSLogs/{account_id}/*",
        },
        delivery | {"Sid": "FlowLogAclCheck", "Action": "s3:GetBucketAcl", "Resource": bucket_arn},
    )


def access_log_policy(bucket_arn: str, account_id: str, *, cloudfront: bool = False) -> str:
    """Allow load balancers of one account to write access logs to the bucket, and deny requests without TLS.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html. With `cloudfront`
    its distributions may too:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html
    """
    distributions = {
        "Sid": "DistributionLogWrite",
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"{bucket_arn}/AWSLogs/{account_id}/CloudFront/*",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account_id, "s3:x-amz-acl": "bucket-owner-full-control"},
            "ArnLike": {"aws:SourceArn": f"arn:aws:logs:{CLOUDFRONT_REGION}:{account_id}:delivery-source:*"},
        },
    }
    return policy_document(
        deny_bucket_without_tls(bucket_arn),
        {
            "Sid": "AccessLogWrite",
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"{bucket_arn}/AWSLogs/{account_id}/*",
        },
        *([distributions] if cloudfront else []),
    )


def deny_bucket_without_tls(bucket_arn: str) -> dict[str, Any]:
    return {
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, f"{bucket_arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def make_nodes(region: str, account_id: str, key_arn: str) -> str:
    """Allow what the managed policies of an Auto Mode cluster do not: the stack's tags on nodes, and use of its key.

    Every request must name the cluster of the session. The statements are those of AWS
    (https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html#tag-prop and
    https://docs.aws.amazon.com/eks/latest/userguide/auto-kms.html), for the kinds of resources that nodes are made of.
    """
    own = "${aws:PrincipalTag/eks:eks-cluster-name}"
    arn = f"arn:aws:ec2:{region}:{account_id}"
    kinds = ("fleet", "instance", "launch-template", "network-interface", "spot-instances-request", "volume")
    parts = [f"{arn}:{kind}/*" for kind in kinds]
    return policy_document(
        {
            "Sid": "Compute",
            "Effect": "Allow",
            "Action": ["ec2:CreateFleet", "ec2:RunInstances", "ec2:CreateLaunchTemplate"],
            "Resource": parts,
            "Condition": {
                "StringEquals": {"aws:RequestTag/eks:eks-cluster-name": own},
                "StringLike": {
                    "aws:RequestTag/eks:kubernetes-node-class-name": "*",
                    "aws:RequestTag/eks:kubernetes-node-pool-name": "*",
                },
            },
        },
        {
            "Sid": "Networking",
            "Effect": "Allow",
            "Action": ["ec2:CreateNetworkInterface"],
            "Resource": [f"{arn}:network-interface/*"],
            "Condition": {
                "StringEquals": {"aws:RequestTag/eks:eks-cluster-name": own},
                "StringLike": {"aws:RequestTag/eks:kubernetes-cni-node-name": "*"},
            },
        },
        {
            "Sid": "ChangedTags",
            "Effect": "Allow",
            "Action": ["ec2:CreateTags", "ec2:DeleteTags"],
            "Resource": parts,
            "Condition": {"StringEquals": {"aws:ResourceTag/eks:eks-cluster-name": own}},
        },
        {
            "Sid": "Volumes",
            "Effect": "Allow",
            "Action": [
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
            ],
            "Resource": key_arn,
        },
        {
            "Sid": "VolumesOfInstances",
            "Effect": "Allow",
            "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
            "Resource": key_arn,
            "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
    )
