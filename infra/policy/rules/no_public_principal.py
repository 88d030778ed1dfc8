"""Rule: no resource policy allows everyone: `Principal: *` requires a condition that limits the callers.

Anchors: CKV_AWS_32, CKV_AWS_33, CKV_AWS_70, CKV_AWS_168, AWS-0032, CIS-AWS 2.21.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.callers import public_statements
from infra.policy.documents import texts
from infra.policy.rule import resource_rule
from infra.resources.resource import Resource

POLICY_PROPERTY = {
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
    "aws:ecr/registryPolicy:RegistryPolicy": "policy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:s3/bucket:Bucket": "policy",
    "aws:sqs/queue:Queue": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
    "aws:sns/topic:Topic": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:kms/key:Key": "policy",
    "aws:kms/keyPolicy:KeyPolicy": "policy",
    "aws:secretsmanager/secret:Secret": "policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
    "aws:backup/vaultPolicy:VaultPolicy": "policy",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyDocument",
    "aws:efs/fileSystemPolicy:FileSystemPolicy": "policy",
    "aws:opensearch/domain:Domain": "accessPolicies",
    "aws:opensearch/domainPolicy:DomainPolicy": "accessPolicies",
    "aws:s3/accessPoint:AccessPoint": "policy",
    "aws:iam/role:Role": "assumeRolePolicy",
}


def check(resource: Resource) -> Iterator[str]:
    """Yield statements that allow everyone, in the resource policy or the trust policy of the resource."""
    for statement in public_statements(resource.properties.get(POLICY_PROPERTY[resource.type])):
        actions = texts(statement.get("Action")) or ["all but a few actions"]
        yield f"allows everybody {', '.join(actions)}"


RULE = resource_rule(
    name="aws-no-public-principal",
    severity=Severity.CRITICAL,
    description="A resource policy must not allow public access.",
    remedy="name the principals, or add a condition such as aws:PrincipalOrgID or aws:SourceArn",
    types=list(POLICY_PROPERTY),
    check=check,
)
