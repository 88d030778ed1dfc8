"""Writes the volumes of a pod as folders, which are swapped atomically when a ConfigMap or Secret changes.

The layout is that of the kubelet: `..data` is a symbolic link to a versioned folder and each file is a link through
`..data`, so a reader sees either all old or all new files. Files have mode 0600 and folders 0700 regardless of
`defaultMode`, because pods run as the user who runs the local cloud.
"""

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from localcloud.cluster.api import Manifest
from localcloud.node.environment import Sources
from localcloud.node.fields import ConfigError, field, resource_field

Files = dict[str, bytes]
"""Path in the volume -> content."""


def references(pod: Manifest) -> set[tuple[str, str]]:
    """Return each pair (`configMap` or `secret`, name) that the pod's environment and volumes refer to."""
    return set(_references(pod["spec"]))


def files(volume: Manifest, sources: Sources) -> Files | None:
    """Return the files of a volume; None for an emptyDir, whose content is written by the pod.

    Raises:
        ConfigError: an object or key that the volume needs does not exist, or the volume type is not supported.
    """
    if "emptyDir" in volume:
        return None
    if "configMap" in volume:
        return _selected("configMap", volume["configMap"]["name"], volume["configMap"], sources)
    if "secret" in volume:
        return _selected("secret", volume["secret"]["secretName"], volume["secret"], sources)
    if "downwardAPI" in volume:
        return _downward(volume["downwardAPI"], sources)
    if "projected" in volume:
        result: Files = {}
        for source in volume["projected"].get("sources") or []:
            if "configMap" in source:
                result |= _selected("configMap", source["configMap"]["name"], source["configMap"], sources)
            elif "secret" in source:
                result |= _selected("secret", source["secret"]["name"], source["secret"], sources)
            elif "downwardAPI" in source:
                result |= _downward(source["downwardAPI"], sources)
            else:
                raise ConfigError(f"projected source {'/'.join(source)} is not supported by the local cloud")
        return result
    kind = next((key for key in volume if key != "name"), "none")
    raise ConfigError(f"volume type {kind} is not supported by the local cloud")


def write(folder: Path, content: Files | None) -> bool:
    """Write the content of a volume's folder; return whether it changed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if content is None or _read(folder / "..data") == content:
        return False
    current = folder / f"..{secrets.token_hex(6)}"
    for name, data in content.items():
        path = current / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
    current.mkdir(mode=0o700, exist_ok=True)
    link = folder / "..data"
    previous = link.resolve() if link.is_symlink() else None
    draft = folder / "..data_tmp"
    draft.unlink(missing_ok=True)
    draft.symlink_to(current.name)
    draft.replace(link)
    _link_entries(folder, {name.split("/")[0] for name in content})
    if previous:
        shutil.rmtree(previous, ignore_errors=True)
    return True


def replace(folder: Path, content: Files) -> bool:
    """Replace the given files of a folder atomically, one by one, and keep the others; return whether any changed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    changed = False
    for name, data in content.items():
        path = folder / name
        if path.is_file() and path.read_bytes() == data:
            continue
        draft = folder / f".{name}.{secrets.token_hex(6)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        draft.replace(path)
        changed = True
    return changed


def _link_entries(folder: Path, names: set[str]) -> None:
    for entry in folder.iterdir():
        if not entry.name.startswith("..") and entry.name not in names:
            entry.unlink()
    for name in names:
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(f"..data/{name}")


def _read(folder: Path) -> Files | None:
    if not folder.is_dir():
        return None
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _selected(kind: str, name: str, options: Manifest, sources: Sources) -> Files:
    data = sources.data(kind, name)
    if data is None:
        if options.get("optional"):
            return {}
        raise ConfigError(f'{kind.lower()} "{name}" not found')
    items = options.get("items")
    if not items:
        return data
    result = {}
    for item in items:
        if item["key"] in data:
            result[item["path"]] = data[item["key"]]
        elif not options.get("optional"):
            raise ConfigError(f"{kind.lower()} {name} has no key {item['key']}")
    return result


def _downward(options: Manifest, sources: Sources) -> Files:
    result: Files = {}
    for item in options.get("items") or []:
        if reference := item.get("fieldRef"):
            value = field(sources.pod, reference["fieldPath"], sources.addresses)
        else:
            containers = sources.pod["spec"]["containers"]
            value = resource_field(containers, "", item["resourceFieldRef"], sources.allocatable)
        result[item["path"]] = value.encode()
    return result


def _references(spec: Manifest) -> Iterator[tuple[str, str]]:
    for container in [*spec.get("initContainers", []), *spec.get("containers", [])]:
        for source in container.get("envFrom", []):
            for kind in ("configMap", "secret"):
                if f"{kind}Ref" in source:
                    yield kind, source[f"{kind}Ref"]["name"]
        for variable in container.get("env", []):
            for kind in ("configMap", "secret"):
                if reference := (variable.get("valueFrom") or {}).get(f"{kind}KeyRef"):
                    yield kind, reference["name"]
    for volume in spec.get("volumes", []):
        for source in [volume, *volume.get("projected", {}).get("sources", [])]:
            if "configMap" in source:
                yield "configMap", source["configMap"]["name"]
            if "secret" in source:
                yield "secret", source["secret"].get("secretName") or source["secret"]["name"]
