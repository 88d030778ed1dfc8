"""Who may assume the deploy and preview roles of an environment, and their permissions besides `infra/deploy_role`."""

from collections.abc import Iterable, Mapping
from typing import Any

from components._boundary import state_objects
from components._iam import policy_document

GITHUB = "token.actions.githubusercontent.com"
"""Issuer of GitHub's tokens, without its scheme."""
AUDIENCE = "sts.amazonaws.com"
"""Audience that `aws-actions/configure-aws-credentials` requests:
https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws"""

# Actions that read stored data, not configuration: the code of a pull request must not be allowed to use them.
_DATA = frozenset(
    {
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
        "logs:GetLogEvents",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "secretsmanager:BatchGetSecretValue",
        "secretsmanager:GetSecretValue",
    }
)
_READS = ("Describe", "Get", "List")


def deploy_subject(repository: str, environment: str) -> str:
    """Return the subject of a GitHub token of a job in an environment of a repository, `ORG/REPO`.

    https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims
    """
    return f"repo:{repository}:environment:{environment}"


def preview_subject(repository: str, environment: str) -> str:
    """Return the subject of a GitHub token of a job that previews an environment of a repository, `ORG/REPO`.

    The job runs in an environment of its own, `ENVIRONMENT_preview`, so its subject is not that of all pull requests,
    `repo:ORG/REPO:pull_request`. No stack has this name, because names of stacks have no underscore.
    """
    return deploy_subject(repository, f"{environment}_preview")


def trust_github(provider_arn: str, subject: str) -> str:
    """Allow GitHub tokens with exactly one subject to assume the role."""
    return policy_document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": provider_arn},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{GITHUB}:aud": AUDIENCE, f"{GITHUB}:sub": subject}},
        }
    )


def reads(documents: Iterable[Mapping[str, Any]]) -> str:
    """Return a policy with the read actions of the policies of a deployment, except those that read data.

    Args:
        documents: policy documents whose statements list their actions.
    """
    actions = {action for document in documents for each in document["Statement"] for action in each["Action"]}
    found = sorted(each for each in actions - _DATA if each.partition(":")[2].startswith(_READS))
    return policy_document({"Sid": "Read", "Effect": "Allow", "Action": found, "Resource": "*"})


def use_state(bucket_arn: str, key_arn: str, environment: str, *, write: bool) -> str:
    """Allow access to an environment's state in a bucket, and use of the key that encrypts it and the stack's secrets.

    A deployment writes the state and its lock; a preview takes no lock (`Preview` in pulumi's backend/diy/backend.go).
    """
    own = state_objects(bucket_arn, environment)
    key_actions = ["kms:Decrypt", "kms:DescribeKey", *(["kms:Encrypt", "kms:GenerateDataKey"] if write else [])]
    statements: list[dict[str, Any]] = [
        {"Sid": "FindState", "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": bucket_arn},
        {
            "Sid": "ReadState",
            "Effect": "Allow",
            "Action": ["s3:GetObject"],
            "Resource": [f"{bucket_arn}/.pulumi/meta.yaml", *own],
        },
        {"Sid": "StateKey", "Effect": "Allow", "Action": key_actions, "Resource": key_arn},
    ]
    if write:
        actions = ["s3:DeleteObject", "s3:PutObject"]
        statements.append({"Sid": "WriteState", "Effect": "Allow", "Action": actions, "Resource": own})
    return policy_document(*statements)
