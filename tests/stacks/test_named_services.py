"""Services in addition to the bundled one: their resources, and their independence of each other.

The whole program runs on Pulumi's mocks.
"""

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
import pytest
from cryptography import x509
from hypothesis import HealthCheck, Phase, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pulumi_policy import StackValidationPolicy

from components.image import BuildContext
from infra.policy.rules.graceful_stop import RULE as GRACEFUL_STOP
from infra.policy.rules.registered import RULES
from infra.program import APP
from infra.reach.matrix import matrix_of
from infra.reach.verdict import Verdict
from infra.reach.view import view_of
from infra.resources.properties import UNKNOWN
from infra.resources.resource import Resource
from stacks.database import database_authorities
from stacks.named_services import beside, url_of
from stacks.routes import priorities
from stacks.settings.services import MAX_NAME_LENGTH, RouteSettings
from tests.infra.policy.judge import Given, stack_violations, violations
from tests.localcloud.aws.test_preview import without_ids
from tests.stacks.laws.test_reach import LAWS
from tests.support.planned import deployed, planned
from tests.support.recorder import Recording
from tests.support.worlds import World, recorded

DIGEST = "sha256:" + "0123456789abcdef" * 4
IMAGE = f"registry.example.com/shop@{DIGEST}"
SHOP: dict[str, Any] = {"image": IMAGE, "route": {"pathPrefix": "/shop"}}
BASE: dict[str, Any] = {
    "region": "eu-central-1",
    "network": {"availabilityZones": ["a", "b"], "natStrategy": "single"},
    "cluster": {"privateAccessCidrs": ["10.0.0.0/16"]},
    "edge": {"domain": "api.example.com"},
    "database": {"maxConnections": 2000},  # enough for four services with databases
    "service": {"auth": {"jwksUrl": "https://id.example/keys", "issuer": "https://id.example", "audience": "api"}},
}
NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
ROLE = "aws:iam/role:Role"
JOB = "kubernetes:batch/v1:Job"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"


def built(services: dict[str, Any]) -> World:
    """Return the world of a stack with these services."""
    return recorded({**BASE, "services": services})


def egress(recording: Recording, name: str) -> list[tuple[str, int]]:
    """Return the targets and ports that the pods of a service may reach."""
    rules = recording.only(POLICY, f"{name}-workload-app-egress").inputs["spec"]["egress"]
    return [
        (peer["ipBlock"]["cidr"], port["port"])
        for rule in rules
        for peer in rule.get("to", [{"ipBlock": {"cidr": "any"}}])
        for port in rule["ports"]
    ]


