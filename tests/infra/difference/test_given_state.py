"""States that the user has."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.difference import given_state
from infra.errors import InputError
from localcloud.aws.provider import AwsProvider
from localcloud.protocol.servicer import Target
from localcloud.providers.state_only import UNREADABLE, StateOnlyAws

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}
QUEUE = "aws:sqs/queue:Queue"


def resource(**inputs: Any) -> dict[str, Any]:
    """Return a queue of the stack prod."""
    return {"urn": f"urn:pulumi:prod::drydock::{QUEUE}::jobs", "type": QUEUE, "inputs": inputs}


def written(folder: Path, document: object) -> Path:
    """Write a state file."""
    path = folder / "state.json"
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize("form", ["deployment", "checkpoint"])
def test_exports_and_state_files_are_read(tmp_path: Path, form: str) -> None:
    """The account is that of most ARNs; encrypted values are counted."""
    latest = {"resources": [resource(arn="arn:aws:sqs:eu-central-1:210987654321:jobs", token=SECRET)]}
    document = {"deployment": latest} if form == "deployment" else {"checkpoint": {"latest": latest}}

    found = given_state.read(written(tmp_path, document), "prod")

    assert found.account_id == "210987654321"
    assert found.notes == ("1 encrypted values of the state are not compared",)
    (kept,) = found.checkpoint["checkpoint"]["latest"]["resources"]
    assert json.loads(kept["inputs"]["token"]["plaintext"]) == UNREADABLE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("{}", "no state"),
        ('{"deployment": 1}', "no state"),
        ('{"deployment": {"resources": [1]}}', "a resource without urn"),
        ('{"deployment": {"resources": [{"type": "a"}]}}', "a resource without urn"),
        ('{"deployment": {"resources": [{"urn": "a", "type": 1}]}}', "a resource without urn"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, text: str, words: str) -> None:
    """The message has the accepted files."""
    path = tmp_path / "state.json"
    path.write_text(text)

    with pytest.raises(InputError, match=f"{words}.*pulumi stack export"):
        given_state.read(path, "prod")


def test_the_state_of_another_stack_is_refused(tmp_path: Path) -> None:
    """Otherwise all resources would be reported as deleted and created."""
    path = written(tmp_path, {"deployment": {"resources": [resource()]}})

    with pytest.raises(InputError, match="the state of prod of drydock, but the stack is dev"):
        given_state.read(path, "dev")


def test_defaults_of_pulumis_provider_and_encrypted_values_do_not_differ() -> None:
    """The stand-in sets no such defaults, and cannot read the values."""
    target = Target(urn=f"urn:pulumi:prod::drydock::{QUEUE}::jobs", type=QUEUE, name="jobs")
    old = {"name": "jobs", "policy": UNREADABLE, "delaySeconds": 5, "fifoQueue": False, "maxMessageSize": 9}
    old["__defaults"] = ["fifoQueue", "maxMessageSize"]
    new = {"name": "jobs", "policy": "{}", "delaySeconds": 6}
    account = ("123456789012", "eu-central-1", None)

    assert StateOnlyAws(*account).diff(target, "id", old, {}, new).changed == ["delaySeconds"]
    assert set(AwsProvider(*account).diff(target, "id", old, {}, new).changed) > {"delaySeconds"}


def test_records_are_in_the_hosted_zone_that_the_stand_ins_know(tmp_path: Path) -> None:
    """Its id is not known without the account, so another one would replace each record. Other zones stay."""
    record = {"urn": "urn:pulumi:prod::drydock::r::r", "type": "aws:route53/record:Record"}
    names = ("api.example.com", "_check.api.example.com.", "api.other.com", "notexample.com")
    resources = [{**record, "inputs": {"name": name, "zoneId": f"Z{index // 2}"}} for index, name in enumerate(names)]

    found = given_state.read(written(tmp_path, {"deployment": {"resources": resources}}), "prod", "example.com")

    zones = [each["inputs"]["zoneId"] for each in found.checkpoint["checkpoint"]["latest"]["resources"]]
    previewed = AwsProvider("123456789012", "eu-central-1", None).invoke(given_state.ZONE, {"name": "example.com"})[
        "id"
    ]
    assert zones == [previewed, previewed, "Z1", "Z1"]
