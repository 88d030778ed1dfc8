"""The service on Kubernetes in every stack: probes, rollouts, spreading, security and network of its pods."""

import json
import re
from typing import Any

from tests.support.recorder import Recorded
from tests.support.worlds import World, every_world

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
JOB = "kubernetes:batch/v1:Job"
PROVIDER_CLASS = "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
SERVER, WORKER = "workload-deployment", "workload-worker"
NAME, COMPONENT = "app.kubernetes.io/name", "app.kubernetes.io/component"


def _pods(world: World) -> dict[str, dict[str, Any]]:
    """Return the pod templates by the container's first argument."""
    templates = [each.inputs["spec"]["template"] for each in (*world.all(DEPLOYMENT), *world.all(JOB))]
    return {template["spec"]["containers"][0]["args"][0]: template for template in templates}


def _selects(selector: dict[str, str], template: dict[str, Any]) -> bool:
    return selector.items() <= template["metadata"]["labels"].items()


def _probe(path: str, port: str | int, period: int, failures: int) -> dict[str, Any]:
    return {
        "httpGet": {"path": path, "port": port},
        "periodSeconds": period,
        "timeoutSeconds": 2,
        "failureThreshold": failures,
    }


@every_world
def test_pods_have_startup_readiness_and_liveness_probes(world: World) -> None:
    """A slow start is allowed, a lost database restarts no pod, and a hung process is restarted."""
    kinds = ("startupProbe", "readinessProbe", "livenessProbe")

    found = {
        role: [template["spec"]["containers"][0].get(kind) for kind in kinds] for role, template in _pods(world).items()
    }
    assert found == {
        "serve": [
            _probe("/health/startup", "http", 1, 60),
            _probe("/health/serving", "http", 2, 2),
            _probe("/health/live", "http", 10, 3),
        ],
        "worker": [
            _probe("/health/startup", 8080, 1, 60),
            _probe("/health/ready", 8080, 5, 2),
            _probe("/health/live", 8080, 10, 3),
        ],
        "migrate": [None, None, None],
    }
    port, *admin = _pods(world)["serve"]["spec"]["containers"][0]["ports"]
    assert port == {"name": "http", "containerPort": 8080}
    wanted = world.settings.service.admin_port
    assert admin == ([{"name": "admin", "containerPort": wanted}] if wanted else [])


@every_world
def test_a_release_replaces_pods_one_by_one(world: World) -> None:
    """The number of ready pods does not decrease, and the last five revisions are kept for a rollback."""
    wanted = world.settings.service

    for deployment in world.all(DEPLOYMENT):
        spec = deployment.inputs["spec"]
        assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
        assert spec["minReadySeconds"] == wanted.min_ready_seconds
        assert spec["progressDeadlineSeconds"] == wanted.progress_deadline_seconds
        assert spec["revisionHistoryLimit"] == 5
        wait = f"{wanted.progress_deadline_seconds + 120}s"
        assert (deployment.create_timeout, deployment.update_timeout) == (wait, wait)
    assert "replicas" not in world.only(DEPLOYMENT, SERVER).inputs["spec"]
    assert world.only(DEPLOYMENT, WORKER).inputs["spec"]["replicas"] == wanted.worker_replicas


@every_world
def test_pods_are_spread_over_zones_and_nodes(world: World) -> None:
    """The constraints apply within a release and a role, and are preferred, not required."""
    for deployment in world.all(DEPLOYMENT):
        spec = deployment.inputs["spec"]
        assert spec["template"]["spec"]["topologySpreadConstraints"] == [
            {
                "topologyKey": key,
                "maxSkew": 1,
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": spec["selector"]["matchLabels"]},
                "matchLabelKeys": ["pod-template-hash"],
            }
            for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
        ]


