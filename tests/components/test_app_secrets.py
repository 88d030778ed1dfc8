"""AppSecrets: what they make of their args."""

import json

import pytest

from components.app_secrets import AppSecrets
from tests.support.builders import app_secrets_args
from tests.support.fake_outputs import ACCOUNT_ID
from tests.support.recorder import Recording, record


def _secrets(**changes: object) -> Recording:
    return record(lambda: AppSecrets("secrets", app_secrets_args(**changes)).secret_arn)


def test_value_is_one_secret_json_object() -> None:
    """The keys and values given, numbers as numbers, and never in the clear."""
    version = _secrets().only("aws:secretsmanager/secretVersion:SecretVersion")

    assert json.loads(version.inputs["secretString"]) == {"username": "app", "password": "hunter2", "port": 5432}
    assert version.secret_inputs == {"secretString"}


def test_role_reads_this_secret_and_nothing_else() -> None:
    """Two statements, each on one resource, without a wildcard."""
    recording = _secrets()

    policy = json.loads(recording.only("aws:iam/rolePolicy:RolePolicy").inputs["policy"])
    resources = [statement["Resource"] for statement in policy["Statement"]]
    assert resources == [
        recording.result,
        f"arn:aws:kms:eu-central-1:{ACCOUNT_ID}:key/secrets-key",
    ]
    assert "*" not in json.dumps(policy)


def test_role_is_for_the_pods_of_one_cluster() -> None:
    """The trust names Pod Identity, the account and the cluster; the association names the ServiceAccount."""
    recording = _secrets()

    (trust,) = json.loads(recording.only("aws:iam/role:Role").inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT_ID}
    assert trust["Condition"]["ArnEquals"]["aws:SourceArn"].endswith(":cluster/drydock-test")
    association = recording.only("aws:eks/podIdentityAssociation:PodIdentityAssociation").inputs
    assert (association["namespace"], association["serviceAccount"]) == ("drydock", "api")


@pytest.mark.parametrize(("protect", "days"), [(True, 30), (False, 0)])
def test_protection_and_recovery(protect: bool, days: int) -> None:
    """Secret and key are protected together; the window is as given."""
    recording = _secrets(protect=protect, recovery_window_days=days)

    secret = recording.only("aws:secretsmanager/secret:Secret")
    assert (secret.protect, recording.only("aws:kms/key:Key").protect) == (protect, protect)
    assert secret.inputs["recoveryWindowInDays"] == days
