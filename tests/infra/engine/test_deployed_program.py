"""Which program is deployed: what changes it, and what does not."""

from pathlib import Path

import pytest

from infra.engine.deployed_program import digest

FILES = {
    "buildcontext/files.py": "a",
    "components/network.py": "b",
    "infra/program.py": "c",
    "stacks/settings/edge.py": "d",
    "Pulumi.local.yaml": "config: {}",
    "requirements.lock": "pulumi==3",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name, content in {**FILES, "tests/test_a.py": "e", "Pulumi.dev.yaml": "", "README.md": ""}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


@pytest.mark.parametrize("name", [*FILES, "components/another.py"])
def test_a_module_a_setting_or_a_locked_package_changes_it(checkout: Path, name: str) -> None:
    before = digest("local", checkout)

    (checkout / name).write_text("changed")

    assert digest("local", checkout) != before


@pytest.mark.parametrize("name", ["tests/test_a.py", "Pulumi.dev.yaml", "README.md"])
def test_what_makes_no_resource_of_the_stack_does_not(checkout: Path, name: str) -> None:
    before = digest("local", checkout)

    (checkout / name).write_text("changed")

    assert digest("local", checkout) == before


def test_a_module_that_moves_changes_it(checkout: Path) -> None:
    """Its name is part of the program."""
    before = digest("local", checkout)

    (checkout / "components/network.py").rename(checkout / "components/vpc.py")

    assert digest("local", checkout) != before
