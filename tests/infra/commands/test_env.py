"""The variables of `drydock env`."""

from infra.commands.env import exports
from localcloud.cloud import Cloud

CLOUD = Cloud(
    name="local",
    pid=1,
    region="eu-central-1",
    account_id="123456789012",
    aws_endpoint="http://127.0.0.1:1",
    aws_access_key_id="key",
    aws_secret_access_key="secret",
    kubeconfig="/state/kubeconfig",
    kube_server="https://127.0.0.1:2",
    kube_ca_pem="ca",
    kube_token="token",
    postgres_host="127.0.0.1",
    postgres_port=3,
    postgres_user="rdsadmin",
    postgres_password="superuser",
    gateway_address="127.0.0.1",
    providers={},
)


def test_the_cloud_can_be_looked_into_after_a_first_up_that_failed() -> None:
    """That is when it is wanted most: what the service would have is left out."""
    found = exports(CLOUD, {}, "/tools")

    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert found["KUBECONFIG"] == "/state/kubeconfig"
    assert found["PATH"].endswith(":/tools")
    assert not {"API_BASE_URL", "DATABASE_URL"} & set(found)


def test_the_superuser_and_the_token_stay_inside() -> None:
    """They are not the user's to have in a shell."""
    text = str(exports(CLOUD, {"url": "http://127.0.0.1:8080"}, "/tools"))

    assert "superuser" not in text
    assert "token" not in text
    assert "http://127.0.0.1:8080" in text
