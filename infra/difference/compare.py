"""Compares the program of this checkout with a commit, a state file or the deployed state, all stacks side by side."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from infra import review
from infra.difference import base_state, revision
from infra.difference.environments import removed_environments
from infra.difference.migrations import migration_hazards
from infra.difference.revision import Base
from infra.difference.worker import DEPLOYED, EMPTY, Request, written
from infra.engine.places import LOCAL_STACK, ROOT, stack_names
from infra.engine.progress import Progress
from infra.engine.session import has_state, read_settings
from infra.engine.workspace import backend_url
from infra.errors import InputError
from infra.review.stored import from_json
from infra.toolchain import ensure
from localcloud import prctl
from localcloud.files import make_private, write_private

INPUT_EXIT_CODE = 2
INSTALLED = "both versions ran with the installed packages"
MAX_PACKAGES = 12
Answer = dict[str, Any]
"""The plan of a worker, or its error with the exit code."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What this checkout changes."""

    plans: Mapping[str, review.Plan]
    """Stack -> its plan."""
    commit: Base | None = None
    """The commit that stacks are compared with; None if all are compared with a state."""
    with_commit: tuple[str, ...] = ()
    """The stacks that are compared with the commit."""


def diff_stacks(
    base: str | None = None,
    stacks: Sequence[str] = (),
    *,
    state: Path | None = None,
    graph: bool = False,
    progress: Progress | None = None,
) -> Comparison:
    """Return the plan of each stack: what the program of this checkout, as its files are now, changes.

    Args:
        base: commit or branch to compare with. By default it is the deployed state, if this shell has a state backend,
            else the last commit that the current branch shares with the main branch.
        stacks: the environments; by default all that are deployed to AWS.
        state: state file of the only stack to compare with instead.
        graph: whether the plans have all resources, including those that do not change.
        progress: shows the steps.

    Raises:
        InputError: a stack, the commit or the state does not exist, or the settings are not valid.
        OperationError: the program of the commit cannot run.
    """
    shown = progress or Progress(quiet=True)
    names = _names(stacks, base, state)
    for name in names:
        read_settings(name)  # wrong settings are reported before anything is started
    pulumi = ensure({"pulumi"}, progress=not shown.quiet).pulumi
    request = partial(Request, pulumi=str(pulumi), graph=graph)
    if state is not None:
        return Comparison(plans=_previewed([request(stack=names[0], state_file=str(state.absolute()))], shown))
    deployed = [name for name in names if base is None and _is_deployed(name)]
    requests = [request(stack=name, against=DEPLOYED) for name in deployed]
    others = [name for name in names if name not in deployed]
    if not others:
        return Comparison(plans=_previewed(requests, shown))
    commit = revision.resolve(base)
    shown.say("diff", f"{', '.join(others)}, compared with {commit.described}")
    plans = _previewed([*requests, *_requests(commit, others, request, shown)], shown)
    migrations, removed = migration_hazards(commit), removed_environments(commit)
    for name in others:
        plan = _noted(plans[name], commit).with_hazards(*removed).with_notes(*(each.what for each in removed))
        plans[name] = plan.with_hazards(*migrations) if _is_in(commit, name) else plan
    return Comparison(plans={name: plans[name] for name in names}, commit=commit, with_commit=tuple(others))


def _names(stacks: Sequence[str], base: str | None, state: Path | None) -> list[str]:
    known = stack_names()
    names = list(dict.fromkeys(stacks)) or [name for name in known if name != LOCAL_STACK] or known
    if state is not None and len(names) != 1:
        raise InputError("--state FILE is the state of one stack; name it: drydock diff --state FILE STACK")
    if state is not None and base is not None:
        raise InputError("--state and --base exclude each other; use one of them")
    return names


def _is_deployed(stack: str) -> bool:
    """Return whether this shell has a state of the stack, as for `drydock preview`."""
    return has_state(stack) if stack == LOCAL_STACK else bool(backend_url())


def _requests(base: Base, stacks: Sequence[str], request: Callable[..., Request], progress: Progress) -> list[Request]:
    """Return the requests of stacks that are compared with a commit."""
    new = [stack for stack in stacks if not _is_in(base, stack)]
    missing = [stack for stack in stacks if stack not in new and not base_state.place(base, stack).exists()]
    if missing:
        progress.say("diff", f"deploying {base.commit[:9]} on stand-ins for {', '.join(missing)}")
    return [
        request(
            stack=stack,
            against=EMPTY if stack in new else "",
            commit=base.commit,
            why=base.why if stack not in new else base.described,
        )
        for stack in stacks
    ]


def _is_in(base: Base, stack: str) -> bool:
    return revision.has_file(base, f"Pulumi.{stack}.yaml")


def _noted(plan: review.Plan, base: Base) -> review.Plan:
    packages = revision.changed_packages(base)
    if not packages:
        return plan
    more = f" and {len(packages) - MAX_PACKAGES} more" if len(packages) > MAX_PACKAGES else ""
    note = f"{revision.LOCK} differs ({', '.join(packages[:MAX_PACKAGES])}{more}); {INSTALLED}"
    return plan.with_notes(note)


def _previewed(requests: Sequence[Request], progress: Progress) -> dict[str, review.Plan]:
    """Preview all stacks, some at the same time."""
    with tempfile.TemporaryDirectory(prefix="drydock-diff-") as name:
        folder = Path(name)
        make_private(folder)
        for request in requests:
            write_private(folder / f"{request.stack}.request", written(request))
        answers = _run_workers(folder, [request.stack for request in requests], progress)
        return {stack: _plan(answer) for stack, answer in answers.items()}


def _run_workers(folder: Path, stacks: Sequence[str], progress: Progress) -> dict[str, Answer]:
    """Run a worker for each stack, and return the answers in the order of the stacks."""
    # The workers get SIGTERM if this process ends, and stop their engines.
    launcher = [sys.executable, "-I", "-S", prctl.__file__, str(os.getpid())]
    command = [*launcher, sys.executable, "-m", "infra.difference.workers", str(folder), *stacks]
    answers: dict[str, Answer] = {}
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        try:
            # A child of the program may keep the pipe open.
            while len(answers) < len(stacks) and process.stdout and (line := process.stdout.readline()):
                stack, code = line.split()
                answers[stack] = answer = _answer(folder, stack, code)
                plan = answer.get("plan")
                said = "failed" if not plan or plan["errors"] else f"{len(plan['changes'])} changes"
                progress.say("diff", f"{stack}: {said}")
        except BaseException:
            process.terminate()
            raise
    return {stack: answers.get(stack) or _answer(folder, stack, process.returncode) for stack in stacks}


def _answer(folder: Path, stack: str, code: object) -> Answer:
    """Return the answer of a worker; if it ended without one, an error with its exit code."""
    path = folder / f"{stack}.answer"
    if not path.exists():
        return {"error": f"its preview ended with exit code {code} without an answer", "exit_code": 1}
    found: Answer = json.loads(path.read_text())
    return found


def _plan(found: Answer) -> review.Plan:
    """Return the plan of an answer; for an error, a plan with it, so that the other stacks are reported too.

    Raises:
        InputError: the input of the stack is not valid.
    """
    if "error" not in found:
        return from_json(found["plan"])
    if "traceback" in found:
        print(found["traceback"], file=sys.stderr)
    if found["exit_code"] == INPUT_EXIT_CODE:
        raise InputError(found["error"])
    return review.failed_plan(found["error"])
