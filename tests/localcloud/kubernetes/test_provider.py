"""The stand-in against a real API server."""

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
# Not awaited: these tests are about what is applied. Quantities and defaults that the API server writes otherwise.
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
def test_a_refresh_finds_no_drift_in_what_the_server_fills_in(stage: Stage, type_: str, text: str) -> None:
    """Defaults, canonical quantities and dropped empty values are no drift."""
    inputs, outputs = stage.create(type_, text)

    found = stage.provider.read(stage.target(type_), "", inputs, outputs)

    assert found is not None
    assert found[1] == inputs
    assert found[2]["metadata"]["uid"] == outputs["metadata"]["uid"]
    assert stage.provider.diff(stage.target(type_), "", inputs, outputs, inputs).changed == []


def test_outputs_are_the_live_object(stage: Stage) -> None:
    """A program can use what the API server decided; who wrote which field is of no use to it."""
    _, outputs = stage.create(DEPLOYMENT, SHOP)

    assert outputs["spec"]["strategy"]["type"] == "RollingUpdate"
    assert "status" in outputs
    assert "managedFields" not in outputs["metadata"]


def test_an_edited_label_is_drift(stage: Stage) -> None:
    """A manual change of a field of the program is found, with its value."""
    inputs, outputs = stage.create(CONFIG_MAP, SETTINGS)
    stage.patch(ConfigMap, "settings", {"metadata": {"labels": {"app": "other", "theirs": "kept"}}})

    found = stage.provider.read(stage.target(CONFIG_MAP), "", inputs, outputs)

    assert found is not None
    assert found[1]["metadata"]["labels"] == {"app": "other"}
    assert stage.provider.diff(stage.target(CONFIG_MAP), "", found[1], found[2], inputs).changed == [
        "metadata.labels.app"
    ]


def test_a_removed_key_is_drift(stage: Stage) -> None:
    """What is gone from a field of the program is seen."""
    inputs, outputs = stage.create(CONFIG_MAP, SETTINGS)
    stage.patch(ConfigMap, "settings", {"data": {"region": None}})

    found = stage.provider.read(stage.target(CONFIG_MAP), "", inputs, outputs)

    assert found is not None
    assert found[1]["data"] == {"level": "info"}


def test_an_edit_deep_in_a_list_is_drift(stage: Stage) -> None:
    """One changed value is pointed at, and the rest of the inputs is as the program wrote it."""
    inputs, outputs = stage.create(DEPLOYMENT, SHOP)
    container = {"name": "app", "env": [{"name": "LEVEL", "value": "debug"}]}
    stage.patch(Deployment, "shop", {"spec": {"template": {"spec": {"containers": [container]}}}})

    found = stage.provider.read(stage.target(DEPLOYMENT), "", inputs, outputs)

    assert found is not None
    wanted, live = (one["spec"]["template"]["spec"]["containers"][0] for one in (inputs, found[1]))
    assert live["env"][1]["value"] == "debug"
    assert {**live, "env": None} == {**wanted, "env": None}


def test_replicas_that_an_autoscaler_owns_are_no_drift(stage: Stage) -> None:
    """A Deployment without spec.replicas leaves them to others."""
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


def test_a_deleted_object_is_gone_for_a_refresh(stage: Stage) -> None:
    """The engine then makes it anew."""
    inputs, outputs = stage.create(CONFIG_MAP, SETTINGS)
    stage.user.delete(ConfigMap, "settings", namespace=stage.namespace)

    assert stage.provider.read(stage.target(CONFIG_MAP), "", inputs, outputs) is None


def test_an_update_removes_what_the_inputs_no_longer_contain(stage: Stage) -> None:
    """And leaves alone what others added."""
    inputs, outputs = stage.create(CONFIG_MAP, SETTINGS)
    stage.patch(ConfigMap, "settings", {"data": {"theirs": "kept"}})
    wanted = stage.inputs(CONFIG_MAP, "{metadata: {name: settings}, data: {level: debug}}")

    updated = stage.provider.update(stage.target(CONFIG_MAP), "", inputs, outputs, wanted, preview=False)

    assert updated["data"] == {"level": "debug", "theirs": "kept"}
    assert "labels" not in updated["metadata"]


