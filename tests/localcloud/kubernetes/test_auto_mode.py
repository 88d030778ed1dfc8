"""NodePools and NodeClasses at a real API server: valid ones are accepted, and typical mistakes are refused."""

from http import HTTPStatus
from typing import Any

import pytest

from localcloud.cloud import Cloud
from localcloud.kubernetes import auto_mode
from localcloud.kubernetes.api_errors import RefusedError
from localcloud.kubernetes.client import KubernetesClient
from localcloud.kubernetes.leftovers import leftovers
from localcloud.kubernetes.reference import Manifest, reference_of
from tests.localcloud.kubernetes.validation.objects import REMOVED, with_change
from tests.support.service import until

NODE_CLASS: Manifest = {
    "apiVersion": "eks.amazonaws.com/v1",
    "kind": "NodeClass",
    "metadata": {"name": "private"},
    "spec": {
        "role": "node",
        "subnetSelectorTerms": [{"tags": {"kubernetes.io/role/internal-elb": "1"}}, {"id": "subnet-0a1b2c3d"}],
        "securityGroupSelectorTerms": [{"name": "nodes"}],
        "snatPolicy": "Random",
        "networkPolicy": "DefaultAllow",
        "networkPolicyEventLogs": "Disabled",
        "ephemeralStorage": {"size": "80Gi", "iops": 3000, "throughput": 125},
        "tags": {"CostCenter": "platform"},
        "advancedNetworking": {"associatePublicIPAddress": False, "httpsProxy": "https://proxy:8080", "noProxy": ["a"]},
        "advancedSecurity": {"fips": True},
        "certificateBundles": [{"name": "corporate", "data": "LS0t"}],
    },
}
NODE_POOL: Manifest = {
    "apiVersion": "karpenter.sh/v1",
    "kind": "NodePool",
    "metadata": {"name": "spot"},
    "spec": {
        "template": {
            "metadata": {
                "labels": {
                    "team": "platform",
                    "example.com/tier": "a.B_c-1",
                    "node-restriction.kubernetes.io/pool": "x",
                }
            },
            "spec": {
                "nodeClassRef": {"group": "eks.amazonaws.com", "kind": "NodeClass", "name": "private"},
                "requirements": [
                    {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["spot"]},
                    {"key": "eks.amazonaws.com/instance-cpu", "operator": "Gt", "values": ["3"]},
                    {"key": "kubernetes.io/arch", "operator": "In", "values": ["arm64", "amd64"]},
                    {"key": "topology.kubernetes.io/zone", "operator": "Exists"},
                ],
                "taints": [
                    {"key": "spot", "effect": "NoSchedule"},
                    {"key": "a.b/c", "value": "", "effect": "NoExecute"},
                ],
                "expireAfter": "336h",
                "terminationGracePeriod": "24h0m0s",
            },
        },
        "disruption": {
            "consolidationPolicy": "WhenEmptyOrUnderutilized",
            "consolidateAfter": "30s",
            "budgets": [{"nodes": "10%"}, {"nodes": "0", "schedule": "0 9 * * mon-fri", "duration": "8h"}],
        },
        "limits": {"cpu": "1000", "memory": "1000Gi", "nodes": 10},
        "weight": 10,
    },
}
BINDING: Manifest = {
    "apiVersion": "eks.amazonaws.com/v1",
    "kind": "TargetGroupBinding",
    "metadata": {"name": "web", "namespace": "default"},
    "spec": {
        "targetGroupARN": "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web/0123456789abcdef",
        "targetType": "ip",
        "serviceRef": {"name": "web", "port": 80},
    },
}
CLASS_PARAMETERS: Manifest = {
    "apiVersion": "eks.amazonaws.com/v1",
    "kind": "IngressClassParams",
    "metadata": {"name": "alb"},
    "spec": {
        "scheme": "internet-facing",
        "ipAddressType": "dualstack",
        "group": {"name": "retail-apps"},
        "subnets": {"ids": ["subnet-0a1b2c3d"]},
        "certificateARNs": ["arn:aws:acm:eu-central-1:123456789012:certificate/a"],
        "tags": [{"key": "Team", "value": "platform"}],
        "loadBalancerAttributes": [{"key": "idle_timeout.timeout_seconds", "value": "60"}],
    },
}
SECRETS: Manifest = {
    "apiVersion": "secrets-store.csi.x-k8s.io/v1",
    "kind": "SecretProviderClass",
    "metadata": {"name": "web", "namespace": "default"},
    "spec": {
        "provider": "aws",
        "parameters": {"region": "eu-central-1", "usePodIdentity": "true", "objects": "[]"},
        "secretObjects": [{"secretName": "a", "type": "Opaque", "data": [{"objectName": "b", "key": "c"}]}],
    },
}
KINDS = [NODE_CLASS, NODE_POOL, BINDING, CLASS_PARAMETERS, SECRETS]
# Object, path of a property, wrong value, and text of the refusal.
WRONG: list[tuple[Manifest, tuple[str | int, ...], Any, str]] = [
    (NODE_CLASS, ("role",), REMOVED, "exactly one of role and instanceProfile"),
    (NODE_CLASS, ("instanceProfile",), "nodes", "exactly one of role and instanceProfile"),
    (NODE_CLASS, ("subnetSelectorTerms",), [], "should have at least 1 item"),
    (NODE_CLASS, ("subnetSelectorTerms", 1, "id"), "vpc-1", "should match"),
    (NODE_CLASS, ("subnetSelectorTerms", 1, "tags"), {"a": "b"}, "tags or id, and not both"),
    (NODE_CLASS, ("securityGroupSelectorTerms",), REMOVED, "Required value"),
    (NODE_CLASS, ("securityGroupSelectorTerms", 0, "id"), "sg-1", "exactly one of tags, id and name"),
    (NODE_CLASS, ("podSubnetSelectorTerms",), [{"id": "subnet-1"}], "must be set together"),
    (NODE_CLASS, ("snatPolicy",), "random", "Unsupported value"),
    (NODE_CLASS, ("networkPolicy",), "Deny", "Unsupported value"),
    (NODE_CLASS, ("networkPolicyEventLogs",), True, "type"),
    (NODE_CLASS, ("ephemeralStorage", "size"), "80", "should match"),
    (NODE_CLASS, ("ephemeralStorage", "iops"), 2999, "greater than or equal to 3000"),
    (NODE_CLASS, ("ephemeralStorage", "throughput"), 1001, "less than or equal to 1000"),
    (NODE_CLASS, ("tags",), {"aws:owner": "a"}, "none that AWS or EKS reserves"),
    (NODE_CLASS, ("tags",), {"eks:eks-cluster-name": "a"}, "none that AWS or EKS reserves"),
    (NODE_CLASS, ("tags",), {"karpenter.sh/nodepool": "a"}, "none that AWS or EKS reserves"),
    (NODE_CLASS, ("advancedSecurity", "fips"), "yes", "type"),
    (NODE_CLASS, ("advancedSecurity", "selinux"), True, "field not declared"),
    (NODE_CLASS, ("certificateBundles", 0, "data"), REMOVED, "Required value"),
    (NODE_CLASS, ("amiFamily",), "AL2023", "field not declared"),
    (NODE_POOL, ("template", "spec", "nodeClassRef", "group"), "karpenter.k8s.aws", "NodeClass of eks.amazonaws.com"),
    (NODE_POOL, ("template", "spec", "nodeClassRef", "name"), REMOVED, "Required value"),
    (NODE_POOL, ("template", "spec", "requirements"), REMOVED, "Required value"),
    (NODE_POOL, ("template", "spec", "requirements", 0, "values"), [], "must have a value"),
    (NODE_POOL, ("template", "spec", "requirements", 0, "operator"), "Equals", "Unsupported value"),
    (NODE_POOL, ("template", "spec", "requirements", 0, "minValues"), 2, "at least that many values"),
    (NODE_POOL, ("template", "spec", "requirements", 0, "key"), "karpenter.sh/nodepool", "restricted"),
    (NODE_POOL, ("template", "spec", "requirements", 1, "values"), ["three"], "single positive integer"),
    (NODE_POOL, ("template", "spec", "requirements", 1, "values"), ["3", "4"], "single positive integer"),
    (NODE_POOL, ("template", "spec", "taints", 0, "effect"), "NoRun", "Unsupported value"),
    (NODE_POOL, ("template", "spec", "expireAfter"), "14d", "should match"),
    (NODE_POOL, ("template", "spec", "kubelet"), {"maxPods": 10}, "field not declared"),
    (NODE_POOL, ("template", "metadata", "labels", "kubernetes.io/hostname"), "a", "restricted"),
    (NODE_POOL, ("template", "metadata", "labels", "foo.k8s.io/foo"), "a", "restricted"),
    (NODE_POOL, ("template", "metadata", "labels", "karpenter.sh/foo"), "a", "restricted"),
    (NODE_POOL, ("template", "metadata", "labels", "team"), "a b", "should match"),
    (NODE_POOL, ("template", "spec", "requirements", 0, "key"), "kubernetes.io/foo", "restricted"),
    (NODE_POOL, ("template", "spec", "requirements", 0, "values"), ["a b"], "should match"),
    (NODE_POOL, ("template", "spec", "taints", 0, "key"), "a b", "should match"),
    (NODE_POOL, ("template", "spec", "taints", 0, "value"), "a b", "should match"),
    (NODE_POOL, ("limits", "cpu"), "lots", "should match"),
    (NODE_POOL, ("disruption", "consolidateAfter"), REMOVED, "Required value"),
    (NODE_POOL, ("disruption", "consolidationPolicy"), "WhenUnderutilized", "Unsupported value"),
    (NODE_POOL, ("disruption", "budgets", 0, "nodes"), "101%", "should match"),
    (NODE_POOL, ("disruption", "budgets", 1, "duration"), REMOVED, "schedule must be set with duration"),
    (NODE_POOL, ("disruption", "budgets", 1, "schedule"), "at night", "should match"),
    (NODE_POOL, ("disruption", "budgets", 0, "reasons"), ["Old"], "Unsupported value"),
    (NODE_POOL, ("weight",), 101, "less than or equal to 100"),
    (BINDING, ("targetType",), REMOVED, "Required value"),
    (BINDING, ("targetType",), "lambda", "Unsupported value"),
    (BINDING, ("targetGroupARN",), "web", "should match"),
    (BINDING, ("serviceRef", "port"), REMOVED, "Required value"),
    (BINDING, ("networking",), {"ingress": []}, "field not declared"),
    (BINDING, ("nodeSelector",), {"matchLabels": {"a": "b"}}, "nodeSelector is for targets of type instance"),
    (CLASS_PARAMETERS, ("scheme",), "public", "Unsupported value"),
    (CLASS_PARAMETERS, ("ipAddressType",), "ipv6", "Unsupported value"),
    (CLASS_PARAMETERS, ("certificateArn",), ["arn:aws:acm:a"], "certificateArn is certificateARNs"),
    (CLASS_PARAMETERS, ("certificateARNs",), ["a"], "should match"),
    (CLASS_PARAMETERS, ("subnets", "tags"), {"a": ["b"]}, "subnets must have ids or tags, and not both"),
    (CLASS_PARAMETERS, ("group", "name"), REMOVED, "Required value"),
    (CLASS_PARAMETERS, ("loadBalancerAttributes", 0, "value"), REMOVED, "Required value"),
    (SECRETS, ("parameters", "usePodIdentity"), True, "must be of type string|expected string"),
    (SECRETS, ("parameter",), {}, "field not declared"),
    (SECRETS, ("secretObjects", 0, "data", 0, "objectAlias"), "b", "field not declared"),
]


