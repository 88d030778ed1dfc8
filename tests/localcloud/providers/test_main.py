"""The process of the stand-ins."""

from pathlib import Path
from typing import Any

import pytest

from localcloud.cloud import PLANNED_FILE
from localcloud.kubernetes import auto_mode, control_plane
from localcloud.providers import __main__ as providers
from tests.support.clouds import cloud

PORTS = {"kubernetes": 1, "random": 2, "docker-build": 3}


@pytest.mark.parametrize("taken", ["random", "docker-build"])
def test_is_not_ready_before_all_stand_ins_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: str) -> None:
    """The supervisor checks the port of kubernetes, so it must stay closed if that of another stand-in is in use."""
    opened = []

    def serve(provider: Any, port: int) -> Any:
        assert port == PORTS[provider.name]
        if provider.name == taken:
            raise OSError("in use")
        opened.append(provider.name)
        return None, port

    monkeypatch.setattr(control_plane, "wait_for_apiserver", lambda *_: None)
    monkeypatch.setattr(auto_mode, "install", lambda _client: None)
    monkeypatch.setattr(providers, "KubernetesClient", lambda *_: None)
    monkeypatch.setattr(providers, "KubernetesProvider", lambda _cloud: type("Named", (), {"name": "kubernetes"}))
    monkeypatch.setattr(providers, "serve", serve)
    cloud(providers=PORTS).write(tmp_path, PLANNED_FILE)

    with pytest.raises(OSError, match="in use"):
        providers.main(tmp_path)

    assert "kubernetes" not in opened
