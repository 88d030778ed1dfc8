"""Arguments that several commands share."""

from typing import Annotated

import typer

from infra.errors import InputError

Stack = Annotated[str, typer.Argument(help="An environment: the NAME of a Pulumi.NAME.yaml.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
Markdown = Annotated[bool, typer.Option("--markdown", help="Print Markdown for a review on stdout.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only notes, warnings, errors and the result.")]


def require_one_format(as_json: bool, markdown: bool) -> None:
    """Check that at most one format is asked for.

    Raises:
        InputError: both are.
    """
    if as_json and markdown:
        raise InputError("--json and --markdown both use stdout; use one of them")
