"""A stack opened for one command: in the local cloud, on AWS, or nowhere at all for a preview without credentials."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pulumi import automation

from infra.engine import (
    account,
    admin_roles,
    checkpoint,
    command,
    hosted_zone,
    localized,
    preflight,
    real_providers,
    recovery,
)
from infra.engine.places import LOCAL_STACK, STATE, stack_file
from infra.engine.progress import Progress
from infra.engine.reconcile import reconcile
from infra.engine.workspace import Overrides, has_backend, open_locally, open_on_aws, providers_of
from infra.errors import InputError, OperationError
from infra.toolchain import Toolchain, ensure
from localcloud import control
from localcloud.cloud import Cloud
from localcloud.postgres.versions import major_of
from stacks.settings import AssumedRole, Settings, SettingsError, load_stack_file, read_stack_file

LOOPBACK = "127.0.0.1"
CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
# kubectl is for the person who looks at the result, who should not have to wait for it then.
RUNNING_TOOLS = ("pulumi", *CONTROL_PLANE, "kubectl")


@dataclass(frozen=True, kw_only=True)
class Session:
    """An opened stack and what stands behind it."""

    stack: automation.Stack
    name: str
    where: str
    """What the reader must know of the place: `local cloud`, `AWS`, or `no state, no credentials`."""
    cloud: Cloud | None = None
    state: Path | None = None

    def say_what_differs(self, progress: Progress) -> None:
        """Say which values of the stack file cannot be read or used here; on AWS the engine has all of them."""
        if self.where == "AWS":
            return
        found = load_stack_file(stack_file(self.name))
        for line in localized.differences(found.config):
            progress.say("note", line)
        for path in found.encrypted:
            instead = "its default" if path.startswith("drydock:") else "a placeholder"
            progress.say("note", f"{path} is encrypted; {instead} is used instead")


def read_settings(stack: str) -> Settings:
    """The checked settings of a stack.

    Raises:
        InputError: there is no such stack, or its file is wrong; the message lists every error.
    """
    path = stack_file(stack)
    try:
        return read_stack_file(path)
    except SettingsError as error:
        raise InputError(str(error)) from error


def assumed_roles(stack: str, settings: Settings) -> tuple[AssumedRole, ...]:
    """The roles that a stack is deployed as, of its file, which was read; the last one deploys."""
    return load_stack_file(stack_file(stack)).assumed_roles(settings)


def state_folder(stack: str) -> Path:
    """The state folder of a stack's own local cloud."""
    return STATE / stack


def has_state(stack: str) -> bool:
    """Whether a local cloud of this stack was ever started and not taken down."""
    return (state_folder(stack) / checkpoint.BACKEND).exists()


@contextmanager
def deployed(stack: str, progress: Progress) -> Iterator[Session]:
    """The stack where it is deployed; `local` starts its local cloud, or takes it up again."""
    if stack != LOCAL_STACK:
        _require_account(stack)
        yield Session(stack=open_on_aws(stack, ensure({"pulumi"}).pulumi), name=stack, where="AWS")
        return
    with in_local_cloud(stack, state_folder(stack), progress) as session:
        yield session


@contextmanager
def in_local_cloud(
    stack: str, state: Path, progress: Progress, overrides: Overrides | None = None
) -> Iterator[Session]:
    """The stack in the local cloud of a state folder, as the only command that works on it."""
    command.clear_left_overs()
    with command.command_lock(state, lambda message: progress.say("recovery", message)):
        opened = open_in_local_cloud(stack, state, progress, overrides)
        if opened.cloud and (made := admin_roles.ensure(opened.cloud, read_settings(stack).cluster.admins(stack))):
            progress.say("note", admin_roles.described(made))
        with recovery.naming_ended_parts(state):
            yield opened


