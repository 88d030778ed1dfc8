"""Environment, command and arguments as the kubelet resolves them."""

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
def test_takes_values_from_where_they_are(origin: dict[str, Any], value: str) -> None:
    """ConfigMap, Secret, the pod's own fields and its resources."""
    assert value_of(origin) == value


@pytest.mark.parametrize(
    ("origin", "message"),
    [
        ({"secretKeyRef": {"name": "none", "key": "x"}}, 'secret "none" not found'),
        ({"configMapKeyRef": {"name": "settings", "key": "x"}}, "couldn't find key x in configMap settings"),
        ({"fieldRef": {"fieldPath": "spec.other"}}, "unsupported fieldPath spec.other"),
    ],
)
def test_rejects_what_is_missing(origin: dict[str, Any], message: str) -> None:
    """In the words of the kubelet."""
    with pytest.raises(ConfigError, match=message):
        value_of(origin)


def test_leaves_out_what_is_optional_and_missing() -> None:
    """An optional variable is not set at all."""
    reference = {"secretKeyRef": {"name": "none", "key": "x", "optional": True}}

    assert resolve({"name": "app", "env": [{"name": "X", "valueFrom": reference}]}, sources(), {}) == {}


def test_later_sources_win() -> None:
    """The image, then envFrom, then env; and $(NAME) sees what came before."""
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
    """Args alone replace only the image's Cmd."""
    assert command(container, {"Entrypoint": ["python"], "Cmd": ["serve"]}, {"LEVEL": "info"}) == expected


def test_expand_keeps_what_it_does_not_know() -> None:
    """Unknown names stay for a shell to see."""
    assert expand("$(A) $(B) $$ $C", {"A": "1"}) == "1 $(B) $ $C"