@every_world
def test_every_selector_selects_the_pods_of_one_role(world: World) -> None:
    """The selectors of Deployments, budgets, Service and ingress policy match the pods of exactly one role."""
    pods = _pods(world)
    service = world.only("kubernetes:core/v1:Service").inputs["spec"]
    ingress = world.only(POLICY, "workload-server-ingress").inputs["spec"]["podSelector"]
    budgets = {b.name: b.inputs["spec"]["selector"]["matchLabels"] for b in world.all(BUDGET)}
    selectors = {
        SERVER: (world.only(DEPLOYMENT, SERVER).inputs["spec"]["selector"]["matchLabels"], "serve"),
        WORKER: (world.only(DEPLOYMENT, WORKER).inputs["spec"]["selector"]["matchLabels"], "worker"),
        "service": (service["selector"], "serve"),
        "ingress": (ingress["matchLabels"], "serve"),
        **{name: (labels, "worker" if "worker" in name else "serve") for name, labels in budgets.items()},
    }

    for name, (selector, role) in selectors.items():
        assert [r for r, template in pods.items() if _selects(selector, template)] == [role], name
    scaled = world.only("kubernetes:autoscaling/v2:HorizontalPodAutoscaler").inputs["spec"]["scaleTargetRef"]
    assert scaled == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "name": world.only(DEPLOYMENT, SERVER).inputs["metadata"]["name"],
    }


@every_world
def test_evictions_leave_pods_and_never_block_a_drain(world: World) -> None:
    """Deployments with several pods have a budget, which is smaller than their number."""
    wanted = world.settings.service
    expected = {}
    if wanted.min_replicas > 1:
        expected["workload-budget"] = wanted.min_available
    if wanted.worker_replicas > 1:
        expected["workload-worker-budget"] = wanted.worker_replicas - 1

    budgets = {budget.name: budget.inputs["spec"] for budget in world.all(BUDGET)}
    assert {name: spec["minAvailable"] for name, spec in budgets.items()} == expected
    assert all(spec["unhealthyPodEvictionPolicy"] == "AlwaysAllow" for spec in budgets.values())
    assert all("maxUnavailable" not in spec for spec in budgets.values())


