"""Wait until the API server of a new cluster accepts the deployment.

EKS accepts an access entry and its policy immediately. Its API server applies them later, which no AWS API reports,
and returns 401 or 403 until then. A provider that is configured at this time considers the cluster unreachable for the
whole deployment. So this calls the API server itself, with the identity of the kubeconfig.
https://github.com/aws-solutions-library-samples/guidance-for-multi-provider-generative-ai-gateway-on-aws/pull/112
"""

import asyncio
import json
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from base64 import b64decode
from typing import Any
from urllib.parse import urlsplit

import pulumi

DEADLINE_SECONDS = 180.0
POLL_SECONDS = 2.0
REVIEW = {
    "apiVersion": "authorization.k8s.io/v1",
    "kind": "SelfSubjectAccessReview",
    "spec": {"resourceAttributes": {"verb": "create", "resource": "namespaces"}},
}


class NotAdmittedError(Exception):
    """The API server refused the deployment; the message has its last response."""


async def admitted(kubeconfig: str) -> str:
    """Return the kubeconfig once its user may create namespaces in its cluster.

    A preview does not wait, nor does the local cloud, whose API server is on this machine.

    Raises:
        pulumi.RunError: this times out after three minutes; the message has the last response and what to check.
    """
    config = json.loads(kubeconfig)
    server = config["clusters"][0]["cluster"]["server"]
    if pulumi.runtime.is_dry_run() or str(urlsplit(server).hostname).startswith("127."):
        return kubeconfig
    try:
        await asyncio.to_thread(wait, config)
    except NotAdmittedError as error:
        raise pulumi.RunError(
            f"the Kubernetes API at {server} does not accept this deployment after {DEADLINE_SECONDS:.0f} s: "
            f"{error}. If it is unreachable, check cluster.privateAccessCidrs and cluster.publicAccessCidrs; if "
            "it refuses, the credentials must belong to a role of cluster.adminRoles"
        ) from None
    return kubeconfig


def wait(
    config: dict[str, Any], deadline_seconds: float = DEADLINE_SECONDS, poll_seconds: float = POLL_SECONDS
) -> None:
    """Poll until access is granted. Raises NotAdmittedError at the deadline, with the last response."""
    deadline = time.monotonic() + deadline_seconds
    while True:
        try:
            return _ask(config)
        except NotAdmittedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(poll_seconds)


def _ask(config: dict[str, Any]) -> None:
    cluster = config["clusters"][0]["cluster"]
    request = urllib.request.Request(  # noqa: S310 - https, of the cluster's own kubeconfig
        f"{cluster['server']}/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        data=json.dumps(REVIEW).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {_token(config)}"},
    )
    authority = b64decode(cluster["certificate-authority-data"]).decode()
    try:
        with urllib.request.urlopen(  # noqa: S310 - https, of the cluster's own kubeconfig
            request, timeout=10, context=ssl.create_default_context(cadata=authority)
        ) as response:
            answer = json.load(response)
    except urllib.error.HTTPError as error:
        raise NotAdmittedError(f"it returns {error.code} {error.reason}") from error
    except (OSError, ValueError) as error:
        raise NotAdmittedError(f"it is unreachable ({error})") from error
    if answer.get("status", {}).get("allowed") is not True:
        raise NotAdmittedError("it accepts these credentials, but they may not create namespaces yet")


def _token(config: dict[str, Any]) -> str:
    """Get a token with the AWS CLI, as configured in the kubeconfig."""
    how = config["users"][0]["user"]["exec"]
    try:
        done = subprocess.run([how["command"], *how["args"]], capture_output=True, text=True, timeout=60, check=True)
        token: str = json.loads(done.stdout)["status"]["token"]
    except FileNotFoundError as error:
        raise NotAdmittedError(f"{how['command']} is not installed; it creates the tokens") from error
    except subprocess.CalledProcessError as error:
        raise NotAdmittedError(f"no token: {error.stderr.strip()}") from error
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError) as error:
        raise NotAdmittedError(f"no token: {error}") from error
    return token
