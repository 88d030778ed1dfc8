"""The whole program on the engine: it waits for the API server, and warns if nothing reaches that.

Real: the engine with its state, and the program. Emulated: the account by moto. The API server of its cluster does not
exist; its address is one on AWS.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi.automation.errors import CommandError

from infra import cluster_access
from localcloud.aws.server import AwsServer
from tests.localcloud.aws.conftest import start_server
from tests.support.engine import STACK
from tests.support.whole_on_engine import SMALL, WholeStack

API_SERVER = "https://0123456789ABCDEF.gr7.eu-central-1.eks.amazonaws.com"
WAY_IN = (
    "warning: aws: cluster: nothing outside of the cluster reaches its API server, so the first Kubernetes object "
    "would time out; set cluster.privateAccessCidrs or cluster.privateAccessSecurityGroups for a runner in the VPC, a "
    "VPN or a peer, or cluster.publicAccessCidrs for named addresses of the internet"
)
NEW_VPC = (
    "warning: aws: cluster: only the VPC that this deployment creates (10.0.0.0/16) reaches the API server, so no "
    "machine that exists now does, and the first Kubernetes object would time out; for the first `up` set "
    "cluster.publicAccessCidrs to the public address of this machine, such as [YOUR_ADDRESS/32], or "
    "cluster.privateAccessCidrs to addresses in network.peerCidrs"
)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[WholeStack]:
    (tmp_path / "aws").mkdir()
    server: AwsServer = start_server(tmp_path / "aws", kube=(API_SERVER, "Q0E="))
    stack = WholeStack(tmp_path / "stack", server)
    yield stack
    stack.close()
    server.stop()


def kubernetes(stack: WholeStack) -> list[str]:
    """Return the types of the Kubernetes objects in the state."""
    return [each["type"] for each in stack.resources() if each["type"].startswith("kubernetes:")]


def test_creates_kubernetes_objects_once_the_api_server_accepts_the_deployment(
    stack: WholeStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None before. A refused update reports the reason, and the next one continues."""
    asked: list[Any] = []

    def refuse(config: Any) -> None:
        asked.append(config)
        raise cluster_access.NotAdmittedError("it returns 401 Unauthorized")

    monkeypatch.setattr(cluster_access, "wait", refuse)
    with pytest.raises(CommandError):
        stack.up()
    assert [config["clusters"][0]["cluster"]["server"] for config in asked] == [API_SERVER]
    assert f"drydock-{STACK}" in asked[0]["users"][0]["user"]["exec"]["args"]
    assert kubernetes(stack) == []
    errors = [said for said in stack.said if said.startswith("error") and API_SERVER in said]
    assert errors[0].startswith(
        f"error: the Kubernetes API at {API_SERVER} does not accept this deployment after 180 s: it returns 401 "
        "Unauthorized."
    )

    monkeypatch.setattr(cluster_access, "wait", asked.append)
    stack.up()
    assert len(asked) == 2
    assert "kubernetes:apps/v1:Deployment" in kubernetes(stack)


@pytest.mark.parametrize(
    ("cluster", "warnings"),
    [
        ({}, [WAY_IN]),
        # `test_roles.py` has every setting that opens a way, and `test_api_server_access.py` those of another network.
        ({"privateAccessCidrs": ["10.0.0.0/16"]}, [NEW_VPC]),
        ({"privateAccessCidrs": ["10.0.0.0/16"], "publicAccessCidrs": ["18.0.0.1/32"]}, []),
    ],
)
def test_warns_if_nothing_reaches_the_api_server(
    stack: WholeStack, cluster: dict[str, Any], warnings: list[str]
) -> None:
    """In a preview, with the settings that allow access."""
    stack.configure({**SMALL, "cluster": {"deletionProtection": False, **cluster}})

    stack.preview()

    assert [said for said in stack.said if "API server" in said] == warnings