@every_world
def test_pods_are_restricted_and_have_what_they_need(world: World) -> None:
    """No root, privileges, writable root file system or Kubernetes token; a memory limit and no CPU limit."""
    wanted = world.settings.service
    for role, template in _pods(world).items():
        pod = template["spec"]
        (container,) = pod["containers"]
        assert pod["securityContext"] == {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "runAsGroup": 10001,
            "fsGroup": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        }, role
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"] == {
            "requests": {"cpu": wanted.cpu_request, "memory": wanted.memory_request},
            "limits": {"memory": wanted.memory_limit},
        }
        assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False)
        assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & set(pod)
        assert container["image"] == world.recording.result["image"]
        (config,) = [source["configMapRef"]["name"] for source in container["envFrom"]]
        assert config == world.only("kubernetes:core/v1:ConfigMap", "workload-config").inputs["metadata"]["name"]
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        own = "workload-migration-secrets" if container["args"] == ["migrate"] else "workload-secrets"
        classes = [each.inputs["metadata"]["name"] for each in world.all(PROVIDER_CLASS) if each.name == own]
        assert volumes.pop("tmp") == {"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}}
        csi = {"driver": "secrets-store.csi.k8s.io", "readOnly": True}
        assert list(volumes.values()) == [
            {"name": "secrets", "csi": {**csi, "volumeAttributes": {"secretProviderClass": name}}} for name in classes
        ]
        assert container["volumeMounts"] == [
            {"name": "tmp", "mountPath": "/tmp"},
            *({"name": "secrets", "mountPath": "/run/secrets/app", "readOnly": True} for _ in classes),
        ]
    for account in world.all("kubernetes:core/v1:ServiceAccount"):
        assert account.inputs["automountServiceAccountToken"] is False
    labels = world.only("kubernetes:core/v1:Namespace").inputs["metadata"]["labels"]
    assert {labels[f"pod-security.kubernetes.io/{mode}"] for mode in ("enforce", "audit", "warn")} == {"restricted"}
    job = world.only(JOB).inputs["spec"]
    assert (job["backoffLimit"], job["activeDeadlineSeconds"]) == (3, 600)
    assert job["template"]["spec"]["restartPolicy"] == "Never"


def _rules(policy: Recorded, direction: str, peers: str) -> list[tuple[list[Any], list[tuple[str, int]]]]:
    spec = policy.inputs["spec"]
    assert spec["policyTypes"] == [direction.capitalize()]
    return [
        (
            [peer["ipBlock"] for peer in rule.get(peers, [])],
            [(port["protocol"], port["port"]) for port in rule["ports"]],
        )
        for rule in spec[direction]
    ]


@every_world
def test_network_policies_allow_only_the_listed_traffic(world: World) -> None:
    """Ingress comes from the load balancer, and egress goes to the dependencies of the service, with their ports."""
    settings = world.settings
    vpc = {"cidr": str(settings.network.cidr)}
    balancer, databases = (
        [
            {"cidr": subnet.inputs["cidrBlock"]}
            for subnet in world.all("aws:ec2/subnet:Subnet")
            if subnet.name.startswith(f"network-{tier}-")
        ]
        for tier in ("public", "database")
    )
    wanted = settings.service
    called = (wanted.upstream_url, wanted.otlp_endpoint, wanted.auth and wanted.auth.jwks_url)
    further = (
        value for value in wanted.environment.values() if re.match(r"(https?://|[a-z]+://[a-z0-9.-]+:\d)", value)
    )
    ports = sorted({*wanted.egress_ports, *(_port(url) for url in (*filter(None, called), *further))})

    assert world.recording.names(POLICY) == [
        *(["workload-admin-ingress"] if wanted.admin_namespaces else []),
        "workload-app-egress",
        "workload-default-deny",
        "workload-server-ingress",
        *(["workload-worker-admin-ingress"] if wanted.admin_namespaces else []),
    ]
    deny = world.only(POLICY, "workload-default-deny").inputs["spec"]
    assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert _rules(world.only(POLICY, "workload-server-ingress"), "ingress", "from") == [(balancer, [("TCP", 8080)])]
    if wanted.admin_namespaces:
        (rule,) = world.only(POLICY, "workload-admin-ingress").inputs["spec"]["ingress"]
        ((peer,), (port,)) = rule["from"], rule["ports"]
        assert peer["namespaceSelector"]["matchExpressions"][0]["values"] == [*wanted.admin_namespaces]
        assert (port["protocol"], port["port"]) == ("TCP", wanted.admin_port)
        workers = world.only(POLICY, "workload-worker-admin-ingress")
        assert _selects(workers.inputs["spec"]["podSelector"]["matchLabels"], _pods(world)["worker"])
        (rule,) = workers.inputs["spec"]["ingress"]
        assert (rule["from"], rule["ports"]) == ([peer], [{"protocol": "TCP", "port": 8080}])
    egress = world.only(POLICY, "workload-app-egress")
    assert _rules(egress, "egress", "to") == [
        ([], [("UDP", 53), ("TCP", 53)]),
        (databases, [("TCP", 5432)]),
        ([{"cidr": "169.254.170.23/32"}], [("TCP", 80)]),
        ([vpc], [("TCP", 443)]),
        *(([{"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}], [("TCP", port)]) for port in ports),
    ]
    selector = egress.inputs["spec"]["podSelector"]["matchLabels"]
    assert all(_selects(selector, template) for template in _pods(world).values())


def _port(url: str) -> int:
    scheme, _, rest = url.partition("://")
    _, _, port = rest.partition("/")[0].partition(":")
    return int(port) if port else {"http": 80, "https": 443}[scheme]


@every_world
def test_autoscaler_follows_the_settings(world: World) -> None:
    """It scales up immediately, and down by at most half of the pods a minute after five minutes of low load."""
    wanted = world.settings.service

    spec = world.only("kubernetes:autoscaling/v2:HorizontalPodAutoscaler").inputs["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (wanted.min_replicas, wanted.max_replicas)
    target = {"type": "Utilization", "averageUtilization": wanted.target_cpu_percent}
    assert spec["metrics"] == [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    assert spec["behavior"] == {
        "scaleUp": {"stabilizationWindowSeconds": 0},
        "scaleDown": {
            "stabilizationWindowSeconds": 300,
            "policies": [{"type": "Percent", "value": 50, "periodSeconds": 60}],
        },
    }


@every_world
def test_kubernetes_provider_owns_its_fields(world: World) -> None:
    """It uses server-side apply, reverts manual edits, and is replaced with its cluster only."""
    provider = world.only("pulumi:providers:kubernetes").inputs

    options = {key: json.loads(value) for key, value in provider.items() if key.startswith("enable")}
    assert options == {
        "enableServerSideApply": True,
        "enablePatchForce": True,
        "enableSecretMutable": True,
        "enableConfigMapMutable": True,
    }
    assert provider["clusterIdentifier"] == f"drydock-{world.name}"
    switch = world.only("kubernetes:core/v1:ConfigMap", "network-policy-switch").inputs
    assert switch["metadata"] == {"name": "amazon-vpc-cni", "namespace": "kube-system"}
    assert switch["data"] == {"enable-network-policy-controller": "true"}
    assert world.only("kubernetes:core/v1:ConfigMap", "workload-config").inputs["immutable"] is True
