"""The controller of TargetGroupBindings: keeps the pods of a Service registered in a target group of the account."""

import asyncio
import logging

from localcloud.cluster.api import JSON_MERGE, UNREACHABLE, ApiClient, ApiError, Manifest, NotFoundError
from localcloud.cluster.events import Events, now
from localcloud.cluster.watch import Collection, key_of
from localcloud.kubernetes.auto_mode.bound_pods import (
    SERVICE_LABEL,
    Endpoint,
    belongs,
    condition,
    endpoints,
    gate_of,
    has_gate,
    port_name,
)
from localcloud.load_balancing.account import AccountPages
from localcloud.load_balancing.balancers import LoadBalancers
from localcloud.load_balancing.health import NOT_IN_USE, State
from localcloud.load_balancing.model import Target

log = logging.getLogger(__name__)

PATH = "/apis/eks.amazonaws.com/v1/targetgroupbindings"
FINALIZER = "elbv2.k8s.aws/resources"
RETRY_SECONDS = 2.0
ABSENT_SECONDS = 0.5
"""Interval between checks whether the API server serves the kind."""
REGISTERING = State(
    state="initial", reason="Elb.RegistrationInProgress", description="Target registration is in progress"
)


class BindingError(Exception):
    """A binding cannot be reconciled; the message says why, and it is retried."""


