"""Builds the arguments, environment and working directory with which a container's process is started."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud import ownership
from localcloud.cluster.addresses import loopback_networks
from localcloud.cluster.api import Manifest
from localcloud.images.state import BASE_PATH
from localcloud.node import sandbox
from localcloud.node.environment import Sources, command, resolve
from localcloud.node.fields import ConfigError
from localcloud.node.host import MACHINE_PATH, NODE_LOCK, PATH, Host
from localcloud.node.relocation import relocate


@dataclass(frozen=True, kw_only=True)
class Launch:
    """The argument vector, complete environment and working directory of a process."""

    argv: list[str]
    env: dict[str, str]
    cwd: Path
    wrapper: tuple[str, ...] = ()
    """The words before each command that runs in the container; empty if the process runs directly on the machine."""


def prepare(
    host: Host,
    pod: Manifest,
    spec: Manifest,
    *,
    digest: str,
    sources: Sources,
    volumes: Mapping[str, Path],
    identity: Mapping[str, str],
) -> Launch:
    """Combine the settings of the image and the pod, with paths translated to this machine.

    If the image is a container image, call `copy_image` too before starting the process.

    Args:
        host: what all pods on this machine share.
        pod: the pod.
        spec: the container's spec within the pod.
        digest: digest of the image, which must be in the store.
        sources: the objects that the environment refers to.
        volumes: volume name -> folder.
        identity: environment variables with which the pod gets credentials of its role.

    Raises:
        ConfigError: a referenced object does not exist, or neither the image nor the container has a command.
    """
    image = host.images.config(digest)
    env = resolve(spec, sources, dict(item.split("=", 1) for item in image.get("Env") or []))
    argv = command(spec, image, env)
    if not argv:
        raise ConfigError(f"image {digest} has no command and the container names none")
    asked = _Asked(
        argv=argv,
        env=env,
        workdir=_workdir(spec, image),
        hostname=pod["spec"].get("hostname") or pod["metadata"]["name"],
    )
    if host.images.is_container(digest):
        return _container(host, pod, spec, asked, digest=digest, sources=sources, volumes=volumes, identity=identity)
    return _process(host, pod, spec, asked, digest=digest, volumes=volumes, identity=identity)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """The settings of the image and the pod, with paths as they are inside the container."""

    argv: list[str]
    env: dict[str, str]
    workdir: str
    hostname: str


def _process(
    host: Host,
    pod: Manifest,
    spec: Manifest,
    asked: _Asked,
    *,
    digest: str,
    volumes: Mapping[str, Path],
    identity: Mapping[str, str],
) -> Launch:
    """Return the launch of a process directly on this machine, with image and mount paths translated."""
    mounts = {
        mount["mountPath"]: str(volumes[mount["name"]] / mount.get("subPath", ""))
        for mount in spec.get("volumeMounts", [])
    }
    cwd = host.images.rootfs(digest) / asked.workdir.lstrip("/")
    cwd.mkdir(parents=True, exist_ok=True)
    # Paths of the image are recognized by its working directory, unless that is /, which matches every path.
    places = {**({asked.workdir: str(cwd)} if asked.workdir != "/" else {}), **mounts}
    base = {
        **host.aws,
        **identity,
        "HOME": str(host.folder(pod)),
        "HOSTNAME": asked.hostname,
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "TMPDIR": mounts.get("/tmp") or str(_temporary(host.folder(pod))),  # noqa: S108 - the container's own
    }
    own = {name: loopback_networks(relocate(value, places)) for name, value in asked.env.items()}
    fixed = {**host.trust, "HOME": base["HOME"], **_python(host, digest), **ownership.mark(host.state / NODE_LOCK)}
    return Launch(argv=[relocate(part, places) for part in asked.argv], env={**base, **own, **fixed}, cwd=cwd)


def _container(
    host: Host,
    pod: Manifest,
    spec: Manifest,
    asked: _Asked,
    *,
    digest: str,
    sources: Sources,
    volumes: Mapping[str, Path],
    identity: Mapping[str, str],
) -> Launch:
    """Return the launch of a command inside a container, where the paths of the image and the pod are valid."""
    folder = host.folder(pod)
    wrapper = sandbox.wrapper(
        _root(host, pod, spec),
        host.images.rootfs(digest),
        pod,
        spec,
        host.images.config(digest),
        volumes=volumes,
        shared=[
            *(Path(value) for value in host.trust.values() if value.startswith("/")),
            # Share the folder, because renewing the token replaces the file with a new one of the same name.
            *(Path(value).parent for value in identity.values() if value.startswith("/")),
        ],
        workdir=asked.workdir,
        hostname=asked.hostname,
    )
    base = {
        **host.aws,
        **identity,
        "HOME": "/",
        "HOST": sources.addresses["podIP"],
        "HOSTNAME": asked.hostname,
        "PATH": BASE_PATH,
    }
    own = {name: loopback_networks(value) for name, value in asked.env.items()}
    fixed = {**host.trust, **ownership.mark(host.state / NODE_LOCK)}
    return Launch(argv=[*wrapper, *asked.argv], env={**base, **own, **fixed}, cwd=folder, wrapper=tuple(wrapper))


def _root(host: Host, pod: Manifest, spec: Manifest) -> Path:
    """Return the folder of the container's own copy of the image's files."""
    return host.folder(pod) / f"root-{spec['name']}"


def copy_image(host: Host, pod: Manifest, spec: Manifest, digest: str) -> None:
    """Copy the files of an image for one start of a container; this takes seconds for a large image.

    Raises:
        ConfigError: the files cannot be copied.
    """
    workdir = _workdir(spec, host.images.config(digest))
    sandbox.copy(host.images.rootfs(digest), _root(host, pod, spec), workdir)


def _workdir(spec: Manifest, image: Mapping[str, Any]) -> str:
    return str(spec.get("workingDir") or image.get("WorkingDir") or "/")


def _python(host: Host, digest: str) -> dict[str, str]:
    """Return variables that make `python` the image's own interpreter, or else the one that runs Drydock."""
    python = host.images.python(digest)
    if python is None:
        return {"PATH": PATH}
    return {"PATH": os.pathsep.join([str(python.parent), MACHINE_PATH]), "VIRTUAL_ENV": str(python.parent.parent)}


def _temporary(folder: Path) -> Path:
    """Return the folder for temporary files of a container without a volume at /tmp; it is deleted with the pod."""
    path = folder / "tmp"
    path.mkdir(mode=0o700, exist_ok=True)
    return path
