"""What a preview says of objects that the API server refuses."""

from typing import Any

import pytest
import yaml

from localcloud.kubernetes.validation import refusal
from localcloud.protocol.values import UNKNOWN

POOL = """
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: pool}
spec:
  template:
    spec:
      nodeClassRef: {group: eks.amazonaws.com, kind: NodeClass, name: private}
      requirements: [{key: kubernetes.io/arch, operator: In, values: [arm64]}]
"""
CLASS = """
apiVersion: eks.amazonaws.com/v1
kind: NodeClass
metadata: {name: private}
spec:
  role: node
  subnetSelectorTerms: [{id: subnet-0a1b2c3d}]
  securityGroupSelectorTerms: [{id: sg-0a1b2c3d}]
"""
JOB = """
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, namespace: shop}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: migrate, image: "shop:1"}]}}}
"""
BUDGET = """
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: api, namespace: shop}
spec: {minAvailable: 1, selector: {matchLabels: {app: api}}}
"""
POLICY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec: {podSelector: {}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}
"""
CLAIM = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 80Gi}}}
"""
SIZES = r"^[1-9][0-9]{0,4}(Gi|G|Ti|T)$"
QUANTITIES = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$"


def _changed(text: str, path: str, value: Any) -> dict[str, Any]:
    manifest: dict[str, Any] = yaml.safe_load(text)
    parent: Any = manifest
    *parents, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in parents:
        parent = parent[step]
    parent[last] = value
    return manifest


