"""`drydock outputs STACK`: the outputs of the stack."""

import json

from infra.commands.arguments import Json, Stack
from infra.engine import session
from infra.engine.places import LOCAL_STACK
from infra.engine.workspace import prepare
from infra.errors import OperationError
from infra.toolchain import ensure


def outputs(stack: Stack, as_json: Json = False) -> None:
    """Print the outputs of the last `up`; secrets are masked."""
    session.read_settings(stack)
    values = read(stack)
    if as_json:
        print(json.dumps(values, indent=2, sort_keys=True))
        return
    for name, value in sorted(values.items()):
        print(f"{name:<24} {value if isinstance(value, str) else json.dumps(value, sort_keys=True)}")


def read(stack: str) -> dict[str, object]:
    """Return the outputs of a deployed stack.

    Raises:
        OperationError: the stack was never deployed.
    """
    found = known(stack)
    if not found:
        raise OperationError(f"{stack} has no outputs yet; deploy it with: drydock up {stack}")
    return found


def known(stack: str) -> dict[str, object]:
    """Return the outputs; empty for a stack that was never completely deployed."""
    if stack != LOCAL_STACK:
        found = session.open_state(stack).outputs()
    elif session.has_state(stack):
        found = prepare(stack, ensure({"pulumi"}).pulumi, session.state_folder(stack), {}).open().outputs()
    else:
        found = {}
    return {name: "[secret]" if output.secret else output.value for name, output in found.items()}
