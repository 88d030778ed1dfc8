"""The services on Kubernetes in every stack: probes, rollouts, spreading, security and network of its pods."""

import json
from typing import Any

from tests.support.services import CONFIG, DEPLOYMENT, JOB, Service, bundled, named, services_of
from tests.support.worlds import World, every_world

AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
PROVIDER_CLASS = "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
NAME, COMPONENT = "app.kubernetes.io/name", "app.kubernetes.io/component"


def selects(selector: dict[str, str], template: dict[str, Any]) -> bool:
    """Return whether a selector selects the pods of a template."""
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
    workers = [
        _probe("/health/startup", 8080, 1, 60),
        _probe("/health/ready", 8080, 5, 2),
        _probe("/health/live", 8080, 10, 3),
    ]
    assert _probes(world, bundled(world)) == {
        "deployment": [
            _probe("/health/startup", "http", 1, 60),
            _probe("/health/serving", "http", 2, 2),
            _probe("/health/live", "http", 10, 3),
        ],
        **({"worker": workers} if bundled(world).workers else {}),
        "migration": [None, None, None],
        **{f"schema-{each.app}": [None, None, None] for each in named(world) if each.user},
    }
    for service in named(world):
        paths = world.settings.services[service.app]
        assert _probes(world, service) == {
            "deployment": [
                _probe(paths.liveness_path, "http", 1, 60),
                _probe(paths.readiness_path, "http", 2, 2),
                _probe(paths.liveness_path, "http", 10, 3),
            ],
            # Workers listen on no port.
            **({"worker": [None, None, None]} if service.workers else {}),
            **({"migration": [None, None, None]} if service.migration_role else {}),
        }
    for service in services_of(world):
        port, *admin = service.templates(world)["deployment"]["spec"]["containers"][0]["ports"]
        assert port == {"name": "http", "containerPort": service.port}
        wanted = world.settings.service.admin_port if service.bundled else None
        assert admin == ([{"name": "admin", "containerPort": wanted}] if wanted else [])


@every_world
def test_pods_run_the_commands_of_the_settings(world: World) -> None:
    """The bundled service has arguments for its program; without a command, the image decides."""
    started = {
        service.app: {
            part: (container.get("command"), container.get("args"))
            for part, template in service.templates(world).items()
            for container in template["spec"]["containers"]
        }
        for service in services_of(world)
    }

    of_api = {part: given for part, given in started.pop("api").items() if not part.startswith("schema-")}
    workers = {"worker": (None, ["worker"])} if bundled(world).workers else {}
    assert of_api == {"deployment": (None, ["serve"]), "migration": (None, ["migrate"]), **workers}
    for name, wanted in world.settings.services.items():
        programs = {"deployment": wanted.command, "worker": wanted.worker and wanted.worker.command}
        programs["migration"] = wanted.migration and wanted.migration.command
        assert started[name] == {
            part: (list(program) if program else None, None)
            for part, program in programs.items()
            if program or part == "deployment"
        }


def _probes(world: World, service: Service) -> dict[str, list[Any]]:
    kinds = ("startupProbe", "readinessProbe", "livenessProbe")
    return {
        part: [template["spec"]["containers"][0].get(kind) for kind in kinds]
        for part, template in service.templates(world).items()
    }


@every_world
def test_a_release_replaces_pods_one_by_one(world: World) -> None:
    """The number of ready pods does not decrease, and the last five revisions are kept for a rollback."""
    for service in services_of(world):
        wanted = service.pods
        for deployment in service.all(world, DEPLOYMENT):
            spec = deployment.inputs["spec"]
            assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
            assert spec["minReadySeconds"] == wanted.min_ready_seconds
            assert spec["progressDeadlineSeconds"] == wanted.progress_deadline_seconds
            assert spec["revisionHistoryLimit"] == 5
            wait = f"{wanted.progress_deadline_seconds + 120}s"
            assert (deployment.create_timeout, deployment.update_timeout) == (wait, wait)
        assert "replicas" not in service.only(world, DEPLOYMENT, "deployment").inputs["spec"]
        if service.workers:
            assert service.only(world, DEPLOYMENT, "worker").inputs["spec"]["replicas"] == service.workers


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
    """The selectors of Deployments, budgets, Service and ingress policy match the pods of exactly one role of one
    service, although each is only about the pods of its namespace.
    """
    pods = {
        (service.app, part): template
        for service in services_of(world)
        for part, template in service.templates(world).items()
    }
    for service in services_of(world):
        front = service.only(world, "kubernetes:core/v1:Service", "service").inputs["spec"]
        ingress = service.only(world, POLICY, "server-ingress").inputs["spec"]["podSelector"]
        budgets = {b.name: b.inputs["spec"]["selector"]["matchLabels"] for b in service.all(world, BUDGET)}
        deployments = {d.name: d.inputs["spec"]["selector"]["matchLabels"] for d in service.all(world, DEPLOYMENT)}
        worker = f"{service.workload}-worker"
        selectors = {
            "service": (front["selector"], "deployment"),
            "ingress": (ingress["matchLabels"], "deployment"),
            **{
                name: (labels, "worker" if name.startswith(worker) else "deployment")
                for name, labels in (deployments | budgets).items()
            },
        }

        assert {f"{service.workload}-deployment", *([worker] if service.workers else [])} <= set(selectors)
        for name, (selector, role) in selectors.items():
            assert [r for r, template in pods.items() if selects(selector, template)] == [(service.app, role)], name
        scaled = service.only(world, AUTOSCALER, "autoscaler").inputs["spec"]["scaleTargetRef"]
        assert scaled == {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "name": service.only(world, DEPLOYMENT, "deployment").inputs["metadata"]["name"],
        }


