"""Check and Diff of both providers, for every change of one property of every object of the program."""

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
import yaml

from localcloud.protocol.values import Properties
from tests.localcloud.kubernetes.real.changes import changes, other, properties, replaced
from tests.localcloud.kubernetes.real.conftest import PROGRAM, Pair
from tests.localcloud.kubernetes.real.known import Reason, diff_reason_of, reason_of
from tests.support.provider_wire import FailedError, Resource, Wire
from tests.support.stacks import whole_stack

FIELD_MANAGER = "pulumi-kubernetes-1a2b3c4d"
# Kinds that the program does not have -> inputs, with the properties that cause a replacement.
OTHERS = """
- type: kubernetes:apps/v1:DaemonSet
  spec:
    selector: {matchLabels: {app: a}}
    template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: a}]}}
- type: kubernetes:apps/v1:StatefulSet
  spec:
    replicas: 2
    serviceName: a
    revisionHistoryLimit: 3
    podManagementPolicy: Parallel
    selector: {matchLabels: {app: a}}
    template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: a}]}}
    volumeClaimTemplates: [{metadata: {name: a}, spec: {accessModes: [ReadWriteOnce]}}]
- type: kubernetes:apps/v1:ReplicaSet
  spec:
    selector: {matchLabels: {app: a}}
    template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: a}]}}
- type: kubernetes:core/v1:Pod
  spec:
    nodeName: a
    activeDeadlineSeconds: 3
    tolerations: [{key: a, operator: Exists}]
    securityContext: {runAsUser: 3}
    volumes: [{name: a, hostPath: {path: /a}}]
    containers: [{name: a, image: a, args: [a], env: [{name: a, value: a}], ports: [{containerPort: 80}]}]
    initContainers: [{name: b, image: b, command: [b]}]
- type: kubernetes:core/v1:PersistentVolumeClaim
  spec:
    accessModes: [ReadWriteOnce]
    storageClassName: a
    volumeName: a
    resources: {requests: {storage: 1Gi}}
    selector: {matchLabels: {app: a}}
- type: kubernetes:core/v1:PersistentVolume
  spec:
    capacity: {storage: 1Gi}
    accessModes: [ReadWriteOnce]
    hostPath: {path: /a}
- type: kubernetes:core/v1:ResourceQuota
  spec: {scopes: [Terminating], hard: {pods: "3"}}
- type: kubernetes:core/v1:Secret
  type_: Opaque
  stringData: {a: text, b: more}
- type: kubernetes:core/v1:ConfigMap
  immutable: true
  binaryData: {a: AAE=}
- type: kubernetes:core/v1:Service
  spec: {clusterIP: 10.96.0.20, ports: [{port: 80, name: a}], selector: {app: a}}
- type: kubernetes:rbac.authorization.k8s.io/v1:RoleBinding
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: a}
  subjects: [{kind: ServiceAccount, name: a, namespace: a}]
- type: kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: a}
- type: kubernetes:storage.k8s.io/v1:StorageClass
  provisioner: a
  reclaimPolicy: Retain
  parameters: {a: b}
- type: kubernetes:networking.k8s.io/v1:IngressClass
  spec: {controller: example.com/a}
- type: kubernetes:scheduling.k8s.io/v1:PriorityClass
  value: 3
  preemptionPolicy: Never
- type: kubernetes:batch/v1:CronJob
  spec:
    schedule: "@daily"
    jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}}
"""
REFUSED_BY_EKS = {
    "metadata": {"name": "a", "annotations": {"service.beta.kubernetes.io/aws-load-balancer-scheme": "private"}},
    "spec": {"type": "LoadBalancer", "loadBalancerClass": "eks.amazonaws.com/nlb", "ports": [{"port": 80}]},
}
MISSPELLED = {"metadata": {"name": "a"}, "datum": {"a": "b"}}
SPELLED_OTHERWISE = {
    "metadata": {"name": "a"},
    "spec": {"containers": [{"name": "a", "image": "a", "resources": {"limits": {"cpu": "0.5", "memory": "1024Mi"}}}]},
}


def named(type_: str) -> Properties:
    """Return the inputs that the SDK adds for a type."""
    _, api_version, kind = type_.split(":")
    return {"apiVersion": api_version.removeprefix("core/"), "kind": kind}


def others() -> dict[str, tuple[Resource, Properties]]:
    """Return type -> one object, for each other kind."""
    found = {}
    for each in yaml.safe_load(OTHERS):
        type_ = each.pop("type")
        plain = {key.removesuffix("_"): value for key, value in each.items()}
        metadata = {"name": "a", "labels": {"app": "a"}}
        found[type_] = (Resource(type_), {**named(type_), "metadata": metadata, **plain})
    return found


