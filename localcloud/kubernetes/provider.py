"""The local kubernetes provider: applies objects of any kind to the local cloud's API server (server-side apply)."""

from dataclasses import replace
from http import HTTPStatus
from importlib.metadata import version
from threading import Lock
from typing import TYPE_CHECKING

from localcloud.cloud import Cloud
from localcloud.kubernetes import await_job, difference, drift, ingress, load_balancer
from localcloud.kubernetes.api_errors import CancelledError, RefusedError, UnreachableError
from localcloud.kubernetes.awaits import NotReadyError, await_deleted, await_ready, require_ready, timeout_seconds
from localcloud.kubernetes.connection import is_on, refuse_other_cluster
from localcloud.kubernetes.inputs import annotation, complete, inputs_of, manifest_of
from localcloud.kubernetes.pod_templates import pod_of
from localcloud.kubernetes.reference import Reference, reference_of
from localcloud.kubernetes.state import manager_of, outputs_of
from localcloud.protocol.servicer import Change, IncompleteError, Provider, ProviderError, Target
from localcloud.protocol.values import UNKNOWN, Properties, is_unknown

if TYPE_CHECKING:
    from localcloud.kubernetes.client import KubernetesClient

REPLACE_UNREADY = "pulumi.com/replaceUnready"
REPLACED_BY = f'.metadata.annotations["{REPLACE_UNREADY}"]'
PATCH_FORCE = "pulumi.com/patchForce"
PROPAGATION = "pulumi.com/deletionPropagationPolicy"