def test_a_field_that_another_owns_is_a_conflict_with_advice(stage: Stage) -> None:
    """As on a real cluster; patchForce takes the field over."""
    inputs, outputs = stage.create(CONFIG_MAP, SETTINGS)
    stage.patch(ConfigMap, "settings", {"data": {"level": "debug"}})
    target = stage.target(CONFIG_MAP)

    with pytest.raises(ProviderError, match=r"(?s)ConfigMap .*/settings: .*kubectl.*data\.level.*patchForce"):
        stage.provider.update(target, "", inputs, outputs, inputs, preview=False)

    inputs["metadata"]["annotations"] = {"pulumi.com/patchForce": "true"}
    assert stage.provider.update(target, "", inputs, outputs, inputs, preview=False)["data"]["level"] == "info"


def test_string_data_of_a_secret_is_stored_and_stays_equal(stage: Stage) -> None:
    """stringData becomes data, without a diff the second time; a removed key goes."""
    text = "{metadata: {name: keys}, stringData: {password: s3cret, old: x}, data: {raw: AAE=}}"
    inputs, outputs = stage.create(SECRET, text)
    wanted = stage.inputs(SECRET, "{metadata: {name: keys}, stringData: {password: s3cret}, data: {raw: AAE=}}")
    found = stage.provider.read(stage.target(SECRET), "", inputs, outputs)

    updated = stage.provider.update(stage.target(SECRET), "", inputs, outputs, wanted, preview=False)

    assert found is not None
    assert found[1] == inputs
    assert decode(encode(updated))["data"] == {"password": base64.b64encode(b"s3cret").decode(), "raw": "AAE="}


def test_drift_in_a_secret_stays_where_it_is_known_as_secret(stage: Stage) -> None:
    """The engine masks stringData because the program said so; the found value must not move elsewhere."""
    inputs, outputs = stage.create(SECRET, "{metadata: {name: keys}, stringData: {password: s3cret}}")
    stage.patch(Secret, "keys", {"data": {"password": base64.b64encode(b"changed").decode()}})

    found = stage.provider.read(stage.target(SECRET), "", inputs, outputs)

    assert found is not None
    assert found[1]["stringData"] == {"password": "changed"}
    assert "data" not in found[1]


def test_an_object_that_is_there_already_is_adopted(stage: Stage) -> None:
    """An engine that was killed after the request and before the answer makes nothing twice."""
    first = stage.create(CONFIG_MAP, SETTINGS)[1]
    second = stage.create(CONFIG_MAP, SETTINGS)[1]

    assert second["metadata"]["uid"] == first["metadata"]["uid"]


def test_an_object_on_its_way_out_is_not_adopted(stage: Stage) -> None:
    """What an interrupted deletion left is awaited, else the new object would go with it."""
    held = {"metadata": {"name": "settings", "namespace": stage.namespace, "finalizers": ["test.io/hold"]}}
    first = stage.user.create(ConfigMap.from_dict(held))
    stage.user.delete(ConfigMap, "settings", namespace=stage.namespace)

    def release(message: str) -> None:
        if "test.io/hold" in message:
            stage.patch(ConfigMap, "settings", {"metadata": {"finalizers": None}})

    target = replace(stage.target(CONFIG_MAP), notify=release)
    second = stage.provider.create(target, stage.inputs(CONFIG_MAP, SETTINGS), preview=False)[1]

    assert second["metadata"]["uid"] != first.metadata.uid


