"""`drydock diff`: what this checkout changes, compared with a commit or a state, in all stacks."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from infra.commands.arguments import Json, Markdown, Quiet, require_one_format
from infra.difference import reports
from infra.difference.compare import Comparison, diff_stacks
from infra.engine.progress import Progress
from infra.errors import InputError, OperationError
from infra.review.page import to_html
from infra.review.plan import Plan

Stacks = Annotated[list[str] | None, typer.Argument(help="Environments; default: all on AWS.", show_default=False)]
Base = Annotated[str | None, typer.Option("--base", help="Commit or branch to compare with.", metavar="REF")]
State = Annotated[
    Path | None,
    typer.Option("--state", help="State to compare with: the output of `pulumi stack export`.", metavar="FILE"),
]
Html = Annotated[
    Path | None, typer.Option("--html", help="Also write a page with the graph of each stack.", metavar="FILE")
]


def diff(
    stacks: Stacks = None,
    *,
    base: Base = None,
    state: State = None,
    as_json: Json = False,
    markdown: Markdown = False,
    html: Html = None,
    quiet: Quiet = False,
) -> None:
    """Show what this checkout changes, compared with a commit, a state file or the deployed state. Changes nothing."""
    require_one_format(as_json, markdown)
    plans = compared(stacks, base, state, html, Progress(quiet=quiet)).plans
    if as_json:
        print(json.dumps(reports.to_json(plans), indent=2))
    else:
        print(reports.to_markdown(plans) if markdown else reports.to_text(plans), end="")
    require_whole(plans)


def compared(
    stacks: list[str] | None, base: str | None, state: Path | None, html: Path | None, progress: Progress
) -> Comparison:
    """Compare the stacks, and write the page if its file is given."""
    found = diff_stacks(base, stacks or (), state=state, graph=html is not None, progress=progress)
    if html:
        write_page(html, found.plans)
    return found


def require_whole(plans: Mapping[str, Plan]) -> None:
    """Check that all previews succeeded.

    Raises:
        OperationError: one failed; the message has the errors of all.
    """
    if failed := reports.failed(plans):
        found = reports.by_text(plans, lambda plan: plan.errors)
        errors = "\n".join(f"  {', '.join(stacks)}: {text}" for text, stacks in found.items())
        raise OperationError(f"the preview of {', '.join(failed)} failed:\n{errors}")


def write_page(path: Path, plans: Mapping[str, Plan]) -> None:
    """Write the page.

    Raises:
        InputError: the file cannot be written.
    """
    try:
        path.write_text(to_html(plans))
    except OSError as error:
        raise InputError(f"--html {path}: {error.strerror}; name a file that can be written") from error
