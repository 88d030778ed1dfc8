"""The stand-in for Pulumi's Kubernetes provider at a real API server."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.autoscaling_v2 import HorizontalPodAutoscaler
from lightkube.resources.core_v1 import ConfigMap, Namespace, Pod, Secret

from localcloud.cloud import Cloud
from localcloud.kubernetes.provider import KubernetesProvider
from localcloud.protocol.servicer import ProviderError, Target
from localcloud.protocol.values import UNKNOWN, decode, encode
from tests.localcloud.kubernetes.stage import Stage

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
SECRET = "kubernetes:core/v1:Secret"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
NAMESPACE = "kubernetes:core/v1:Namespace"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"

SETTINGS = "{metadata: {name: settings, labels: {app: shop}}, data: {level: info, region: eu}}"
# Not awaited, because these tests are about applied values. It has quantities and defaults that the API server
# writes in another form.
SHOP = """
metadata: {name: shop, annotations: {pulumi.com/skipAwait: "true"}}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      hostNetwork: false
      containers:
        - name: app
          image: shop
          env: [{name: EMPTY, value: ""}, {name: LEVEL, value: info}]
          resources: {requests: {cpu: "0.5", memory: 1024Mi}, limits: {memory: 1024Mi}}
          ports: [{containerPort: 8080}]
