"""A stack opened on a Pulumi engine, on AWS or in a local cloud, with the same program behind it.

A local cloud's stacks keep their state, plugins and passphrase in its own folder, and work on a copy of the stack
file, since the engine writes an encryption salt into the one it is given.
"""

import os
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import yaml
from pulumi import automation

from infra.engine.places import ROOT, stack_file
from infra.program import program
from localcloud.cloud import Cloud
from localcloud.files import write_private
from localcloud.providers import offline

Overrides = Mapping[tuple[str, ...], object]

PLUGINS = ROOT / "infra" / "plugins"
POLICY_PACK = ROOT / "infra" / "policy"
PASSPHRASE_FILE = "pulumi.passphrase"  # noqa: S105 - a file name


def open_on_aws(stack: str, pulumi: Path) -> automation.Stack:
    """The stack with the backend, plugins and credentials that the official CLI would use."""
    workspace = automation.LocalWorkspace(
        work_dir=str(ROOT), program=program, env_vars=_common(pulumi), pulumi_command=_command(pulumi)
    )
    return automation.Stack.create_or_select(stack, workspace)


def open_locally(
    stack: str, pulumi: Path, state: Path, providers: Mapping[str, int], overrides: Overrides | None = None
) -> automation.Stack:
    """The stack with its state in `state`, and the provider stand-ins on the given ports.

    `overrides` replace single settings in the copy: (object, key) -> value, or (key,) -> value.
    """
    project = state / "project"
    home = state / "pulumi-home"
    backend = state / "pulumi-state"
    for folder in (project / "infra", home, backend):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copy(ROOT / "Pulumi.yaml", project)
    _copy_stack_file(stack_file(stack), project, overrides or {})
    passphrase = state / PASSPHRASE_FILE
    if not passphrase.exists():
        write_private(passphrase, secrets.token_urlsafe(24))
    environment = {
        **_common(pulumi),
        "PULUMI_BACKEND_URL": f"file://{backend}",
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(passphrase),
        "PULUMI_DEBUG_PROVIDERS": ",".join(f"{name}:{port}" for name, port in sorted(providers.items())),
    }
    workspace = automation.LocalWorkspace(
        work_dir=str(project),
        pulumi_home=str(home),
        program=program,
        env_vars=environment,
        pulumi_command=_command(pulumi),
    )
    return automation.Stack.create_or_select(stack, workspace)


@contextmanager
def providers_of(cloud: Cloud | None) -> Iterator[Mapping[str, int]]:
    """The stand-ins' ports: a running cloud's, or those of stand-ins in this process that can only preview."""
    if cloud is not None:
        yield cloud.providers
        return
    with offline.serve_all() as ports:
        yield ports


def _command(pulumi: Path) -> automation.PulumiCommand:
    # PulumiCommand wants a root with bin/pulumi in it.
    return automation.PulumiCommand(root=str(pulumi.parent.parent), skip_version_check=True)


def _common(pulumi: Path) -> dict[str, str]:
    """What every engine gets: the policy pack's plugin on PATH, and no look for updates."""
    return {
        "PATH": os.pathsep.join([str(PLUGINS), str(pulumi.parent), os.environ.get("PATH", os.defpath)]),
        "DRYDOCK_PYTHON": sys.executable,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK": "true",
    }


def _copy_stack_file(source: Path, project: Path, overrides: Overrides) -> None:
    """Copy the settings with the overrides, keeping the salt that the engine wrote into the last copy."""
    target = project / source.name
    document = yaml.safe_load(source.read_text())
    for path, value in overrides.items():
        place = document["config"]
        for key in path[:-1]:
            place = place.setdefault(key, {})
        place[path[-1]] = value
    if target.exists():
        salt = yaml.safe_load(target.read_text()).get("encryptionsalt")
        document |= {"encryptionsalt": salt} if salt else {}
    write_private(target, yaml.safe_dump(document, sort_keys=False))
