"""Checks of the tools on this machine for a deployment to AWS, and of the state backend."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping

from infra.preflight.finding import Finding, judged

Run = Callable[[list[str]], bool]
SECONDS = 10


def succeeds(command: list[str]) -> bool:
    """Return whether a command succeeds; False if it is not installed or times out."""
    if shutil.which(command[0]) is None:
        return False
    try:
        return subprocess.run(command, capture_output=True, timeout=SECONDS, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def tools(run: Run = succeeds) -> Iterator[Finding]:
    """Check the tools that a deployment runs: Docker to build the image, and the AWS CLI to sign in to the cluster."""
    for name, command, purpose, remedy in (
        ("Docker", ["docker", "info"], "builds the image", "install Docker and start it"),
        ("buildx", ["docker", "buildx", "version"], "builds the image", "install Docker's buildx plugin"),
        ("AWS CLI", ["aws", "--version"], "signs in to the cluster", "install the AWS CLI, version 2"),
    ):
        works = run(command)
        yield judged(
            "tool",
            f"{name}: {'works' if works else 'does not work'}",
            f"`{' '.join(command)}` ({purpose})",
            remedy,
            ok=works,
        )


def state_backend(environment: str, *, protect: bool, variables: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Check that the state of a protected stack is not stored on this machine."""
    url = variables.get("PULUMI_BACKEND_URL", "")
    local = url.startswith("file:")
    yield judged(
        "state backend",
        url or "the one that `pulumi login` chose",
        "a backend that the team shares" if protect else "any",
        f"set PULUMI_BACKEND_URL to a bucket, such as s3://BUCKET; the state of {environment} is lost with this disk",
        ok=not (protect and local),
    )
