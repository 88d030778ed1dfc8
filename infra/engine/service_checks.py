"""Checks of a deployed service in a rehearsal: each returns a message or raises OperationError."""

import time
from collections.abc import Collection
from typing import Any
from urllib.error import HTTPError

from infra.engine import denials
from infra.engine.loopback import ask, open_url
from infra.engine.token_issuer import Issuer
from infra.errors import OperationError
from localcloud.cloud import Cloud

ANSWER_SECONDS = 30
JOB_SECONDS = 30
PODS_SECONDS = 60
POLL_SECONDS = 0.2
# A service that has no such route, or no queue.
NO_JOBS = (404, 405, 409)
# A service that requires a token whose issuer is not in the settings of its stack.
WANTS_A_TOKEN = (401, 403)


def wait_until_available(cloud: Cloud) -> str:
    """Wait until every Deployment has all its pods, then check that no container of the cluster restarted."""
    # A Kubernetes client that few commands need.
    from localcloud.kubernetes.availability import unavailable  # noqa: PLC0415
    from localcloud.kubernetes.restarts import restarted  # noqa: PLC0415

    deadline = time.monotonic() + PODS_SECONDS
    while missing := unavailable(cloud):
        if time.monotonic() > deadline:
            raise OperationError(f"after {PODS_SECONDS} s: {'; '.join(missing)}")
        time.sleep(POLL_SECONDS)
    if found := restarted(cloud):
        raise OperationError(f"{len(found)} container(s) restarted: {'; '.join(found)}")
    return "all available, no container restarted"


def write_pod_logs(cloud: Cloud) -> str:
    """Write a line to each log group of the add-on for pod logs, with the role of its pods.

    Raises:
        OperationError: a request was refused.
    """
    written = ask(f"{cloud.aws_endpoint}/drydock/pod-logs", {})
    if written["error"]:
        raise OperationError(f"the add-on for pod logs cannot write: {written['error']}")
    if not written["groups"]:
        return "the cluster has no add-on for pod logs"
    return f"the role of the add-on writes to {len(written['groups'])} log groups (simulated: Fluent Bit)"


def wait_for_response(target: str, cloud: Cloud | None, any_below: int = 0) -> str:
    """Wait for a response. Error statuses below `any_below` are accepted: the paths of the service are unknown."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while True:
        try:
            with open_url(target, seconds=5, via=cloud) as response:
                return f"{target} returns {response.status}"
        except OSError as error:
            if isinstance(error, HTTPError) and error.code < any_below:
                return f"{target} returns {error.code}"
            if time.monotonic() > deadline:
                raise OperationError(f"{target} does not respond within {ANSWER_SECONDS} s: {error}") from error
            time.sleep(0.2)


def run_jobs(url: str, cloud: Cloud, issuer: Issuer | None) -> str:
    """Submit a job that succeeds and one that is retried: both together use all permissions for the queue.

    A notification fails without a service that receives it. If the stack has one, either result is accepted.
    """
    began = time.monotonic()
    try:
        job = _submit(url, cloud, issuer, "import-items", {"items": [{"name": "rehearsal"}]})
    except OperationError as error:
        refused = error.__cause__
        if isinstance(refused, HTTPError) and refused.code in (NO_JOBS if issuer else (*NO_JOBS, *WANTS_A_TOKEN)):
            return f"the service accepts no jobs here ({refused.code} {refused.reason})"
        raise
    _follow(url, cloud, job, ("succeeded",), began)
    seconds = time.monotonic() - began
    failing = _submit(url, cloud, issuer, "notify-user", {"user_id": 1, "message": "rehearsal"})
    _follow(url, cloud, failing, ("retrying", "succeeded", "dead"), time.monotonic())
    return f"the worker ran a job in {seconds:.1f} s, and then one that is retried"


def _submit(url: str, cloud: Cloud, issuer: Issuer | None, kind: str, payload: object) -> Any:
    body = {"kind": kind, "payload": payload}
    return ask(f"{url}/api/v1/jobs", body, via=cloud, token=issuer.token if issuer else None)


def _follow(url: str, cloud: Cloud, job: Any, states: Collection[str], began: float) -> None:
    while job["state"] not in states:
        denials.require_none(cloud)
        if job["state"] == "dead" or time.monotonic() - began > JOB_SECONDS:
            raise OperationError(f"job {job['id']} is {job['state']} after {time.monotonic() - began:.0f} s")
        time.sleep(POLL_SECONDS)
        job = ask(f"{url}/api/v1/jobs/{job['id']}", via=cloud)
