"""The rehearsal of the bootstrap: its program deployed into an empty emulated account, and destroyed.

It has no cluster and no service, so only the account runs. An administrator runs the bootstrap, so the deploy role is
not used.
"""

import re
import time
from collections.abc import Callable

from bootstrap.settings import BootstrapSettings, parse_bootstrap
from infra.engine import checkpoint, command, leaks, operations
from infra.engine.drift import require_no_drift
from infra.engine.operations import ECHOES, Outcome
from infra.engine.places import ROOT
from infra.engine.progress import Progress
from infra.engine.rehearsal_step import run_step
from infra.engine.stack_file_copy import Overrides
from infra.engine.workspace import Project, prepare
from infra.errors import InputError
from infra.toolchain import ensure
from localcloud.aws.account_process import serve_account
from localcloud.cloud import ACCOUNT_ID
from stacks.settings import SettingsError, load_stack_file, stack_names

NAME = "bootstrap"
STACK = "account"
PROJECT = Project(name="drydock-bootstrap", folder=ROOT / "bootstrap", module="bootstrap.program")
EMULATED: Overrides = {("drydock-bootstrap:accountId",): ACCOUNT_ID}
UNPROTECTED: Overrides = {**EMULATED, ("drydock-bootstrap:protect",): False}
BOUNDARIES = re.compile(r"aws-iam-no-wildcard-admin: aws:iam/policy:Policy identities-[a-z0-9-]+-boundary: ")
"""False positives: a boundary allows all that it does not deny, and grants nothing. The rule sees a policy and
not that it is used as a boundary."""


def rehearse(progress: Progress) -> None:
    """Preview, up, up again, refresh, unprotect and destroy.

    Args:
        progress: shows the steps.

    Raises:
        InputError: the settings are invalid, or an environment has the name of this program.
        OperationError: a step failed; the message begins with its name.
    """
    if NAME in stack_names(ROOT):
        raise InputError(
            f"Pulumi.{NAME}.yaml: {NAME} is the program of the account in this command, and no valid name of an "
            "environment; rename the file"
        )
    began = time.monotonic()
    region = _read_settings().region
    pulumi = ensure({"pulumi"}, progress=not progress.quiet).pulumi
    with command.throw_away("rehearse", NAME) as state, serve_account(state, region) as account:

        def step(name: str, action: Callable[[], str]) -> None:
            run_step(NAME, name, action, progress)

        stack = prepare(STACK, pulumi, state, account.providers, EMULATED, project=PROJECT).open()
        step("preview + policy", lambda: operations.preview(stack, progress).require_success().summary())
        step("up", lambda: operations.up(stack, progress, judged=False).require_success().summary())
        # The first preview does not know the documents of policies that contain outputs of new resources.
        step("policy", lambda: _judged(operations.preview(stack, progress)))
        step("up again", lambda: operations.up(stack, progress, judged=False).require_no_changes())
        step("refresh", lambda: require_no_drift(operations.refresh(stack, progress)))
        stack = prepare(STACK, pulumi, state, account.providers, UNPROTECTED, project=PROJECT).open()
        step("unprotect", lambda: operations.up(stack, progress, judged=False).require_success().summary())

        def destroyed() -> str:
            resources = checkpoint.resources(state, STACK, PROJECT.name)
            operations.destroy(stack, progress, resources).require_success()
            report = leaks.in_account(account.aws_endpoint)
            report.require_clean()
            return report.summary()

        step("destroy", destroyed)
    progress.report("passed", f"{NAME} passed every step: {time.monotonic() - began:.0f} s")


def _read_settings() -> BootstrapSettings:
    """Validate the stack file as it is: the rehearsal itself replaces the account.

    Raises:
        InputError: the file is missing or invalid.
    """
    path = PROJECT.folder / f"Pulumi.{STACK}.yaml"
    try:
        file = load_stack_file(path, PROJECT.name)
        return parse_bootstrap(file.config, f"{PROJECT.folder.name}/{path.name}", file.spellings)
    except SettingsError as error:
        raise InputError(str(error)) from error


def _judged(outcome: Outcome) -> str:
    """Remove the boundaries from the violations, any of which fails a preview."""
    boundaries = [text for text in outcome.violations if BOUNDARIES.match(text)]
    outcome.violations = [text for text in outcome.violations if text not in boundaries]
    if boundaries and not outcome.violations and all(text.endswith(ECHOES) for text in outcome.errors):
        outcome.failed = False
    return f"{outcome.require_success().summary()}; {len(boundaries)} boundaries, which grant nothing, are not checked"