def test_deletes_and_deletes_again(stage: Stage) -> None:
    """Deleting what is gone is no error."""
    inputs, outputs = stage.create(CONFIG_MAP, SETTINGS)

    for _ in range(2):
        stage.provider.delete(stage.target(CONFIG_MAP), "", inputs, outputs)

    assert stage.provider.read(stage.target(CONFIG_MAP), "", inputs, outputs) is None


def test_a_namespace_is_deleted_with_all_that_is_in_it(stage: Stage) -> None:
    """The deletion ends when the namespace is finalised."""
    target = stage.target(NAMESPACE)
    inputs = stage.provider.check(target, {}, {"metadata": {"name": f"{stage.namespace}-2"}})
    id_, outputs = stage.provider.create(target, inputs, preview=False)
    name = outputs["metadata"]["name"]
    stage.user.create(ConfigMap.from_dict({"metadata": {"name": "inside", "namespace": name}}))

    stage.provider.delete(target, id_, inputs, outputs)

    assert name not in {namespace.metadata.name for namespace in stage.user.list(Namespace)}


def test_a_deployment_goes_with_its_pods(stage: Stage) -> None:
    """Nothing is left behind."""
    inputs, outputs = stage.create(DEPLOYMENT, SHOP)
    stage.eventually(lambda: list(stage.user.list(Pod, namespace=stage.namespace)))
    awaited = stage.inputs(DEPLOYMENT, "metadata: {name: shop}")

    stage.provider.delete(stage.target(DEPLOYMENT), "", awaited, {})

    assert stage.provider.read(stage.target(DEPLOYMENT), "", inputs, outputs) is None
    stage.eventually(lambda: not list(stage.user.list(Pod, namespace=stage.namespace)))


def test_an_import_takes_its_inputs_from_the_live_object(stage: Stage) -> None:
    """Without what only the API server sets."""
    stage.create(CONFIG_MAP, SETTINGS)

    found = stage.provider.read(stage.target(CONFIG_MAP), f"{stage.namespace}/settings", {}, {})

    assert found is not None
    assert found[1]["data"] == {"level": "info", "region": "eu"}
    assert set(found[1]["metadata"]) == {"name", "namespace", "labels"}


def test_a_custom_resource_is_applied_once_its_definition_is(stage: Stage) -> None:
    """Kinds are looked up in the API server where they are not built in."""
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
    with pytest.raises(ProviderError, match="its CustomResourceDefinition must be applied first"):
        stage.create("kubernetes:dock.example.com/v1:Ship", ship)
    stage.create("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", definition)

    def made() -> bool:
        try:
            return bool(stage.create("kubernetes:dock.example.com/v1:Ship", ship)[1]["spec"] == {"masts": 2})
        except ProviderError:
            return False  # served an instant after it is established

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
    """Also in a preview: a typing mistake is reported, not dropped."""
    with pytest.raises(ProviderError, match=rf"/(typo|shop): .*{field}"):
        stage.provider.create(stage.target(type_), stage.inputs(type_, text), preview=preview)


def test_refuses_a_service_that_eks_gives_no_load_balancer(stage: Stage) -> None:
    """In check, so that previews and policies learn it too; on EKS it shows when the load balancer does not come."""
    annotations = "{service.beta.kubernetes.io/aws-load-balancer-scheme: public}"
    text = (
        f"{{metadata: {{name: web, annotations: {annotations}}}, spec: {{type: LoadBalancer, ports: [{{port: 80}}]}}}}"
    )

    with pytest.raises(ProviderError, match=r"Service thing: EKS gives it no load balancer: .*scheme is 'public'"):
        stage.inputs("kubernetes:core/v1:Service", text)


def test_a_preview_tells_what_admission_refuses(stage: Stage) -> None:
    """The restricted level checks the pods of a Deployment before it is created."""
    labels = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    stage.patch(Namespace, stage.namespace, labels)
    inputs = stage.inputs(DEPLOYMENT, SHOP)

    for preview in (True, False):
        with pytest.raises(ProviderError, match=r"its pods would be refused: .*restricted.*runAsNonRoot"):
            stage.provider.create(stage.target(DEPLOYMENT), inputs, preview=preview)

    assert list(stage.user.list(Deployment, namespace=stage.namespace)) == []


