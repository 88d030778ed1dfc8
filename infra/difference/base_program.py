"""Deploys the program of another checkout, as a script: `python -P base_program.py < REQUEST`.

The checkout is in PYTHONPATH, so this file imports no other file of this repository: `infra` is that of the checkout.
The request is a JSON object with the engine, its folders and its environment. The answer on stdout is a JSON object
with the errors of the engine and of the program, and the options of each resource.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from typing import Any

from pulumi import automation, log, runtime
from pulumi.automation._stack import StackInitMode
from pulumi.automation.errors import CommandError
from pulumi.runtime.proto import resource_pb2_grpc
from semver import VersionInfo

MODULE = "infra.program"


class _Engine(automation.PulumiCommand):
    """The engine of the request, which is not started to check its version."""

    def __init__(self, path: str, version: list[int]) -> None:
        self.command = path
        self.version = VersionInfo(*version)


class _Workspace(automation.LocalWorkspace):
    def select_stack(self, stack_name: str) -> None:
        """Do nothing: the stack exists, and the operation names it."""


class _Stack(automation.Stack):
    """Reads neither outputs nor history after an `up`."""

    def outputs(self) -> automation.OutputMap:
        """Return nothing."""
        return {}

    def info(self, show_secrets: bool = True) -> automation.UpdateSummary | None:
        """Return nothing."""
        return automation.UpdateSummary("", None, "", {}, {}, "")  # type: ignore[arg-type]


def record_options() -> dict[str, dict[str, Any]]:
    """Return a mapping to which each resource that a program of this process registers adds its options, by its URN.

    A state has only some of them: neither aliases nor `ignoreChanges`.
    """
    found: dict[str, dict[str, Any]] = {}
    make: Any = resource_pb2_grpc.ResourceMonitorStub

    def recording(channel: Any) -> Any:
        stub = make(channel)
        register = stub.RegisterResource

        def registered(request: Any, *rest: Any, **options: Any) -> Any:
            answer = register(request, *rest, **options)
            found[answer.urn] = _options(request)
            return answer

        stub.RegisterResource = registered
        return stub

    resource_pb2_grpc.ResourceMonitorStub = recording  # type: ignore[assignment, misc]
    return found


def _options(request: Any) -> dict[str, Any]:
    """Return the options that are set, by their names in Pulumi's documentation."""
    timeouts = request.customTimeouts
    options = {
        "additionalSecretOutputs": sorted(request.additionalSecretOutputs),
        "aliases": sorted(filter(None, map(_alias, request.aliases))),
        "customTimeouts": {
            key: value for key in ("create", "update", "delete") if (value := getattr(timeouts, key, ""))
        },
        "deleteBeforeReplace": request.deleteBeforeReplace,
        "deletedWith": _label(request.deletedWith),
        "dependsOn": sorted(map(_label, request.dependencies)),
        "ignoreChanges": sorted(request.ignoreChanges),
        "replaceOnChanges": sorted(request.replaceOnChanges),
    }
    return {key: value for key, value in options.items() if value}


def _alias(alias: Any) -> str:
    if alias.urn:
        return str(alias.urn)
    spec = alias.spec
    parent = "no parent" if spec.noParent else spec.parentUrn and f"parent {_label(spec.parentUrn)}"
    parts = [spec.name and f"name {spec.name}", spec.type and f"type {spec.type}", parent]
    return ", ".join(part for part in parts if part)


def _label(urn: str) -> str:
    """Return the name and type of a resource, which stay if a component around it is renamed."""
    return f"{urn.rpartition('::')[2]} ({urn.split('::')[2].rpartition('$')[2]})" if urn.count("::") > 2 else urn


def deploy(request: dict[str, Any], program: Callable[[], None]) -> list[str]:
    """Deploy, and return the errors."""
    errors: list[str] = []

    def on_event(event: Any) -> None:
        found = event.diagnostic_event
        if found and found.severity == "error":
            name = found.urn.rpartition("::")[2] if found.urn else ""
            errors.append(f"{name}: {found.message.strip()}" if name else found.message.strip())

    workspace = _Workspace(
        work_dir=request["folder"],
        pulumi_home=request["home"],
        program=program,
        env_vars=request["environment"],
        pulumi_command=_Engine(request["pulumi"], request["version"]),
    )
    try:
        _Stack(request["stack"], workspace, StackInitMode.SELECT).up(on_event=on_event)
    except CommandError as error:
        return errors or [str(error).strip().splitlines()[-1]]
    return []


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a program prints is no part of the answer
    log.debug = lambda *_message, **_options: None
    # A deployment may wait for what it created or call it. Nothing is created here, so the program, unlike the SDK,
    # is told that this is a preview.
    runtime.is_dry_run = lambda: True
    options = record_options()
    try:
        program = import_module(MODULE).program
        errors = deploy(request, program)
    except (Exception, SystemExit):
        errors = [traceback.format_exc()]
    answer.write(json.dumps({"errors": errors, "options": options}))
    answer.flush()
    os._exit(0)  # freeing the objects of the SDKs takes half a second


if __name__ == "__main__":
    main()
