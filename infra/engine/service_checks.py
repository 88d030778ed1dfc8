"""What a rehearsal asks a deployed service: each check gives one line for a person, or raises OperationError."""

import time
from urllib.error import HTTPError

from infra.engine import denials
from infra.engine.loopback import ask, open_url
from infra.engine.token_issuer import Issuer
from infra.errors import OperationError
from localcloud.cloud import Cloud

ANSWER_SECONDS = 30
JOB_SECONDS = 30
POLL_SECONDS = 0.2
# A service that has no such route, or no queue.
NO_JOBS = (404, 405, 409)
# One that wants a token which its stack does not name the issuer of.
WANTS_A_TOKEN = (401, 403)


def steady(cloud: Cloud) -> str:
    """Require that no container of the cluster restarted."""
    from localcloud.kubernetes.restarts import restarted  # noqa: PLC0415 - a Kubernetes client that few commands need

    if found := restarted(cloud):
        raise OperationError(f"{len(found)} container(s) restarted: {'; '.join(found)}")
    return "no container restarted"


def answers(target: str, cloud: Cloud | None, any_below: int = 0) -> str:
    """Wait for an answer. A status of refusal counts as one below `any_below`: who knows what a service has there."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while True:
        try:
            with open_url(target, seconds=5, via=cloud) as response:
                return f"{target} answers {response.status}"
        except OSError as error:
            if isinstance(error, HTTPError) and error.code < any_below:
                return f"{target} answers {error.code}"
            if time.monotonic() > deadline:
                raise OperationError(f"{target} does not answer within {ANSWER_SECONDS} s: {error}") from error
            time.sleep(0.2)


def does_a_job(url: str, cloud: Cloud, issuer: Issuer | None) -> str:
    """Have the service take a job and its worker do it, through the queue, with the permissions of their role."""
    began = time.monotonic()
    try:
        job = ask(
            f"{url}/api/v1/jobs",
            {"kind": "import-items", "payload": {"items": [{"name": "rehearsal"}]}},
            via=cloud,
            token=issuer.token if issuer else None,
        )
    except OperationError as error:
        refused = error.__cause__
        if isinstance(refused, HTTPError) and refused.code in (NO_JOBS if issuer else (*NO_JOBS, *WANTS_A_TOKEN)):
            return f"the service takes no jobs here ({refused.code} {refused.reason})"
        raise
    while job["state"] != "succeeded":
        denials.require_none(cloud)
        if job["state"] == "dead" or time.monotonic() - began > JOB_SECONDS:
            raise OperationError(f"job {job['id']} is {job['state']} after {time.monotonic() - began:.0f} s")
        time.sleep(POLL_SECONDS)
        job = ask(f"{url}/api/v1/jobs/{job['id']}", via=cloud)
    return f"the worker did one in {time.monotonic() - began:.1f} s"
