"""PodRole: what it makes of its args."""

import json

from components._iam import connect_database, read_secret
from components.pod_role import PodRole
from tests.support.builders import pod_role_args
from tests.support.fake_outputs import ACCOUNT_ID
from tests.support.recorder import record

SECRET = f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT_ID}:secret:rds!db-1-AbCdEf"
KEY = f"arn:aws:kms:eu-central-1:{ACCOUNT_ID}:key/master"


def test_role_is_for_the_pods_of_one_cluster() -> None:
    """The trust names Pod Identity, the account and the cluster; the association names the ServiceAccount."""
    recording = record(lambda: PodRole("pods", pod_role_args()).role_name)

    (trust,) = json.loads(recording.only("aws:iam/role:Role").inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT_ID}
    assert trust["Condition"]["ArnEquals"]["aws:SourceArn"].endswith(":cluster/drydock-test")
    association = recording.only("aws:eks/podIdentityAssociation:PodIdentityAssociation").inputs
    assert (association["namespace"], association["serviceAccount"]) == ("drydock", "api")


def test_role_may_do_what_it_is_given() -> None:
    """And nothing else: it has one policy."""
    policy = connect_database("eu-central-1", ACCOUNT_ID, "db-ABC", "service")
    recording = record(lambda: PodRole("pods", pod_role_args(policy=policy)).role_name)

    assert recording.only("aws:iam/rolePolicy:RolePolicy").inputs["policy"] == policy


def test_who_signs_in_to_a_database_does_so_as_one_user_of_one_instance() -> None:
    """By the resource id of the instance, which another one of its name does not have."""
    assert json.loads(connect_database("eu-central-1", ACCOUNT_ID, "db-ABC", "service"))["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["rds-db:connect"],
            "Resource": f"arn:aws:rds-db:eu-central-1:{ACCOUNT_ID}:dbuser:db-ABC/service",
        }
    ]


def test_who_reads_a_secret_uses_its_key_for_that_alone() -> None:
    """Through Secrets Manager, and for this secret."""
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
