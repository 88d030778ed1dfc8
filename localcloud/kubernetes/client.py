"""A client of the API server that takes and returns plain manifests, based on lightkube.

lightkube is used rather than kr8s because it supports server-side apply, and both blocking and asynchronous calls;
kr8s 0.20 has client-side apply only.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from http import HTTPStatus
from typing import Any

import httpx2
from lightkube import ApiError, AsyncClient, Client, KubeConfig
from lightkube.config.client_adapter import verify_cluster
from lightkube.core import decoders
from lightkube.core.exceptions import LoadResourceError
from lightkube.core.resource import NamespacedResource, api_info
from lightkube.core.resource_registry import resource_registry
from lightkube.generic_resource import GenericGlobalResource, GenericNamespacedResource, create_api_info
from lightkube.types import CascadeType

from localcloud.kubernetes.api_errors import CancelledError, RefusedError, UnreachableError
from localcloud.kubernetes.reference import FIELD_MANAGER, Followed, Manifest, Query, Reference
from localcloud.kubernetes.retrying import RetryingTransport

RETRY_SECONDS = 0.5
REQUEST_SECONDS = 30.0


class KubernetesClient:
    """A client of one API server with the credentials of a kubeconfig. It is thread-safe."""

    def __init__(self, kubeconfig: str, field_manager: str = FIELD_MANAGER) -> None:
        config = KubeConfig.from_file(kubeconfig).get()
        if config is None or config.user is None:
            raise ValueError(f"{kubeconfig} has no current context with a user")
        self._config = config
        self._following: set[Callable[[], object]] = set()
        verify = verify_cluster(config.cluster, config.user, config.abs_file, trust_env=False)
        self._client = Client(
            config=config,
            timeout=httpx2.Timeout(REQUEST_SECONDS),
            field_manager=field_manager,
            trust_env=False,
            transport=RetryingTransport(verify),
        )

    def get(self, reference: Reference) -> Manifest | None:
        """Return the object, or None if it does not exist."""
        resource = self._resource(reference.api_version, reference.kind)
        with self._answers():
            try:
                return _plain(self._client.get(resource, reference.name, **_in(reference.namespace)))
            except ApiError as error:
                if error.status.code == HTTPStatus.NOT_FOUND:
                    return None
                raise

    def apply(
        self, manifest: Manifest, *, field_manager: str | None = None, dry_run: bool = False, force: bool = False
    ) -> Manifest:
        """Apply a manifest with server-side apply and return the resulting object.

        Args:
            manifest: only the fields that the caller owns.
            field_manager: the owner of these fields; defaults to the client's field manager.
            dry_run: run admission and defaulting, but store nothing.
            force: take over fields that another field manager owns; otherwise they cause a conflict.
        """
        resource = self._resource(manifest["apiVersion"], manifest["kind"])
        with self._answers():
            return _plain(
                self._client.apply(resource(manifest), field_manager=field_manager, force=force, dry_run=dry_run)
            )

    def admit(self, manifest: Manifest) -> Manifest:
        """Return the object that the API server would create (dry run).

        Raises:
            RefusedError: the API server would reject the object.
        """
        resource = self._resource(manifest["apiVersion"], manifest["kind"])
        with self._answers():
            return _plain(self._client.create(resource(manifest), dry_run=True))

    def delete(self, reference: Reference, propagation: str = "Foreground") -> None:
        """Request the deletion of an object; do nothing if it does not exist."""
        resource = self._resource(reference.api_version, reference.kind)
        with self._answers():
            try:
                self._client.delete(
                    resource, reference.name, **_in(reference.namespace), cascade=CascadeType(propagation)
                )
            except ApiError as error:
                if error.status.code != HTTPStatus.NOT_FOUND:
                    raise

    def find(self, query: Query) -> list[Manifest]:
        """Return the objects that currently match a query."""
        resource = self._resource(query.api_version, query.kind)
        with self._answers():
            return [_plain(item) for item in self._client.list(resource, **_selection(query))]

    def log(self, namespace: str, pod: str, container: str, lines: int) -> list[str]:
        """Return the last log lines of a container."""
        with self._answers():
            found = self._client.log(pod, namespace=namespace, container=container, tail_lines=lines, newlines=False)
            return list(found)

    def follow(self, queries: list[Query], decide: Callable[[Followed], bool], timeout_seconds: float) -> bool:
        """Call `decide` with the objects that match the queries, now and after every change, until it returns True.

        Return False if it does not return True within the timeout. A watch that is interrupted is started again.

        Raises:
            CancelledError: `cancel` was called during the wait.
        """
        resources = [self._resource(query.api_version, query.kind) for query in queries]

        async def run() -> bool:
            following = asyncio.create_task(_follow(self._config, queries, resources, decide, timeout_seconds))
            stop = partial(asyncio.get_running_loop().call_soon_threadsafe, following.cancel)
            self._following.add(stop)
            try:
                return await following
            except asyncio.CancelledError:
                raise CancelledError("cancelled during the wait") from None
            finally:
                self._following.discard(stop)

        return asyncio.run(run())

    def cancel(self) -> None:
        """Make all running `follow` calls raise CancelledError."""
        for stop in list(self._following):
            stop()

    def _resource(self, api_version: str, kind: str) -> Any:
        found = _built_in(api_version, kind)
        return found or self._custom(api_version, kind)

    def _custom(self, api_version: str, kind: str) -> Any:
        group, _, version = api_version.rpartition("/")
        with self._answers():
            for definition in self._client.list(_built_in("apiextensions.k8s.io/v1", "CustomResourceDefinition")):
                spec = definition["spec"]
                if (spec["group"], spec["names"]["kind"]) == (group, kind):
                    base = GenericNamespacedResource if spec["scope"] == "Namespaced" else GenericGlobalResource
                    return _class(base, group, version, kind, spec["names"]["plural"])
        raise RefusedError(
            f"{api_version} {kind} is not a kind of this API server; apply its CustomResourceDefinition first",
            HTTPStatus.NOT_FOUND,
            "NotFound",
        )

    @contextmanager
    def _answers(self) -> Iterator[None]:
        try:
            yield
        except ApiError as error:
            status = error.status
            raise RefusedError(status.message or str(error), status.code or 0, status.reason or "") from error
        except httpx2.HTTPStatusError as error:
            raise RefusedError(error.response.text, error.response.status_code, "") from error
        except httpx2.TransportError as error:
            raise UnreachableError(
                f"the Kubernetes API server at {self._config.cluster.server} is unavailable "
                f"({error or type(error).__name__}); check that the local cloud is running"
            ) from error


async def _follow(
    config: Any, queries: list[Query], resources: list[Any], decide: Callable[[Followed], bool], timeout_seconds: float
) -> bool:
    found: list[dict[str, Manifest]] = [{} for _ in queries]
    listed = [asyncio.Event() for _ in queries]
    changed = asyncio.Event()

    async def keep(client: AsyncClient, index: int) -> None:
        while True:
            try:
                # The list shows which objects have been deleted; the watch continues from its resource version.
                items = client.list(resources[index], **_selection(queries[index]))
                found[index] = {item.metadata.uid: _plain(item) async for item in items}
                listed[index].set()
                changed.set()
                async for event, item in client.watch(
                    resources[index], **_selection(queries[index]), resource_version=items.resourceVersion
                ):
                    if event == "DELETED":
                        found[index].pop(item.metadata.uid, None)
                    else:
                        found[index][item.metadata.uid] = _plain(item)
                    changed.set()
            except httpx2.HTTPError:
                await asyncio.sleep(RETRY_SECONDS)

    async def decided() -> None:
        for event in listed:
            await event.wait()
        while not await asyncio.to_thread(decide, [list(objects.values()) for objects in found]):
            await changed.wait()
            changed.clear()

    client = AsyncClient(config=config, trust_env=False)
    tasks = [asyncio.create_task(keep(client, index)) for index in range(len(queries))]
    try:
        await asyncio.wait_for(decided(), timeout_seconds)
    except TimeoutError:
        return False
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await client.close()
    return True


def _in(namespace: str | None) -> dict[str, Any]:
    return {"namespace": namespace} if namespace else {}


def _selection(query: Query) -> dict[str, Any]:
    fields = {"metadata.name": query.name} if query.name else None
    return {**_in(query.namespace), "labels": dict(query.labels) if query.labels else None, "fields": fields}


def _plain(item: Any) -> Manifest:
    return dict(item)


@lru_cache
def _built_in(api_version: str, kind: str) -> Any:
    """Return a resource class of plain dicts for a built-in kind, or None for other kinds."""
    try:
        model = resource_registry.load(api_version, kind)
    except LoadResourceError:
        return None
    group, _, version = api_version.rpartition("/")
    base = GenericNamespacedResource if issubclass(model, NamespacedResource) else GenericGlobalResource
    return _class(base, group, version, kind, api_info(model).plural)


@lru_cache
def _class(base: Any, group: str, version: str, kind: str, plural: str) -> Any:
    # Do not register the class with lightkube: its registry has typed models under the same names.
    made = type(kind, (base,), {"_api_info": create_api_info(group, version, kind, plural)})
    _prepare(made)
    return made


def _prepare(resource: Any) -> None:
    """Decode a list of a class for the first time, before several threads can do so.

    msgspec 0.22 keeps what it knows about a type before it is complete, so a thread that decodes the type at the same
    time ends the process with SIGSEGV.
    """
    decoders.decode_list(b'{"items": [], "metadata": {}}', resource)


# The types that all responses share.
decoders.decode_status(b"{}")
decoders.decode_watch_event(b'{"type": "", "object": {}}')
_prepare(GenericGlobalResource)
