"""Ports and times that depend on each other agree in all resources."""

import json
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from tests.stacks.laws.graph.law import Break
from tests.support.edits import option, put, without
from tests.support.recorder import Recorded
from tests.support.services import services_of
from tests.support.worlds import World

DEPLOYMENT, JOB = "kubernetes:apps/v1:Deployment", "kubernetes:batch/v1:Job"
POLICY, BUDGET = "kubernetes:networking.k8s.io/v1:NetworkPolicy", "kubernetes:policy/v1:PodDisruptionBudget"
INSTANCE, QUEUE = "aws:rds/instance:Instance", "aws:sqs/queue:Queue"
DEFAULT_RETENTION = 4 * 86400  # seconds, SQS's default
MARGIN = 5  # seconds between the end of a pod's shutdown and its kill
TARGETS = "aws:lb/targetGroup:TargetGroup"


def _container(deployment: Recorded) -> Mapping[str, Any]:
    (container,) = deployment.inputs["spec"]["template"]["spec"]["containers"]
    return container  # type: ignore[no-any-return]


def _number(container: Mapping[str, Any], port: str | float) -> float:
    """Return the number of a container's port, given by name or number."""
    named = {each["name"]: each["containerPort"] for each in container.get("ports", [])}
    return named.get(port, -1) if isinstance(port, str) else port


def ports_of_the_service_agree(world: World) -> Iterator[str]:
    """Probes, the load balancer and the network policy use the port that the service listens on."""
    for service in services_of(world):
        port = int(service.config(world)["PORT"])
        for deployment in service.all(world, DEPLOYMENT):
            container = _container(deployment)
            # The workers of a service of `drydock:services` listen on no port.
            silent = not service.bundled and deployment.name.endswith("-worker")
            for kind in () if silent else ("startupProbe", "readinessProbe", "livenessProbe"):
                if (asked := _number(container, container[kind]["httpGet"]["port"])) != port:
                    yield f"{deployment.name}: {kind} asks {asked}, and the service listens on {port}"
        server = service.only(world, DEPLOYMENT, "deployment")
        for front in service.all(world, "kubernetes:core/v1:Service"):
            for each in front.inputs["spec"]["ports"]:
                if (sent := _number(_container(server), each["targetPort"])) != port:
                    yield f"{front.name}: sends to {sent}, and the service listens on {port}"
        policy = service.only(world, POLICY, "server-ingress")
        if (let_in := [each["port"] for rule in policy.inputs["spec"]["ingress"] for each in rule["ports"]]) != [port]:
            yield f"{policy.name}: lets in {let_in}, and the service listens on {port}"


def ports_of_the_database_agree(world: World) -> Iterator[str]:
    """Services, the security group and the pods' egress policies use the port that the database listens on."""
    (instance,) = world.all(INSTANCE)
    port, groups = instance.inputs["port"], instance.inputs["vpcSecurityGroupIds"]
    for rule in world.all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"):
        let_in = (rule.inputs["fromPort"], rule.inputs["toPort"])
        if rule.inputs["securityGroupId"] in groups and let_in != (port, port):
            yield f"{rule.name}: lets in {let_in}, and the database listens on {port}"
    subnets = {each.inputs["cidrBlock"] for each in world.all("aws:ec2/subnet:Subnet") if "-database-" in each.name}
    for service in services_of(world):
        if service.user and (told := int(service.config(world)["DB_PORT"])) != port:
            yield f"{service.workload}-config: the service connects to port {told}, and the database listens on {port}"
        policy = service.only(world, POLICY, "app-egress")
        for rule in policy.inputs["spec"]["egress"]:
            out = [each["port"] for each in rule["ports"]]
            if subnets & {peer["ipBlock"]["cidr"] for peer in rule.get("to", [])} and out != [port]:
                yield f"{policy.name}: lets out {out}, and the database listens on {port}"


def _seconds(text: str) -> int:
    return int(text.removesuffix("s") or 0)


