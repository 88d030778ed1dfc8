"""The plan for a program."""

import json

from infra.review import plan_from_events, to_json
from tests.infra.review.scenes import SCENES


def test_tells_what_the_markdown_tells() -> None:
    """Changes with their risk, reasons and properties, in the same order."""
    document = to_json(plan_from_events(SCENES["dangerous"]))

    assert document["counts"] == {"delete": 1, "replace": 1, "update": 2}
    assert document["unchanged"] == 3
    assert [change["risk"] for change in document["changes"]] == ["loss", "replace", "open", "routine"]
    assert document["changes"][0]["reasons"] == ("loses the database", "forced by username")
    assert document["changes"][0]["component"] == "database (Database)"


def test_is_json_and_holds_no_secret() -> None:
    """Values are plain, and the engine's marks are gone."""
    for events in SCENES.values():
        text = json.dumps(to_json(plan_from_events(events)))

        assert "ciphertext" not in text
        assert "04da6b54" not in text


def test_tells_the_rules_findings() -> None:
    """Rule, level, resource and message."""
    finding = to_json(plan_from_events(SCENES["blocked"]))["policy"][0]

    assert finding["rule"] == "aws-rds-no-public-access"
    assert finding["level"] == "mandatory"
    assert finding["urn"].endswith("::database-instance")
    assert "Remedy" in finding["message"]
