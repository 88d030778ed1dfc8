"""A small program on the real engine, with stand-ins of providers in this process."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pulumi import automation

from infra.engine.engine_command import EngineCommand
from infra.engine.engine_stack import EngineStack
from infra.engine.inline_program import without_debug_messages
from localcloud.protocol.servicer import Provider, serve
from tests.support.engine import STACK, Engine


class OnEngine:
    """The stack `test` of a program.

    Args:
        folder: folder for its state, which is created.
        providers: the stand-ins of providers, in this process.
        program: registers resources.
    """

    def __init__(self, folder: Path, providers: Sequence[Provider], program: Callable[[], None]) -> None:
        self.engine = Engine(folder)
        self._servers = [serve(provider) for provider in providers]
        ports = [f"{provider.name}:{port}" for provider, (_, port) in zip(providers, self._servers, strict=True)]
        workspace = automation.LocalWorkspace(
            work_dir=str(self.engine.project),
            program=partial(without_debug_messages, program),
            env_vars={
                **self.engine.environment,
                "PULUMI_DEBUG_PROVIDERS": ",".join(ports),
                "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            },
            pulumi_command=EngineCommand(Path(self.engine.pulumi)),
        )
        self.stack = EngineStack(STACK, workspace)
        self.changes: dict[str, int] = {}
        """Steps of the last operation: kind -> number of resources."""
        self.said: list[str] = []
        """Warnings and errors of the last operation, as `severity: message`, or `severity: resource: message`."""

    def up(self) -> dict[str, Any]:
        """Deploy; return the outputs."""
        self.said = []
        self.stack.up(on_event=self._note)
        return {name: output.value for name, output in self.stack.outputs().items()}

    def preview(self) -> None:
        """Preview."""
        self.said = []
        self.stack.preview(on_event=self._note)

    def resources(self) -> list[dict[str, Any]]:
        """Return the resources of the state in the engine's export format."""
        return list((self.stack.export_stack().deployment or {}).get("resources", ()))

    def destroy(self) -> None:
        """Delete all resources."""
        self.said = []
        self.stack.destroy(on_event=self._note)

    def unlock(self) -> None:
        """Remove the lock of a killed engine."""
        self.engine.run("cancel", "--yes", "--stack", STACK)

    def _note(self, event: Any) -> None:
        if (said := event.diagnostic_event) and said.severity in ("warning", "error"):
            where = f"{said.urn.rpartition('::')[2]}: " if said.urn else ""
            self.said.append(f"{said.severity}: {where}{said.message.strip()}")
        if event.summary_event:
            changes = event.summary_event.resource_changes or {}
            self.changes = {str(getattr(kind, "value", kind)): number for kind, number in changes.items()}

    def close(self) -> None:
        """Stop the stand-ins."""
        for server, _ in self._servers:
            server.stop(None)
