"""The variables of `drydock env`."""

from infra.commands.env import exports
from tests.support.clouds import cloud

CLOUD = cloud(
    aws_endpoint="http://127.0.0.1:1",
    kubeconfig="/state/kubeconfig",
    kube_token="token",
    postgres_password="superuser",
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
