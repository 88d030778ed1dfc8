"""The component Workload: its Kubernetes objects for given arguments."""

import json

import pytest

from components.workload import Workload
from tests.support.builders import IMAGE_REF, MASTER_SECRET, SECRET, workload_args
from tests.support.recorder import Recording, record

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
JOB = "kubernetes:batch/v1:Job"
PROVIDER_CLASS = "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
SERVERS, WORKERS = "workload-deployment", "workload-worker"
BINDING = "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"


def _workload(**changes: object) -> Recording:
    return record(lambda: Workload("workload", workload_args(**changes)).namespace)


@pytest.fixture(scope="module")
def workload() -> Recording:
    """Record the workload with all defaults."""
    return _workload()


def _pods(recording: Recording) -> list[dict]:
    found = [recording.only(DEPLOYMENT, SERVERS), recording.only(DEPLOYMENT, WORKERS), recording.only(JOB)]
    return [each.inputs["spec"]["template"]["spec"] for each in found]


def test_namespace_refuses_pods_that_are_not_restricted(workload: Recording) -> None:
    """The level is enforced, not only a warning."""
    labels = workload.only("kubernetes:core/v1:Namespace").inputs["metadata"]["labels"]

    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_everything_is_in_the_namespace(workload: Recording) -> None:
    """No object is in another namespace, and names are unique."""
    objects = [r for r in workload.children("workload") if r.type != "kubernetes:core/v1:Namespace"]

    assert {r.inputs["metadata"]["namespace"] for r in objects} == {"drydock"}
    assert all(r.inputs["metadata"]["name"] for r in objects)


def test_pods_pass_the_restricted_level(workload: Recording) -> None:
    """Server, worker and migration run without root, privileges, a writable root or a Kubernetes token."""
    for pod in _pods(workload):
        (container,) = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == 10001
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert pod["automountServiceAccountToken"] is False
        assert [set(volume) - {"name"} for volume in pod["volumes"]] == [{"emptyDir"}, {"csi"}]


def test_service_accounts_mount_no_token(workload: Recording) -> None:
    """This holds for those of the service and of the migration."""
    accounts = workload.all("kubernetes:core/v1:ServiceAccount")
    assert {each.inputs["metadata"]["name"]: each.inputs["automountServiceAccountToken"] for each in accounts} == {
        "api": False,
        "api-migration": False,
    }


def test_a_rollout_never_reduces_the_number_of_ready_pods(workload: Recording) -> None:
    """A new pod is ready before an old one is removed, and only the autoscaler sets the number of replicas."""
    spec = workload.only(DEPLOYMENT, SERVERS).inputs["spec"]

    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    assert "replicas" not in spec
    assert (spec["minReadySeconds"], spec["progressDeadlineSeconds"]) == (10, 600)


def test_the_migration_belongs_to_the_release_and_runs_first(workload: Recording) -> None:
    """The Job has the digest in its name and the same image, and Deployments depend on it."""
    job = workload.only(JOB)

    assert job.inputs["metadata"]["name"] == "api-migrate-0123456789"
    images = [pod["containers"][0]["image"] for pod in _pods(workload)]
    assert images == [IMAGE_REF] * 3
    assert [pod["containers"][0]["args"] for pod in _pods(workload)] == [["serve"], ["worker"], ["migrate"]]
    for deployment in workload.all(DEPLOYMENT):
        assert job.urn in workload.waits_for(deployment)


def test_pods_are_created_after_their_binding_and_deleted_before_it(workload: Recording) -> None:
    """A pod created before the binding has no readiness gate; one deleted after it is not deregistered."""
    service = workload.only("kubernetes:core/v1:Service")
    binding = workload.only(BINDING)

    assert service.urn in workload.waits_for(binding)
    assert binding.urn in workload.waits_for(workload.only(DEPLOYMENT, SERVERS))
    for policy in workload.all(POLICY):
        assert policy.urn in workload.waits_for(workload.only(DEPLOYMENT, SERVERS))
        assert workload.only("kubernetes:core/v1:Namespace").urn in workload.waits_for(policy)


def test_settings_are_variables_and_secrets_are_files(workload: Recording) -> None:
    """Neither the ConfigMap nor a variable contains a secret; pods mount them as files."""
    config = workload.only("kubernetes:core/v1:ConfigMap")
    provider_class = workload.only(PROVIDER_CLASS, "workload-secrets").inputs
    pod = _pods(workload)[0]

    assert config.inputs["data"] == {
        "DB_HOST": "db.example",
        "LOG_LEVEL": "info",
        "PORT": "8080",
        "DRAIN_SECONDS": "5",
        "SHUTDOWN_GRACE_SECONDS": "20",
    }
    assert provider_class["spec"] == {
        "provider": "aws",
        "parameters": {
            "region": "eu-central-1",
            "usePodIdentity": "true",
            "objects": json.dumps([{"objectName": SECRET, "objectAlias": "API_KEY"}]),
        },
    }
    assert pod["volumes"][1]["csi"] == {
        "driver": "secrets-store.csi.k8s.io",
        "readOnly": True,
        "volumeAttributes": {"secretProviderClass": provider_class["metadata"]["name"]},
    }
    address, folder = pod["containers"][0]["env"]
    assert address["name"] == "HOST"
    assert folder == {"name": "SECRETS_DIR", "value": "/run/secrets/app"}


