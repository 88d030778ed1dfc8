"""Secrets of the local Secrets Manager are mounted with the pod's role, refreshed, and refused as by the driver."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.kubernetes import auto_mode
from localcloud.kubernetes.client import KubernetesClient
from localcloud.node.fields import ConfigError
from localcloud.node.secrets_store import SecretObject, secret_objects
from localcloud.node.volumes import replace
from tests.localcloud.node.conftest import TRUST, owner
from tests.localcloud.node.test_agent import address, pod_spec, ready_pod
from tests.support.node import NodeStage, eventually, fetch

ADDON = "aws-secrets-store-csi-driver-provider"
REGION = "eu-central-1"
ARN = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:mail-AbCdEf"
VOLUME = {
    "name": "secrets",
    "csi": {
        "driver": "secrets-store.csi.k8s.io",
        "readOnly": True,
        "volumeAttributes": {"secretProviderClass": "web"},
    },
}


def provider_class(objects: Any, **parameters: Any) -> dict[str, Any]:
    given = {"objects": json.dumps(objects), "region": REGION, "usePodIdentity": "true", **parameters}
    return {
        "apiVersion": "secrets-store.csi.x-k8s.io/v1",
        "kind": "SecretProviderClass",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"provider": "aws", "parameters": {k: v for k, v in given.items() if v is not None}},
    }


def test_a_secret_has_a_name_or_an_arn_and_its_file_the_alias() -> None:
    """A slash in a name becomes an underscore in the file name."""
    objects = [
        {"objectName": "team/mail", "objectType": "secretsmanager"},
        {"objectName": ARN, "objectAlias": "MAIL_PASSWORD"},
    ]

    assert secret_objects(provider_class(objects), REGION) == [
        SecretObject("team/mail", "team_mail"),
        SecretObject(ARN, "MAIL_PASSWORD"),
    ]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"provider": "azure"}, "provider azure is not supported"),
        ({"provider": None}, "provider not set in default/web"),
        ({"parameters": {}}, "parameters not set in default/web"),
        ({"secretObjects": [{"secretName": "copy"}]}, r"secretObjects, .*\['copy'\] is not supported"),
        ({"failoverRegion": "eu-west-1"}, "parameter failoverRegion 'eu-west-1' is not supported"),
        ({"usePodIdentity": None}, "usePodIdentity .*IRSA"),
        ({"usePodIdentity": "false"}, "usePodIdentity 'false' is not supported"),
        ({"region": "eu-west-1"}, "region must be eu-central-1, got eu-west-1"),
        ({"objects": "{"}, "Failed to load SecretProviderClass"),
        ({"objects": "a: b"}, "objects must be a list"),
        ({"objects": "[{}]"}, "Object name must be specified"),
        ({"objects": "[{objectName: mail}]"}, "Must use objectType when a full ARN is not specified: mail"),
        ({"objects": "[{objectName: a, objectType: ssmparameter}]"}, "a is not a secret of Secrets Manager"),
        ({"objects": "[{objectName: 'arn:aws:ssm:eu-central-1:1:parameter/a'}]"}, "is not a secret of Secrets Manager"),
        ({"objects": f"[{{objectName: '{ARN.replace('central', 'west')}'}}]"}, "ARN region must match region"),
        ({"objects": f"[{{objectName: '{ARN}', jmesPath: []}}]"}, "jmesPath of .* is not supported"),
        ({"objects": f"[{{objectName: '{ARN}', filePermission: '0400'}}]"}, "filePermission of .* is not supported"),
        (
            {"objects": f"[{{objectName: '{ARN}', objectAlias: a}}, {{objectName: '{ARN}x', objectAlias: a}}]"},
            "already in use for objectAlias: a",
        ),
    ],
)
def test_reports_wrong_and_missing_objects_of_a_provider_class(change: dict[str, Any], says: str) -> None:
    manifest = provider_class([{"objectName": "mail", "objectType": "secretsmanager"}])
    for key, value in change.items():
        place = (
            manifest["spec"] if key in ("provider", "parameters", "secretObjects") else manifest["spec"]["parameters"]
        )
        place.pop(key, None) if value is None else place.__setitem__(key, value)

    with pytest.raises(ConfigError, match=says):
        secret_objects(manifest, REGION)


@given(st.lists(st.dictionaries(st.sampled_from(["A", "B", "C"]), st.binary(max_size=64)), max_size=5))
def test_files_have_the_last_content_and_other_files_stay(
    tmp_path_factory: Any, rounds: list[dict[str, bytes]]
) -> None:
    """Files have the driver's mode, and the result says whether one changed."""
    folder = tmp_path_factory.mktemp("volume")
    held: dict[str, bytes] = {}
    for content in rounds:
        changed = any(held.get(name) != data for name, data in content.items())
        assert replace(folder, content) is changed
        held |= content
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == held
        assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} <= {0o600}


def test_a_reader_never_sees_a_partially_written_file(tmp_path: Path) -> None:
    values = {bytes([byte]) * 200_000 for byte in b"ab"}
    replace(tmp_path, {"A": b"a" * 200_000})
    over = threading.Event()

    def write() -> None:
        for index in range(100):
            replace(tmp_path, {"A": b"ab"[index % 2 :][:1] * 200_000})
        over.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = {(tmp_path / "A").read_bytes() for _ in iter(over.is_set, True)}
    writer.join()

    assert seen <= values


