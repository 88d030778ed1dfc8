"""aws-no-public-principal."""

import pytest

from infra.policy.rules.no_public_principal import RULE
from tests.infra.policy.compliant import key_policy, web_identity_role
from tests.infra.policy.judge import Given, violations

EVERYBODY = [
    {"Principal": ["*"]},
    {"Principal": "*"},
    {"Principal": {"AWS": "*"}},
    {"Principal": {"AWS": ["arn:aws:iam::1:root", "*"]}},
]
DOCUMENTS = {
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
"""Resource type -> property with its policy document."""


def test_accepts_a_named_principal() -> None:
    """The account itself is accepted."""
    assert violations(RULE, key_policy()) == []


@pytest.mark.parametrize("statement", EVERYBODY)
def test_rejects_everybody(statement: dict[str, object]) -> None:
    """All three spellings of the public principal are found."""
    [message] = violations(RULE, key_policy(**statement))

    assert "allows everybody kms:Decrypt" in message


@pytest.mark.parametrize("resource_type", DOCUMENTS)
def test_rejects_everybody_in_every_kind_of_resource(resource_type: str) -> None:
    """The rule knows the property with the policy document of each type."""
    policy = key_policy(Principal="*").properties["policy"]

    assert len(violations(RULE, Given(type=resource_type, properties={DOCUMENTS[resource_type]: policy}))) == 1


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::logs"}},
        {"StringEquals": {"kms:CallerAccount": "123456789012"}},
        {"StringEquals": {"AWS:SourceOwner": "123456789012"}},
    ],
)
def test_accepts_conditions_that_restrict_callers(condition: object) -> None:
    """A condition on the organization, the account or the source restricts the statement."""
    assert violations(RULE, key_policy(Principal="*", Condition=condition)) == []


@pytest.mark.parametrize(
    "condition",
    [
        {"Bool": {"aws:SecureTransport": "true"}},
        {"StringLike": {"aws:PrincipalArn": "*"}},
        {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1234567890"}},
        {"StringNotEquals": {"aws:PrincipalOrgID": "o-1234567890"}},
        {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Admin"}},
    ],
)
def test_rejects_conditions_that_do_not_restrict_callers(condition: object) -> None:
    """Examples are encryption in transit, wildcards, optional keys and negations."""
    assert len(violations(RULE, key_policy(Principal="*", Condition=condition))) == 1


def test_accepts_a_denial_for_everybody() -> None:
    """A bucket refuses plain HTTP with such a statement."""
    assert violations(RULE, key_policy(Effect="Deny", Principal="*")) == []


def test_accepts_trust_in_an_identity_provider() -> None:
    """Another rule checks which of its users are trusted."""
    assert violations(RULE, web_identity_role({})) == []
