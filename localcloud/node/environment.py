"""Resolves the environment, command and arguments of a container, as the kubelet does."""

import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass

from localcloud.cluster.api import Manifest
from localcloud.node.fields import ConfigError, field, resource_field

_REFERENCE = re.compile(r"\$(\$|\(([-._a-zA-Z][-._a-zA-Z0-9]*)\))")


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The objects from which a container's environment and a pod's volumes take their values."""

    pod: Manifest
    config_maps: Mapping[str, Manifest]
    """The existing ConfigMaps that the pod refers to, by name."""
    secrets: Mapping[str, Manifest]
    addresses: Mapping[str, str]
    """`podIP` and `hostIP`, as seen by the process."""
    allocatable: Mapping[str, str]

    def data(self, kind: str, name: str) -> dict[str, bytes] | None:
        """Return all keys and values of a `configMap` or `secret`, or None if it does not exist."""
        item = (self.config_maps if kind == "configMap" else self.secrets).get(name)
        if item is None:
            return None
        if kind == "secret":
            return {key: b64decode(value) for key, value in (item.get("data") or {}).items()}
        return {
            **{key: value.encode() for key, value in (item.get("data") or {}).items()},
            **{key: b64decode(value) for key, value in (item.get("binaryData") or {}).items()},
        }


def resolve(container: Manifest, sources: Sources, image_env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment set by the image and the pod, with $(NAME) references expanded.

    Raises:
        ConfigError: a referenced object or key does not exist and is not optional.
    """
    result = dict(image_env)
    for source in container.get("envFrom", []):
        prefix = source.get("prefix", "")
        for kind in ("configMap", "secret"):
            if reference := source.get(f"{kind}Ref"):
                data = sources.data(kind, reference["name"])
                if data is None and not reference.get("optional"):
                    raise ConfigError(f'{kind.lower()} "{reference["name"]}" not found')
                result |= {prefix + key: value.decode(errors="replace") for key, value in (data or {}).items()}
    for variable in container.get("env", []):
        value = _value(variable, container, sources, result)
        if value is not None:
            result[variable["name"]] = value
    return result


def command(container: Manifest, image: Mapping[str, list[str]], env: Mapping[str, str]) -> list[str]:
    """Return the argument vector.

    The pod's `command` replaces both the entrypoint and the cmd of the image; its `args` replace only the cmd.
    """
    entrypoint = container.get("command") or image.get("Entrypoint") or []
    default_args = [] if container.get("command") else image.get("Cmd") or []
    return [expand(part, env) for part in [*entrypoint, *(container.get("args") or default_args)]]


def expand(text: str, env: Mapping[str, str]) -> str:
    """Expand $(NAME) references; a reference to an unknown name is kept, and $$ is an escaped $."""

    def replacement(match: re.Match[str]) -> str:
        return "$" if match[1] == "$" else env.get(match[2], match[0])

    return _REFERENCE.sub(replacement, text)


def _value(variable: Manifest, container: Manifest, sources: Sources, so_far: Mapping[str, str]) -> str | None:
    origin = variable.get("valueFrom")
    if not origin:
        return expand(variable.get("value", ""), so_far)
    for kind in ("configMap", "secret"):
        if reference := origin.get(f"{kind}KeyRef"):
            data = sources.data(kind, reference["name"])
            if data is not None and reference["key"] in data:
                return data[reference["key"]].decode(errors="replace")
            if reference.get("optional"):
                return None
            if data is None:
                raise ConfigError(f'{kind.lower()} "{reference["name"]}" not found')
            raise ConfigError(f"couldn't find key {reference['key']} in {kind} {reference['name']}")
    if reference := origin.get("fieldRef"):
        return field(sources.pod, reference["fieldPath"], sources.addresses)
    if reference := origin.get("resourceFieldRef"):
        return resource_field(sources.pod["spec"]["containers"], container["name"], reference, sources.allocatable)
    raise ConfigError(f"variable {variable['name']} has an unsupported valueFrom")
