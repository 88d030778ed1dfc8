"""`drydock status [STACK]`: the state of a stack."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from infra.commands.outputs import known, read
from infra.engine import denials, real_providers, session
from infra.engine.places import LOCAL_STACK
from infra.errors import OperationError
from infra.resources.properties import mapping
from localcloud import control


def status(
    stack: Annotated[str, typer.Argument(help="An environment; default: local.")] = LOCAL_STACK,
) -> None:
    """Show the parts of the local cloud, or the outputs of a stack on AWS."""
    session.read_settings(stack)
    console = Console(width=100, soft_wrap=True, markup=False)
    if stack != LOCAL_STACK:
        for name, value in sorted(read(stack).items()):
            console.print(f"{name:<24} {value}")
        return
    parts = control.status(session.state_folder(stack))
    if not parts:
        data = "its data is kept" if session.has_state(stack) else "it has no data"
        raise OperationError(f"the local cloud is not running ({data}); start it with: drydock up {stack}")
    table = Table("part", "pid", "ready", "restarts", box=None)
    for part in parts:
        table.add_row(part.name, str(part.pid or "-"), "yes" if part.ready else "NO", str(part.restarts))
    console.print(table)
    if not all(part.ready for part in parts):
        raise OperationError(f"not every part is ready; see {session.state_folder(stack) / 'logs'}")
    cloud = session.require_running(stack)
    for line in real_providers.described(cloud.providers, real_providers.installed()):
        console.print(f"providers  {line}")
    for denied in denials.of_pods(cloud):
        console.print(f"denied  {denied}")
    outputs = known(stack)
    console.print(f"url  {outputs.get('url', 'not deployed yet')}")
    for name, url in sorted(mapping(outputs.get("service_urls")).items()):
        console.print(f"url  {url}  {name}")