@pytest.fixture(scope="module")
def client(cloud: Cloud) -> KubernetesClient:
    auto_mode.install(KubernetesClient(cloud.kubeconfig, auto_mode.FIELD_MANAGER))
    client = KubernetesClient(cloud.kubeconfig)

    def is_served() -> bool:
        try:
            return all(client.apply(each, dry_run=True) for each in KINDS)
        except RefusedError as error:
            if error.code != HTTPStatus.NOT_FOUND:
                raise
            return False

    until(is_served)
    return client


@pytest.mark.parametrize("manifest", KINDS, ids=lambda each: each["kind"])
def test_accepts_a_valid_object(client: KubernetesClient, manifest: Manifest) -> None:
    made = client.apply(manifest, dry_run=True)

    assert made["spec"] == manifest["spec"]


@pytest.mark.parametrize(("manifest", "path", "value", "says"), WRONG)
def test_refuses_a_wrong_property(
    client: KubernetesClient, manifest: Manifest, path: tuple[str | int, ...], value: Any, says: str
) -> None:
    with pytest.raises(RefusedError, match=says):
        client.apply(with_change(manifest, ("spec", *path), value), dry_run=True)


def test_a_binding_keeps_its_target_group(client: KubernetesClient) -> None:
    """The controller of load balancers refuses the change: webhooks/elbv2/targetgroupbinding_validator.go."""
    binding = with_change(BINDING, ("metadata", "name"), "kept")
    arn = binding["spec"]["targetGroupARN"].replace("web", "new")
    client.apply(binding)

    with pytest.raises(RefusedError, match=r"may not change these fields, spec\.targetGroupARN"):
        client.apply(with_change(binding, ("spec", "targetGroupARN"), arn), dry_run=True)
    client.delete(reference_of(binding))


def test_the_definitions_are_not_reported_as_leftovers(client: KubernetesClient, cloud: Cloud) -> None:
    """Other tests leave definitions of their own in the group `dock.example.com`."""
    found = [each for each in leftovers(cloud) if "CustomResourceDefinition" in each]

    assert [each for each in found if not each.endswith(".dock.example.com")] == []
