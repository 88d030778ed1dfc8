"""Environment, command and arguments are resolved as by the kubelet."""

import base64
from typing import Any

import pytest

from localcloud.node.environment import Sources, command, expand, resolve
from localcloud.node.fields import ConfigError

POD = {
    "metadata": {"name": "web-1", "namespace": "shop", "uid": "u", "labels": {"app": "web"}},
    "spec": {
        "nodeName": "drydock-a",
        "containers": [{"name": "app", "resources": {"limits": {"memory": "256Mi"}, "requests": {"cpu": "250m"}}}],
    },
}


def sources(**changes: Any) -> Sources:
    values: dict[str, Any] = {
        "pod": POD,
        "config_maps": {"settings": {"data": {"LEVEL": "info", "PORT": "8080"}}},
        "secrets": {"db": {"data": {"password": base64.b64encode(b"s3cret").decode()}}},
        "addresses": {"podIP": "127.244.0.1", "hostIP": "127.0.0.1"},
        "allocatable": {"cpu": "64", "memory": "256Gi"},
    }
    return Sources(**{**values, **changes})


def value_of(origin: dict[str, Any]) -> str:
    container = {"name": "app", "env": [{"name": "X", "valueFrom": origin}]}
    return resolve(container, sources(), {})["X"]


@pytest.mark.parametrize(
    ("origin", "value"),
    [
        ({"configMapKeyRef": {"name": "settings", "key": "LEVEL"}}, "info"),
        ({"secretKeyRef": {"name": "db", "key": "password"}}, "s3cret"),
        ({"fieldRef": {"fieldPath": "metadata.name"}}, "web-1"),
        ({"fieldRef": {"fieldPath": "metadata.labels['app']"}}, "web"),
        ({"fieldRef": {"fieldPath": "spec.nodeName"}}, "drydock-a"),
        ({"fieldRef": {"fieldPath": "status.podIP"}}, "127.244.0.1"),
        ({"resourceFieldRef": {"resource": "limits.memory", "divisor": "1Mi"}}, "256"),
        ({"resourceFieldRef": {"resource": "requests.cpu", "divisor": "1m"}}, "250"),
        ({"resourceFieldRef": {"resource": "requests.cpu"}}, "1"),
        ({"resourceFieldRef": {"resource": "limits.cpu"}}, "64"),
    ],
)
def test_reads_values_from_all_sources(origin: dict[str, Any], value: str) -> None:
    """Sources are ConfigMap, Secret, fields of the pod and its resources."""
    assert value_of(origin) == value


@pytest.mark.parametrize(
    ("origin", "message"),
    [
        ({"secretKeyRef": {"name": "none", "key": "x"}}, 'secret "none" not found'),
        ({"configMapKeyRef": {"name": "settings", "key": "x"}}, "couldn't find key x in configMap settings"),
        ({"fieldRef": {"fieldPath": "spec.other"}}, "unsupported fieldPath spec.other"),
    ],
)
def test_rejects_missing_references(origin: dict[str, Any], message: str) -> None:
    """The messages are those of the kubelet."""
    with pytest.raises(ConfigError, match=message):
        value_of(origin)


def test_leaves_out_missing_optional_references() -> None:
    """The variable is not set."""
    reference = {"secretKeyRef": {"name": "none", "key": "x", "optional": True}}

    assert resolve({"name": "app", "env": [{"name": "X", "valueFrom": reference}]}, sources(), {}) == {}


def test_later_sources_have_precedence() -> None:
    """The order is image, envFrom, env; $(NAME) refers to earlier variables."""
    container = {
        "name": "app",
        "envFrom": [{"configMapRef": {"name": "settings"}}, {"secretRef": {"name": "db"}, "prefix": "DB_"}],
        "env": [{"name": "PORT", "value": "9090"}, {"name": "URL", "value": "http://$(PORT)/$(NONE)/$$(PORT)"}],
    }

    assert resolve(container, sources(), {"LEVEL": "debug", "HOME_PAGE": "/"}) == {
        "LEVEL": "info",
        "HOME_PAGE": "/",
        "PORT": "9090",
        "DB_password": "s3cret",
        "URL": "http://9090/$(NONE)/$(PORT)",
    }


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        ({}, ["python", "serve"]),
        ({"args": ["migrate"]}, ["python", "migrate"]),
        ({"command": ["sh"]}, ["sh"]),
        ({"command": ["sh"], "args": ["-c", "$(LEVEL)"]}, ["sh", "-c", "info"]),
    ],
)
def test_command_replaces_entrypoint_and_cmd(container: dict[str, Any], expected: list[str]) -> None:
    """Only args replaces the image's Cmd, and keeps its Entrypoint."""
    assert command(container, {"Entrypoint": ["python"], "Cmd": ["serve"]}, {"LEVEL": "info"}) == expected


def test_expand_keeps_unknown_names() -> None:
    """A shell may expand them."""
    assert expand("$(A) $(B) $$ $C", {"A": "1"}) == "1 $(B) $ $C"
