"""Arguments that several commands share."""

from typing import Annotated

import typer

Stack = Annotated[str, typer.Argument(help="An environment: the NAME of a Pulumi.NAME.yaml.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only notes, warnings, errors and the result.")]
