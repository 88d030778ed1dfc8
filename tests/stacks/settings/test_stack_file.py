"""Stack files are read without Pulumi, errors have their place, and the JSON schema for editors agrees."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from stacks.settings import SettingsError, json_schema, read_stack_file, stack_file, stack_names
from stacks.settings.namespaces import NAMESPACE

ROOT = Path(__file__).parent.parent.parent.parent


def _write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "Pulumi.test.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("stack", stack_names(ROOT))
def test_committed_stack_files_are_valid_and_name_the_schema(stack: str) -> None:
    """Each is read without an error, satisfies the schema, and names it for editors in its first line."""
    path = ROOT / f"Pulumi.{stack}.yaml"

    assert read_stack_file(path).region
    assert path.read_text().startswith("# yaml-language-server: $schema=./schema.json\n")
    jsonschema.validate(yaml.safe_load(path.read_text()), json_schema())


def test_stacks_are_found_by_their_files(tmp_path: Path) -> None:
    """A new stack file is a new environment."""
    for name in ("Pulumi.yaml", "Pulumi.qa.yaml", "Pulumi.dev.yaml", "Pulumi.dev.yml", "other.qa.yaml"):
        (tmp_path / name).touch()

    assert stack_names(tmp_path) == ["dev", "qa"]
    assert {"dev", "local", "prod", "staging"} <= set(stack_names(ROOT))


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"drydock:region": "eu-central-1", "drydock:netwrok": {}},
        {"drydock:region": "eu-central-1", "x": 1},
        {"drydock:region": "eu-central-1", "aws:profile": "x"},
        {"drydock:region": "eu-central-1", "kubernetes:context": "x"},
        {"drydock:region": "eu-central-1", "drydock-bootstrap:protect": False},
    ],
)
def test_the_schema_refuses_wrong_settings_too(config: dict[str, object]) -> None:
    """An editor marks settings that Drydock would refuse."""
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"config": config}, json_schema())


def test_accepts_keys_of_the_engine_and_other_providers(tmp_path: Path) -> None:
    """Drydock does not check them."""
    path = _write(tmp_path, "encryptionsalt: v1:x\nconfig:\n  datadog:site: x\n  drydock:region: eu-central-1\n")

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
    """The message has the file, the line of a YAML error, and the accepted values."""
    with pytest.raises(SettingsError, match=message):
        read_stack_file(_write(tmp_path, text))


def test_rejects_a_file_that_is_not_text(tmp_path: Path) -> None:
    """The message says that the file cannot be read."""
    path = _write(tmp_path, "")
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(SettingsError, match="cannot be read"):
        read_stack_file(path)


def test_rejects_an_unknown_stack() -> None:
    """The message lists the stacks, suggests a similar name, and names the file that would add one."""
    with pytest.raises(
        SettingsError, match=r"prdo: no such stack, did you mean prod\?; there are dev, local, .*Pulumi\.prdo"
    ):
        stack_file(ROOT, "prdo")


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("012345670123", 'got "1402433619", which YAML reads from 012345670123; write "012345670123" in quotes'),
        ("012345678901", 'got "12345678901", which YAML reads from 012345678901; write "012345678901" in quotes'),
        ("12345678901", 'got "12345678901"; if it begins with 0, put it in quotes'),
    ],
)
def test_an_account_that_yaml_reads_as_another_number_needs_quotes(tmp_path: Path, written: str, says: str) -> None:
    """The message has the text of the file, which is what to put in quotes."""
    text = "config:\n  drydock:region: eu-central-1\n  drydock:accountId: {}\n"
    with pytest.raises(SettingsError) as refused:
        read_stack_file(_write(tmp_path, text.format(written)))

    assert f"accountId: must match ^[0-9]{{12}}$, {says}" in str(refused.value)
    assert read_stack_file(_write(tmp_path, text.format('"012345670123"'))).account_id == "012345670123"


# Also the misspellings of a renamed repository.
@pytest.mark.parametrize(
    "namespace", [NAMESPACE[:-1], NAMESPACE.capitalize(), f"{NAMESPACE[0]}-{NAMESPACE[1:]}", f"{NAMESPACE}s"]
)
def test_refuses_a_misspelt_namespace(tmp_path: Path, namespace: str) -> None:
    """With the other errors: the engine would ignore the key."""
    text = f"config:\n  drydock:region: mars\n  {namespace}:edge:\n    domain: a.example.com\n"
    with pytest.raises(SettingsError) as refused:
        read_stack_file(_write(tmp_path, text))

    first, *lines = str(refused.value).splitlines()
    assert first.endswith("2 errors in the settings")
    assert f"  {namespace}:edge: unknown setting; did you mean drydock:edge?" in lines


@pytest.mark.parametrize("namespace", ["docker", "docker-build", "datadog", "dock", "pulumi"])
def test_accepts_the_namespaces_of_providers(tmp_path: Path, namespace: str) -> None:
    text = f"config:\n  drydock:region: eu-central-1\n  {namespace}:edge: x\n"

    assert read_stack_file(_write(tmp_path, text)).region == "eu-central-1"


@pytest.mark.parametrize("pair", [("region", "drydock:region"), ("drydock:config:region", "drydock:region")])
def test_a_key_in_two_spellings_is_refused(tmp_path: Path, pair: tuple[str, str]) -> None:
    """The message has both spellings."""
    first, second = pair
    with pytest.raises(SettingsError) as refused:
        read_stack_file(_write(tmp_path, f"config:\n  {first}: eu-central-1\n  {second}: us-east-1\n"))

    [line] = str(refused.value).splitlines()[1:]
    assert line == f"  config.{second}: must not be set, because config.{first} is the same key; remove one"


def test_a_setting_of_the_account_is_refused(tmp_path: Path) -> None:
    """The engine would ignore it."""
    with pytest.raises(
        SettingsError, match=r"drydock-bootstrap:protect: unknown setting; did you mean drydock:protect\?"
    ):
        read_stack_file(
            _write(tmp_path, "config:\n  drydock:region: eu-central-1\n  drydock-bootstrap:protect: false\n")
        )


def test_no_stack_has_the_name_of_the_program_of_the_account(tmp_path: Path) -> None:
    """`drydock rehearse bootstrap` would rehearse that program."""
    (tmp_path / "Pulumi.bootstrap.yaml").write_text("config:\n  drydock:region: eu-central-1\n")

    with pytest.raises(SettingsError, match="bootstrap: not a valid name of an environment: it means the program of"):
        stack_file(tmp_path, "bootstrap")