def test_the_migration_has_its_own_service_account_and_files(workload: Recording) -> None:
    """Service and migration mount only their own secrets, which their roles may read."""
    serving, working, migrating = _pods(workload)
    own = workload.only(PROVIDER_CLASS, "workload-migration-secrets").inputs
    objects = json.loads(own["spec"]["parameters"]["objects"])

    assert [pod["serviceAccountName"] for pod in (serving, working, migrating)] == ["api", "api", "api-migration"]
    assert objects == [{"objectName": MASTER_SECRET, "objectAlias": "DB_OWNER_SECRET"}]
    (mounted,) = [volume["csi"] for volume in migrating["volumes"] if "csi" in volume]
    assert mounted["volumeAttributes"] == {"secretProviderClass": own["metadata"]["name"]}
    assert migrating["containers"][0]["env"] == serving["containers"][0]["env"]


def test_other_settings_create_another_config_map(workload: Recording) -> None:
    """Pods of the last release keep their settings, and a change is rolled out."""
    other = _workload(config={"DB_HOST": "db.example", "LOG_LEVEL": "debug"})

    names = [r.only("kubernetes:core/v1:ConfigMap").inputs["metadata"]["name"] for r in (workload, other)]
    references = [_pods(r)[0]["containers"][0]["envFrom"][0]["configMapRef"]["name"] for r in (workload, other)]
    assert names == references
    assert names[0] != names[1]
    assert workload.only("kubernetes:core/v1:ConfigMap").inputs["immutable"] is True


def test_network_policies_allow_only_the_needed_traffic(workload: Recording) -> None:
    """Ingress is from the load balancer to servers; egress is to DNS, database, Pod Identity and AWS endpoints."""
    specs = {policy.name.removeprefix("workload-"): policy.inputs["spec"] for policy in workload.all(POLICY)}

    assert set(specs) == {"default-deny", "server-ingress", "app-egress"}
    assert specs["default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    (ingress,) = specs["server-ingress"]["ingress"]
    assert ingress["ports"] == [{"protocol": "TCP", "port": 8080}]
    assert [peer["ipBlock"]["cidr"] for peer in ingress["from"]] == ["10.0.0.0/16", "10.9.0.0/16"]
    assert specs["server-ingress"]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "server"
    targets = [
        (
            [peer["ipBlock"]["cidr"] for peer in rule.get("to", [])],
            [(port["protocol"], port["port"]) for port in rule["ports"]],
        )
        for rule in specs["app-egress"]["egress"]
    ]
    assert targets == [
        ([], [("UDP", 53), ("TCP", 53)]),
        (["10.0.20.0/22", "10.0.52.0/22"], [("TCP", 5432)]),
        (["169.254.170.23/32"], [("TCP", 80)]),
        (["10.0.0.0/16"], [("TCP", 443)]),
    ]


def test_autoscaler_owns_the_replicas(workload: Recording) -> None:
    """It refers to the Deployment by name, and has the given range."""
    spec = workload.only(AUTOSCALER).inputs["spec"]

    assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}
    assert (spec["minReplicas"], spec["maxReplicas"]) == (3, 10)


def test_the_budget_allows_nodes_to_be_drained(workload: Recording) -> None:
    """It requires fewer than all pods, and allows eviction of unhealthy pods; with one replica there is none."""
    spec = workload.only(BUDGET, "workload-budget").inputs["spec"]

    assert (spec["minAvailable"], spec["unhealthyPodEvictionPolicy"]) == (2, "AlwaysAllow")
    assert "workload-budget" not in _workload(min_replicas=1).names(BUDGET)


def test_workers_are_evicted_one_at_a_time(workload: Recording) -> None:
    """The budget requires all workers but one; with one worker there is no budget."""
    spec = workload.only(BUDGET, "workload-worker-budget").inputs["spec"]
    labels = workload.only(DEPLOYMENT, WORKERS).inputs["spec"]["template"]["metadata"]["labels"]
    service = workload.only("kubernetes:core/v1:Service").inputs["spec"]

    assert spec["minAvailable"] == workload.only(DEPLOYMENT, WORKERS).inputs["spec"]["replicas"] - 1 == 1
    assert spec["selector"]["matchLabels"].items() <= labels.items()
    assert not service["selector"].items() <= labels.items()
    alone = _workload(worker_replicas=1)
    assert "workload-worker-budget" not in alone.names(BUDGET)
    assert alone.only(DEPLOYMENT, WORKERS).inputs["spec"]["replicas"] == 1