def a_pod_has_time_to_end(world: World) -> Iterator[str]:
    """A pod is not killed before its shutdown ends, and the load balancer deregisters it before it stops serving."""
    for service in services_of(world):
        config = service.config(world)
        drain, shutdown = int(config["DRAIN_SECONDS"]), int(config["SHUTDOWN_GRACE_SECONDS"])
        for deployment in service.all(world, DEPLOYMENT):
            hook = _container(deployment).get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
            needed = hook + drain + shutdown + MARGIN
            if (given := deployment.inputs["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]) < needed:
                yield f"{deployment.name}: is killed after {given:.0f} s, and needs {needed:.0f}"
            if deployment.name == f"{service.workload}-deployment":
                lives = hook + drain + shutdown
                if (delay := world.only(TARGETS, service.targets).inputs["deregistrationDelay"]) != lives:
                    yield f"{service.targets}: lets go after {delay:.0f} s, and pods answer for {lives:.0f} s"


def timeouts_are_long_enough(world: World) -> Iterator[str]:
    """Pulumi's timeout is longer than that of the Deployment or Job, whose message has the reason of the failure."""
    for resource in chain(world.all(DEPLOYMENT), world.all(JOB)):
        spec = resource.inputs["spec"]
        limit = spec.get("progressDeadlineSeconds", spec.get("activeDeadlineSeconds"))
        for what, text in (("create", resource.create_timeout), ("update", resource.update_timeout)):
            if _seconds(text) <= limit:
                yield f"{resource.name}: {what} is given up after {text or 'the default'}, and it fails after {limit} s"
        if spec.get("minReadySeconds", 0) >= limit:
            yield f"{resource.name}: is available after {spec['minReadySeconds']} s, and fails after {limit} s"
    for target in world.all(TARGETS):
        timeout, interval = (target.inputs["healthCheck"][each] for each in ("timeout", "interval"))
        if timeout >= interval:
            yield f"{target.name}: a health check may take {timeout:.0f} s, and there is one every {interval:.0f} s"


def a_job_is_tried_as_often_as_the_service_thinks(world: World) -> Iterator[str]:
    """Queue and service agree on visibility timeout and attempts, and dead letters are kept longer than messages."""
    configs = {f"{service.queue}-queue": service.config(world) for service in services_of(world) if service.queue}
    for queue in world.all(QUEUE):
        if "redrivePolicy" not in queue.inputs:
            continue
        config = configs[queue.name]
        redrive = json.loads(queue.inputs["redrivePolicy"])
        if (times := redrive["maxReceiveCount"]) != int(config["JOB_MAX_ATTEMPTS"]):
            yield f"{queue.name}: a message is given {times} times, and the service tries {config['JOB_MAX_ATTEMPTS']}"
        if (hidden := queue.inputs["visibilityTimeoutSeconds"]) != int(config["JOB_VISIBILITY_SECONDS"]):
            yield f"{queue.name}: hides a message for {hidden} s, not for {config['JOB_VISIBILITY_SECONDS']} s"
        dead_letters = world.owner(redrive["deadLetterTargetArn"])
        dead, kept = (each.inputs.get("messageRetentionSeconds", DEFAULT_RETENTION) for each in (dead_letters, queue))
        # A dead letter keeps the time of its first sending.
        # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
        if dead <= kept:
            yield f"{queue.name}: its dead letters are kept for {dead} s, and its messages for {kept} s"


LAWS = [
    ports_of_the_service_agree,
    ports_of_the_database_agree,
    a_pod_has_time_to_end,
    timeouts_are_long_enough,
    a_job_is_tried_as_often_as_the_service_thinks,
]

_SERVER, _CONFIG = "Deployment:workload-deployment", "ConfigMap:workload-config"
_CONTAINER = ("spec", "template", "spec", "containers", 0)
_MISTAKES: list[tuple[Any, list[tuple[Any, str]]]] = [
    (
        ports_of_the_service_agree,
        [
            (put(_SERVER, *_CONTAINER, "livenessProbe", "httpGet", "port", value=8081), "livenessProbe asks 8081"),
            (put(_SERVER, *_CONTAINER, "ports", 0, "name", value="web"), "workload-service: sends to -1"),
            (put("Service:workload-service", "spec", "ports", 0, "targetPort", value=80), "sends to 80"),
            (
                put("NetworkPolicy:workload-server-ingress", "spec", "ingress", 0, "ports", 0, "port", value=80),
                "lets in",
            ),
        ],
    ),
    (
        ports_of_the_database_agree,
        [
            (put(_CONFIG, "data", "DB_PORT", value="5433"), "the service connects to port 5433"),
            (put("SecurityGroupIngressRule:database-access-clients", "toPort", value=5500), "lets in (5432"),
            (
                put("NetworkPolicy:workload-app-egress", "spec", "egress", 1, "ports", 0, "port", value=5433),
                "workload-app-egress: lets out [5433]",
            ),
        ],
    ),
    (
        a_pod_has_time_to_end,
        [
            (
                put(_SERVER, "spec", "template", "spec", "terminationGracePeriodSeconds", value=30),
                "workload-deployment: is killed after 30 s, and needs 45",
            ),
            (put(_CONFIG, "data", "SHUTDOWN_GRACE_SECONDS", value="120"), "workload-deployment: is killed after 50 s"),
            (put("TargetGroup:edge-pods", "deregistrationDelay", value=300), "lets go after 300 s"),
            (without(_SERVER, *_CONTAINER, "lifecycle"), "edge-pods: lets go after 40 s"),
        ],
    ),
    (
        timeouts_are_long_enough,
        [
            (option(_SERVER, update_timeout=""), "workload-deployment: update is given up after the default"),
            (put(_SERVER, "spec", "progressDeadlineSeconds", value=900), "create is given up after 720s"),
            (put("Job:workload-migration", "spec", "activeDeadlineSeconds", value=3600), "workload-migration: create"),
            (put(_SERVER, "spec", "minReadySeconds", value=600), "is available after 600 s"),
            (put("TargetGroup:edge-pods", "healthCheck", "timeout", value=10), "there is one every 5 s"),
        ],
    ),
    (
        a_job_is_tried_as_often_as_the_service_thinks,
        [
            (put("Queue:jobs-queue", "redrivePolicy", "maxReceiveCount", value=3), "is given 3 times"),
            (put("Queue:jobs-queue", "visibilityTimeoutSeconds", value=30), "hides a message for 30 s"),
            (put("Queue:jobs-dead-letters", "messageRetentionSeconds", value=345600), "dead letters are kept for"),
        ],
    ),
]
BREAKS = [Break(name=says, edit=edit, law=law, says=says) for law, edits in _MISTAKES for edit, says in edits]
