"""The report of `drydock doctor STACK`."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from infra.errors import OperationError
from infra.preflight.finding import Finding

WIDTH = 120
SIGNS = {"ok": "ok", "fails": "[red]fails[/red]", "unknown": "[yellow]unknown[/yellow]"}


def show(stack: str, findings: Sequence[Finding], *, as_json: bool) -> None:
    """Print the findings, with a remedy for those that are not ok.

    Raises:
        OperationError: a check fails.
    """
    failed = [each for each in findings if each.verdict == "fails"]
    unknown = [each for each in findings if each.verdict == "unknown"]
    if as_json:
        print(json.dumps({"ok": not failed, "findings": [asdict(each) for each in findings]}, indent=2))
    else:
        _print(findings)
    if failed:
        names = ", ".join(dict.fromkeys(each.check for each in failed))
        raise OperationError(
            f"{stack} cannot be deployed yet: {len(failed)} of {len(findings)} checks fail ({names}); "
            "nothing was created"
        )
    if not as_json:
        names = ", ".join(dict.fromkeys(each.check for each in unknown))
        rest = f", but {len(unknown)} of {len(findings)} checks are unknown ({names})" if unknown else ""
        print(f"{stack} can be deployed to this account{rest}")


def _print(findings: Sequence[Finding]) -> None:
    table = Table("check", "", "found", "accepted", box=None, pad_edge=False)
    for each in findings:
        table.add_row(each.check, SIGNS[each.verdict], each.found, each.accepted)
    Console(width=WIDTH).print(table)
    print()
    for each in sorted((one for one in findings if one.remedy), key=lambda one: one.verdict != "fails"):
        print(f"{each.verdict:<8}  {each.check}: {each.found}\n          {each.remedy}")
