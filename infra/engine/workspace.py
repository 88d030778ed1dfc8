"""A stack opened with a Pulumi engine, on AWS or in a local cloud, with the same program.

Every stack uses a copy of its stack file, because the engine writes into it: an encryption salt, and
every value reformatted. The stacks of a local cloud also keep their state, plugins and passphrase in its folder.
"""

import json
import os
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pulumi import automation
from pulumi.automation.errors import CommandError

from infra.engine import backend, checkpoint, inline_program, real_providers
from infra.engine.engine_command import EngineCommand
from infra.engine.engine_stack import EngineStack
from infra.engine.failure_reason import failure_reason
from infra.engine.places import LOCAL_STACK, ROOT, STATE, stack_file
from infra.engine.stack_file_copy import Overrides, copy_stack_file
from infra.errors import InputError, MissingStackError, OperationError
from localcloud.cloud import Cloud
from localcloud.files import make_private, write_private
from localcloud.providers import offline
from stacks.names import PROJECT

PLUGINS = ROOT / "infra" / "plugins"
POLICY_PACK = ROOT / "infra" / "policy"
PASSPHRASE_FILE = "pulumi.passphrase"  # noqa: S105 - a file name


@dataclass(frozen=True, kw_only=True)
class Project:
    """A Pulumi project of this repository."""

    name: str
    folder: Path
    """Folder of Pulumi.yaml and the stack files."""
    module: str
    """Module of the function `program`."""


# The engine writes the whole state before and after each resource: half of its processor time in an `up`. No command
# continues with the state of a killed rehearsal, so there the engine writes it once, when an operation ends.
THROWN_AWAY = {"PULUMI_SKIP_CHECKPOINTS": "true"}
ENVIRONMENTS = Project(name=PROJECT, folder=ROOT, module=inline_program.ENVIRONMENTS)


def open_on_aws(stack: str, pulumi: Path) -> automation.Stack:
    """Open the stack with the backend, plugins and credentials that the official CLI would use.

    Raises:
        InputError: the environment configures a local cloud, or there is no state backend.
        MissingStackError: the backend has no such stack.
        OperationError: the backend cannot be read.
    """
    require_shell_for_aws(stack)
    environment = {
        **_common(pulumi),
        # The copy loses what the engine adds to it; if the user's file has no key, the state has it.
        "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true",
    }
    workspace = automation.LocalWorkspace(
        work_dir=str(_project_on_aws(stack)),
        program=inline_program.inline(),
        env_vars=environment,
        pulumi_command=EngineCommand(pulumi),
    )
    try:
        return EngineStack(stack, workspace)
    except automation.StackNotFoundError as error:
        raise MissingStackError(
            f"the state backend has no stack {stack}; create it with: pulumi stack init {stack} --secrets-provider=..."
        ) from error
    except CommandError as error:
        raise OperationError(
            f"the state of {stack} in {backend_url()} cannot be read: {failure_reason(error)}; sign in to AWS or to "
            "the backend, and check its URL"
        ) from error


def require_shell_for_aws(stack: str) -> None:
    """Check that the environment variables of this shell are for AWS, and that there is a state backend.

    Raises:
        InputError: the environment configures a local cloud, or there is no state backend.
    """
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    if "//127." in endpoint or "//localhost" in endpoint:
        raise InputError(
            f"{stack} runs on AWS, but AWS_ENDPOINT_URL is {endpoint}: this shell is configured for the local cloud; "
            "use another one, or: unset AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY"
        )
    if not backend_url():
        raise InputError(
            f"{stack} runs on AWS, but there is no state backend: set PULUMI_BACKEND_URL, such as s3://BUCKET, or log "
            f"in with: pulumi login; `drydock preview {stack}` and `drydock rehearse {stack}` need none"
        )


def _project_on_aws(stack: str) -> Path:
    """Create a project folder for the engine with a copy of the stack file, and links to the program's folders."""
    project = STATE / "aws" / stack
    make_private(project)
    for name in ("Pulumi.yaml", f"Pulumi.{stack}.yaml"):
        write_private(project / name, (ROOT / name).read_bytes())
    # `main` in Pulumi.yaml, and next to it the build context of the image.
    for name in ("infra", "app"):
        link = project / name
        if not link.is_symlink():
            link.symlink_to(ROOT / name, target_is_directory=True)
    return project