"""
ALLOW_NOTHING = "{metadata: {name: none}, spec: {podSelector: {}, ingress: [], policyTypes: [Ingress]}}"


@pytest.mark.parametrize(("type_", "text"), [(CONFIG_MAP, SETTINGS), (DEPLOYMENT, SHOP), (POLICY, ALLOW_NOTHING)])
def test_a_refresh_finds_no_drift_in_defaults_of_the_server(stage: Stage, type_: str, text: str) -> None:
    """Defaults, canonical quantities and dropped empty values do not count."""
    inputs, outputs = stage.create(type_, text)

    found = stage.provider.read(stage.target(type_), "", inputs, outputs)

    assert found is not None
    assert found[1] == inputs
    assert found[2]["metadata"]["uid"] == outputs["metadata"]["uid"]
    assert stage.provider.diff(stage.target(type_), "", inputs, outputs, inputs).changed == []


def test_outputs_are_the_live_object(stage: Stage) -> None:
    """They have the values that the API server set, without managedFields."""
    _, outputs = stage.create(DEPLOYMENT, SHOP)

    assert outputs["spec"]["strategy"]["type"] == "RollingUpdate"
    assert "status" in outputs
    assert "managedFields" not in outputs["metadata"]


def test_an_edited_label_is_drift(stage: Stage) -> None:
    """A manual change of a field of the program is found with its value."""
    inputs, outputs = stage.create(CONFIG_MAP, SETTINGS)
    stage.patch(ConfigMap, "settings", {"metadata": {"labels": {"app": "other", "theirs": "kept"}}})

    found = stage.provider.read(stage.target(CONFIG_MAP), "", inputs, outputs)

    assert found is not None
    assert found[1]["metadata"]["labels"] == {"app": "other"}
    assert stage.provider.diff(stage.target(CONFIG_MAP), "", found[1], found[2], inputs).changed == [
        "metadata.labels.app"
    ]


def test_a_removed_key_is_drift(stage: Stage) -> None:
    """A key that was removed from a field of the program is found."""
    inputs, outputs = stage.create(CONFIG_MAP, SETTINGS)
    stage.patch(ConfigMap, "settings", {"data": {"region": None}})

    found = stage.provider.read(stage.target(CONFIG_MAP), "", inputs, outputs)

    assert found is not None
    assert found[1]["data"] == {"level": "info"}


def test_an_edit_deep_in_a_list_is_drift(stage: Stage) -> None:
    """Only the changed value differs from the inputs of the program."""
    inputs, outputs = stage.create(DEPLOYMENT, SHOP)
    container = {"name": "app", "env": [{"name": "LEVEL", "value": "debug"}]}
    stage.patch(Deployment, "shop", {"spec": {"template": {"spec": {"containers": [container]}}}})

    found = stage.provider.read(stage.target(DEPLOYMENT), "", inputs, outputs)

    assert found is not None
    wanted, live = (one["spec"]["template"]["spec"]["containers"][0] for one in (inputs, found[1]))
    assert live["env"][1]["value"] == "debug"
    assert {**live, "env": None} == {**wanted, "env": None}


def test_replicas_that_an_autoscaler_owns_are_no_drift(stage: Stage) -> None:
    """A Deployment without spec.replicas leaves the number to an autoscaler."""
    inputs, outputs = stage.create(DEPLOYMENT, SHOP)
    autoscaler = {
        "metadata": {"name": "shop", "namespace": stage.namespace},
        "spec": {
            "minReplicas": 3,
            "maxReplicas": 5,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"},
        },
    }
    stage.user.create(HorizontalPodAutoscaler.from_dict(autoscaler))
    stage.eventually(lambda: stage.user.get(Deployment, "shop", namespace=stage.namespace).spec.replicas == 3)

    found = stage.provider.read(stage.target(DEPLOYMENT), "", inputs, outputs)
    updated = stage.provider.update(stage.target(DEPLOYMENT), "", inputs, outputs, inputs, preview=False)

    assert found is not None
    assert found[1] == inputs
    assert updated["spec"]["replicas"] == 3


def test_a_refresh_reports_a_deleted_object_as_missing(stage: Stage) -> None:
    """The engine then creates it again."""
    inputs, outputs = stage.create(CONFIG_MAP, SETTINGS)
    stage.user.delete(ConfigMap, "settings", namespace=stage.namespace)

    assert stage.provider.read(stage.target(CONFIG_MAP), "", inputs, outputs) is None


def test_an_update_removes_what_the_inputs_no_longer_contain(stage: Stage) -> None:
    """Fields that others added are kept."""
    inputs, outputs = stage.create(CONFIG_MAP, SETTINGS)
    stage.patch(ConfigMap, "settings", {"data": {"theirs": "kept"}})
    wanted = stage.inputs(CONFIG_MAP, "{metadata: {name: settings}, data: {level: debug}}")

    updated = stage.provider.update(stage.target(CONFIG_MAP), "", inputs, outputs, wanted, preview=False)

    assert updated["data"] == {"level": "debug", "theirs": "kept"}
    assert "labels" not in updated["metadata"]


def test_a_field_of_another_manager_is_a_conflict(stage: Stage) -> None:
    """As on a real cluster. The message suggests patchForce, which takes the field over."""
    inputs, outputs = stage.create(CONFIG_MAP, SETTINGS)
    stage.patch(ConfigMap, "settings", {"data": {"level": "debug"}})
    target = stage.target(CONFIG_MAP)

    with pytest.raises(ProviderError, match=r"(?s)ConfigMap .*/settings: .*kubectl.*data\.level.*patchForce"):
        stage.provider.update(target, "", inputs, outputs, inputs, preview=False)

    inputs["metadata"]["annotations"] = {"pulumi.com/patchForce": "true"}
    assert stage.provider.update(target, "", inputs, outputs, inputs, preview=False)["data"]["level"] == "info"


def test_string_data_of_a_secret_is_stored_and_stays_equal(stage: Stage) -> None:
    """stringData becomes data without a later diff, and a removed key is deleted."""
    text = "{metadata: {name: keys}, stringData: {password: s3cret, old: x}, data: {raw: AAE=}}"
    inputs, outputs = stage.create(SECRET, text)
    wanted = stage.inputs(SECRET, "{metadata: {name: keys}, stringData: {password: s3cret}, data: {raw: AAE=}}")
    found = stage.provider.read(stage.target(SECRET), "", inputs, outputs)

    updated = stage.provider.update(stage.target(SECRET), "", inputs, outputs, wanted, preview=False)

    assert found is not None
    assert found[1] == inputs
    assert decode(encode(updated))["data"] == {"password": base64.b64encode(b"s3cret").decode(), "raw": "AAE="}


def test_drift_in_a_secret_is_reported_in_string_data(stage: Stage) -> None:
    """The engine masks stringData because the program marked it, so the found value must not be elsewhere."""
    inputs, outputs = stage.create(SECRET, "{metadata: {name: keys}, stringData: {password: s3cret}}")
    stage.patch(Secret, "keys", {"data": {"password": base64.b64encode(b"changed").decode()}})

    found = stage.provider.read(stage.target(SECRET), "", inputs, outputs)

    assert found is not None
    assert found[1]["stringData"] == {"password": "changed"}
    assert "data" not in found[1]


def test_create_adopts_an_existing_object(stage: Stage) -> None:
    """An engine that was killed between request and response creates nothing twice."""
    first = stage.create(CONFIG_MAP, SETTINGS)[1]
    second = stage.create(CONFIG_MAP, SETTINGS)[1]

    assert second["metadata"]["uid"] == first["metadata"]["uid"]


def test_create_does_not_adopt_an_object_being_deleted(stage: Stage) -> None:
    """It waits for the end of the interrupted deletion; otherwise the new object would be deleted too."""
    held = {"metadata": {"name": "settings", "namespace": stage.namespace, "finalizers": ["test.io/hold"]}}
    first = stage.user.create(ConfigMap.from_dict(held))
    stage.user.delete(ConfigMap, "settings", namespace=stage.namespace)

    def release(message: str) -> None:
        if "test.io/hold" in message:
            stage.patch(ConfigMap, "settings", {"metadata": {"finalizers": None}})

    target = replace(stage.target(CONFIG_MAP), notify=release)
    second = stage.provider.create(target, stage.inputs(CONFIG_MAP, SETTINGS), preview=False)[1]

    assert second["metadata"]["uid"] != first.metadata.uid


def test_a_second_deletion_is_no_error(stage: Stage) -> None:
    """The object is already gone."""
    inputs, outputs = stage.create(CONFIG_MAP, SETTINGS)

    for _ in range(2):
        stage.provider.delete(stage.target(CONFIG_MAP), "", inputs, outputs)

    assert stage.provider.read(stage.target(CONFIG_MAP), "", inputs, outputs) is None


def test_a_namespace_is_deleted_with_its_objects(stage: Stage) -> None:
    """The deletion ends after the finalization of the namespace."""
    target = stage.target(NAMESPACE)
    inputs = stage.provider.check(target, {}, {"metadata": {"name": f"{stage.namespace}-2"}})
    id_, outputs = stage.provider.create(target, inputs, preview=False)
    name = outputs["metadata"]["name"]
    stage.user.create(ConfigMap.from_dict({"metadata": {"name": "inside", "namespace": name}}))

    stage.provider.delete(target, id_, inputs, outputs)

    assert name not in {namespace.metadata.name for namespace in stage.user.list(Namespace)}


def test_a_deployment_is_deleted_with_its_pods(stage: Stage) -> None:
    """No ReplicaSet and no pod is left."""
    inputs, outputs = stage.create(DEPLOYMENT, SHOP)
    stage.eventually(lambda: list(stage.user.list(Pod, namespace=stage.namespace)))
    awaited = stage.inputs(DEPLOYMENT, "metadata: {name: shop}")

    stage.provider.delete(stage.target(DEPLOYMENT), "", awaited, {})

    assert stage.provider.read(stage.target(DEPLOYMENT), "", inputs, outputs) is None
    stage.eventually(lambda: not list(stage.user.list(Pod, namespace=stage.namespace)))


def test_an_import_takes_its_inputs_from_the_live_object(stage: Stage) -> None:
    """Fields that only the API server sets are left out."""
    stage.create(CONFIG_MAP, SETTINGS)

    found = stage.provider.read(stage.target(CONFIG_MAP), f"{stage.namespace}/settings", {}, {})

    assert found is not None
    assert found[1]["data"] == {"level": "info", "region": "eu"}
    assert set(found[1]["metadata"]) == {"name", "namespace", "labels"}


def test_a_custom_resource_needs_its_definition_first(stage: Stage) -> None:
    """Kinds that are not built in are looked up in the API server."""
    definition = """
