"""Waits until the API server of a new cluster lets the deployment in.

EKS takes an access entry and its policy at once. Its API server follows some time later, which no call of AWS tells,
and until then answers 401 or 403. A provider that is configured then holds the cluster to be unreachable for the whole
deployment. So the server itself is asked, as who the kubeconfig signs in.
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
    """The API server refused the deployment; the message says what it answered last."""


async def admitted(kubeconfig: str) -> str:
    """Return the kubeconfig back when its cluster lets its user make namespaces.

    A preview waits for nothing, and neither does the local cloud, whose server is on this machine.

    Raises:
        pulumi.RunError: it does not within three minutes; the message says what it answers and what to look at.
    """
    config = json.loads(kubeconfig)
    server = config["clusters"][0]["cluster"]["server"]
    if pulumi.runtime.is_dry_run() or str(urlsplit(server).hostname).startswith("127."):
        return kubeconfig
    try:
        await asyncio.to_thread(wait, config)
    except NotAdmittedError as error:
        raise pulumi.RunError(
            f"the Kubernetes API at {server} does not let this deployment in after {DEADLINE_SECONDS:.0f} s: "
            f"{error}. Where it does not answer, see cluster.privateAccessCidrs and cluster.publicAccessCidrs; where "
            "it refuses, the credentials have to be of a role of cluster.adminRoles"
        ) from None
    return kubeconfig


def wait(
    config: dict[str, Any], deadline_seconds: float = DEADLINE_SECONDS, poll_seconds: float = POLL_SECONDS
) -> None:
    """Ask until the answer is yes. Raises NotAdmittedError at the deadline, with the last answer."""
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
        raise NotAdmittedError(f"it answers {error.code} {error.reason}") from error
    except (OSError, ValueError) as error:
        raise NotAdmittedError(f"it does not answer ({error})") from error
    if answer.get("status", {}).get("allowed") is not True:
        raise NotAdmittedError("it knows these credentials, and does not let them make namespaces yet")


def _token(config: dict[str, Any]) -> str:
    """Ask for a token as the kubeconfig says, with the AWS CLI."""
    how = config["users"][0]["user"]["exec"]
    try:
        done = subprocess.run([how["command"], *how["args"]], capture_output=True, text=True, timeout=60, check=True)
        token: str = json.loads(done.stdout)["status"]["token"]
    except FileNotFoundError as error:
        raise NotAdmittedError(f"{how['command']} is not installed, which makes its tokens") from error
    except subprocess.CalledProcessError as error:
        raise NotAdmittedError(f"no token: {error.stderr.strip()}") from error
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError) as error:
        raise NotAdmittedError(f"no token: {error}") from error
    return token