def test_other_secrets_create_another_class_and_without_secrets_there_is_none() -> None:
    """Running pods keep their files, and new pods get the current ones."""

    def names(**changes: object) -> set[str]:
        classes = _workload(migration_secrets={}, **changes).all(PROVIDER_CLASS)
        return {each.inputs["metadata"]["name"] for each in classes}

    first, other = names(), names(secrets={"OTHER": SECRET})
    assert (len(first), len(other), len(first | other)) == (1, 1, 2)
    bare = _workload(secrets={}, migration_secrets={})
    assert bare.all(PROVIDER_CLASS) == []
    for pod in _pods(bare):
        assert [variable["name"] for variable in pod["containers"][0]["env"]] == ["HOST"]
        assert [volume["name"] for volume in pod["volumes"]] == ["tmp"]
        assert [mount["name"] for mount in pod["containers"][0]["volumeMounts"]] == ["tmp"]


def test_dependencies_open_their_ports_only() -> None:
    """Egress is allowed to all addresses except the link-local ones of a node."""
    rules = _workload(dependency_ports=[4318, 443, 4318]).only(POLICY, "workload-app-egress").inputs["spec"]["egress"]

    assert rules[4:] == [
        {
            "to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}}],
            "ports": [{"protocol": "TCP", "port": port}],
        }
        for port in (443, 4318)
    ]


def test_the_admin_port_is_open_for_the_given_namespaces() -> None:
    """Workers have one port, which these namespaces may reach too. Without namespaces there is no such policy."""
    admin = {"admin_port": 9090, "admin_namespaces": ["monitoring", "ops"]}
    workload, closed = _workload(**admin), _workload(admin_port=9090)

    assert workload.only(POLICY, "workload-admin-ingress").inputs["spec"] == {
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "api", "app.kubernetes.io/component": "server"}},
        "policyTypes": ["Ingress"],
        "ingress": [
            {
                "from": [
                    {
                        "namespaceSelector": {
                            "matchExpressions": [
                                {
                                    "key": "kubernetes.io/metadata.name",
                                    "operator": "In",
                                    "values": ["monitoring", "ops"],
                                }
                            ]
                        }
                    }
                ],
                "ports": [{"protocol": "TCP", "port": 9090}],
            }
        ],
    }
    worker_policy = workload.only(POLICY, "workload-worker-admin-ingress").inputs["spec"]
    assert worker_policy["podSelector"]["matchLabels"] == {
        "app.kubernetes.io/name": "api",
        "app.kubernetes.io/component": "worker",
    }
    (rule,) = worker_policy["ingress"]
    assert rule["from"][0]["namespaceSelector"]["matchExpressions"][0]["values"] == ["monitoring", "ops"]
    assert rule["ports"] == [{"protocol": "TCP", "port": 8080}]
    assert {name for name in closed.names(POLICY) if "admin" in name} == set()
    assert "workload-worker-admin-ingress" not in _workload(**admin, worker=None).names(POLICY)
    for each in (workload, closed):
        assert each.only("kubernetes:core/v1:ConfigMap").inputs["data"]["ADMIN_PORT"] == "9090"
        server, worker, migration = (pod["containers"][0].get("ports", []) for pod in _pods(each))
        assert {"name": "admin", "containerPort": 9090} in server
        assert worker == migration == []


def test_the_service_is_bound_to_the_target_group(workload: Recording) -> None:
    """Names and ports agree, and the Service is not reachable from outside of the cluster."""
    service, binding = workload.only("kubernetes:core/v1:Service").inputs, workload.only(BINDING).inputs
    [port] = service["spec"]["ports"]

    assert (service["spec"]["type"], port["targetPort"]) == ("ClusterIP", "http")
    assert binding["spec"] == {
        "serviceRef": {"name": service["metadata"]["name"], "port": port["port"]},
        "targetGroupARN": workload_args().target_group_arn,
        "targetType": "ip",
    }
    replaced = workload.only(BINDING)
    assert (replaced.replace_on_changes, replaced.delete_before_replace) == (("spec.targetGroupARN",), True)
    # Pulumi would wait for the pods of the Service, which depend on the Service.
    assert service["metadata"]["annotations"] == {"pulumi.com/skipAwait": "true"}


def test_pods_have_the_readiness_gate_of_the_load_balancer(workload: Recording) -> None:
    """EKS Auto Mode adds it because of the label of the namespace."""
    labels = workload.only("kubernetes:core/v1:Namespace").inputs["metadata"]["labels"]

    assert labels["eks.amazonaws.com/pod-readiness-gate-inject"] == "enabled"


def test_pulumi_waits_longer_than_kubernetes(workload: Recording) -> None:
    """Then the error of Kubernetes has the reason why a release failed."""
    assert workload.only(DEPLOYMENT, SERVERS).create_timeout == "720s"
