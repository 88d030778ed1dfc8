"""A stack of the Automation API that runs the CLI once for each operation."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from pulumi import automation
from pulumi.automation._stack import StackInitMode

NO_SUMMARY = automation.UpdateSummary("", datetime.fromtimestamp(0, UTC), "", {}, {}, "")


class EngineStack(automation.Stack):
    """Does not read the outputs and the history after `up`, `refresh` and `destroy`, as the Automation API does.

    The events contain all that Drydock shows. Each of these commands would load the state and derive the key of its
    passphrase again, which takes half a second of CPU time.
    """

    _operating = False

    def __init__(self, name: str, workspace: automation.Workspace) -> None:
        """Open an existing stack.

        Raises:
            StackNotFoundError: it does not exist.
        """
        super().__init__(name, workspace, StackInitMode.SELECT)

    def up(self, **options: Any) -> automation.UpResult:  # type: ignore[override]  # by keyword only
        """Deploy; the result has neither outputs nor summary."""
        with self._alone():
            return super().up(**options)

    def refresh(self, **options: Any) -> automation.RefreshResult:  # type: ignore[override]
        """Read the resources; the result has no summary."""
        with self._alone():
            return super().refresh(**options)

    def destroy(self, **options: Any) -> automation.DestroyResult:  # type: ignore[override]
        """Delete the resources; the result has no summary."""
        with self._alone():
            return super().destroy(**options)

    def outputs(self) -> automation.OutputMap:
        """Read the outputs of the last `up`."""
        return {} if self._operating else super().outputs()

    def info(self, show_secrets: bool = True) -> automation.UpdateSummary | None:
        """Read the summary of the last operation."""
        return NO_SUMMARY if self._operating else super().info(show_secrets)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._operating = True
        try:
            yield
        finally:
            self._operating = False