def test_a_stateless_service_gets_pods_a_route_and_no_permissions() -> None:
    """Its role has no policy, and its pods reach only DNS: no database, no queue, no credentials."""
    recording = built({"shop": {**SHOP, "command": ["/shop", "--fast"], "port": 9000}}).recording

    (container,) = recording.only(DEPLOYMENT, "shop-workload-deployment").inputs["spec"]["template"]["spec"][
        "containers"
    ]
    assert (container["image"], container["command"]) == (IMAGE, ["/shop", "--fast"])
    assert "args" not in container
    assert container["ports"] == [{"name": "http", "containerPort": 9000}]
    assert container["readinessProbe"]["httpGet"] == {"path": "/", "port": "http"}
    assert recording.only("kubernetes:core/v1:Namespace", "shop-workload-namespace").inputs["metadata"]["name"] == (
        "drydock-shop"
    )
    assert recording.only(CONFIG_MAP, "shop-workload-config").inputs["data"] == {
        "AWS_REGION": "eu-central-1",
        "DRAIN_SECONDS": "0",
        "ENVIRONMENT": "sandbox",
        "PORT": "9000",
        "SHUTDOWN_GRACE_SECONDS": "20",
    }
    assert egress(recording, "shop") == [("any", 53), ("any", 53)]
    association = recording.only("aws:eks/podIdentityAssociation:PodIdentityAssociation", "service-shop-reader").inputs
    assert (association["namespace"], association["serviceAccount"]) == ("drydock-shop", "shop")
    assert [name for name in recording.names("aws:iam/rolePolicy:RolePolicy") if "shop" in name] == []
    assert [name for name in recording.names("aws:ecr/repository:Repository") if "shop" in name] == []
    rule = recording.only("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "edge-to-pods-9000").inputs
    assert (rule["fromPort"], rule["toPort"]) == (9000, 9000)
    assert recording.result["service_urls"] == {"shop": "https://api.example.com/shop"}


def test_a_service_gets_the_requested_resources() -> None:
    """It gets a repository for its folder, its own queue, workers, secrets as files, and egress to its dependencies."""
    shop = {
        **SHOP,
        "image": "app",
        "queue": True,
        "worker": {"command": ["/work"], "replicas": 3},
        "secrets": {"MAIL_KEY": "prod/mail"},
        "environment": {"MAIL": "smtp://mail.example:2525"},
    }
    recording = built({"shop": shop}).recording

    assert recording.only("aws:ecr/repository:Repository", "shop-registry-repository").inputs["name"] == (
        "drydock-sandbox/shop"
    )
    assert recording.only("docker-build:index:Image", "shop-image-image").inputs["context"] == {"location": "../app"}
    worker = recording.only(DEPLOYMENT, "shop-workload-worker").inputs["spec"]
    (container,) = worker["template"]["spec"]["containers"]
    assert (worker["replicas"], container["command"]) == (3, ["/work"])
    assert not {"readinessProbe", "livenessProbe", "startupProbe", "ports"} & set(container)
    data = recording.only(CONFIG_MAP, "shop-workload-config").inputs["data"]
    queue = recording.only("aws:sqs/queue:Queue", "jobs-shop-queue")
    assert recording.owner(data["QUEUE_URL"]).urn == queue.urn
    assert not [name for name in data if name.startswith("DB_")]
    assert egress(recording, "shop") == [
        ("any", 53),
        ("any", 53),
        ("169.254.170.23/32", 80),
        ("10.0.0.0/16", 443),
        ("0.0.0.0/0", 2525),
    ]
    roles = {
        recording.owner(policy.inputs["role"]).name
        for policy in recording.all("aws:iam/rolePolicy:RolePolicy")
        if policy.name.startswith(("shop-", "jobs-shop-"))
    }
    assert roles == {"service-shop-reader"}
    addons = [each for each in recording.all("aws:eks/addon:Addon") if "secrets" in each.inputs["addonName"]]
    assert len(addons) == 1


def connects(recording: Recording, role: str) -> list[str]:
    """Return the database users that a role may sign in as."""
    policies = [
        json.loads(each.inputs["policy"])
        for each in recording.all("aws:iam/rolePolicy:RolePolicy")
        if recording.owner(each.inputs["role"]).name == role
    ]
    statements = [each for policy in policies for each in policy["Statement"]]
    assert {action for each in statements for action in each["Action"]} <= {"rds-db:connect"}
    return [each["Resource"].rpartition("/")[2] for each in statements]


def test_a_service_with_a_database_signs_in_as_its_own_user() -> None:
    """It may sign in as no other user. A Job with the bundled service's image creates its schema."""
    world = built({"my-shop": {**SHOP, "database": {"maxConnections": 3}, "worker": {"command": ["/work"]}}})
    recording = world.recording

    data = recording.only(CONFIG_MAP, "my-shop-workload-config").inputs["data"]
    assert {name: data[name] for name in data if name.startswith("DB_") and name not in ("DB_HOST", "DB_PORT")} == {
        "DB_AUTH": "iam",
        "DB_MAX_CONNECTIONS": "3",
        "DB_NAME": "app",
        "DB_SSLMODE": "verify-full",
        "DB_USER": "my_shop",
    }
    assert connects(recording, "service-my-shop-reader") == ["my_shop"]
    assert {port for _, port in egress(recording, "my-shop")} == {53, 80, 5432}
    job = recording.only(JOB, "workload-schema-my-shop").inputs
    (container,) = job["spec"]["template"]["spec"]["containers"]
    # (10 + 1 servers, 2 + 1 workers) of 3 connections.
    assert container["args"] == ["schema", "my_shop", "--connections", "42"]
    assert container["image"] == recording.result["image"]
    assert job["spec"]["template"]["spec"]["serviceAccountName"] == "api-migration"
    assert [each.name for each in recording.all(JOB) if "my-shop" in each.name] == ["workload-schema-my-shop"]
    for name in ("deployment", "worker"):
        pod = recording.only(DEPLOYMENT, f"my-shop-workload-{name}").inputs["spec"]["template"]["spec"]
        variables = {each["name"]: each.get("value") for each in pod["containers"][0]["env"]}
        assert variables["PGSSLROOTCERT"] == "/run/database/ca.pem"
        assert {each["name"]: each["mountPath"] for each in pod["containers"][0]["volumeMounts"]} == {
            "tmp": "/tmp",
            "database-authorities": "/run/database",
        }
    authorities = recording.only(CONFIG_MAP, "my-shop-workload-database-authorities").inputs["data"]
    names = [str(each.subject) for each in x509.load_pem_x509_certificates(authorities["ca.pem"].encode())]
    assert len(names) == 3
    assert all("CN=Amazon RDS eu-central-1 Root CA" in name for name in names)


def test_a_migration_has_its_own_role_and_service_account() -> None:
    """It runs before the pods, signs in as the database role that changes the schema, and reads no secrets."""
    shop = {**SHOP, "database": {}, "migration": {"command": ["/shop", "migrate"]}, "secrets": {"KEY": "prod/key"}}
    recording = built({"shop": shop}).recording

    job = recording.only(JOB, "shop-workload-migration").inputs
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert (container["image"], container["command"]) == (IMAGE, ["/shop", "migrate"])
    assert {each["name"]: each.get("value") for each in container["env"]}["DB_USER"] == "shop__migration"
    assert pod["serviceAccountName"] == "shop-migration"
    assert [each["name"] for each in pod["volumes"]] == ["tmp", "database-authorities"]
    association = recording.only(
        "aws:eks/podIdentityAssociation:PodIdentityAssociation", "service-shop--migration-reader"
    ).inputs
    assert (association["namespace"], association["serviceAccount"]) == ("drydock-shop", "shop-migration")
    assert connects(recording, "service-shop--migration-reader") == ["shop__migration"]
    schema = recording.only(JOB, "workload-schema-shop").inputs["spec"]["template"]["spec"]["containers"][0]
    assert schema["args"][-1] == "--migration"
    before = recording.waits_for(recording.only("kubernetes:core/v1:Namespace", "shop-workload-namespace"))
    assert recording.only(ROLE, "service-shop--migration-reader").urn in before
    # A release of the bundled service replaces this Job, but not the namespace.
    assert recording.only(JOB, "workload-schema-shop").urn not in before
    before = recording.waits_for(recording.only(JOB, "shop-workload-migration"))
    assert recording.only(JOB, "workload-schema-shop").urn in before


def test_a_service_has_its_own_alarms() -> None:
    """They are for its own targets and queue; shared resources get no additional alarms."""
    recording = built({"shop": {**SHOP, "queue": True}, "cart": {**SHOP, "route": {"pathPrefix": "/cart"}}}).recording

    alarms = {each.name: each.inputs for each in recording.all("aws:cloudwatch/metricAlarm:MetricAlarm")}
    assert {name.removeprefix("shop-alarms-") for name in alarms if name.startswith("shop-")} == {
        "dead-letters",
        "errors",
        "no-healthy-pod",
        "old-jobs",
        "slow",
    }
    assert {name.removeprefix("cart-alarms-") for name in alarms if name.startswith("cart-")} == {
        "errors",
        "no-healthy-pod",
        "slow",
    }
    assert alarms["shop-alarms-errors"]["alarmDescription"].startswith("drydock-sandbox, shop: ")
    assert alarms["shop-alarms-errors"]["dimensions"] == {
        "LoadBalancer": alarms["alarms-errors"]["dimensions"]["LoadBalancer"],
        "TargetGroup": "targetgroup/shop-pods",
    }
    queue = alarms["shop-alarms-dead-letters"]["dimensions"]["QueueName"]
    assert recording.owner(queue).name == "jobs-shop-dead-letters"


def test_no_service_reads_the_secret_of_the_master_user() -> None:
    """Only the role of the bundled migration may read it."""
    shop = {**SHOP, "database": {}, "migration": {"command": ["/shop", "migrate"]}}
    recording = built({"shop": shop}).recording

    readers = {
        recording.owner(each.inputs["role"]).name
        for each in recording.all("aws:iam/rolePolicy:RolePolicy")
        if "secretsmanager:GetSecretValue" in each.inputs["policy"]
    }
    assert readers == {"migration-reader"}


def test_refuses_a_region_without_root_certificates(tmp_path: Path) -> None:
    """The message names the file with the certificates."""
    (tmp_path / "rds-ca.pem").write_text((APP.folder / "rds-ca.pem").read_text())
    context = BuildContext(folder=tmp_path, location="../app")
    assert database_authorities(context, "eu-central-1").count("BEGIN CERTIFICATE") == 3

    with pytest.raises(pulumi.RunError, match=r"rds-ca\.pem: must contain the root certificates of RDS in xx-north-9"):
        database_authorities(context, "xx-north-9")


SPECS = st.fixed_dictionaries(
    {"image": st.sampled_from([IMAGE, "app"])},
    optional={
        "port": st.sampled_from([8080, 9000, 9001]),
        "queue": st.booleans(),
        "database": st.sampled_from([{}, {"maxConnections": 2}]),
        "worker": st.fixed_dictionaries({"command": st.just(["/work"])}, optional={"replicas": st.integers(1, 3)}),
        "minReplicas": st.sampled_from([3, 4]),
        "environment": st.sampled_from([{}, {"A": "https://a.example"}, {"B": "b"}]),
        "secrets": st.sampled_from([{}, {"KEY": "prod/key"}]),
    },
)
RESERVED = {"api", "app", "drydock", "none", "postgres", "public", "rdsadmin", "service"}
NAMES = st.from_regex(rf"[a-z][a-z0-9]{{0,{MAX_NAME_LENGTH - 4}}}(-[a-z])?", fullmatch=True).filter(
    lambda name: name not in RESERVED and not name.startswith(("pg-", "rds-"))
)


@st.composite
def maps(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a map of services, each with a route from its name."""
    names = draw(st.lists(NAMES, min_size=2, max_size=4, unique=True))
    return {name: {**draw(SPECS), "route": {"pathPrefix": f"/x/{name}"}} for name in names}


# Each example builds one to three whole stacks, so shrinking a failure would exceed the timeout of a test.
few = hypothesis_settings(
    max_examples=2,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)

FOUR = {f"shop-{each}": {"image": "app", "database": {}, "route": {"pathPrefix": f"/{each}"}} for each in "abcd"}


@given(maps())
@example(FOUR)
@few
def test_laws_and_policy_rules_hold_for_every_service(services: dict[str, Any]) -> None:
    """Services reach what they need, no other service, and the database only if they have one."""
    world = built(services)
    for resources in (planned(world.recording), deployed(world.recording)):
        assert [(law.__name__, each.finding) for law in LAWS for each in law(view_of(resources))] == []
    answers = matrix_of(planned(world.recording)).answers
    pods = {source for source, _ in answers if source.startswith("pods/")}
    for name, wished in services.items():
        own = {pod for pod in pods if pod.startswith(f"pods/{name}-workload-")}
        assert own
        for pod in own:
            wanted = Verdict.YES if "database" in wished else Verdict.NO
            assert answers[pod, "database"].verdict is wanted
            reached = {target for (source, target), found in answers.items() if source == pod and "pods/" in target}
            assert {answers[pod, target].verdict for target in reached} <= {Verdict.NO}
            assert answers["load-balancer", f"pods/{name}-workload-deployment"].verdict is Verdict.YES

    found: list[str] = []
    for rule in RULES:
        if isinstance(rule, StackValidationPolicy):
            found += stack_violations(rule, planned(world.recording))
            continue
        for each in world.recording.resources.values():
            # A plan does not know the ids that the recorder generates, and their form is not that of AWS.
            inputs = without_ids(each.inputs) if each.type.startswith("kubernetes:") else dict(each.inputs)
            subject = Given(type=each.type, properties=inputs, name=each.name, protect=each.protect)
            found += violations(rule, subject)
    assert found == []


def test_names_are_within_the_limits_of_aws() -> None:
    """Pulumi adds a hyphen and seven characters to names that it generates."""
    names = ["a", "s" * MAX_NAME_LENGTH, "s-" * (MAX_NAME_LENGTH // 2) + "s"]
    shop = {**SHOP, "image": "app", "queue": True, "worker": {"command": ["/work"]}, "secrets": {"K": "k"}}
    services = {name: {**shop, "route": {"pathPrefix": f"/{name}"}} for name in names}
    recording = built(services).recording

    for each in recording.resources.values():
        most = {
            "aws:lb/targetGroup:TargetGroup": 32 - 8,
            "aws:iam/role:Role": 64 - 8,
            "aws:sqs/queue:Queue": 80 - 8,
        }.get(each.type, 255)
        assert len(each.name) <= most, each.urn
    repositories = [each.inputs["name"] for each in recording.all("aws:ecr/repository:Repository")]
    assert len(set(repositories)) == len(repositories) == len(services) + 1
    spaces = [each.inputs["metadata"]["name"] for each in recording.all("kubernetes:core/v1:Namespace")]
    assert len(set(spaces)) == len(spaces) == len(services) + 1
    assert all(len(space) <= 63 for space in spaces)


@given(maps())
@example(FOUR)
@few
def test_a_service_does_not_affect_the_others(services: dict[str, Any]) -> None:
    """Without the first one, only the limits of the node pools change. The order of services is irrelevant."""
    first, *_ = services
    rest = {name: each for name, each in services.items() if name != first}
    turned = dict(reversed(services.items()))
    whole, less, other = (built(each).recording for each in (services, rest, turned))

    assert {u: r.inputs for u, r in whole.resources.items()} == {u: r.inputs for u, r in other.resources.items()}
    assert less.resources.keys() < whole.resources.keys()
    routes = {name: RouteSettings.model_validate(each["route"]) for name, each in services.items()}
    moved = {name for name in rest if priorities(routes)[name] != priorities({name: routes[name]})[name]}
    changed = {
        resource.type
        for urn, resource in less.resources.items()
        if resource.inputs != whole.resources[urn].inputs and not any(resource.name.startswith(f"{n}-") for n in moved)
    }
    assert changed <= {NODE_POOL}
    # The bundled workload creates the schema of each service with a database.
    assert {urn for urn in whole.resources.keys() - less.resources.keys() if "Workload$" in urn} == {
        urn for urn in whole.resources if f"::{first}-workload-" in urn or urn.endswith(f"::workload-schema-{first}")
    }


def test_the_graceful_stop_rule_uses_the_right_config_map_with_unknown_names() -> None:
    """In a first plan, namespaces and names of ConfigMaps are unknown. The bundled service needs a longer period."""
    recording = built({"shop": {**SHOP, "shutdownSeconds": 1, "preStopSeconds": 1}}).recording

    def veiled(each: Resource) -> Resource:
        properties = deepcopy(dict(each.properties))
        if each.type in (DEPLOYMENT, CONFIG_MAP):
            properties["metadata"]["namespace"] = UNKNOWN
        if each.type == DEPLOYMENT:
            properties["spec"]["template"]["spec"]["containers"][0]["envFrom"][0]["configMapRef"]["name"] = UNKNOWN
        if each.type == CONFIG_MAP and each.name != "shop-workload-config":
            properties["metadata"]["name"] = UNKNOWN
        return replace(each, properties=properties)

    assert stack_violations(GRACEFUL_STOP, [veiled(each) for each in planned(recording)]) == []


@pytest.mark.parametrize(
    ("route", "url", "expected"),
    [
        ({"pathPrefix": "/shop"}, "https://api.example.com", "https://api.example.com/shop"),
        ({"host": "shop.example.com"}, "http://lb.aws:8080", "http://shop.example.com:8080"),
        ({"host": "shop.example.com", "pathPrefix": "/a/b"}, "https://x", "https://shop.example.com/a/b"),
    ],
)
def test_the_url_has_the_host_and_the_path_of_the_route(route: dict[str, str], url: str, expected: str) -> None:
    """Scheme and port are those of the load balancer."""
    assert url_of(RouteSettings.model_validate(route), url) == expected


def test_a_folder_is_relative_to_the_repository() -> None:
    """This holds for this process, and for the builder, whose working directory is the program's folder."""
    context = beside(BuildContext(folder=APP.folder, location="../app"), "services/shop")

    assert context.folder == APP.folder.parent / "services" / "shop"
    assert context.location == "../services/shop"


def test_node_pools_have_room_for_every_service() -> None:
    """Their limits are twice the maximum requests of all pods."""
    pools = [built(each).recording.all(NODE_POOL) for each in ({}, {"shop": {**SHOP, "cpuRequest": "2"}})]
    (before, after) = (json.loads(json.dumps(found[0].inputs["spec"]["limits"])) for found in pools)

    # (10 pods, 3 for a rollout) of 2 CPUs and 512 MiB, twice.
    assert int(after["cpu"]) - int(before["cpu"]) == 52
    assert int(after["memory"].removesuffix("Gi")) - int(before["memory"].removesuffix("Gi")) == 14
