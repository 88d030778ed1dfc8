"""Checks the exemptions before the engine starts the policy pack, whose process cannot report why it does not start."""

import runpy
import traceback
from collections.abc import Sequence
from datetime import UTC, date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from infra.engine.places import ROOT, stack_names
from infra.engine.progress import Progress
from infra.errors import InputError

if TYPE_CHECKING:
    from infra.policy.exemptions import Exemption

FILE = ROOT / "infra" / "policy" / "exemptions.py"
FORM = "an exemption has a stack, a rule, an owner, a reason and a last day, as in docs/policy.md, `Exemptions`"


def require_valid(stack: str, progress: Progress, path: Path = FILE) -> None:
    """Check the exemptions of all stacks, and print which of this stack have expired.

    Raises:
        InputError: the file does not run, or an exemption names an unknown stack or rule, or a critical rule.
    """
    exemptions = _read(path)
    today, known = datetime.now(UTC).date(), stack_names()
    for each in exemptions:
        if each.stack not in known:
            near = get_close_matches(each.stack, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
            raise InputError(f"{_name(path)}: exemption of {each.rule} in {each.stack}: no such stack; {hint}")
        if each.stack == stack and each.expires < today:
            progress.report(
                "note", f"exemption of {each.rule} expired on {each.expires}: renew or delete it in {_name(path)}"
            )
    if exemptions:
        _require_known_rules(stack, today, exemptions, path)


def _read(path: Path) -> Sequence["Exemption"]:
    try:
        found = runpy.run_path(str(path))["EXEMPTIONS"]
    except Exception as error:
        raise InputError(f"{_name(path)}{_line(error, path)}: {_reason(error)}; {FORM}") from error
    if not isinstance(found, tuple | list):
        raise InputError(f"{_name(path)}: EXEMPTIONS must be a tuple; a tuple of one entry has a comma after it")
    return found


def _require_known_rules(stack: str, today: date, exemptions: Sequence["Exemption"], path: Path) -> None:
    from infra.policy.levels import policies_for  # noqa: PLC0415 - all rules, which a file without exemptions need not wait for

    try:
        policies_for(stack, today, exemptions)
    except ValueError as error:
        raise InputError(f"{_name(path)}: {error}") from error


def _line(error: Exception, path: Path) -> str:
    """Return the line of the entry that raised the error."""
    if isinstance(error, SyntaxError):
        return f", line {error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f", line {lines[0]}" if lines else ""


def _reason(error: Exception) -> str:
    return error.msg if isinstance(error, SyntaxError) else str(error).removeprefix("Exemption.__init__() ")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name
