"""A preview refuses the objects that a real API server refuses, and no others."""

from pathlib import Path

import pytest

from localcloud.cloud import Cloud
from localcloud.kubernetes.validation import refusal
from localcloud.kubernetes.validation.schemas import OPENAPI, constrained
from tests.localcloud.kubernetes.validation.comparison import Server, differences
from tests.localcloud.kubernetes.validation.definitions import definition_of
from tests.localcloud.kubernetes.validation.objects import Manifest, changes, objects
from tests.localcloud.kubernetes.validation.openapi import compact, published

# About 2500 of 19,000 changes, which take 40 s; `comparison` as a program tries all of them.
ONE_OF = 16
NAMES = [f"{each['kind']}-{each['metadata']['name']}" for each in objects()]
COVERED = {
    *("CronJob", "DaemonSet", "Deployment", "Job", "ReplicaSet", "StatefulSet", "HorizontalPodAutoscaler"),
    *("ConfigMap", "LimitRange", "Namespace", "PodDisruptionBudget", "PriorityClass", "ResourceQuota", "Secret"),
    *("Ingress", "NetworkPolicy", "Service", "ServiceAccount", "PersistentVolume", "PersistentVolumeClaim"),
    *("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "StorageClass"),
    *("IngressClassParams", "NodeClass", "NodePool", "SecretProviderClass", "TargetGroupBinding"),
}


@pytest.fixture(scope="module")
def server(cloud: Cloud) -> Server:
    return Server(cloud)


@pytest.mark.parametrize("manifest", objects(), ids=NAMES)
def test_preview_and_server_agree_on_changes(server: Server, manifest: Manifest) -> None:
    """Both refuse the same changes of a valid object, for the same property."""
    assert server.refusals([manifest]) == [""]
    assert refusal(manifest) == ""
    assert differences(server, manifest, one_of=ONE_OF) == []


def test_schemas_are_those_of_the_server(cloud: Cloud) -> None:
    """`python -m tests.localcloud.kubernetes.validation.openapi` writes the file for a new version of Kubernetes."""
    assert compact(published(cloud)) == OPENAPI.read_text(encoding="utf-8")


def test_objects_cover_every_constraint() -> None:
    """No constraint is without a comparison."""
    manifests = objects()
    assert {each["kind"] for each in manifests} == COVERED
    paths = [(each, path[:index]) for each in manifests for path, _ in changes(each) for index in range(len(path))]
    assert set(constrained()) - {definition_of(*each) for each in paths} == set()


def test_constraints_name_their_source() -> None:
    """Each names the function of Kubernetes that it follows, in a file with its URL."""
    folder = Path(OPENAPI).parent / "constraints"
    for path in folder.glob("*.yaml"):
        assert path.read_text(encoding="utf-8").startswith("# https://github.com/kubernetes/kubernetes/blob/v1.35.4/")