@pytest.fixture(scope="module")
def objects() -> dict[str, tuple[Resource, Properties]]:
    """The objects to change: those of the stack `prod`, and the others."""
    program = {
        each.name: (Resource(each.type, each.name), dict(each.inputs))
        for each in whole_stack("prod").resources.values()
        if each.type.startswith("kubernetes:")
    }
    assert set(program) == set(PROGRAM.split())
    return {**program, **others()}


def checked(wire: Wire, resource: Resource, old: Properties, inputs: Properties) -> Properties | str:
    try:
        return wire.check(resource, old, inputs)
    except FailedError as error:
        return str(error)


def state(inputs: Properties) -> Properties:
    """Return the outputs of an object that equals its inputs."""
    return {
        **inputs,
        "__inputs": inputs,
        "__initialApiVersion": inputs["apiVersion"],
        "__fieldManager": FIELD_MANAGER,
    }


@pytest.fixture(scope="module")
def reasons() -> Counter[Reason]:
    """Count the reasons of differences."""
    return Counter()


@pytest.mark.parametrize("name", [*PROGRAM.split(), *others()])
def test_check_and_diff_agree_on_a_change_of_each_property(
    pair: Pair, objects: dict[str, tuple[Resource, Properties]], name: str, reasons: Counter[Reason]
) -> None:
    """Both providers return the same inputs and the same diff, or differ for a listed reason."""
    resource, program = objects[name]
    old = pair.real.check(resource, {}, program)
    outputs = state(old)
    unlike: list[str] = []
    tried = 0
    for change in changes(program):
        ours, theirs = (checked(wire, resource, old, change.inputs) for wire in (pair.stand_in, pair.real))
        if ours != theirs:
            reason = reason_of(change.inputs, ours, theirs)
            unlike += [] if reason else [f"Check, {change.what}:\n  {ours}\n  {theirs}"]
            reasons.update([reason] if reason else [])
        if isinstance(theirs, dict):
            mine, real = (wire.diff(resource, "a/a", old, outputs, theirs) for wire in (pair.stand_in, pair.real))
            if mine != real:
                reason = diff_reason_of(program, theirs)
                unlike += [] if reason else [f"Diff, {change.what}:\n  {mine}\n  {real}"]
                reasons.update([reason] if reason else [])
            tried += 1
    assert not unlike, "\n".join(unlike)
    assert tried > len(list(properties(program))) / 2


def test_diff_agrees_on_two_simultaneous_changes(pair: Pair, objects: dict[str, tuple[Resource, Properties]]) -> None:
    """Each property is changed together with the next one, so that replacements and updates are mixed."""
    for resource, program in objects.values():
        old = pair.real.check(resource, {}, program)
        leaves = [(path, value) for path, value in properties(old) if not isinstance(value, dict | list)]
        for (first, one), (second, two) in pairwise(leaves):
            if "apiVersion" in (*first, *second) or "kind" in (*first, *second):
                continue
            new = pair.real.check(resource, old, replaced(replaced(old, first, other(one)), second, other(two)))
            diffs = [wire.diff(resource, "a/a", old, state(old), new) for wire in (pair.stand_in, pair.real)]
            assert diffs[0] == diffs[1], (resource, first, second)


@pytest.mark.parametrize(
    ("type_", "program", "reason"),
    [
        ("kubernetes:core/v1:ConfigMap", MISSPELLED, Reason.UNKNOWN_FIELD),
        ("kubernetes:core/v1:Pod", SPELLED_OTHERWISE, Reason.QUANTITY),
        (
            "kubernetes:core/v1:ConfigMap",
            {"metadata": {"name": "a", "annotations": {"pulumi.com/timeoutSeconds": "soon"}}},
            Reason.TIMEOUT,
        ),
        ("kubernetes:core/v1:Service", REFUSED_BY_EKS, Reason.EKS),
    ],
    ids=lambda value: value.name if isinstance(value, Reason) else "",
)
def test_the_other_listed_reasons_still_occur(pair: Pair, type_: str, program: dict[str, Any], reason: Reason) -> None:
    """A reason whose difference was removed has to be removed from the list."""
    ours, theirs = (
        checked(wire, Resource(type_), {}, {**named(type_), **program}) for wire in (pair.stand_in, pair.real)
    )

    assert ours != theirs
    if reason in (Reason.TIMEOUT, Reason.EKS):
        assert reason_of(program, ours, theirs) is reason


def test_the_listed_reasons_of_changes_still_occur(reasons: Counter[Reason]) -> None:
    """This test has to be the last: it checks the differences that the tests above found."""
    if not reasons:
        pytest.skip("the tests above did not run")
    print(f"differences by reason: { {reason.name: count for reason, count in reasons.items()} }")
    assert set(reasons) == {
        Reason.EMPTY,
        Reason.STRING_DATA,
        Reason.UNKNOWN_NAMESPACE,
        Reason.UNKNOWN_SECRET,
    }
