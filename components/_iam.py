"""IAM policy documents as pure functions of the ARNs they name."""

import json
from collections.abc import Sequence
from typing import Any

CLOUDFRONT_REGION = "us-east-1"
"""Where certificates, web ACLs and deliveries of logs of CloudFront have to be:
https://docs.aws.amazon.com/acm/latest/userguide/acm-regions.html,
https://docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works-resources.html and
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html"""


def policy_document(*statements: dict[str, Any]) -> str:
    """Put statements into a policy document, as JSON text with a stable order."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, sort_keys=True)


def assume_role(service: str, condition: dict[str, Any] | None = None) -> str:
    """Trust one AWS service, such as `ec2.amazonaws.com`, to take the role. EKS tags its sessions."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }
    return policy_document(statement | ({"Condition": condition} if condition else {}))


def assume_role_for_cluster(service: str, account_id: str, cluster_arn: str) -> str:
    """Trust a service of EKS to take the role for one cluster: no other cluster, of whatever account, can use it.

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
    """Allow reading one secret, and decrypting it with its key through Secrets Manager, nothing else."""
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
    """Allow reading some secrets and decrypting them, nothing else.

    Args:
        secret_arns: the secrets; one that is named twice, as the content of two files, is allowed once.
        key_arn: the key of those that are not foreign, if there are any.
        region: region of the secrets.
        account_id: account of the secrets.
        foreign: those whose key is not known here, nor whether they have one. Whatever it is, it may be used for
            these secrets only.
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
    """Allow sending, receiving and settling messages of some queues, and the use of the key of what is in them."""
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
        # SQS asks KMS in the caller's name: to decrypt is to receive, a data key is to send.
        {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": key_arn},
    )


def write_logs(groups: Sequence[str], *, region: str, account_id: str) -> str:
    """Allow adding streams and events to some log groups, which have to be there.

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
    """Refuse every use of a queue that does not come by TLS; who may use it, IAM says."""
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
    """Let VPC flow logs of one account be written to the bucket, and refuse anything without TLS."""
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
    """Let load balancers of one account write their access logs to the bucket, and refuse anything without TLS.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html. With `cloudfront`
    its distributions may too: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html
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
    """Allow a cluster in Auto Mode what its managed policies do not: the stack's tags on nodes, and its own key.

    Every request has to name the cluster that the session is of. The statements are AWS's own
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
