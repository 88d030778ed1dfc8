"""Adds the reasons and logs of pods to the message of a failed deployment to a local cloud.

Pulumi's own Kubernetes provider reports which containers are not ready. The stand-in also reports why, so nothing is
added to its message.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from infra.engine.operations import PODS
from infra.errors import FailedOperationError
from localcloud.cloud import Cloud


@contextmanager
def named(cloud: Cloud | None) -> Iterator[None]:
    """Add a report of each Deployment and Job that is not ready to the error of the block, if it is about one."""
    try:
        yield
    except FailedOperationError as error:
        if cloud and any(kind in str(error) for kind in PODS):
            error.append(text for text in _reports(cloud) if _detail(text) not in str(error))
        raise


def _detail(report: str) -> str:
    """Return the line with the pod and its reason, or the headline if no pod is there."""
    return report.splitlines()[:2][-1].strip()


def _reports(cloud: Cloud) -> list[str]:
    # A Kubernetes client that few commands need.
    import httpx2  # noqa: PLC0415

    from localcloud.kubernetes.unready import unready  # noqa: PLC0415
    from localcloud.protocol.servicer import ProviderError  # noqa: PLC0415

    try:
        return unready(cloud)
    except (httpx2.HTTPError, ProviderError):  # the API server is unavailable, and the raised error says more
        return []
