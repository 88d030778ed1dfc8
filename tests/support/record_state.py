"""Record the state of a stack as the checkout in the working directory deploys it, for `tests/infra/test_upgrade.py`.

The checkout may be an older commit, so this file imports no other file of this folder:

    git worktree add --detach ../older COMMIT
    cd ../older
    PYTHONPATH=. ../drydock/.venv/bin/python -P ../drydock/tests/support/record_state.py prod \\
        ../drydock/tests/infra/recorded/COMMIT-prod.json.gz

The stack is deployed by the real engine in a temporary local cloud, as in a rehearsal. Generated values are
replaced by `recorded`, and folders of this machine by /checkout, so the file does not depend on the machine.
"""

import gzip
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

from infra.commands import rehearse
from infra.engine.loopback import no_proxy
from infra.engine.places import ROOT

SECRET = "4dabf18193072939515e22adb298388d"
"""Key by which the engine marks a secret in a deployment; its value is under `plaintext`, as JSON text."""


class RecordedError(Exception):
    """Ends the rehearsal after its first `up`."""


def main(stack: str, target: Path) -> None:
    """Deploy the stack and write its state."""
    resources: list[dict[str, Any]] = []

    class Recorder(rehearse.Rehearsal):
        def _step(self, name: str, action: Callable[[], str]) -> None:
            super()._step(name, action)
            if name == "up":
                opened = self._open(self._overrides)
                resources.extend((opened.stack.export_stack().deployment or {})["resources"])
                raise RecordedError

    # As the command `drydock` does.
    os.chdir(ROOT / "infra")
    os.environ.update(no_proxy(os.environ))
    try:
        with mock.patch.object(rehearse, "Rehearsal", Recorder):
            rehearse.rehearse(stack)
    except RecordedError:
        pass
    text = json.dumps([clean(resource) for resource in resources], sort_keys=True, separators=(",", ":"))
    # Without a timestamp, so the same state makes the same file.
    target.write_bytes(gzip.compress(text.replace(str(ROOT), "/checkout").encode(), mtime=0))


def clean(value: Any) -> Any:
    """Return a state without times and generated values."""
    if isinstance(value, dict):
        if SECRET in value:
            return {SECRET: value[SECRET], "plaintext": json.dumps("recorded")}
        return {key: clean(each) for key, each in value.items() if key not in ("created", "modified", "sourcePosition")}
    return [clean(each) for each in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).resolve())
