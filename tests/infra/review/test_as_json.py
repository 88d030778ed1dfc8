"""The plan of a preview as JSON."""

import json

from infra.review import plan_from_events, to_json
from tests.infra.review.scenes import SCENES


def test_has_the_content_of_the_markdown() -> None:
    """It has the changes with risk, reasons and component in the same order."""
    document = to_json(plan_from_events(SCENES["dangerous"]))

    assert document["counts"] == {"delete": 1, "replace": 1, "update": 2}
    assert document["unchanged"] == 3
    assert [change["risk"] for change in document["changes"]] == ["loss", "replace", "open", "routine"]
    assert document["changes"][0]["reasons"] == ("loses the database", "forced by username")
    assert document["changes"][0]["component"] == "database (Database)"


def test_is_json_without_secrets() -> None:
    """The text has neither ciphertexts nor the engine's marks for unknown values."""
    for events in SCENES.values():
        text = json.dumps(to_json(plan_from_events(events)))

        assert "ciphertext" not in text
        assert "04da6b54" not in text


def test_has_the_findings_of_the_rules() -> None:
    """A finding has rule, level, resource and message."""
    finding = to_json(plan_from_events(SCENES["blocked"]))["policy"][0]

    assert finding["rule"] == "aws-rds-no-public-access"
    assert finding["level"] == "mandatory"
    assert finding["urn"].endswith("::database-instance")
    assert "Remedy" in finding["message"]
