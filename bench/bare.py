"""The floor of a preview: as many resources on the same engine, from a provider that does nothing.

`python -m bench.bare COUNT` previews COUNT custom resources, each with one input, flat under the stack. What it leaves
out against `drydock preview prod` is what Drydock adds: settings, components, real inputs, checks, the policy pack.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pulumi
from pulumi import automation

from infra.engine.places import ROOT
from infra.toolchain import ensure
from localcloud.protocol.servicer import Change, Provider, Target, serve
from localcloud.protocol.values import Properties


class IdleProvider(Provider):
    """Accepts everything and makes nothing."""

    name = "idle"

    def check(self, target: Target, old: Properties, new: Properties) -> Properties:
        """Return the inputs as they are."""
        return new

    def diff(self, target: Target, id_: str, old: Properties, outputs: Properties, new: Properties) -> Change:
        """Never a change."""
        return Change()

    def create(self, target: Target, inputs: Properties, *, preview: bool) -> tuple[str, Properties]:
        """Return the inputs as outputs."""
        return target.name, inputs

    def read(
        self, target: Target, id_: str, inputs: Properties, outputs: Properties
    ) -> tuple[str, Properties, Properties]:
        """As it was."""
        return id_, inputs, outputs

    def update(
        self, target: Target, id_: str, old: Properties, outputs: Properties, new: Properties, *, preview: bool
    ) -> Properties:
        """Return the inputs as outputs."""
        return new

    def delete(self, target: Target, id_: str, inputs: Properties, outputs: Properties) -> None:
        """Nothing is there."""


def program(count: int) -> Callable[[], None]:
    """Return a Pulumi program of `count` idle resources."""

    def run() -> None:
        for number in range(count):
            pulumi.CustomResource("idle:index:Thing", f"thing-{number}", {"number": number})

    return run


def main(count: int) -> None:
    """Preview them from an empty state and print the engine's count."""
    _, port = serve(IdleProvider())
    pulumi_path = ensure({"pulumi"}).pulumi
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        (state / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text())
        (state / "infra").mkdir()
        (state / "state").mkdir()
        workspace = automation.LocalWorkspace(
            work_dir=folder,
            pulumi_home=str(state / "home"),
            program=program(count),
            pulumi_command=automation.PulumiCommand(root=str(pulumi_path.parent.parent), skip_version_check=True),
            env_vars={
                "PULUMI_BACKEND_URL": f"file://{state / 'state'}",
                "PULUMI_CONFIG_PASSPHRASE": "",
                "PULUMI_DEBUG_PROVIDERS": f"idle:{port}",
                "PULUMI_SKIP_UPDATE_CHECK": "true",
            },
        )
        result = automation.Stack.create_or_select("bare", workspace).preview()
    print(sum(result.change_summary.values()))


if __name__ == "__main__":
    main(int(sys.argv[1]))
