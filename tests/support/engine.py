"""The real Pulumi engine with a project of its own and its state in a folder."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from infra.toolchain import ensure

STACK = "test"


class Engine:
    """Runs `pulumi` in a project with the stack `test`; settings of the user are neither used nor changed."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self.file = self.project / f"Pulumi.{STACK}.yaml"
        stacks = folder / "state" / ".pulumi" / "stacks" / "drydock"
        for each in (self.project, stacks, folder / "home"):
            each.mkdir(parents=True)
        (self.project / "Pulumi.yaml").write_text("name: drydock\nruntime: python\n")
        checkpoint = {"version": 3, "checkpoint": {"stack": f"organization/drydock/{STACK}"}}
        (stacks / f"{STACK}.json").write_text(json.dumps(checkpoint))
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")},
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        self.pulumi = str(ensure({"pulumi"}).pulumi)

    def run(self, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Run `pulumi ARGUMENTS` in the project."""
        done = subprocess.run(
            [self.pulumi, "--non-interactive", *arguments],
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    def passed(self, text: str) -> dict[str, str]:
        """Return the configuration that the engine passes to a program with this stack file: full key -> text."""
        self.file.write_text(text)
        found: dict[str, Any] = json.loads(self.run("config", "--json", "--stack", STACK).stdout)
        return {key: entry["value"] for key, entry in found.items()}
