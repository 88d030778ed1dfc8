"""Waits until objects are ready or deleted, and reports the cause if they do not become ready."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

from localcloud.kubernetes import (
    await_deletion,
    await_deployment,
    await_job,
    await_namespace,
    await_service,
    pods,
)
from localcloud.kubernetes.inputs import annotation
from localcloud.kubernetes.reference import Followed, Manifest, Query, Reference
from localcloud.kubernetes.verdict import Failed, Ready, Verdict, Waiting
from localcloud.protocol.servicer import ProviderError
from localcloud.protocol.values import is_unknown

if TYPE_CHECKING:
    from localcloud.kubernetes.client import KubernetesClient

SKIP_AWAIT = "pulumi.com/skipAwait"
TIMEOUT = "pulumi.com/timeoutSeconds"
LOG_LINES = 20
KINDS: dict[tuple[str, str], ModuleType] = {
    ("apps/v1", "Deployment"): await_deployment,
    ("batch/v1", "Job"): await_job,
    ("v1", "Namespace"): await_namespace,
    ("v1", "Service"): await_service,
}


class NotReadyError(ProviderError):
    """The object exists but did not become ready."""


@dataclass
class _Watcher:
    """Keeps the last verdict and reports each new reason for waiting once."""

    assess: Callable[..., Verdict]
    notify: Callable[[str], None]
    verdict: Verdict = Waiting("waiting")  # noqa: RUF009 - frozen
    found: Followed | None = None

    def decide(self, found: Followed) -> bool:
        before, self.found = self.verdict, found
        self.verdict = self.assess(*found)
        if isinstance(self.verdict, Waiting) and self.verdict != before:
            self.notify(self.verdict.reason)
        return not isinstance(self.verdict, Waiting)


def await_ready(
    client: "KubernetesClient", live: Manifest, reference: Reference, notify: Callable[[str], None]
) -> None:
    """Wait until an object is ready; return immediately for kinds without a readiness condition.

    Raises:
        NotReadyError: the object failed or the wait timed out. The message has the pod, the reason and its last log
            lines.
    """
    module = _module(live, reference)
    if module is None:
        return
    seconds = timeout_seconds(live, module.timeout_seconds(live))
    watcher = _Watcher(module.assess, notify)
    client.follow(module.queries(live), watcher.decide, seconds)
    match watcher.verdict:
        case Ready():
            return
        case Waiting(reason):
            headline = f"{reference} was not ready after {seconds} s: {reason}"
        case Failed(reason):
            headline = f"{reference} did not become ready: {reason}"
    raise NotReadyError("\n".join([headline, *_report(client, reference, watcher.found or [])]))


def require_ready(client: "KubernetesClient", live: Manifest, reference: Reference) -> None:
    """Check once whether an object is ready, as Pulumi's own provider does in a refresh.

    Raises:
        NotReadyError: the object is not ready now.
    """
    module = _module(live, reference)
    if module is None or module is await_namespace:  # which a refresh does not check
        return
    found = [client.find(query) for query in module.queries(live)]
    verdict: Verdict = module.assess(*found)
    if not isinstance(verdict, Ready):
        raise NotReadyError(
            "\n".join([f"{reference} is not ready: {verdict.reason}", *_report(client, reference, found)])
        )


def _module(live: Manifest, reference: Reference) -> ModuleType | None:
    skipped = annotation(live, SKIP_AWAIT) == "true"
    return None if skipped else KINDS.get((reference.api_version, reference.kind))


def await_deleted(
    client: "KubernetesClient", reference: Reference, manifest: Manifest, notify: Callable[[str], None]
) -> None:
    """Wait until the object is deleted.

    Raises:
        ProviderError: the object still exists when the wait times out; the message says what blocks the deletion.
    """
    if annotation(manifest, SKIP_AWAIT) == "true":
        return
    uid = (manifest.get("metadata") or {}).get("uid", "")
    watcher = _Watcher(lambda found: await_deletion.assess(found, uid), notify)
    seconds = timeout_seconds(manifest, await_deletion.TIMEOUT_SECONDS)
    if not client.follow(await_deletion.queries(reference), watcher.decide, seconds):
        reason = watcher.verdict.reason if isinstance(watcher.verdict, Waiting) else ""
        raise ProviderError(f"{reference} still exists after {seconds} s: {reason}")


def timeout_seconds(manifest: Manifest, default: int) -> int:
    """Return the timeout in seconds from the object's annotation, or the default if it has none.

    Raises:
        ProviderError: the annotation is not a whole number.
    """
    value = annotation(manifest, TIMEOUT)
    if not value or is_unknown(value):
        return default
    if not value.isdigit():
        raise ProviderError(f"annotation {TIMEOUT} must be a whole number of seconds, got {value!r}")
    return int(value)


def _report(client: "KubernetesClient", reference: Reference, found: Followed) -> list[str]:
    """Return details of the pod with the most severe problem, as lines indented under the headline."""
    if reference.kind == "Deployment":
        deployments, replica_sets, candidates = found or ([], [], [])
        candidates = await_deployment.newest_pods(deployments[0], replica_sets, candidates) if deployments else []
    elif reference.kind == "Job":
        candidates = found[-1] if found else []
    else:
        return []
    trouble = pods.worst(candidates)
    if trouble is None:
        return []
    lines = [f"  pod {trouble.pod}: {trouble.reason}"]
    lines += [f"  last warning: {text}" for text in _warnings(client, reference.namespace, trouble.pod)[-1:]]
    if trouble.container:
        lines += _log(client, reference.namespace or "", trouble)
    return lines


def _warnings(client: "KubernetesClient", namespace: str | None, pod: str) -> list[str]:
    try:
        events = client.find(Query(api_version="v1", kind="Event", namespace=namespace))
    except ProviderError:
        return []
    of_pod = [one for one in events if one.get("involvedObject", {}).get("name") == pod and one["type"] == "Warning"]
    of_pod.sort(key=lambda one: one.get("lastTimestamp") or one.get("eventTime") or "")
    return [f"{one.get('reason')}: {one.get('message')}" for one in of_pod]


def _log(client: "KubernetesClient", namespace: str, trouble: pods.Trouble) -> list[str]:
    try:
        lines = client.log(namespace, trouble.pod, trouble.container, LOG_LINES)
    except ProviderError as error:
        return [f"  its log cannot be read: {error}"]
    if not lines:
        return [f"  container {trouble.container} has logged nothing"]
    return [f"  last log lines of container {trouble.container}:", *(f"    {line}" for line in lines)]