@pytest.fixture(scope="module")
def namespace(stage: NodeStage, cluster: Any, endpoint: str) -> str:
    """A namespace whose ServiceAccount `mail` has a role that may read the secrets `mail-*`."""
    auto_mode.install(KubernetesClient(stage.cloud.kubeconfig, auto_mode.FIELD_MANAGER))
    eventually(lambda: is_served(stage))
    name = "secrets-store"
    path = stage.namespace(name)
    for account in ("mail", "roleless"):
        stage.create(f"{path}/serviceaccounts", {"metadata": {"name": account}})
    iam = owner(endpoint, "iam")
    role = iam.create_role(RoleName="mail", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    statement = {
        "Effect": "Allow",
        "Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
        "Resource": f"arn:aws:secretsmanager:{REGION}:123456789012:secret:mail-*",
    }
    iam.put_role_policy(
        RoleName="mail",
        PolicyName="read",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    cluster.create_pod_identity_association(clusterName="platform", namespace=name, serviceAccount="mail", roleArn=role)
    return path


@pytest.fixture
def manager(endpoint: str) -> Any:
    return owner(endpoint, "secretsmanager")


def is_served(stage: NodeStage) -> bool:
    """Return whether the API server serves the kind: at first it answers 404, then 429."""
    try:
        return stage.call("GET", "/apis/secrets-store.csi.x-k8s.io/v1/secretproviderclasses") is not None
    except AssertionError:
        return False


def run(stage: NodeStage, namespace: str, name: str, *objects: dict[str, Any], account: str = "mail") -> str:
    """Create a pod that mounts these objects, and return its path."""
    manifest = provider_class(list(objects))
    manifest["metadata"] = {"name": name, "namespace": namespace.rpartition("/")[2]}
    classes = f"/apis/secrets-store.csi.x-k8s.io/v1{namespace.removeprefix('/api/v1')}/secretproviderclasses"
    stage.create(classes, manifest)
    volume = json.loads(json.dumps(VOLUME))
    volume["csi"]["volumeAttributes"]["secretProviderClass"] = name
    spec = {
        **pod_spec(stage, volumeMounts=[{"name": "secrets", "mountPath": "/etc/files", "readOnly": True}]),
        "serviceAccountName": account,
        "volumes": [volume],
    }
    stage.create(f"{namespace}/pods", {"metadata": {"name": name}, "spec": spec})
    return f"{namespace}/pods/{name}"


def failure(stage: NodeStage, namespace: str, pod: str, says: str) -> str:
    """Wait for the event of a volume that cannot be mounted, and return its message."""

    def found() -> str | None:
        events = stage.call("GET", f"{namespace}/events")["items"]
        messages = [
            event["message"]
            for event in events
            if event["involvedObject"]["name"] == pod and event["reason"] == "FailedMount"
        ]
        return next((message for message in messages if says in message), None)

    return str(eventually(found))


def waiting(stage: NodeStage, path: str) -> str:
    (status,) = stage.call("GET", path)["status"]["containerStatuses"]
    return str(status["state"]["waiting"]["reason"])


def test_secrets_are_mounted_with_the_role_of_the_pod_and_follow_a_rotation(
    stage: NodeStage, namespace: str, cluster: Any, manager: Any
) -> None:
    """Without the add-on, the permission or the secret the pod waits, and an event has the reason."""
    mail = manager.create_secret(Name="mail-a", SecretString="first")["ARN"]
    other = manager.create_secret(Name="other", SecretString="x")["ARN"]
    path = run(stage, namespace, "web", {"objectName": mail, "objectAlias": "password"})
    none = failure(stage, namespace, "web", "not found in the list of registered CSI drivers")
    assert none.startswith('MountVolume.SetUp failed for volume "secrets" : kubernetes.io/csi: ')
    assert ADDON in none

    settings = {"secrets-store-csi-driver": {"enableSecretRotation": True, "rotationPollInterval": "2m"}}
    cluster.create_addon(clusterName="platform", addonName=ADDON, configurationValues=json.dumps(settings))
    base = f"http://{address(ready_pod(stage, path))}:8080"
    assert fetch(f"{base}/file/password") == "first"
    assert fetch(f"{base}/mode") == "0o600"

    manager.put_secret_value(SecretId=mail, SecretString="second")
    eventually(lambda: fetch(f"{base}/file/password") == "second")

    denied = run(stage, namespace, "denied", {"objectName": other, "objectAlias": "password"})
    says = failure(stage, namespace, "denied", "AccessDeniedException")
    assert f"failed to mount secrets store objects for pod {namespace.rpartition('/')[2]}/denied, err: " in says
    assert f"{REGION}: Failed fetching secret {other}: operation error Secrets Manager: GetSecretValue" in says
    assert "is not authorized to perform: secretsmanager:GetSecretValue" in says
    run(stage, namespace, "missing", {"objectName": "mail-none", "objectType": "secretsmanager"})
    failure(stage, namespace, "missing", "api error ResourceNotFoundException")
    run(stage, namespace, "roleless", {"objectName": mail}, account="roleless")
    failure(stage, namespace, "roleless", "has no pod identity association")
    assert waiting(stage, denied) in ("ContainerCreating", "PodInitializing")

    # A failed rotation keeps the file: the secret is deleted, and the pod continues with the old value.
    manager.delete_secret(SecretId=mail, ForceDeleteWithoutRecovery=True)
    log = stage.state / "logs" / "node.log"
    eventually(lambda: "volume secrets of web not rotated" in log.read_text())
    assert fetch(f"{base}/file/password") == "second"
