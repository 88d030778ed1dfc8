"""`drydock rehearse STACK`: the whole life of a stack in a temporary local cloud, before a deployment to AWS."""

import os
import shutil
import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from infra.commands.arguments import Quiet, Stack
from infra.deploy_role import FOLDER
from infra.engine import (
    admin_roles,
    bootstrapping,
    checkpoint,
    command,
    denials,
    deploy_role,
    existing_secrets,
    leaks,
    operations,
    pod_roles,
    service_checks,
    session,
    take_down,
    token_issuer,
    trust,
    unready,
)
from infra.engine.drift import require_no_drift
from infra.engine.operations import Outcome
from infra.engine.places import STATE
from infra.engine.progress import Progress
from infra.engine.rehearsal_step import run_step
from infra.engine.session import Session
from infra.engine.stack_file_copy import Overrides
from infra.engine.token_issuer import Issuer
from infra.errors import DrydockError, InputError
from infra.resources.properties import mapping
from localcloud.cloud import Cloud
from localcloud.errors import CloudError
from stacks.settings import Settings

# Fixed waits. A rehearsal waits for conditions instead: each pod ready in its target group and, after all steps, no
# container that ever restarted. Pulumi's own Kubernetes provider waits until the progress deadline expires, even if the
# pods cannot start.
GRACE = {"minReadySeconds": 1, "drainSeconds": 0, "progressDeadlineSeconds": 60}
WIDTH = 250  # a row is one line, which the terminal may wrap
UNPRIVILEGED_PORTS = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")


def rehearse(
    stack: Stack,
    quiet: Quiet = False,
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="List properties whose values nothing checked, on stdout.")
    ] = False,
) -> None:
    """Preview, up, up again, call the service, refresh and destroy, in a separate local cloud without credentials.

    `bootstrap` is the program of the account, which has no service.
    """
    progress = Progress(quiet=quiet, each_resource=False)
    if stack == bootstrapping.NAME:
        if unchecked:
            raise InputError(f"--unchecked: the rehearsal of {stack} does not count values; leave it out")
        bootstrapping.rehearse(progress)
        return
    settings = session.read_settings(stack)
    arn = deploy_role.arn_of(stack, settings, session.assumed_roles(stack, settings))
    ports, grace = _reachable_ports(settings), _shorter_waits(settings)
    for (_, key), value in ports.items():
        progress.report("note", f"edge.{key} is {value} in this rehearsal, because lower ports need root")
    for (_, key), value in grace.items():
        progress.report("note", f"service.{key} is {value} in this rehearsal, which waits for conditions instead")
    if settings.service.secrets:
        progress.report("note", f"generated values replace {', '.join(sorted(set(settings.service.secrets.values())))}")
    if settings.permissions_boundary is None:
        progress.report(
            "note",
            "permissionsBoundary is set in this rehearsal, because the deploy role cannot create roles without one",
        )
    began = time.monotonic()
    with command.throw_away("rehearse", stack) as state, token_issuer.replacing(settings.service.auth) as issuer:
        if issuer:
            progress.report("note", f"keys of this rehearsal replace those of {issuer.instead_of}")
        try:
            given = {**ports, **grace, **deploy_role.overrides(arn), **token_issuer.overrides(issuer)}
            secrets = set(settings.service.secrets.values())
            admins = settings.cluster.admins(stack)
            rehearsal = Rehearsal(
                stack, state, progress, given, role_arn=arn, admins=admins, secrets=secrets, issuer=issuer
            )
            rehearsal.run()
        except (DrydockError, CloudError) as error:
            progress.report("logs", f"kept in {_keep_logs(state, stack, error)}")
            raise
    if unchecked and rehearsal.trust:
        Console(width=WIDTH, soft_wrap=True).print(trust.unchecked(rehearsal.trust))
    progress.report("passed", f"{stack} passed every step: {time.monotonic() - began:.0f} s")


