"""The Kubernetes client at a real API server."""

import subprocess
import sys
import threading

import pytest

from localcloud.cloud import Cloud
from localcloud.kubernetes.api_errors import CancelledError, RefusedError
from localcloud.kubernetes.client import KubernetesClient
from localcloud.kubernetes.reference import Followed, Manifest, Query, Reference
from tests.localcloud.kubernetes.stage import Stage


@pytest.fixture
def client(cloud: Cloud) -> KubernetesClient:
    return KubernetesClient(cloud.kubeconfig)


def config_map(stage: Stage, name: str, **labels: str) -> Manifest:
    metadata = {"name": name, "namespace": stage.namespace, "labels": labels}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}


def of(stage: Stage, **more: object) -> Query:
    return Query(api_version="v1", kind="ConfigMap", namespace=stage.namespace, **more)  # type: ignore[arg-type]


def test_finds_by_labels_and_by_name(stage: Stage, client: KubernetesClient) -> None:
    """Other objects are not returned."""
    client.apply(config_map(stage, "one", app="shop"))
    client.apply(config_map(stage, "two"))

    names = [
        [one["metadata"]["name"] for one in client.find(of(stage, **query))]
        for query in ({"labels": {"app": "shop"}}, {"name": "two"})
    ]
    assert names == [["one"], ["two"]]


def test_follows_changes_and_deletions(stage: Stage, client: KubernetesClient) -> None:
    """The callback gets each change, including the deletion."""
    seen: list[list[str]] = []
    reference = Reference(api_version="v1", kind="ConfigMap", namespace=stage.namespace, name="one")

    def decide(found: Followed) -> bool:
        seen.append([one["metadata"]["name"] for one in found[0]])
        if len(seen) == 1:
            client.apply(config_map(stage, "one"))
        elif seen[-1]:
            client.delete(reference, "Background")
        return len(seen) > 1 and not seen[-1] and ["one"] in seen

    assert client.follow([of(stage, name="one")], decide, timeout_seconds=20)
    assert seen[0] == []
    assert ["one"] in seen


def test_following_ends_at_its_timeout(stage: Stage, client: KubernetesClient) -> None:
    """It ends without a decision."""
    assert not client.follow([of(stage)], lambda _found: False, timeout_seconds=0.2)


def test_following_can_be_cancelled(stage: Stage, client: KubernetesClient) -> None:
    """Another thread may cancel it, and the client can be used afterwards."""

    def decide(_found: Followed) -> bool:
        threading.Thread(target=client.cancel).start()
        return False

    with pytest.raises(CancelledError):
        client.follow([of(stage)], decide, timeout_seconds=20)

    assert client.follow([of(stage)], lambda _found: True, timeout_seconds=20)


def test_a_refusal_has_code_and_reason(stage: Stage, client: KubernetesClient) -> None:
    """They are those of Kubernetes."""
    with pytest.raises(RefusedError, match="Invalid value") as refused:
        client.apply(config_map(stage, "Not A Name"))

    assert (refused.value.code, refused.value.reason) == (422, "Invalid")


FIRST_REQUESTS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from localcloud.kubernetes.api_errors import RefusedError
from localcloud.kubernetes.client import KubernetesClient
from localcloud.kubernetes.reference import Query

sys.setswitchinterval(1e-6)
client = KubernetesClient(sys.argv[1])
kinds = [("karpenter.sh/v1", "NodePool"), ("eks.amazonaws.com/v1", "NodeClass"), ("v1", "ConfigMap"), ("v1", "Secret")]
ready = Barrier(4 * len(kinds))

def find(api_version, kind):
    ready.wait()
    with suppress(RefusedError):  # this API server may not have the custom kinds
        client.find(Query(api_version=api_version, kind=kind))

with ThreadPoolExecutor(ready.parties) as threads:
    list(threads.map(find, *zip(*4 * kinds)))
print("done")
"""


def test_the_first_requests_of_a_process_may_be_concurrent(cloud: Cloud) -> None:
    """As in a refresh. msgspec would end the process if several threads decoded a type for the first time."""
    command = [sys.executable, "-c", FIRST_REQUESTS, cloud.kubeconfig]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stdout.strip()) == (0, "done"), done.stderr
