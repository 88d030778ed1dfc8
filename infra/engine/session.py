"""A stack opened for one command: in the local cloud, on AWS, or with an empty state for an offline preview."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pulumi import automation

from infra.engine import (
    account,
    admin_roles,
    backend,
    checkpoint,
    command,
    hosted_zone,
    inline_program,
    localized,
    preflight,
    real_providers,
    recovery,
)
from infra.engine.places import LOCAL_STACK, STATE, stack_file
from infra.engine.progress import Progress
from infra.engine.reconcile import reconcile
from infra.engine.stack_file_copy import Overrides
from infra.engine.workspace import (
    backend_url,
    open_on_aws,
    prepare,
    providers_of,
    require_shell_for_aws,
)
from infra.errors import InputError, OperationError
from infra.toolchain import Toolchain, ensure
from localcloud import control
from localcloud.cloud import Cloud
from localcloud.postgres.versions import major_of
from stacks.settings import AssumedRole, Settings, SettingsError, load_stack_file, read_stack_file

LOOPBACK = "127.0.0.1"
CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
# kubectl is for the user, who should not have to wait for its build later.
RUNNING_TOOLS = ("pulumi", *CONTROL_PLANE, "kubectl")


@dataclass(frozen=True, kw_only=True)
class Session:
    """An opened stack and where it is deployed."""

    stack: automation.Stack
    name: str
    where: str
    """Where it is deployed: `local cloud`, `AWS`, or `no state, no credentials`."""
    compared: bool = True
    """Whether a preview compares with a state, which may be empty on AWS; without one it shows all that there is."""
    cloud: Cloud | None = None
    state: Path | None = None

    def say_what_differs(self, progress: Progress) -> None:
        """Print which values of the stack file cannot be used here; on AWS the engine has all of them."""
        if self.where == "AWS":
            return
        found = load_stack_file(stack_file(self.name))
        for line in localized.differences(found.config):
            progress.report("note", line)
        for path in found.encrypted:
            instead = "its default" if path.startswith("drydock:") else "a placeholder"
            progress.report("note", f"{path} is encrypted; {instead} is used instead")


def read_settings(stack: str) -> Settings:
    """Return the validated settings of a stack.

    Raises:
        InputError: the stack does not exist, or its file is invalid; the message lists every error.
    """
    path = stack_file(stack)
    try:
        return read_stack_file(path)
    except SettingsError as error:
        raise InputError(str(error)) from error


def assumed_roles(stack: str, settings: Settings) -> tuple[AssumedRole, ...]:
    """Return the roles that a stack is deployed with, from its file; the last one deploys."""
    return load_stack_file(stack_file(stack)).assumed_roles(settings)


def state_folder(stack: str) -> Path:
    """Return the state folder of the local cloud of a stack."""
    return STATE / stack


def has_state(stack: str) -> bool:
    """Return whether a local cloud of this stack exists, running or not."""
    return (state_folder(stack) / checkpoint.BACKEND).exists()


@contextmanager
def deployed(stack: str, progress: Progress) -> Iterator[Session]:
    """Open the stack where it is deployed; for `local`, start or reuse its local cloud."""
    if stack != LOCAL_STACK:
        require_shell_for_aws(stack)
        _require_account(stack)
        yield Session(stack=open_on_aws(stack, _pulumi(progress)), name=stack, where="AWS")
        return
    with in_local_cloud(stack, state_folder(stack), progress) as session:
        yield session


@contextmanager
def in_local_cloud(
    stack: str, state: Path, progress: Progress, overrides: Overrides | None = None
) -> Iterator[Session]:
    """Open the stack in the local cloud of a state folder, under its command lock."""
    command.clear_left_overs()
    with command.command_lock(state, lambda message: progress.say("recovery", message)):
        opened = open_in_local_cloud(stack, state, progress, overrides)
        if opened.cloud and (made := admin_roles.ensure(opened.cloud, read_settings(stack).cluster.admins(stack))):
            progress.report("note", admin_roles.described(made))
        with recovery.naming_ended_parts(state):
            yield opened


def open_in_local_cloud(stack: str, state: Path, progress: Progress, overrides: Overrides | None = None) -> Session:
    """Do the same under a lock that the caller holds: start the cloud, and recover from a killed process."""
    settings = read_settings(stack)
    recovery.require_sound_state(state, stack)
    if not control.status(state):
        preflight.require_space(state)
        if state.name == LOCAL_STACK:
            preflight.require_free_port(LOOPBACK, "edge.httpPort", settings.edge.http_port, stack)
            if settings.edge.secure:
                preflight.require_free_port(LOOPBACK, "edge.httpsPort", settings.edge.https_port, stack)
    # Report these errors before tools are built, which can take minutes.
    toolchain = ensure(RUNNING_TOOLS, progress=not progress.quiet)
    if not control.running(state):  # if it runs, the program is imported while the engine starts
        inline_program.load()
    cloud = control.start(
        state,
        name=state.name,
        region=settings.region,
        engine_version=settings.database.engine_version,
        binaries=binaries(toolchain),
        progress=lambda message: progress.say("cloud", message),
        # The cloud of a rehearsal is not needed once the rehearsal has ended.
        owner_pid=None if state.name == LOCAL_STACK else os.getpid(),
    )
    recovery.release_stale_locks(state)
    hosted_zone.ensure(cloud, settings)
    real = real_providers.installed()
    opened = prepare(stack, toolchain.pulumi, state, cloud.providers, overrides, cloud=cloud, real=real).open()
    if other := _other_postgres(state, settings.database.engine_version):
        progress.report("note", other)
    for line in real_providers.described(cloud.providers, real):
        progress.say("providers", line)
    for done in reconcile(opened, cloud, state):
        progress.report("recovery", done)
    return Session(stack=opened, name=stack, where="local cloud", cloud=cloud, state=state)


@contextmanager
def for_preview(stack: str, progress: Progress) -> Iterator[Session]:
    """Open the stack with the best available state: its own, or an empty one without credentials."""
    read_settings(stack)
    if stack == LOCAL_STACK and has_state(stack):
        state = state_folder(stack)
        command.clear_left_overs()
        cloud = control.running(state)
        with command.command_lock(state), providers_of(cloud) as ports:
            recovery.require_sound_state(state, stack)
            recovery.release_stale_locks(state)
            real = real_providers.installed()
            opened = prepare(stack, _pulumi(progress), state, ports, cloud=cloud, real=real).open()
            yield Session(stack=opened, name=stack, where="state of the local cloud", cloud=cloud, state=state)
    elif stack != LOCAL_STACK and backend_url():
        require_shell_for_aws(stack)
        _require_account(stack)
        yield Session(stack=open_on_aws(stack, _pulumi(progress)), name=stack, where="AWS")
    else:
        with from_nothing(stack, progress) as session:
            yield session


@contextmanager
def from_nothing(stack: str, progress: Progress) -> Iterator[Session]:
    """Open the stack with an empty state and stand-ins that only preview. Needs no cloud, network or credentials."""
    read_settings(stack)
    with command.throw_away("preview", stack) as state, providers_of(None) as ports:
        opened = prepare(stack, _pulumi(progress), state, ports).open()
        yield Session(stack=opened, name=stack, where="empty state, no credentials", compared=False, state=state)


def _pulumi(progress: Progress) -> Path:
    return ensure({"pulumi"}, progress=not progress.quiet).pulumi


def _require_account(stack: str) -> None:
    settings = read_settings(stack)
    ask = account.reader(settings.region)
    account.require_credentials(stack, ask)
    account.require_account(stack, settings, assumed_roles(stack, settings), ask)


def open_state(stack: str) -> automation.Stack:
    """Open a stack on AWS to read its state; only a backend on AWS needs credentials of AWS.

    Raises:
        InputError: this shell has no state backend or no credentials for it.
        MissingStackError: the backend has no such stack.
        OperationError: the backend cannot be read.
    """
    require_shell_for_aws(stack)
    if backend.is_read_with_credentials_of_aws(backend_url()):
        account.require_credentials(stack, account.reader(read_settings(stack).region))
    return open_on_aws(stack, ensure({"pulumi"}).pulumi)


def _other_postgres(state: Path, engine_version: str) -> str:
    """Return a message if the database has another major version than the settings, else ""."""
    major = major_of(state / "postgres")
    if major == int(engine_version.partition(".")[0]):
        return ""
    return f"PostgreSQL {major} is used here, but database.engineVersion is {engine_version}"


def require_running(stack: str) -> Cloud:
    """Return the running local cloud of a stack.

    Raises:
        OperationError: it is not running.
    """
    cloud = control.running(state_folder(stack))
    if cloud is None:
        raise OperationError(f"the local cloud of {stack} is not running; start it with: drydock up {stack}")
    return cloud


def binaries(toolchain: Toolchain) -> dict[str, str]:
    """Return the executables of a local cloud."""
    return {name: str(toolchain.found[name].path) for name in CONTROL_PLANE}