def test_a_preview_makes_nothing_and_knows_defaults(stage: Stage) -> None:
    """The server-side dry run shows what would be, and status stays unknown."""
    inputs = stage.inputs(DEPLOYMENT, SHOP)

    id_, outputs = stage.provider.create(stage.target(DEPLOYMENT), inputs, preview=True)

    assert id_ == ""
    assert outputs["spec"]["progressDeadlineSeconds"] == 600
    assert outputs["status"] == UNKNOWN
    assert list(stage.user.list(Deployment, namespace=stage.namespace)) == []


def test_a_preview_before_the_namespace_exists_is_a_guess(stage: Stage) -> None:
    """In a first preview there is no namespace to run it in."""
    inputs = stage.inputs(CONFIG_MAP, "{metadata: {name: settings, namespace: to-come}, data: {a: b}}")

    outputs = stage.provider.create(stage.target(CONFIG_MAP), inputs, preview=True)[1]

    assert outputs == {**inputs, "status": UNKNOWN}


def test_a_preview_of_a_replacement_is_possible_while_the_old_object_stands(stage: Stage) -> None:
    """What will be deleted first is no conflict yet."""
    stage.create(CONFIG_MAP, SETTINGS)

    outputs = stage.provider.create(stage.target(CONFIG_MAP), stage.inputs(CONFIG_MAP, SETTINGS), preview=True)[1]

    assert outputs["data"] == {"level": "info", "region": "eu"}


def test_a_preview_of_an_update_keeps_the_status(stage: Stage) -> None:
    """So that an address that does not change is not shown as unknown."""
    inputs, outputs = stage.create(DEPLOYMENT, SHOP)

    planned = stage.provider.update(stage.target(DEPLOYMENT), "", inputs, outputs, inputs, preview=True)

    assert isinstance(planned["status"], dict)
    assert planned["metadata"]["uid"] == outputs["metadata"]["uid"]


def test_a_preview_without_a_local_cloud_needs_nothing() -> None:
    """`drydock preview prod` runs on a machine where nothing runs."""
    provider = KubernetesProvider(None)
    target = Target(urn="", type=CONFIG_MAP, name="settings")
    inputs = provider.check(target, {}, {"metadata": {"name": "settings"}, "data": {"a": "b"}})

    assert provider.create(target, inputs, preview=True) == ("", {**inputs, "status": UNKNOWN})
    assert provider.update(target, "", inputs, {"status": {}}, inputs, preview=True) == {**inputs, "status": {}}
    with pytest.raises(ProviderError, match="no local cloud is running"):
        provider.create(target, inputs, preview=False)


def test_a_preview_survives_an_api_server_that_is_down(cloud: Cloud, tmp_path: Path) -> None:
    """It becomes a guess; a deployment says what is wrong."""
    gone = tmp_path / "kubeconfig"
    port = cloud.kube_server.rpartition(":")[2]
    gone.write_text(Path(cloud.kubeconfig).read_text().replace(f":{port}", ":1"))
    provider = KubernetesProvider(replace(cloud, kubeconfig=str(gone)))
    target = Target(urn="", type=CONFIG_MAP, name="settings")
    inputs = provider.check(target, {}, {"metadata": {"name": "settings"}})

    assert provider.create(target, inputs, preview=True)[1]["status"] == UNKNOWN
    with pytest.raises(ProviderError, match=r"127\.0\.0\.1:1 does not answer .*is the local cloud up"):
        provider.create(target, inputs, preview=False)


def test_functions_have_no_stand_in(provider: KubernetesProvider) -> None:
    """Said by name."""
    with pytest.raises(ProviderError, match="kubernetes:yaml:decode has no stand-in"):
        provider.invoke("kubernetes:yaml:decode", {})
