"""Compares the refusals of a preview with those of a real API server.

`python -m tests.localcloud.kubernetes.validation.comparison` compares every change, in a few minutes, and prints
the differences. Run it after a change of the constraints, and for a new version of Kubernetes.
"""

import json
import re
import ssl
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zlib import crc32

import httpx2

from localcloud.cloud import Cloud
from localcloud.kubernetes import auto_mode
from localcloud.kubernetes.client import KubernetesClient
from localcloud.kubernetes.validation.schemas import schema_of
from localcloud.kubernetes.validation.validator import problems
from tests.localcloud.kubernetes.validation.definitions import definition_of
from tests.localcloud.kubernetes.validation.objects import REMOVED, Manifest, Steps, changes, grafts, with_change
from tests.localcloud.kubernetes.validation.objects import objects as all_objects
from tests.support.control_plane import binaries, control_plane_in
from tests.support.service import until

THREADS = 8
# The local API server allows no privileged containers, and that of EKS does: its kube-proxy is one.
PRIVILEGED = "privileged"
# Refusals without the path of a property, or with one that Kubernetes reports incorrectly.
ODD_PATHS = re.compile(
    r"unable to convert unstructured object|cannot unmarshal"
    r"|spec\.template\.(labels|annotations)|\.namespace: "
    r"|\.(downwardAPI|projected)[.:]|LoadBalancerSourceRanges|clusterIPs|=\[\]"
    r"|topologySpreadConstraints\[0\]\.\{|\]\.valueFrom: |volumeMounts\.(subPath|mount)|does not match template"
)


def changed(manifest: Manifest, *, one_of: int = 1) -> Iterator[tuple[str, Manifest]]:
    """Yield changes of an object with what they are: the same change of the same definition only once.

    Args:
        manifest: a valid object.
        one_of: try one of so many new values; removals and additions of fields are always tried.
    """
    seen = set()
    for path, value in (*grafts(manifest, definition_of), *changes(manifest)):
        new = "removed" if value is REMOVED else json.dumps(value)
        text = f"{'.'.join(map(str, path))} := {new[:80]}"
        key = (_parent(manifest, path), path[-1] if isinstance(path[-1], str) else "", new)
        is_structural = value is REMOVED or not _has(manifest, path)
        if path[-1] != PRIVILEGED and key not in seen and (is_structural or crc32(text.encode()) % one_of == 0):
            seen.add(key)
            yield text, with_change(manifest, path, value)


def _has(value: Any, path: Steps) -> bool:
    """Return whether there is a value at a path whose parents exist."""
    for step in path[:-1]:
        value = value[step]
    return isinstance(value, list) or path[-1] in value


def _parent(manifest: Manifest, path: Steps) -> str:
    return definition_of(manifest, path[:-1]) or str(path[:-1])


class Server:
    """A real API server with the CustomResourceDefinitions of EKS."""

    def __init__(self, cloud: Cloud) -> None:
        auto_mode.install(KubernetesClient(cloud.kubeconfig, auto_mode.FIELD_MANAGER))
        self._client = httpx2.Client(
            base_url=cloud.kube_server,
            headers={"Authorization": f"Bearer {cloud.kube_token}"},
            verify=ssl.create_default_context(cadata=cloud.kube_ca_pem),
            timeout=30,
            trust_env=False,
        )
        self._paths: dict[str, dict[str, str]] = {}
        for definition in auto_mode.definitions():  # it is served a moment after it has been applied
            spec = definition["spec"]
            path = f"/apis/{spec['group']}/{spec['versions'][0]['name']}/{spec['names']['plural']}"
            until(lambda path=path: self._client.get(path).is_success)  # type: ignore[misc]

    def refusals(self, manifests: list[Manifest]) -> list[str]:
        """Return the message of each refusal of a server-side apply, as dry run; "" for an accepted object."""
        for manifest in manifests[:1]:
            self._path(manifest)
        with ThreadPoolExecutor(THREADS) as threads:
            return list(threads.map(self._refusal, manifests))

    def create(self, manifest: Manifest) -> None:
        """Create or change an object."""
        self._apply(manifest, {}).raise_for_status()

    def _refusal(self, manifest: Manifest) -> str:
        answer = self._apply(manifest, {"dryRun": "All"})
        return "" if answer.is_success else str(answer.json()["message"])

    def _apply(self, manifest: Manifest, options: dict[str, str]) -> httpx2.Response:
        return self._client.patch(
            f"{self._path(manifest)}/{manifest['metadata']['name'].replace(':', '%3A')}",
            params={"fieldManager": "test", "force": "true", **options},
            headers={"Content-Type": "application/apply-patch+yaml"},
            content=json.dumps(manifest),
        )

    def _path(self, manifest: Manifest) -> str:
        version = manifest["apiVersion"]
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        if version not in self._paths:
            resources = self._client.get(root).json()["resources"]
            self._paths[version] = {each["kind"]: each["name"] for each in resources if "/" not in each["name"]}
        namespace = manifest["metadata"].get("namespace")
        return f"{root}/{f'namespaces/{namespace}/' if namespace else ''}{self._paths[version][manifest['kind']]}"


def differences(server: Server, manifest: Manifest, *, one_of: int = 1) -> list[str]:
    """Return the changes of an object that only one of preview and server refuses, or for different properties."""
    cases = list(changed(manifest, one_of=one_of))
    answers = server.refusals([other for _text, other in cases])
    found = []
    for (text, other), theirs in zip(cases, answers, strict=True):
        ours = refused_properties(other)
        if bool(ours) != bool(theirs):
            found.append(f"{text}: a preview refuses {ours or 'nothing'}, the API server {theirs or 'nothing'}")
        elif theirs and not ODD_PATHS.search(theirs) and not _same(ours, _named(theirs)):
            found.append(f"{text}: a preview refuses {ours}, the API server {theirs}")
    return found


def refused_properties(manifest: Manifest) -> list[str]:
    """Return the properties that a preview refuses, without positions in lists."""
    schema: Any = schema_of(manifest["apiVersion"], manifest["kind"])
    return [".".join(step for step in each.path if isinstance(step, str)) for each in problems(schema, manifest)]


def _named(message: str) -> list[str]:
    """Return the properties that a message of the API server names, without positions in lists and keys of maps."""
    plain = re.sub(r"\[(?:[\w./=,\"@:%*-]*|name=[^\]]*\]?)\]", "", message)
    return [each.strip(".") for each in re.findall(r"(?:(?<=[\s\[(])|^)(\.?[a-zA-Z][\w./-]*)(?=: )", plain)]


def _same(ours: list[str], theirs: list[str]) -> bool:
    """Return whether a property of both is the same, or is within the other."""
    return any(f"{a}.".startswith(f"{b}.") or f"{b}.".startswith(f"{a}.") for a in ours for b in theirs)


@contextmanager
def server() -> Iterator[Server]:
    """Run an API server until the end of the block."""
    with tempfile.TemporaryDirectory() as folder, control_plane_in(Path(folder), binaries()) as cloud:
        yield Server(cloud)


def main() -> None:
    """Print all differences."""
    with server() as running:
        for manifest in all_objects():
            for difference in differences(running, manifest):
                print(manifest["kind"], manifest["metadata"]["name"], difference)


if __name__ == "__main__":
    main()
