"""The component PodRole: its resources for given arguments."""

import json

from components._iam import connect_database, read_secret
from components.pod_role import PodRole
from tests.support.builders import pod_role_args
from tests.support.fake_outputs import ACCOUNT_ID
from tests.support.recorder import record

SECRET = f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT_ID}:secret:rds!db-1-AbCdEf"
KEY = f"arn:aws:kms:eu-central-1:{ACCOUNT_ID}:key/master"


def test_role_is_for_the_pods_of_one_cluster() -> None:
    """The trust policy names Pod Identity, account and cluster; the association names the ServiceAccount."""
    recording = record(lambda: PodRole("pods", pod_role_args()).role_name)

    (trust,) = json.loads(recording.only("aws:iam/role:Role").inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT_ID}
    assert trust["Condition"]["ArnEquals"]["aws:SourceArn"].endswith(":cluster/drydock-test")
    association = recording.only("aws:eks/podIdentityAssociation:PodIdentityAssociation").inputs
    assert (association["namespace"], association["serviceAccount"]) == ("drydock", "api")


def test_the_role_has_the_given_permissions_only() -> None:
    """It has one policy."""
    policy = connect_database("eu-central-1", ACCOUNT_ID, "db-ABC", "service")
    recording = record(lambda: PodRole("pods", pod_role_args(policy=policy)).role_name)

    assert recording.only("aws:iam/rolePolicy:RolePolicy").inputs["policy"] == policy


def test_sign_in_is_allowed_for_one_user_of_one_instance() -> None:
    """The policy has the resource id of the instance, which another instance with the same name does not have."""
    assert json.loads(connect_database("eu-central-1", ACCOUNT_ID, "db-ABC", "service"))["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["rds-db:connect"],
            "Resource": f"arn:aws:rds-db:eu-central-1:{ACCOUNT_ID}:dbuser:db-ABC/service",
        }
    ]


def test_the_key_of_a_secret_may_be_used_for_that_secret_only() -> None:
    """Decryption is allowed through Secrets Manager, and for this secret only."""
    read, decrypt = json.loads(read_secret(SECRET, KEY, "eu-central-1"))["Statement"]

    assert read == {
        "Effect": "Allow",
        "Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
        "Resource": SECRET,
    }
    assert decrypt == {
        "Effect": "Allow",
        "Action": ["kms:Decrypt"],
        "Resource": KEY,
        "Condition": {
            "StringEquals": {
                "kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com",
                "kms:EncryptionContext:SecretARN": SECRET,
            }
        },
    }
