"""The fields of a pod spec that the node supports: every field of Kubernetes 1.35 is in exactly one of three tables.

`DONE`: implemented by this node, or by the real API server, scheduler and controllers. `LISTED`: accepted without
effect, for the reason given in docs/local-cloud-node.md. `REFUSED`: a pod with this field is not started, and its
status and an event state the reason; values that would have no effect are accepted and listed with the reason.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from localcloud.cluster.api import Manifest


class Refusal(NamedTuple):
    """The reason why a field is refused, and the values that are accepted nevertheless."""

    reason: str
    accepted: tuple[Any, ...] = ()


PODS_ARE_PROCESSES = "pods are processes of this machine"

DONE: Mapping[str, tuple[str, ...]] = {
    "PodSpec": (
        "activeDeadlineSeconds",
        "affinity",
        "containers",
        "hostname",
        "initContainers",
        "nodeName",
        "nodeSelector",
        "overhead",
        "preemptionPolicy",
        "priority",
        "priorityClassName",
        "readinessGates",
        "restartPolicy",
        "schedulerName",
        "schedulingGates",
        "serviceAccount",
        "serviceAccountName",
        "terminationGracePeriodSeconds",
        "tolerations",
        "topologySpreadConstraints",
        "volumes",
    ),
    "Container": (
        "args",
        "command",
        "env",
        "envFrom",
        "image",
        "lifecycle",
        "livenessProbe",
        "name",
        "ports",
        "readinessProbe",
        "startupProbe",
        "terminationMessagePolicy",
        "volumeMounts",
        "workingDir",
    ),
    "ContainerPort": ("containerPort", "name", "protocol"),
    "Lifecycle": ("preStop", "stopSignal"),
    "Probe": (
        "exec",
        "failureThreshold",
        "httpGet",
        "initialDelaySeconds",
        "periodSeconds",
        "successThreshold",
        "tcpSocket",
        "terminationGracePeriodSeconds",
        "timeoutSeconds",
    ),
    "LifecycleHandler": ("exec", "httpGet", "sleep"),
    "VolumeMount": ("mountPath", "name", "subPath"),
}

LISTED: Mapping[str, Mapping[str, str]] = {
    "PodSpec": {
        "dnsPolicy": "there is no cluster DNS",
        "enableServiceLinks": "there are no variables of Services",
        "hostIPC": PODS_ARE_PROCESSES,
        "hostPID": PODS_ARE_PROCESSES,
        "hostUsers": "processes have the user id of the user who runs the local cloud",
        "imagePullSecrets": "images are on this machine",
        "resources": "limits are not enforced; the scheduler counts requests",
        "securityContext": "checked by admission, not enforced",
        "shareProcessNamespace": PODS_ARE_PROCESSES,
        "subdomain": "there is no cluster DNS",
        "workloadRef": "pods are scheduled one by one",
    },
    "Container": {
        "imagePullPolicy": "images are on this machine",
        "resizePolicy": "limits are not enforced",
        "resources": "limits are not enforced; the scheduler counts requests",
        "securityContext": "checked by admission, not enforced",
        "terminationMessagePath": "the file is not read; the policy FallbackToLogsOnError works",
    },
    "VolumeMount": {"readOnly": "file permissions are those of the user who runs the local cloud"},
    "ContainerPort": {},
    "Lifecycle": {},
    "LifecycleHandler": {},
    "Probe": {},
}

REFUSED: Mapping[str, Mapping[str, Refusal]] = {
    "PodSpec": {
        "automountServiceAccountToken": Refusal("pods get no API tokens", (False,)),
        "dnsConfig": Refusal("there is no cluster DNS"),
        "ephemeralContainers": Refusal("a running pod cannot be given containers"),
        "hostAliases": Refusal("names are those of this machine"),
        "hostNetwork": Refusal("a pod listens on its own loopback address", (False,)),
        "hostnameOverride": Refusal("HOSTNAME is the pod's name, or spec.hostname"),
        "os": Refusal("this machine runs Linux", ({"name": "linux"},)),
        "resourceClaims": Refusal("there are no devices"),
        "runtimeClassName": Refusal("there is one runtime"),
        "setHostnameAsFQDN": Refusal("there is no cluster DNS", (False,)),
    },
    "Container": {
        "restartPolicy": Refusal("there are no sidecars, and a pod's policy holds for all its containers"),
        "restartPolicyRules": Refusal("a pod's policy holds for all its containers"),
        "stdin": Refusal("attaching to a container is not supported", (False,)),
        "stdinOnce": Refusal("attaching to a container is not supported", (False,)),
        "tty": Refusal("there are no terminals", (False,)),
        "volumeDevices": Refusal("there are no block devices"),
    },
    "ContainerPort": {
        "hostIP": Refusal("a pod listens on its own loopback address"),
        "hostPort": Refusal("a pod listens on its own loopback address"),
    },
    "Lifecycle": {"postStart": Refusal("use an init container, or do it at the start of the program")},
    "LifecycleHandler": {"tcpSocket": Refusal("Kubernetes has deprecated it")},
    "Probe": {"grpc": Refusal("use httpGet, tcpSocket or exec")},
    "VolumeMount": {
        "mountPropagation": Refusal("nothing is mounted", ("None",)),
        "recursiveReadOnly": Refusal("nothing is mounted", ("Disabled",)),
        "subPathExpr": Refusal("use subPath"),
    },
}

# Fields whose value is an object, or a list of objects, with its own table of fields.
NESTED: Mapping[tuple[str, str], str] = {
    ("PodSpec", "containers"): "Container",
    ("PodSpec", "initContainers"): "Container",
    ("Container", "lifecycle"): "Lifecycle",
    ("Container", "livenessProbe"): "Probe",
    ("Container", "ports"): "ContainerPort",
    ("Container", "readinessProbe"): "Probe",
    ("Container", "startupProbe"): "Probe",
    ("Container", "volumeMounts"): "VolumeMount",
    ("Lifecycle", "preStop"): "LifecycleHandler",
}


def refusals(spec: Manifest) -> list[str]:
    """Return the reasons why this node cannot run a pod, one for each unsupported field; empty if it can."""
    return list(_refusals("PodSpec", spec, "spec"))


def _refusals(kind: str, value: Manifest, path: str) -> Iterator[str]:
    for name, found in value.items():
        place = f"{path}.{name}"
        if refusal := REFUSED[kind].get(name):
            if found not in (None, [], {}, *refusal.accepted):
                yield f"{place} is not supported by the local cloud: {refusal.reason}"
        elif name not in DONE[kind] and name not in LISTED[kind]:
            yield f"{place} is not known to the local cloud, which follows Kubernetes 1.35"
        elif nested := NESTED.get((kind, name)):
            items = enumerate(found) if isinstance(found, list) else [("", found)]
            for index, item in items:
                yield from _refusals(nested, item, f"{place}[{index}]" if index != "" else place)