def open_in_local_cloud(stack: str, state: Path, progress: Progress, overrides: Overrides | None = None) -> Session:
    """The same under a lock that the caller holds: the cloud started, and set right what a kill left behind."""
    settings = read_settings(stack)
    recovery.require_sound_state(state, stack)
    if not control.status(state):
        preflight.require_space(state)
        if state.name == LOCAL_STACK:
            preflight.require_free_port(LOOPBACK, "edge.httpPort", settings.edge.http_port, stack)
            if settings.edge.secure:
                preflight.require_free_port(LOOPBACK, "edge.httpsPort", settings.edge.https_port, stack)
    # What is wrong here is said before tools are built, which can take minutes.
    toolchain = ensure(RUNNING_TOOLS)
    cloud = control.start(
        state,
        name=state.name,
        region=settings.region,
        engine_version=settings.database.engine_version,
        binaries=binaries(toolchain),
        progress=lambda message: progress.say("cloud", message),
        # A rehearsal's cloud is of no use to anybody once the rehearsal is gone.
        owner_pid=None if state.name == LOCAL_STACK else os.getpid(),
    )
    recovery.release_stale_locks(state)
    hosted_zone.ensure(cloud, settings)
    real = real_providers.installed()
    opened = open_locally(stack, toolchain.pulumi, state, cloud.providers, overrides, cloud=cloud, real=real)
    if other := _other_postgres(state, settings.database.engine_version):
        progress.say("note", other)
    for line in real_providers.described(cloud.providers, real):
        progress.say("providers", line)
    for done in reconcile(opened, cloud, state):
        progress.say("recovery", done)
    return Session(stack=opened, name=stack, where="local cloud", cloud=cloud, state=state)


@contextmanager
def for_preview(stack: str) -> Iterator[Session]:
    """The stack against the best state that can be had here: its own, or an empty one without any credentials."""
    read_settings(stack)
    if stack == LOCAL_STACK and has_state(stack):
        state = state_folder(stack)
        command.clear_left_overs()
        cloud = control.running(state)
        with command.command_lock(state), providers_of(cloud) as ports:
            recovery.require_sound_state(state, stack)
            recovery.release_stale_locks(state)
            real = real_providers.installed()
            opened = open_locally(stack, ensure({"pulumi"}).pulumi, state, ports, cloud=cloud, real=real)
            yield Session(stack=opened, name=stack, where="state of the local cloud", cloud=cloud, state=state)
    elif stack != LOCAL_STACK and has_backend():
        _require_account(stack)
        yield Session(stack=open_on_aws(stack, ensure({"pulumi"}).pulumi), name=stack, where="AWS")
    else:
        with from_nothing(stack) as session:
            yield session


@contextmanager
def from_nothing(stack: str) -> Iterator[Session]:
    """The stack against an empty state and stand-ins that only preview: needs no cloud, network or credentials."""
    read_settings(stack)
    with command.throw_away("preview", stack) as state, providers_of(None) as ports:
        opened = open_locally(stack, ensure({"pulumi"}).pulumi, state, ports)
        yield Session(stack=opened, name=stack, where="empty state, no credentials", state=state)


def _require_account(stack: str) -> None:
    settings = read_settings(stack)
    account.require_account(stack, settings, assumed_roles(stack, settings), account.reader(settings.region))


def _other_postgres(state: Path, engine_version: str) -> str:
    """Say that the database is of another major version than RDS is asked for; "" where it is of the same."""
    major = major_of(state / "postgres")
    if major == int(engine_version.partition(".")[0]):
        return ""
    return f"PostgreSQL {major} serves here, and database.engineVersion is {engine_version}"


def require_running(stack: str) -> Cloud:
    """The running local cloud of a stack.

    Raises:
        OperationError: it does not run.
    """
    cloud = control.running(state_folder(stack))
    if cloud is None:
        raise OperationError(f"the local cloud of {stack} does not run; start it with: drydock up {stack}")
    return cloud


def binaries(toolchain: Toolchain) -> dict[str, str]:
    """The programs that a local cloud is made of."""
    return {name: str(toolchain.found[name].path) for name in CONTROL_PLANE}
