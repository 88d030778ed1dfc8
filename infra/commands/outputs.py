"""`drydock outputs STACK`: what the stack tells the world."""

import json

from infra.commands.arguments import Json, Stack
from infra.engine import session
from infra.engine.places import LOCAL_STACK
from infra.engine.workspace import open_locally, open_on_aws
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
        print(f"{name:<24} {value}")


def read(stack: str) -> dict[str, object]:
    """The outputs of a deployed stack.

    Raises:
        OperationError: it was never deployed.
    """
    if stack == LOCAL_STACK:
        if not session.has_state(stack):
            raise OperationError(f"{stack} is not deployed; deploy it with: drydock up {stack}")
        opened = open_locally(stack, ensure({"pulumi"}).pulumi, session.state_folder(stack), {})
    else:
        opened = open_on_aws(stack, ensure({"pulumi"}).pulumi)
    found = opened.outputs()
    if not found:
        raise OperationError(f"{stack} has no outputs yet; deploy it with: drydock up {stack}")
    return {name: "[secret]" if output.secret else output.value for name, output in found.items()}
