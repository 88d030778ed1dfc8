"""Previews one stack in a process of its own, which `infra.difference.workers` starts.

Pulumi's SDK keeps the running program in globals, so two stacks cannot be previewed in one process. Request and answer
are JSON files. The answer has the plan, or the error with its exit code.
"""

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pulumi import automation
from pulumi.automation.errors import CommandError

from infra import review
from infra.difference import base_state, given_state
from infra.difference.base_program import record_options
from infra.difference.policies import findings
from infra.difference.revision import Base
from infra.engine import checkpoint, command, inline_program, operations, session
from infra.engine.failure_reason import failure_reason
from infra.engine.places import ROOT, stack_file
from infra.engine.plan_file import planned_resources, read_dependencies
from infra.engine.progress import Progress
from infra.engine.stack_file_copy import write_salt
from infra.engine.workspace import PASSPHRASE_FILE, prepare
from infra.errors import DrydockError, about_file
from infra.review.hazards.cost import with_cost_jump
from localcloud.errors import CloudError
from localcloud.files import make_private, write_private
from localcloud.providers import offline

DEPLOYED, EMPTY = "deployed", "empty"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to preview, and what to compare it with: a commit, a state file, the deployed state, or nothing."""

    stack: str
    pulumi: str
    against: str = ""
    """`deployed`, `empty`, or "" for one of the fields below."""
    commit: str = ""
    why: str = ""
    state_file: str = ""
    graph: bool = False
    """Whether the answer has all resources, including those that do not change."""


@dataclass(frozen=True, kw_only=True)
class _Opened:
    stack: automation.Stack
    where: str
    before: dict[str, dict[str, Any]] | None = None
    compared: bool = True
    notes: tuple[str, ...] = ()


def preview(request: Request, stand_ins: Mapping[str, int]) -> review.Plan:
    """Preview the program of this checkout, and return the plan.

    Args:
        request: what to preview.
        stand_ins: ports of stand-ins that only record, if it compares with a commit.
    """
    after = record_options()
    inline_program.load()
    with _opened(request, stand_ins) as opened, TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        outcome = operations.preview(opened.stack, Progress(quiet=True), judged=False, plan=path)
        dependencies = read_dependencies(path)
    if outcome.failed and not outcome.events:
        outcome.require_success()
    plan = review.plan_from_events(
        outcome.events,
        before=opened.before,
        after=after,
        compared=opened.compared,
        base=opened.where,
        notes=opened.notes,
        graph=request.graph,
        dependencies=dependencies,
    )
    if plan.errors:
        return plan
    budget = session.read_settings(request.stack).budget.monthly_usd
    found = findings(request.stack, planned_resources(outcome.events, dependencies))
    return replace(with_cost_jump(plan, request.stack, budget), findings=found, judged=True)


@contextmanager
def _opened(request: Request, stand_ins: Mapping[str, int]) -> Iterator[_Opened]:
    stack = request.stack
    if request.against == DEPLOYED:
        with session.for_preview(stack, Progress(quiet=True)) as opened:
            yield _Opened(stack=opened.stack, where=opened.where, compared=opened.compared)
    elif request.state_file:
        edge = session.read_settings(stack).edge
        given = given_state.read(Path(request.state_file), stack, (edge.domain and edge.hosted_zone) or "")
        with (
            offline.serve_all(state_only=True, account_id=given.account_id) as own,
            _on_stand_ins(request, given.checkpoint, own, localize=False) as found,
        ):
            yield _Opened(stack=found, where=f"state in {given.name}", notes=given.notes)
    elif request.against == EMPTY:
        with _on_stand_ins(request, None, stand_ins) as found:
            note = f"Pulumi.{stack}.yaml is not in {request.why}: the environment is new"
            yield _Opened(stack=found, where=request.why, notes=(note,))
    else:
        base = Base(commit=request.commit, why=request.why)
        path = base_state.place(base, stack)
        recorded = base_state.read(path) or base_state.record(base, stack, Path(request.pulumi), path)
        with _on_stand_ins(request, recorded.checkpoint, stand_ins) as found:
            yield _Opened(stack=found, where=base.described, before=recorded.options)


@contextmanager
def _on_stand_ins(
    request: Request, state_file: dict[str, Any] | None, stand_ins: Mapping[str, int], *, localize: bool = True
) -> Iterator[automation.Stack]:
    """Open the stack with a state, on stand-ins that only record."""
    with command.throw_away("preview", request.stack) as state:
        write_private(state / PASSPHRASE_FILE, base_state.PASSPHRASE)
        if state_file is not None:
            path = checkpoint.path(state, request.stack)
            path.parent.mkdir(parents=True)
            write_private(path, json.dumps(state_file))
            if salt := _salt(state_file):
                make_private(state / "project")
                write_salt(stack_file(request.stack), state / "project", salt)
        yield prepare(request.stack, Path(request.pulumi), state, stand_ins, localize=localize).open()


def _salt(state_file: dict[str, Any]) -> str:
    """Return the salt of the key that encrypts the secrets in a state."""
    latest = state_file["checkpoint"].get("latest") or {}
    return str(((latest.get("secrets_providers") or {}).get("state") or {}).get("salt") or "")


def main(request: Request, stand_ins: Mapping[str, int], answer: Path) -> None:
    """Write the answer to a request, and end the process."""
    os.chdir(ROOT / "infra")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    threading.excepthook = lambda _args: None  # as in infra/cli.py: an interrupt closes the streams that threads read
    found: dict[str, Any]
    try:
        found = {"plan": review.to_json(preview(request, stand_ins), graph=True)}
    except (DrydockError, CloudError) as error:
        found = {"error": str(error), "exit_code": getattr(error, "exit_code", 1)}
    except CommandError as error:
        found = {"error": f"the Pulumi engine failed: {failure_reason(error)}", "exit_code": 1}
    except OSError as error:
        found = {"error": about_file(error), "exit_code": 1}
    except Exception as error:
        found = {"error": f"{type(error).__name__}: {error}", "exit_code": 1, "traceback": traceback.format_exc()}
    except KeyboardInterrupt:
        os._exit(128 + signal.SIGTERM)  # the caller stopped this process and reads no answer
    write_private(answer, json.dumps(found))
    sys.stderr.flush()
    os._exit(0)  # freeing the objects of the SDKs takes half a second


def written(request: Request) -> str:
    """Return a request as JSON."""
    return json.dumps(asdict(request))


def read(path: Path) -> Request:
    """Read a request from a file."""
    return Request(**json.loads(path.read_text()))
