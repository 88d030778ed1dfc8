"""Rule: a server has time to be removed from the load balancer and to complete its requests before it is killed.

Anchors: none; no linter compares the grace period with what has to fit into it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pulumi_policy import Severity

from infra.policy.rule import stack_rule
from infra.resources.properties import UNKNOWN, at, is_number, items, mapping, unset
from infra.resources.resource import Properties, Resource
from infra.resources.workloads import label, pod_spec

SERVERS = ("kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:StatefulSet")
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
DEFAULT_GRACE_SECONDS = 30  # Kubernetes
MARGIN_SECONDS = 5

Identity = tuple[str | None, str | None]
Configs = Mapping[Identity, Any]
"""Identity of a ConfigMap -> its data, which may be unknown."""


def check(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """Yield servers that stop while they still get traffic, or that need longer to stop than their grace period.

    The grace period starts with the preStop hook. The service then drains for DRAIN_SECONDS and has
    SHUTDOWN_GRACE_SECONDS for requests in flight. These settings may come from a ConfigMap, so the check needs the
    whole stack.
    """
    maps = [each for each in resources if each.type == CONFIG_MAP]
    by_name = {_identity(each): _data(each) for each in maps if _identity(each)[1] is not None}
    for server in resources:
        if server.type in SERVERS:
            configs = {**by_name, **_unnamed(server, maps)}
            yield from ((server, finding) for finding in _findings(server, configs))


def _unnamed(server: Resource, maps: Sequence[Resource]) -> Configs:
    """Return the data of the ConfigMap that a server depends on, if the name of the ConfigMap is unknown in the plan.

    The name of a ConfigMap that does not exist yet is an output on which the spec of the server depends.
    """
    own_urns = {urn for urns in server.dependencies.values() for urn in urns}
    own = [_data(each) for each in maps if each.urn in own_urns]
    return {(_identity(server)[0], None): own[0]} if len(own) == 1 else {}


def _findings(server: Resource, configs: Configs) -> Iterator[str]:
    spec = pod_spec(server)
    namespace = _identity(server)[0]
    grace = spec.get("terminationGracePeriodSeconds", DEFAULT_GRACE_SECONDS)
    for container in (mapping(each) for each in items(spec.get("containers"))):
        variables, complete = _environment(container, namespace, configs)
        hook = at(container, "lifecycle.preStop")
        drain, shutdown = _seconds(variables.get("DRAIN_SECONDS")), _seconds(variables.get("SHUTDOWN_GRACE_SECONDS"))
        # A container without a port gets no requests, so it needs no drain, but it may have work to complete.
        if container.get("ports") and hook is None and drain == 0 and complete:
            yield f"{label(container)} has neither a preStop hook nor a drain, so requests still sent to it fail"
        pause = _seconds(mapping(mapping(hook).get("sleep")).get("seconds"))
        needed = pause + drain + shutdown + MARGIN_SECONDS
        if is_number(grace) and grace < needed:
            yield (
                f"terminationGracePeriodSeconds is {grace:g}, but {label(container)} needs {needed:g}: "
                f"preStop {pause:g} + drain {drain:g} + shutdown {shutdown:g} + {MARGIN_SECONDS} to end"
            )


def _environment(container: Properties, namespace: str | None, configs: Configs) -> tuple[Properties, bool]:
    """Return the variables of a container, and whether its drain is known; a ConfigMap may be unknown or external."""
    sources, own = container.get("envFrom"), container.get("env")
    data = [configs.get((namespace, _text(at(each, "configMapRef.name"))), UNKNOWN) for each in items(sources)]
    variables = {key: value for each in data for key, value in mapping(each).items()}
    for variable in items(own):
        external = not unset(at(variable, "valueFrom"))
        variables[str(at(variable, "name"))] = UNKNOWN if external else at(variable, "value")
    known = UNKNOWN not in (sources, own, *data, *(at(each, "name") for each in items(own)))
    return variables, known and variables.get("DRAIN_SECONDS") is not UNKNOWN


def _data(config: Resource) -> Any:
    return config.properties.get("data", {})


def _identity(resource: Resource) -> Identity:
    metadata = mapping(resource.properties.get("metadata"))
    return _text(metadata.get("namespace")), _text(metadata.get("name"))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _seconds(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0


RULE = stack_rule(
    name="kubernetes-graceful-stop",
    severity=Severity.HIGH,
    description="A server must be deregistered from the load balancer and finish its requests before it is killed.",
    remedy="give the container a preStop sleep, and set terminationGracePeriodSeconds above "
    f"preStop + DRAIN_SECONDS + SHUTDOWN_GRACE_SECONDS + {MARGIN_SECONDS}",
    check=check,
)