class TargetGroupBindings:
    """Reconciles TargetGroupBindings; watches bindings, Services, EndpointSlices, pods and the states of targets.

    Args:
        api: the API server.
        account: registers targets.
        balancers: checks the health of targets, and calls `changed` of this object.
    """

    def __init__(self, api: ApiClient, account: AccountPages, balancers: LoadBalancers) -> None:
        self._api = api
        self._account = account
        self._balancers = balancers
        self._events = Events(api, "targetGroupBinding")
        self._due: set[str] = set()
        self._news = asyncio.Event()
        self._bindings = Collection(api, PATH, lambda _change, item: self._note(key_of(item)))
        self._services = Collection(api, "/api/v1/services", lambda _change, item: self._note_service(key_of(item)))
        self._slices = Collection(api, "/apis/discovery.k8s.io/v1/endpointslices", self._slice_changed)
        self._pods = Collection(api, "/api/v1/pods", self._pod_changed)

    async def run(self) -> None:
        """Run until cancelled; targets then remain registered."""
        await self._wait_for_kind()
        async with asyncio.TaskGroup() as group:
            for collection in (self._bindings, self._services, self._slices, self._pods):
                group.create_task(collection.run())
            group.create_task(self._work())

    def changed(self) -> None:
        """Schedule the reconciliation of every binding, because targets or their states have changed."""
        for key in self._bindings.objects:
            self._note(key)

    async def _wait_for_kind(self) -> None:
        while True:
            try:
                await self._api.get(PATH)
            except (ApiError, *UNREACHABLE):
                await asyncio.sleep(ABSENT_SECONDS)
            else:
                return

    def _note(self, key: str) -> None:
        self._due.add(key)
        self._news.set()

    def _note_service(self, key: str) -> None:
        namespace, _, name = key.partition("/")
        for binding in self._bindings.objects.values():
            if (binding["metadata"]["namespace"], binding["spec"]["serviceRef"]["name"]) == (namespace, name):
                self._note(key_of(binding))

    def _slice_changed(self, _change: str, item: Manifest) -> None:
        name = (item["metadata"].get("labels") or {}).get(SERVICE_LABEL, "")
        self._note_service(f"{item['metadata']['namespace']}/{name}")

    def _pod_changed(self, _change: str, pod: Manifest) -> None:
        for binding in self._bindings.objects.values():
            if binding["metadata"]["namespace"] == pod["metadata"]["namespace"] and has_gate(pod, gate_of(binding)):
                self._note(key_of(binding))

    async def _work(self) -> None:
        for collection in (self._bindings, self._services, self._slices, self._pods):
            await collection.synced.wait()  # otherwise targets that are not known yet would be deregistered
        while True:
            await self._news.wait()
            self._news.clear()
            due, self._due = self._due, set()
            for key in due:
                try:
                    await self._reconcile(key)
                except (ApiError, *UNREACHABLE) as error:
                    log.warning("TargetGroupBinding %s not reconciled: %r", key, error)
                    asyncio.get_running_loop().call_later(RETRY_SECONDS, self._note, key)

    async def _reconcile(self, key: str) -> None:
        binding = self._bindings.objects.get(key)
        if binding is None:
            return
        finalizers = binding["metadata"].get("finalizers") or []
        arn = binding["spec"]["targetGroupARN"]
        if binding["metadata"].get("deletionTimestamp"):
            if FINALIZER in finalizers:
                await self._change(arn, [], self._balancers.registered(arn) or [])
                await self._patch(binding, {"metadata": {"finalizers": [x for x in finalizers if x != FINALIZER]}})
            return
        if FINALIZER not in finalizers:
            await self._patch(binding, {"metadata": {"finalizers": [*finalizers, FINALIZER]}})
        try:
            await self._bind(binding, arn)
        except BindingError as error:
            subject = {"apiVersion": "eks.amazonaws.com/v1", "kind": "TargetGroupBinding", **binding}
            self._events.record(subject, "Warning", "FailedReconcile", str(error))
            log.warning("TargetGroupBinding %s: %s", key, error)
            asyncio.get_running_loop().call_later(RETRY_SECONDS, self._note, key)

    async def _bind(self, binding: Manifest, arn: str) -> None:
        registered = self._balancers.registered(arn)
        if registered is None:
            await self._balancers.refresh()
            registered = self._balancers.registered(arn)
        if registered is None:
            raise BindingError(f"there is no target group {arn} with the target type ip; create it first")
        wanted = self._wanted(binding)
        targets = {endpoint.target for endpoint in wanted}
        if refused := await self._change(
            arn, sorted(targets - set(registered)), [each for each in registered if each not in targets]
        ):
            raise BindingError(refused)
        states = self._balancers.states(arn) or {}
        for endpoint in wanted:
            await self._tell(binding, endpoint, states.get(endpoint.target, REGISTERING))

    def _wanted(self, binding: Manifest) -> list[Endpoint]:
        namespace, reference = binding["metadata"]["namespace"], binding["spec"]["serviceRef"]
        service = self._services.objects.get(f"{namespace}/{reference['name']}")
        if service is None:
            raise BindingError(f"there is no Service {reference['name']} in the namespace {namespace}")
        name = port_name(service, reference["port"])
        if name is None:
            raise BindingError(f"Service {reference['name']} has no port {reference['port']}")
        slices = [
            item
            for item in self._slices.objects.values()
            if item["metadata"]["namespace"] == namespace
            and (item["metadata"].get("labels") or {}).get(SERVICE_LABEL) == reference["name"]
        ]
        gate = gate_of(binding)
        return [
            each
            for each in endpoints(slices, name)
            if belongs(each, self._pods.objects.get(f"{namespace}/{each.pod}"), gate)
        ]

    async def _change(self, arn: str, register: list[Target], deregister: list[Target]) -> str:
        if not register and not deregister:
            return ""
        refused = await self._account.change_targets(arn, register, deregister)
        await self._balancers.refresh()  # do not wait for the next poll: a terminating pod must get no new requests
        return refused

    async def _tell(self, binding: Manifest, endpoint: Endpoint, state: State) -> None:
        """Set the readiness gate condition of a pod."""
        namespace, gate = binding["metadata"]["namespace"], gate_of(binding)
        pod = self._pods.objects.get(f"{namespace}/{endpoint.pod}")
        if pod is None or not has_gate(pod, gate):
            return
        wanted = condition(pod, gate, state, now())
        if wanted is None:
            return
        path = f"/api/v1/namespaces/{namespace}/pods/{endpoint.pod}/status"
        body = {"metadata": {"uid": pod["metadata"]["uid"]}, "status": {"conditions": [wanted]}}
        try:
            changed = await self._api.patch(path, body)
        except NotFoundError:
            log.info("pod %s was deleted meanwhile", endpoint.pod)
            return
        self._pods.objects[f"{namespace}/{endpoint.pod}"] = changed
        if state == NOT_IN_USE:
            log.warning("pod %s waits: no listener forwards to %s", endpoint.pod, binding["spec"]["targetGroupARN"])

    async def _patch(self, binding: Manifest, body: Manifest) -> None:
        metadata = binding["metadata"]
        path = f"/apis/eks.amazonaws.com/v1/namespaces/{metadata['namespace']}/targetgroupbindings/{metadata['name']}"
        try:
            await self._api.patch(path, body, JSON_MERGE)
        except NotFoundError:
            log.info("TargetGroupBinding %s was deleted meanwhile", metadata["name"])