metadata: {name: ships.dock.example.com}
spec:
  group: dock.example.com
  scope: Namespaced
  names: {kind: Ship, plural: ships, singular: ship}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""
    ship = "{metadata: {name: argo}, spec: {masts: 2}}"
    with pytest.raises(ProviderError, match="apply its CustomResourceDefinition first"):
        stage.create("kubernetes:dock.example.com/v1:Ship", ship)
    stage.create("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", definition)

    def made() -> bool:
        try:
            return bool(stage.create("kubernetes:dock.example.com/v1:Ship", ship)[1]["spec"] == {"masts": 2})
        except ProviderError:
            return False  # served shortly after it is established

    assert stage.eventually(made)


@pytest.mark.parametrize("preview", [True, False])
@pytest.mark.parametrize(
    ("type_", "text", "field"),
    [
        (CONFIG_MAP, "{metadata: {name: typo}, datum: {}}", "datum"),
        (CONFIG_MAP, "{metadata: {name: typo, lables: {}}}", "metadata.lables"),
        (DEPLOYMENT, SHOP.replace("selector:", "replica: 2\n  selector:"), "spec.replica"),
        (DEPLOYMENT, SHOP.replace("image:", "imag:"), "imag"),
    ],
)
def test_refuses_a_field_that_the_kind_does_not_have(
    stage: Stage, type_: str, text: str, field: str, preview: bool
) -> None:
    """A typing mistake is reported instead of dropped, also in a preview."""
    with pytest.raises(ProviderError, match=rf"/(typo|shop): .*{field}"):
        stage.provider.create(stage.target(type_), stage.inputs(type_, text), preview=preview)


