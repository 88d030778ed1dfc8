"""Checks of the tools on this machine for a deployment to AWS, and of the state backend."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from infra.preflight.finding import Finding, judged
from infra.toolchain.find import version_of
from infra.toolchain.versions import Version, show

Run = Callable[[list[str]], bool]
SECONDS = 10
AWS_CLI = 2
PULUMI_CLI = ("pulumi", "pulumi-language-python")


def on_path(name: str) -> bool:
    """Return whether a command is on PATH."""
    return shutil.which(name) is not None


def installed(name: str) -> Version | None:
    """Return the version of a command on PATH; None if it is not installed or does not run."""
    path = shutil.which(name)
    return version_of(Path(path), ("--version",)) if path else None


def succeeds(command: list[str]) -> bool:
    """Return whether a command succeeds; False if it is not installed or times out."""
    if shutil.which(command[0]) is None:
        return False
    try:
        return subprocess.run(command, capture_output=True, timeout=SECONDS, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def tools(run: Run = succeeds, version: Callable[[str], Version | None] = installed) -> Iterator[Finding]:
    """Check the tools of a deployment: Docker builds the image, and the AWS CLI signs in to the cluster."""
    for name, command, remedy in (
        ("Docker", ["docker", "info"], "install Docker and start it"),
        ("buildx", ["docker", "buildx", "version"], "install Docker's buildx plugin"),
    ):
        works = run(command)
        yield judged(
            "tool",
            f"{name}: {'works' if works else 'does not work'}",
            f"`{' '.join(command)}` (builds the image)",
            remedy,
            ok=works,
        )
    found = version("aws")
    yield judged(
        "tool",
        f"AWS CLI: {show(found) if found else 'does not work'}",
        f"{AWS_CLI}.x of `aws --version` (signs in to the cluster)",
        f"install the AWS CLI, version {AWS_CLI}: "
        "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
        ok=found is not None and found[0] == AWS_CLI,
    )


def pulumi_cli(has: Callable[[str], bool] = on_path) -> Iterator[Finding]:
    """Check Pulumi's own CLI, which creates stacks and deploys bootstrap/.

    Drydock deploys with its own engine, so a missing CLI does not prevent a deployment: the verdict is "unknown". The
    CLI runs a program in Python with the plugin that is installed next to it.
    """
    missing = [each for each in PULUMI_CLI if not has(each)]
    yield Finding(
        check="Pulumi CLI",
        verdict="unknown" if missing else "ok",
        found=f"not on PATH: {', '.join(missing)}" if missing else "on PATH",
        accepted="`pulumi` with `pulumi-language-python` (for bootstrap/ and `pulumi stack init`)",
        remedy="install it: https://www.pulumi.com/docs/iac/download-install/" if missing else "",
    )


def state_backend(environment: str, url: str, *, protect: bool) -> Iterator[Finding]:
    """Check that there is a state backend, and that the state of a protected stack is not stored on this machine.

    Args:
        environment: the stack.
        url: URL of the backend; "" if there is none.
        protect: whether the stack is protected.
    """
    local = url.startswith("file:")
    lost = f"; the state of {environment} is lost with this disk" if local else ""
    yield judged(
        "state backend",
        url or "none",
        "a backend that the team shares" if protect else "any",
        f"set PULUMI_BACKEND_URL to a bucket, such as s3://BUCKET, or log in with: pulumi login s3://BUCKET{lost}",
        ok=bool(url) and not (protect and local),
    )


def unreadable_state(environment: str, reason: str) -> Finding:
    """Return the finding of a state that cannot be read, without which existing resources look like others' ones."""
    return Finding(
        check="state",
        verdict="fails",
        found=reason,
        accepted=f"the state of {environment} can be read",
        remedy="check the backend URL and the permissions of these credentials; names and quotas were not checked",
    )
