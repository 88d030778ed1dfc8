"""The program that the Automation API runs in this process."""

import os
import sys
from types import SimpleNamespace

import pytest
from pulumi import log

from infra.engine import inline_program


def test_ignores_the_pulumi_configuration_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pulumi's SDK would parse these variables as JSON, and fail with a traceback if they are not JSON."""
    for name in ("PULUMI_CONFIG", "PULUMI_CONFIG_SECRET_KEYS"):
        monkeypatch.setenv(name, "/none-such")
    inline_program.inline()

    assert {"PULUMI_CONFIG", "PULUMI_CONFIG_SECRET_KEYS"} & set(os.environ) == set()


def test_the_program_sends_no_debug_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine drops them, and the program waits for each call."""
    sent: list[str] = []
    monkeypatch.setattr(log, "debug", sent.append)
    monkeypatch.setitem(sys.modules, "debugging", SimpleNamespace(program=lambda: log.debug("registering a resource")))

    inline_program.inline("debugging")()

    assert sent == []
