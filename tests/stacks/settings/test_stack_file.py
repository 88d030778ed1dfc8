"""Stack files: read without Pulumi, each fault with its place; and the schema that editors use."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from stacks.settings import SettingsError, json_schema, read_stack_file, stack_file, stack_names

ROOT = Path(__file__).parent.parent.parent.parent


def _write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "Pulumi.test.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("stack", stack_names(ROOT))
def test_committed_stacks_are_right_and_name_the_schema(stack: str) -> None:
    """Each reads without an error, and its first line gives editors the schema, which it satisfies."""
    path = ROOT / f"Pulumi.{stack}.yaml"

    assert read_stack_file(path).region
    assert path.read_text().startswith("# yaml-language-server: $schema=./schema.json\n")
    jsonschema.validate(yaml.safe_load(path.read_text()), json_schema())


def test_stacks_are_the_files_there_are(tmp_path: Path) -> None:
    """A new environment is one new file."""
    for name in ("Pulumi.yaml", "Pulumi.qa.yaml", "Pulumi.dev.yaml", "Pulumi.dev.yml", "other.qa.yaml"):
        (tmp_path / name).touch()

    assert stack_names(tmp_path) == ["dev", "qa"]
    assert {"dev", "local", "prod", "staging"} <= set(stack_names(ROOT))


@pytest.mark.parametrize(
    "config",
    [{}, {"drydock:region": "eu-central-1", "drydock:netwrok": {}}, {"drydock:region": "eu-central-1", "x": 1}],
)
def test_schema_refuses_what_the_reader_refuses(config: dict[str, object]) -> None:
    """An editor underlines what would fail."""
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"config": config}, json_schema())


def test_keys_of_others_are_allowed(tmp_path: Path) -> None:
    """The engine's own keys and other providers' are not ours to judge."""
    path = _write(tmp_path, "encryptionsalt: v1:x\nconfig:\n  aws:profile: x\n  drydock:region: eu-central-1\n")

    assert read_stack_file(path).region == "eu-central-1"
    jsonschema.validate(yaml.safe_load(path.read_text()), json_schema())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("config:\n  drydock:region: [\n", r"Pulumi\.test\.yaml:3:1: not valid YAML: "),
        ("config:\n\tx: 1\n", r"Pulumi\.test\.yaml:2:1: not valid YAML: "),
        ("", r"Pulumi\.test\.yaml: must be an object with the key config, got nothing"),
        ("- 1\n", r"must be an object with the key config, got list"),
        ("confg: {}\n", r"confg: unknown key; accepted are config,"),
        ("config: 3\n", r"config: must be an object with keys such as drydock:region"),
        ("config: []\n", r"config: must be an object with keys such as drydock:region"),
        ("config: 0\n", r"config: must be an object with keys such as drydock:region"),
        ("config: false\n", r"config: must be an object with keys such as drydock:region"),
        ("config: ''\n", r"config: must be an object with keys such as drydock:region"),
        ("config: {}\n", r"region: missing"),
        (
            "config:\n  drydock:region: eu-central-1\n  drydock:networks: {}\n",
            r"networks: unknown setting; did you mean network",
        ),
    ],
)
def test_rejects_a_wrong_file(tmp_path: Path, text: str, message: str) -> None:
    """The message has the file, the line where YAML ends, and what is accepted."""
    with pytest.raises(SettingsError, match=message):
        read_stack_file(_write(tmp_path, text))


def test_rejects_a_file_that_is_not_text(tmp_path: Path) -> None:
    """Nor is a broken file a traceback."""
    path = _write(tmp_path, "")
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(SettingsError, match="cannot be read"):
        read_stack_file(path)


def test_rejects_an_unknown_stack() -> None:
    """It says which there are, and how to make one."""
    with pytest.raises(
        SettingsError, match=r"prdo: no such stack, did you mean prod\?; there are dev, local, .*Pulumi\.prdo"
    ):
        stack_file(ROOT, "prdo")