class KubernetesProvider(Provider):
    """Applies, awaits, reads and deletes objects of any kind that the API server supports.

    It authenticates with the local cloud's admin token, from the local cloud's kubeconfig. The kubeconfig of a program
    runs `aws eks get-token`, which is impossible without an AWS account; it only has to refer to the local cluster.

    Without a local cloud only previews work: the outputs are the inputs, and the status is unknown.
    """

    name = "kubernetes"
    version = version("pulumi-kubernetes")  # the engine warns of a plugin older than its SDK

    def __init__(self, cloud: Cloud | None) -> None:
        self._cloud = cloud
        self._mutable_kinds: frozenset[str] = frozenset()
        self._force = False
        self._connecting = Lock()
        self._connected: KubernetesClient | None = None

    def configure(self, variables: Properties) -> None:
        """Read enableConfigMapMutable, enableSecretMutable and enablePatchForce; reject any cluster but the local one.

        The options apply to all kubernetes.Provider resources of a program.
        """
        if self._cloud:
            refuse_other_cluster(variables, self._cloud)
        options = {"ConfigMap": "enableConfigMapMutable", "Secret": "enableSecretMutable"}
        self._mutable_kinds = frozenset(kind for kind, option in options.items() if is_on(variables, option))
        self._force = is_on(variables, "enablePatchForce")

    def check(self, target: Target, old: Properties, new: Properties) -> Properties:
        """Fill in kind, namespace and name; reject invalid timeouts, and values that the controllers of EKS reject."""
        inputs = complete(target.type, target.name, old, new)
        timeout_seconds(inputs, 0)
        refused = list(load_balancer.problems(inputs)) if inputs["kind"] == "Service" else []
        if refused:
            raise ProviderError(
                f"{target.type} {target.name}: EKS would not create a load balancer for it: {'; '.join(refused)}"
            )
        unsupported = list(ingress.problems(inputs)) if inputs["kind"] == "Ingress" else []
        if unsupported:
            raise ProviderError(f"{target.type} {target.name}: {'; '.join(unsupported)}")
        return inputs

    def diff(self, target: Target, id_: str, old: Properties, outputs: Properties, new: Properties) -> Change:
        """Compare the inputs; replace a Job with the replaceUnready annotation unless it is complete."""
        change = difference.compare(old, outputs, new, mutable_kinds=self._mutable_kinds)
        if new.get("kind") == "Job" and annotation(new, REPLACE_UNREADY) == "true" and not self._is_complete(old):
            return replace(change, replaces=[*change.replaces, REPLACED_BY])
        return change

    def _is_complete(self, job: Properties) -> bool:
        """Return whether the Job is complete; True if it does not exist or the API server cannot be asked."""
        try:
            live = self._client.get(reference_of(job)) if self._cloud else None
        except ProviderError:
            return True
        return live is None or await_job.is_complete(live)

    def create(self, target: Target, inputs: Properties, *, preview: bool) -> tuple[str, Properties]:
        """Apply the object and wait until it is ready; adopt an existing object of that name."""
        if preview:
            return "", self._preview_create(inputs)
        self._admit_pods(inputs)
        self._await_leaving(target, reference_of(inputs))
        return self._apply(target, inputs, {})

    def read(
        self, target: Target, id_: str, inputs: Properties, outputs: Properties
    ) -> tuple[str, Properties, Properties] | None:
        """Return the live object, and the inputs updated with changes made by other clients.

        Raises:
            IncompleteError: a managed object is not ready. An object that is being imported is not checked.
        """
        reference = reference_of(inputs or outputs) if inputs or outputs else _imported(target.type, id_)
        live = self._client.get(reference)
        if live is None:
            return None
        manager = manager_of(inputs, outputs)
        if not inputs:
            found = drift.without_bookkeeping(live)
            return reference.id, found, outputs_of(live, found, outputs, manager)
        manifest = manifest_of(inputs)
        try:
            applied = self._client.apply(manifest, field_manager=manager, dry_run=True, force=True)
        except RefusedError:  # the live object differs in an immutable field
            applied = manifest
        found = drift.project(manifest, applied, live)
        now = inputs if found == manifest else inputs_of(found, inputs)
        after = outputs_of(live, now, outputs, manager)
        try:
            require_ready(self._client, live, reference)
        except NotReadyError as error:
            raise IncompleteError(str(error), reference.id, after, now) from error
        return reference.id, now, after

    def update(
        self,
        target: Target,
        id_: str,
        old: Properties,
        outputs: Properties,
        new: Properties,
        *,
        preview: bool,
    ) -> Properties:
        """Apply the object, which also removes fields that are no longer in the inputs, and wait until it is ready."""
        if preview:
            return self._preview_update(outputs, new)
        self._admit_pods(new)
        return self._apply(target, new, outputs)[1]

    def delete(self, target: Target, id_: str, inputs: Properties, outputs: Properties) -> None:
        """Delete the object in the foreground, and wait until it and its dependents have been removed."""
        reference = reference_of(inputs or outputs)
        self._client.delete(reference, annotation(inputs, PROPAGATION) or "Foreground")
        await_deleted(self._client, reference, outputs or inputs, target.notify)

    def cancel(self) -> None:
        """Stop all waits for objects to become ready or deleted; these calls fail, but their objects are recorded."""
        if self._connected:
            self._connected.cancel()

    @property
    def _client(self) -> "KubernetesClient":
        if self._cloud is None:
            raise ProviderError("no local cloud is running, so there is no Kubernetes API server; only previews work")
        from localcloud.kubernetes.client import KubernetesClient  # noqa: PLC0415 - a preview does without

        with self._connecting:
            self._connected = self._connected or KubernetesClient(self._cloud.kubeconfig)
        return self._connected

    def _apply(self, target: Target, inputs: Properties, outputs: Properties) -> tuple[str, Properties]:
        reference, manager = reference_of(inputs), manager_of(inputs, outputs)
        try:
            live = self._client.apply(manifest_of(inputs), field_manager=manager, force=self._forces(inputs))
        except RefusedError as error:
            raise _explained(reference, error) from error
        try:
            await_ready(self._client, live, reference, target.notify)
        except (NotReadyError, CancelledError) as error:
            live = self._client.get(reference) or live
            found = outputs_of(live, inputs, outputs, manager)
            raise IncompleteError(str(error), reference.id, found) from error
        return reference.id, outputs_of(self._client.get(reference) or live, inputs, outputs, manager)

    def _await_leaving(self, target: Target, reference: Reference) -> None:
        """Wait for the end of an interrupted deletion of the same object, which would also delete the new object."""
        live = self._client.get(reference)
        if live and live["metadata"].get("deletionTimestamp"):
            await_deleted(self._client, reference, live, target.notify)

    def _preview_create(self, inputs: Properties) -> Properties:
        guess = {**inputs, "status": UNKNOWN}
        if self._cloud is None or is_unknown(inputs):
            return guess
        try:
            self._admit_pods(inputs)
            if self._client.get(reference_of(inputs)):  # the object will be deleted first, or adopted
                return guess
            made = self._client.apply(manifest_of(inputs), dry_run=True)  # rejects unknown fields, unlike create
        except UnreachableError:
            return guess
        except RefusedError as error:
            if error.code == HTTPStatus.NOT_FOUND:  # its namespace does not exist yet
                return guess
            raise _explained(reference_of(inputs), error) from error
        return {**drift.without_bookkeeping(made), "status": UNKNOWN}

    def _preview_update(self, outputs: Properties, new: Properties) -> Properties:
        guess = {**new, "status": outputs.get("status", UNKNOWN)}
        if self._cloud is None or is_unknown(new):
            return guess
        try:
            self._admit_pods(new)
            manager, force = manager_of(new, outputs), self._forces(new)
            live = self._client.apply(manifest_of(new), field_manager=manager, dry_run=True, force=force)
            return outputs_of(live, new, outputs, manager)
        except UnreachableError:
            return guess
        except RefusedError as error:
            raise _explained(reference_of(new), error) from error

    def _admit_pods(self, inputs: Properties) -> None:
        pod = pod_of(inputs)
        if pod is None:
            return
        try:
            self._client.admit(pod)
        except RefusedError as error:
            # Other errors, such as an exhausted quota, may no longer apply when the pods are created.
            if "violates PodSecurity" in str(error):
                raise ProviderError(f"{reference_of(inputs)}: its pods would be refused: {error}") from error

    def _forces(self, inputs: Properties) -> bool:
        return self._force or annotation(inputs, PATCH_FORCE) == "true"


def _imported(type_: str, id_: str) -> Reference:
    namespace, _, name = id_.rpartition("/")
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return reference_of(complete(type_, name, {}, {"metadata": metadata}))


def _explained(reference: Reference, error: RefusedError) -> ProviderError:
    advice = (
        f'; remove the field from its other field manager, or set the annotation {PATCH_FORCE}: "true" to take it over'
        if error.reason == "Conflict"
        else ""
    )
    return ProviderError(f"{reference}: {error}{advice}")
