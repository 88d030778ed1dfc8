"""What a container's process is started with."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from localcloud import ownership
from localcloud.images.state import BASE_PATH
from localcloud.node import sandbox
from localcloud.node.addresses import loopback_networks
from localcloud.node.api import Manifest
from localcloud.node.environment import Sources, command, resolve
from localcloud.node.fields import ConfigError
from localcloud.node.host import MACHINE_PATH, NODE_LOCK, PATH, Host
from localcloud.node.relocation import relocate


@dataclass(frozen=True, kw_only=True)
class Launch:
    """An argument vector, a whole environment and a working directory."""

    argv: list[str]
    env: dict[str, str]
    cwd: Path
    wrapper: tuple[str, ...] = ()
    """What comes before each command that runs in the container; nothing where the process is one of the machine."""


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
    """Put together what the image and the pod ask for, with paths as they are on this machine.

    Args:
        host: what pods share.
        pod: the pod.
        spec: the container's part of it.
        digest: the image, which is in the store.
        sources: what the environment refers to.
        volumes: volume name -> folder.
        identity: variables by which the pod gets credentials of its role.

    Raises:
        ConfigError: something named is not there.
    """
    image, rootfs = host.images.config(digest), host.images.rootfs(digest)
    workdir = spec.get("workingDir") or image.get("WorkingDir") or "/"
    if host.images.is_container(digest):
        return _container(host, pod, spec, digest=digest, sources=sources, volumes=volumes, identity=identity)
    mounts = {
        mount["mountPath"]: str(volumes[mount["name"]] / mount.get("subPath", ""))
        for mount in spec.get("volumeMounts", [])
    }
    cwd = rootfs / workdir.lstrip("/")
    cwd.mkdir(parents=True, exist_ok=True)
    # The image's own paths are known by its working directory, unless that is all of the machine's.
    places = {**({workdir: str(cwd)} if workdir != "/" else {}), **mounts}
    env = resolve(spec, sources, dict(item.split("=", 1) for item in image.get("Env") or []))
    argv = [relocate(part, places) for part in command(spec, image, env)]
    if not argv:
        raise ConfigError(f"image {digest} has no command and the container names none")
    base = {
        **host.aws,
        **identity,
        "HOME": str(host.folder(pod)),
        "HOSTNAME": pod["spec"].get("hostname") or pod["metadata"]["name"],
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "TMPDIR": mounts.get("/tmp") or str(_temporary(host.folder(pod))),  # noqa: S108 - the container's own
    }
    own = {name: loopback_networks(relocate(value, places)) for name, value in env.items()}
    fixed = {**host.trust, "HOME": base["HOME"], **_python(host, digest), **ownership.mark(host.state / NODE_LOCK)}
    return Launch(argv=argv, env={**base, **own, **fixed}, cwd=cwd)


def _container(
    host: Host,
    pod: Manifest,
    spec: Manifest,
    *,
    digest: str,
    sources: Sources,
    volumes: Mapping[str, Path],
    identity: Mapping[str, str],
) -> Launch:
    """Put together a command in a container, where paths are as the image and the pod have them."""
    image, folder = host.images.config(digest), host.folder(pod)
    workdir = spec.get("workingDir") or image.get("WorkingDir") or "/"
    env = resolve(spec, sources, dict(item.split("=", 1) for item in image.get("Env") or []))
    argv = command(spec, image, env)
    if not argv:
        raise ConfigError(f"image {digest} has no command and the container names none")
    hostname = pod["spec"].get("hostname") or pod["metadata"]["name"]
    wrapper = sandbox.wrapper(
        sandbox.copy_of(host.images.rootfs(digest), folder / f"root-{spec['name']}", workdir),
        pod,
        spec,
        image,
        volumes=volumes,
        shared=[
            *(Path(value) for value in host.trust.values() if value.startswith("/")),
            # The folder: a token that is renewed is another file of the same name.
            *(Path(value).parent for value in identity.values() if value.startswith("/")),
        ],
        workdir=workdir,
        hostname=hostname,
    )
    base = {
        **host.aws,
        **identity,
        "HOME": "/",
        "HOST": sources.addresses["podIP"],
        "HOSTNAME": hostname,
        "PATH": BASE_PATH,
    }
    own = {name: loopback_networks(value) for name, value in env.items()}
    fixed = {**host.trust, **ownership.mark(host.state / NODE_LOCK)}
    return Launch(argv=[*wrapper, *argv], env={**base, **own, **fixed}, cwd=folder, wrapper=tuple(wrapper))


def _python(host: Host, digest: str) -> dict[str, str]:
    """Which interpreter `python` is: that of the image's own environment, else the one that Drydock runs with."""
    python = host.images.python(digest)
    if python is None:
        return {"PATH": PATH}
    return {"PATH": os.pathsep.join([str(python.parent), MACHINE_PATH]), "VIRTUAL_ENV": str(python.parent.parent)}


def _temporary(folder: Path) -> Path:
    """Where a container without a volume at /tmp puts temporary files; it goes with the pod."""
    path = folder / "tmp"
    path.mkdir(mode=0o700, exist_ok=True)
    return path