class Rehearsal:
    """The steps of a rehearsal. The error of a failed step names it."""

    def __init__(
        self,
        stack: str,
        state: Path,
        progress: Progress,
        overrides: Overrides,
        *,
        role_arn: str,
        admins: Collection[str] = (),
        secrets: Collection[str] = (),
        issuer: Issuer | None = None,
    ) -> None:
        self._issuer = issuer
        self._role_arn = role_arn
        self._admins = admins
        self._secrets = secrets
        self._stack = stack
        self._overrides = overrides
        self._state = state
        self._progress = progress
        self._cloud: Cloud | None = None
        self._url = ""
        self._services: Mapping[str, str] = {}
        self._used = ""
        self._made: list[str] = []
        self.trust: dict[str, Any] = {}
        """The counters of the account after the deployment. Empty without a local cloud."""

    def run(self) -> None:
        """Run all steps; raise OperationError at the first that fails."""
        opened = self._open(self._overrides)
        stack, cloud = opened.stack, opened.cloud
        self._cloud = cloud
        progress = self._progress
        if cloud is not None:
            deploy_role.make(cloud, self._role_arn)
            existing_secrets.make(cloud, self._secrets)
            # The deploy role is one of them.
            self._made = admin_roles.ensure(cloud, self._admins)
            if self._made:
                progress.report("note", admin_roles.described(self._made))
            progress.say("role", f"{self._role_arn} deploys, with the policies of {FOLDER} and a boundary")
        self._step("preview + policy", lambda: operations.preview(stack, progress).require_success().summary())
        self._step("up", lambda: self._note(operations.up(stack, progress)).summary())
        # The policy pack has just checked the same values.
        self._step("up again", lambda: operations.up(stack, progress, judged=False).require_no_changes())
        self._step("service", lambda: service_checks.wait_for_response(f"{self._url}/health/ready", cloud))
        for name, url in sorted(self._services.items()):
            self._step(name, partial(service_checks.wait_for_response, url, cloud, any_below=500))
        if cloud is not None:
            self._step("job", lambda: service_checks.run_jobs(self._url, cloud, self._issuer))
            self._step("pod logs", lambda: service_checks.write_pod_logs(cloud))
            # Before the refresh, which warns of pods that an autoscaler has just created.
            self._step("pods", lambda: service_checks.wait_until_available(cloud))
        self._step("refresh", lambda: require_no_drift(operations.refresh(stack, progress)))
        if cloud is not None:
            self._step("permissions", lambda: denials.require_none(cloud, role_arn=self._role_arn))
            self._progress.report("role", pod_roles.unused(cloud))
            self.trust = trust.read(cloud)
            self._step("trust", lambda: trust.summary(self.trust))
        opened = self._open({**self._overrides, **take_down.UNPROTECTED})
        levels = take_down.write_levels(self._state, self._stack, datetime.now(UTC).date())
        self._step(
            "unprotect", lambda: operations.up(opened.stack, progress, levels=levels).require_success().summary()
        )
        self._step("destroy", lambda: self._destroyed(opened))
        if cloud is not None:
            self._progress.report("role", self._used)

    def _open(self, overrides: Overrides) -> Session:
        return session.open_in_local_cloud(self._stack, self._state, self._progress, overrides)

    def _note(self, outcome: Outcome) -> Outcome:
        self._url = str(outcome.require_success().outputs["url"])
        self._services = mapping(outcome.outputs.get("service_urls"))
        return outcome

    def _destroyed(self, opened: Session) -> str:
        resources = checkpoint.resources(self._state, self._stack)
        operations.destroy(opened.stack, self._progress, resources).require_success()
        if opened.cloud is not None:
            denials.require_none(opened.cloud, role_arn=self._role_arn)
            self._used = deploy_role.unused(opened.cloud, self._role_arn)
            deploy_role.remove(opened.cloud, self._role_arn)
            existing_secrets.remove(opened.cloud, self._secrets)
            admin_roles.remove(opened.cloud, self._made)
        report = leaks.inspect(opened)
        report.require_clean()
        return report.summary()

    def _step(self, name: str, action: Callable[[], str]) -> None:
        def naming_denials() -> str:
            with denials.named(self._cloud, role_arn=self._role_arn), unready.named(self._cloud):
                return action()

        run_step(self._stack, name, naming_denials, self._progress)


def _reachable_ports(settings: Settings) -> dict[tuple[str, ...], object]:
    """Return changed ports, if this user may not listen on those of the settings."""
    if os.geteuid() == 0:
        return {}
    first = int(UNPRIVILEGED_PORTS.read_text())
    ports = {"httpPort": settings.edge.http_port, "httpsPort": settings.edge.https_port}
    return {("drydock:edge", key): port + 8000 for key, port in ports.items() if port < first}


def _shorter_waits(settings: Settings) -> dict[tuple[str, ...], object]:
    """Return the fixed waits of a stack that a rehearsal shortens."""
    service = settings.service
    wanted = {
        "minReadySeconds": service.min_ready_seconds,
        "drainSeconds": service.drain_seconds,
        "progressDeadlineSeconds": service.progress_deadline_seconds,
    }
    return {("drydock:service", key): GRACE[key] for key, seconds in wanted.items() if seconds > GRACE[key]}


def _keep_logs(state: Path, stack: str, error: Exception) -> Path:
    """Copy the logs of a rehearsal, whose folder is removed, and name the copy in the error too."""
    kept = STATE / f"last-rehearsal-{stack}"
    shutil.rmtree(kept, ignore_errors=True)
    if (state / "logs").exists():
        shutil.copytree(state / "logs", kept)
    error.args = (str(error).replace(str(state / "logs"), str(kept)), *error.args[1:])
    return kept
