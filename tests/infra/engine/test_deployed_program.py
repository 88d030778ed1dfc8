"""The digest that tells whether the deployed program is the current one."""

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
def test_a_module_a_setting_or_a_locked_package_changes_the_digest(checkout: Path, name: str) -> None:
    before = digest("local", checkout)

    (checkout / name).write_text("changed")

    assert digest("local", checkout) != before


@pytest.mark.parametrize("name", ["tests/test_a.py", "Pulumi.dev.yaml", "README.md"])
def test_files_without_resources_of_the_stack_do_not_change_the_digest(checkout: Path, name: str) -> None:
    before = digest("local", checkout)

    (checkout / name).write_text("changed")

    assert digest("local", checkout) == before


def test_a_renamed_module_changes_the_digest(checkout: Path) -> None:
    """The digest covers paths, because the name of a module is part of the program."""
    before = digest("local", checkout)

    (checkout / "components/network.py").rename(checkout / "components/vpc.py")

    assert digest("local", checkout) != before
