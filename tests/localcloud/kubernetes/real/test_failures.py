"""Refusals of both providers, and their errors if an object does not get ready."""

from typing import Any

import pytest
import yaml

from tests.localcloud.kubernetes.real.conftest import Pair
from tests.localcloud.kubernetes.stage import Stage
from tests.support.provider_wire import FailedError, Resource, Wire

FAILED = {
    "phase": "Failed",
    "containerStatuses": [
        {
            "name": "app",
            "image": "a",
            "imageID": "a",
            "ready": False,
            "restartCount": 0,
            "state": {"terminated": {"exitCode": 3, "reason": "Error"}},
        }
    ],
}
REFUSED = {
    "a name that is none": (
        "kubernetes:core/v1:ConfigMap",
        "{metadata: {name: Not_A_Name}, data: {a: b}}",
        "a lowercase RFC 1123 subdomain must consist of",
    ),
    "a value that is none": (
        "kubernetes:core/v1:Service",
        "{metadata: {name: a}, spec: {ports: [{port: 99999}]}}",
        "must be between 1 and 65535",
    ),
    "a selector that is not in the template": (
        "kubernetes:apps/v1:Deployment",
        """
        {metadata: {name: a}, spec: {selector: {matchLabels: {a: b}},
         template: {metadata: {labels: {a: c}}, spec: {containers: [{name: a, image: a}]}}}}
        """,
        "`selector` does not match template `labels`",
    ),
    "a key that a Secret may not have": (
        "kubernetes:core/v1:Secret",
        '{metadata: {name: a}, data: {"a/b": "eA=="}}',
        "a valid config key must consist of",
    ),
    "too many at once": (
        "kubernetes:policy/v1:PodDisruptionBudget",
        "{metadata: {name: a}, spec: {minAvailable: 1, maxUnavailable: 1, selector: {}}}",
        "minAvailable and maxUnavailable cannot be both set",
    ),
}
# Changed in place nevertheless, because neither provider replaces the object for them.
IMMUTABLE = {
    "kubernetes:apps/v1:ReplicaSet": (
        """
        {metadata: {name: a}, spec: {replicas: 0, selector: {matchLabels: {a: b}},
         template: {metadata: {labels: {a: b, c: d}}, spec: {containers: [{name: a, image: a}]}}}}
        """,
        ("spec", "selector"),
        {"matchLabels": {"c": "d"}},
    ),
}


def inputs(wire: Wire, stage: Stage, type_: str, text: str, **metadata: str) -> tuple[Resource, dict[str, Any]]:
    _, api_version, kind = type_.split(":")
    given = {"apiVersion": api_version.removeprefix("core/"), "kind": kind, **yaml.safe_load(text)}
    given["metadata"].update(namespace=stage.namespace, **metadata)
    return Resource(type_), wire.check(Resource(type_), {}, given)


def failure(call: Any) -> FailedError:
    with pytest.raises(FailedError) as raised:
        call()
    return raised.value


@pytest.mark.parametrize("name", REFUSED)
def test_both_refuse_with_the_message_of_the_api_server(pair: Pair, stage: Stage, name: str) -> None:
    """They refuse in a preview and in a deployment, and nothing is created."""
    type_, text, words = REFUSED[name]
    for wire in (pair.stand_in, pair.real):
        resource, given = inputs(wire, stage, type_, text)
        for preview in (True, False):
            error = failure(lambda: wire.create(resource, given, preview=preview))  # noqa: B023
            assert words in str(error)
            assert error.id == ""


def test_both_report_a_conflict_of_two_resources_for_the_same_object(pair: Pair, stage: Stage) -> None:
    """The resources have different values for a field of the object."""
    for number, wire in enumerate((pair.stand_in, pair.real)):
        text = "{metadata: {name: a}, data: {a: first}}"
        resource, first = inputs(wire, stage, "kubernetes:core/v1:ConfigMap", text, name=f"settings-{number}")
        wire.create(resource, first)

        error = failure(lambda: wire.create(resource, {**first, "data": {"a": "second"}}))  # noqa: B023

        assert 'conflict with "pulumi-kubernetes-' in str(error)
        assert ".data.a" in str(error)


def test_both_try_a_change_that_only_the_api_server_refuses(pair: Pair, stage: Stage) -> None:
    (type_, (text, path, value)) = next(iter(IMMUTABLE.items()))
    for number, wire in enumerate((pair.stand_in, pair.real)):
        resource, old = inputs(wire, stage, type_, text, name=f"set-{number}")
        id_, outputs = wire.create(resource, old)
        new = {**old, path[0]: {**old[path[0]], path[1]: value}}
        assert wire.diff(resource, id_, old, outputs, new).replaces == frozenset()

        error = failure(lambda: wire.update(resource, id_, old, outputs, new))  # noqa: B023

        assert "field is immutable" in str(error)


def test_both_wait_for_a_job_and_record_it_when_it_fails(pair: Pair, stage: Stage) -> None:
    """The error has the object, so that the next deployment replaces it."""
    text = """
    {metadata: {name: a}, spec: {backoffLimit: 0,
     template: {spec: {restartPolicy: Never, containers: [{name: app, image: a}]}}}}
    """
    annotations: Any = {"pulumi.com/replaceUnready": "true"}
    for number, wire in enumerate((pair.stand_in, pair.real)):
        resource, given = inputs(
            wire, stage, "kubernetes:batch/v1:Job", text, name=f"job-{number}", annotations=annotations
        )
        with stage.pods_become(lambda _pod: FAILED):
            error = failure(lambda: wire.create(resource, given))  # noqa: B023

        assert "BackoffLimitExceeded" in str(error)
        assert error.id == f"{stage.namespace}/job-{number}"
        again = wire.diff(resource, error.id, given, error.outputs, given)
        assert again.changes
        assert again.replaces == {'.metadata.annotations["pulumi.com/replaceUnready"]'}
        assert again.detailed == {}
        assert again.delete_before_replace


def test_both_wait_for_a_rollout_and_record_it_when_it_is_stuck(pair: Pair, stage: Stage) -> None:
    """The stand-in fails at the progress deadline, the real provider at its own timeout (10 minutes by default)."""
    text = """
    {metadata: {name: a}, spec: {progressDeadlineSeconds: 2, minReadySeconds: 1, selector: {matchLabels: {a: b}},
     template: {metadata: {labels: {a: b}}, spec: {containers: [{name: app, image: a}]}}}}
    """
    annotations: Any = {"pulumi.com/timeoutSeconds": "6"}
    words = ("ProgressDeadlineExceeded", "the Kubernetes API server reported that it failed to fully initialize")
    for wire, name, said in zip((pair.stand_in, pair.real), ("shop-0", "shop-1"), words, strict=True):
        type_ = "kubernetes:apps/v1:Deployment"
        resource, given = inputs(wire, stage, type_, text, name=name, annotations=annotations)

        error = failure(lambda: wire.create(resource, given))  # noqa: B023

        assert said in str(error)
        assert error.id == f"{stage.namespace}/{name}"
        assert error.outputs["metadata"]["name"] == name
