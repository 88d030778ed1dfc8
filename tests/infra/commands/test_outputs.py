"""`drydock outputs`: text and JSON."""

import json

import pytest

from infra.commands import outputs

VALUES = {"url": "http://drydock.localhost:8080", "service_urls": {"shop": "http://x/shop"}, "workers": 2}


@pytest.fixture(autouse=True)
def deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "known", lambda _stack: VALUES)


def test_values_that_are_no_text_are_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Text is printed without quotes, so that shells can use it."""
    outputs.outputs("local")

    assert [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()] == [
        ["service_urls", '{"shop": "http://x/shop"}'],
        ["url", "http://drydock.localhost:8080"],
        ["workers", "2"],
    ]


def test_json_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    """It has the same values."""
    outputs.outputs("local", as_json=True)

    assert json.loads(capsys.readouterr().out) == VALUES