def test_refuses_a_service_that_eks_gives_no_load_balancer(stage: Stage) -> None:
    """Check refuses it, so that previews report it too; on EKS only the missing load balancer would show it."""
    annotations = "{service.beta.kubernetes.io/aws-load-balancer-scheme: public}"
    text = (
        f"{{metadata: {{name: web, annotations: {annotations}}}, spec: {{type: LoadBalancer, ports: [{{port: 80}}]}}}}"
    )

    with pytest.raises(
        ProviderError, match=r"Service thing: EKS would not create a load balancer for it: .*scheme is 'public'"
    ):
        stage.inputs("kubernetes:core/v1:Service", text)


def test_a_preview_reports_refusals_of_admission(stage: Stage) -> None:
    """The pods of a Deployment are checked against the restricted level before it is created."""
    labels = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    stage.patch(Namespace, stage.namespace, labels)
    inputs = stage.inputs(DEPLOYMENT, SHOP)

    for preview in (True, False):
        with pytest.raises(ProviderError, match=r"its pods would be refused: .*restricted.*runAsNonRoot"):
            stage.provider.create(stage.target(DEPLOYMENT), inputs, preview=preview)

    assert list(stage.user.list(Deployment, namespace=stage.namespace)) == []


def test_a_preview_creates_nothing_and_knows_defaults(stage: Stage) -> None:
    """The server-side dry run returns the object; its status is unknown."""
    inputs = stage.inputs(DEPLOYMENT, SHOP)

    id_, outputs = stage.provider.create(stage.target(DEPLOYMENT), inputs, preview=True)

    assert id_ == ""
    assert outputs["spec"]["progressDeadlineSeconds"] == 600
    assert outputs["status"] == UNKNOWN
    assert list(stage.user.list(Deployment, namespace=stage.namespace)) == []


def test_a_preview_before_the_namespace_exists_returns_the_inputs(stage: Stage) -> None:
    """In a first preview there is no namespace for a dry run."""
    inputs = stage.inputs(CONFIG_MAP, "{metadata: {name: settings, namespace: to-come}, data: {a: b}}")

    outputs = stage.provider.create(stage.target(CONFIG_MAP), inputs, preview=True)[1]

    assert outputs == {**inputs, "status": UNKNOWN}


def test_a_preview_of_a_replacement_ignores_the_old_object(stage: Stage) -> None:
    """An object that will be deleted first is no conflict."""
    stage.create(CONFIG_MAP, SETTINGS)

    outputs = stage.provider.create(stage.target(CONFIG_MAP), stage.inputs(CONFIG_MAP, SETTINGS), preview=True)[1]

    assert outputs["data"] == {"level": "info", "region": "eu"}


def test_a_preview_of_an_update_keeps_the_status(stage: Stage) -> None:
    """An unchanged address is not shown as unknown."""
    inputs, outputs = stage.create(DEPLOYMENT, SHOP)

    planned = stage.provider.update(stage.target(DEPLOYMENT), "", inputs, outputs, inputs, preview=True)

    assert isinstance(planned["status"], dict)
    assert planned["metadata"]["uid"] == outputs["metadata"]["uid"]


def test_a_preview_needs_no_local_cloud() -> None:
    """`drydock preview prod` works on a machine without a running local cloud."""
    provider = KubernetesProvider(None)
    target = Target(urn="", type=CONFIG_MAP, name="settings")
    inputs = provider.check(target, {}, {"metadata": {"name": "settings"}, "data": {"a": "b"}})

    assert provider.create(target, inputs, preview=True) == ("", {**inputs, "status": UNKNOWN})
    assert provider.update(target, "", inputs, {"status": {}}, inputs, preview=True) == {**inputs, "status": {}}
    with pytest.raises(ProviderError, match="no local cloud is running"):
        provider.create(target, inputs, preview=False)


def test_a_preview_works_without_the_api_server(cloud: Cloud, tmp_path: Path) -> None:
    """It returns the inputs; a deployment fails with a clear message."""
    gone = tmp_path / "kubeconfig"
    port = cloud.kube_server.rpartition(":")[2]
    gone.write_text(Path(cloud.kubeconfig).read_text().replace(f":{port}", ":1"))
    provider = KubernetesProvider(replace(cloud, kubeconfig=str(gone)))
    target = Target(urn="", type=CONFIG_MAP, name="settings")
    inputs = provider.check(target, {}, {"metadata": {"name": "settings"}})

    assert provider.create(target, inputs, preview=True)[1]["status"] == UNKNOWN
    with pytest.raises(ProviderError, match=r"127\.0\.0\.1:1 is unavailable .*check that the local cloud is running"):
        provider.create(target, inputs, preview=False)


def test_functions_have_no_stand_in(provider: KubernetesProvider) -> None:
    """The message has the name of the function."""
    with pytest.raises(ProviderError, match="kubernetes:yaml:decode has no stand-in"):
        provider.invoke("kubernetes:yaml:decode", {})