@pytest.mark.parametrize(
    ("text", "path", "value", "message"),
    [
        (
            POOL,
            "spec.template.spec.expireAfter",
            "14d",
            'NodePool.karpenter.sh "pool" is invalid: spec.template.spec.expireAfter: Invalid value: "14d": '
            "should match "
            "'^(([0-9]+(s|m|h))+|Never)$' (CustomResourceDefinition nodepools.karpenter.sh)",
        ),
        (
            POOL,
            "spec.template.spec.requirements.0.values",
            [],
            'NodePool.karpenter.sh "pool" is invalid: spec.template.spec.requirements[0]: Invalid value: '
            "requirements with "
            "operator In must have a value (CustomResourceDefinition nodepools.karpenter.sh)",
        ),
        (
            CLASS,
            "spec.ephemeralStorage",
            {"size": "80GB"},
            'NodeClass.eks.amazonaws.com "private" is invalid: spec.ephemeralStorage.size: Invalid value: '
            '"80GB": should '
            f"match '{SIZES}' (CustomResourceDefinition nodeclasses.eks.amazonaws.com)",
        ),
        (
            CLAIM,
            "spec.resources.requests.storage",
            "80GB",
            'PersistentVolumeClaim "data" is invalid: spec.resources.requests.storage: Invalid value: "80GB": '
            "quantities "
            f"must match the regular expression '{QUANTITIES}' (OpenAPI of Kubernetes 1.35)",
        ),
        (
            JOB,
            "spec.template.spec.restartPolicy",
            "Always",
            'Job.batch "migrate" is invalid: spec.template.spec.restartPolicy: Required value: valid values: '
            '"OnFailure", '
            '"Never" (Kubernetes ValidateJobSpec)',
        ),
        (
            BUDGET,
            "spec.maxUnavailable",
            1,
            'PodDisruptionBudget.policy "api" is invalid: spec: Invalid value: minAvailable and maxUnavailable '
            "cannot be "
            "both set (Kubernetes ValidatePodDisruptionBudgetSpec)",
        ),
        (
            POLICY,
            "spec.egress.0.to.0.ipBlock.except",
            ["::/0"],
            'NetworkPolicy.networking.k8s.io "api" is invalid: spec.egress[0].to[0].ipBlock.except[0]: Invalid value: '
            '"::/0": must be a strict subset of `cidr` (Kubernetes ValidateIPBlock)',
        ),
        (
            BUDGET,
            "spec.minAvailble",
            1,
            'PodDisruptionBudget.policy "api" is invalid: spec.minAvailble: field not declared in schema '
            "(Kubernetes ValidatePodDisruptionBudgetSpec)",
        ),
        (
            BUDGET,
            "metadata.labels",
            {"a.b/c": "-"},
            'PodDisruptionBudget.policy "api" is invalid: metadata.labels["a.b/c"]: Invalid value: "-": a valid '
            "label must "
            "be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
            "alphanumeric character (regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?') "
            "(Kubernetes ValidateObjectMeta)",
        ),
        (
            BUDGET,
            "apiVersion",
            "policy/v1beta1",
            'no matches for kind "PodDisruptionBudget" in version "policy/v1beta1"',
        ),
        (
            POLICY,
            "apiVersion",
            "extensions/v1beta1",
            'no matches for kind "NetworkPolicy" in version "extensions/v1beta1"',
        ),
    ],
)
def test_refuses_as_the_api_server_does(text: str, path: str, value: Any, message: str) -> None:
    """The message names the property, the reason and the source."""
    assert refusal(yaml.safe_load(text)) == ""
    assert refusal(_changed(text, path, value)) == message


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        (POOL, "spec.template.spec.expireAfter", UNKNOWN),
        (POOL, "spec.template.spec.requirements.0.values", UNKNOWN),
        (POOL, "spec.template.spec.requirements.0.values", [UNKNOWN]),
        (CLASS, "spec.role", UNKNOWN),
        (CLASS, "spec.instanceProfile", UNKNOWN),
        (CLASS, "spec.subnetSelectorTerms.0.id", UNKNOWN),
        (CLASS, "spec", UNKNOWN),
        (JOB, "spec.template.spec.restartPolicy", UNKNOWN),
        (JOB, "spec.template.spec.containers", UNKNOWN),
        (JOB, "spec.template.spec.containers.0", UNKNOWN),
        (JOB, "spec.template.spec.volumes", UNKNOWN),
        (BUDGET, "spec.maxUnavailable", UNKNOWN),
        (BUDGET, "metadata", UNKNOWN),
        (POLICY, "spec.egress.0.to.0.ipBlock.except", [UNKNOWN]),
        (POLICY, "spec.egress.0.to.0.ipBlock.cidr", UNKNOWN),
        (CLAIM, "spec.resources.requests.storage", UNKNOWN),
    ],
)
def test_accepts_what_a_preview_does_not_know(text: str, path: str, value: Any) -> None:
    """An unknown value may be valid, and may turn out not to be set."""
    assert refusal(_changed(text, path, value)) == ""


def test_a_known_mistake_beside_an_unknown_value_is_refused() -> None:
    """Only rules that read the unknown value are skipped."""
    manifest = _changed(JOB, "spec.template.spec.containers.0.image", UNKNOWN)
    manifest["spec"]["template"]["spec"]["containers"][0]["volumeMounts"] = [{"name": "a", "mountPath": "/a"}]
    assert 'volumeMounts[0].name: Not found: "a"' in refusal(manifest)


def test_accepts_kinds_of_other_controllers() -> None:
    """Their definitions are not known."""
    manifest = {"apiVersion": "example.com/v1beta1", "kind": "NetworkPolicy", "metadata": {"name": "-"}, "spec": 1}
    assert refusal(manifest) == ""
    assert refusal(_changed(POLICY, "apiVersion", "crd.projectcalico.org/v1beta1")) == ""


@pytest.mark.parametrize("field", ["data", "stringData"])
def test_does_not_show_values_of_a_secret(field: str) -> None:
    """The messages are printed in previews."""
    for data in ({"key": 12345}, {"key": "no base64: 12345"}):
        manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, field: data}
        message = refusal(manifest)
        assert bool(message) == (field == "data" or data["key"] == 12345)
        assert "12345" not in message