@every_world
def test_evictions_leave_pods_and_never_block_a_drain(world: World) -> None:
    """Deployments with several pods have a budget, which is smaller than their number."""
    expected = {}
    for service in services_of(world):
        if service.pods.min_replicas > 1:
            expected[f"{service.workload}-budget"] = service.pods.min_available
        if service.workers > 1:
            expected[f"{service.workload}-worker-budget"] = service.workers - 1

    budgets = {budget.name: budget.inputs["spec"] for budget in world.all(BUDGET)}
    assert {name: spec["minAvailable"] for name, spec in budgets.items()} == expected
    assert all(spec["unhealthyPodEvictionPolicy"] == "AlwaysAllow" for spec in budgets.values())
    assert all("maxUnavailable" not in spec for spec in budgets.values())


@every_world
def test_pods_are_restricted_and_have_what_they_need(world: World) -> None:
    """No root, privileges, writable root file system or Kubernetes token; a memory limit and no CPU limit."""
    for service, part, template in (
        (each, *of_part) for each in services_of(world) for of_part in each.templates(world).items()
    ):
        pod, wanted = template["spec"], service.pods
        (container,) = pod["containers"]
        assert pod["securityContext"] == {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "runAsGroup": 10001,
            "fsGroup": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        }, (service.app, part)
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
        if service.bundled:
            assert container["image"] == world.recording.result["image"]
        (config,) = [source["configMapRef"]["name"] for source in container["envFrom"]]
        assert config == service.only(world, CONFIG, "config").inputs["metadata"]["name"]
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        # The bundled service's Jobs read the secret of the master user.
        jobs = part == "migration" or part.startswith("schema-")
        own = f"{service.workload}-{'migration-secrets' if jobs else 'secrets'}"
        classes = [each.inputs["metadata"]["name"] for each in world.all(PROVIDER_CLASS) if each.name == own]
        # The image of the bundled service has the certificates of the database.
        authorities = [
            each.inputs["metadata"]["name"]
            for each in service.all(world, CONFIG)
            if each.name.endswith("-database-authorities")
        ]
        assert len(authorities) == (0 if service.bundled or not service.user else 1)
        assert volumes.pop("tmp") == {"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}}
        csi = {"driver": "secrets-store.csi.k8s.io", "readOnly": True}
        assert list(volumes.values()) == [
            *(
                {"name": "secrets", "csi": {**csi, "volumeAttributes": {"secretProviderClass": name}}}
                for name in classes
            ),
            *({"name": "database-authorities", "configMap": {"name": name}} for name in authorities),
        ]
        assert container["volumeMounts"] == [
            {"name": "tmp", "mountPath": "/tmp"},
            *({"name": "secrets", "mountPath": "/run/secrets/app", "readOnly": True} for _ in classes),
            *({"name": "database-authorities", "mountPath": "/run/database", "readOnly": True} for _ in authorities),
        ]
    for account in world.all("kubernetes:core/v1:ServiceAccount"):
        assert account.inputs["automountServiceAccountToken"] is False
    spaces = [each.inputs["metadata"] for each in world.all("kubernetes:core/v1:Namespace")]
    assert sorted(each["name"] for each in spaces) == sorted(service.namespace for service in services_of(world))
    for labels in (each["labels"] for each in spaces):
        assert {labels[f"pod-security.kubernetes.io/{mode}"] for mode in ("enforce", "audit", "warn")} == {"restricted"}
    assert "workload-migration" in world.recording.names(JOB)
    for job in (each.inputs["spec"] for each in world.all(JOB)):
        assert (job["backoffLimit"], job["activeDeadlineSeconds"]) == (3, 600)
        assert job["template"]["spec"]["restartPolicy"] == "Never"


@every_world
def test_autoscaler_follows_the_settings(world: World) -> None:
    """It scales up immediately, and down by at most half of the pods a minute after five minutes of low load."""
    for service in services_of(world):
        wanted, spec = service.pods, service.only(world, AUTOSCALER, "autoscaler").inputs["spec"]
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
    assert len(world.all(AUTOSCALER)) == len(services_of(world))


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
    for service in services_of(world):
        assert service.only(world, CONFIG, "config").inputs["immutable"] is True