def backend_url() -> str:
    """Return the URL of the state backend of a stack on AWS; "" if there is none."""
    return backend.url(ROOT)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A stack with a local state: the folders and the environment of its engine."""

    stack: str
    pulumi: Path
    module: str
    """Module of the program."""
    folder: Path
    home: Path
    environment: Mapping[str, str]

    def open(self) -> automation.Stack:
        """Open the stack with the program of this checkout."""
        workspace = _Workspace(
            work_dir=str(self.folder),
            pulumi_home=str(self.home),
            program=inline_program.inline(self.module),
            env_vars=self.environment,
            pulumi_command=EngineCommand(self.pulumi),
        )
        return EngineStack(self.stack, workspace)


def prepare(
    stack: str,
    pulumi: Path,
    state: Path,
    providers: Mapping[str, int],
    overrides: Overrides | None = None,
    *,
    cloud: Cloud | None = None,
    real: Mapping[str, Path] | None = None,
    project: Project = ENVIRONMENTS,
    localize: bool = True,
) -> Prepared:
    """Create the folders of a stack with its state in `state` and the provider stand-ins on the given ports.

    `overrides` replace single settings in the copy: (object, key) -> value, or (key,) -> value. With a running `cloud`,
    the `real` providers replace their stand-ins. Without `localize` the settings keep the account of the stack.
    """
    folder = state / "project"
    home = state / "pulumi-home"
    backend = state / checkpoint.BACKEND
    for each in (folder / "infra", home, backend):
        each.mkdir(parents=True, exist_ok=True, mode=0o700)
    _without_log(home)
    _make_stack(state, stack, project.name)
    shutil.copy(project.folder / "Pulumi.yaml", folder)
    copy_stack_file(stack_file(stack, project.folder), folder, overrides or {}, project.name, localize=localize)
    passphrase = state / PASSPHRASE_FILE
    if not passphrase.exists():
        write_private(passphrase, secrets.token_urlsafe(24))
    used = real if cloud and real else {}
    attached = real_providers.attached(providers, used)
    common = _common(pulumi)
    environment = {
        **common,
        **(real_providers.environment(used, cloud, common["PATH"]) if cloud else {}),
        # No metadata files: the engine writes them in place, so a kill can leave an empty one, and
        # then the state cannot be read ("failed to load checkpoint: EOF"). The state itself is replaced by a rename.
        "PULUMI_BACKEND_URL": f"file://{backend}?metadata=skip",
        # In the environment, which only this user can read; it takes precedence over other values there.
        "PULUMI_CONFIG_PASSPHRASE": passphrase.read_text(),
        "PULUMI_DEBUG_PROVIDERS": ",".join(f"{name}:{port}" for name, port in sorted(attached.items())),
        # Providers in the state that are not installed are attached. Otherwise the engine tries to download them for 2
        # s, or downloads them if there is a network.
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        **({} if state.name == LOCAL_STACK else THROWN_AWAY),
        # Collecting garbage four times as often, which is the default, takes a tenth of the engine's processor time.
        "GOGC": "400",
    }
    return Prepared(
        stack=stack, pulumi=pulumi, module=project.module, folder=folder, home=home, environment=environment
    )


@contextmanager
def providers_of(cloud: Cloud | None) -> Iterator[Mapping[str, int]]:
    """Yield the ports of the stand-ins: those of a running cloud, or of stand-ins that only preview."""
    if cloud is not None:
        yield cloud.providers
        return
    with offline.serve_all() as ports:
        yield ports


class _Workspace(automation.LocalWorkspace):
    """A workspace whose stack exists. Every operation names its stack, so none needs to be selected."""

    def select_stack(self, stack_name: str) -> None:
        """Do nothing, to avoid starting the CLI."""


def _without_log(home: Path) -> None:
    """Put a file where the engine creates the folder of its automatic logs, so that it writes none.

    It has no option for that. The log has values of secrets, and takes a quarter of the engine's processor time in a
    preview. Source: StartLogging in https://github.com/pulumi/pulumi/blob/v3.259.0/pkg/logging/encrypted.go
    """
    logs = home / "logs"
    if logs.is_symlink():
        logs.unlink()
    elif logs.is_dir():
        shutil.rmtree(logs)
    logs.touch(mode=0o600)


def _make_stack(state: Path, stack: str, project: str) -> None:
    """Write the state of an empty stack if there is none; `pulumi stack init` takes half a second."""
    path = checkpoint.path(state, stack, project)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, json.dumps({"version": 3, "checkpoint": {"stack": f"organization/{project}/{stack}"}}))


def _common(pulumi: Path) -> dict[str, str]:
    """Return the common environment of engines: the plugin of the policy pack on PATH, and no check for updates."""
    return {
        "PATH": os.pathsep.join([str(PLUGINS), str(pulumi.parent), os.environ.get("PATH", os.defpath)]),
        "DRYDOCK_PYTHON": sys.executable,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK": "true",
    }
