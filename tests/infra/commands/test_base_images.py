"""`drydock base-images`: its output, and a renewal that changes all images or none."""

from pathlib import Path

import pytest

from infra.base_images.dockerfile import read_bases
from infra.commands import base_images as command
from infra.errors import OperationError
from tests.support.ports import free_port
from tests.support.registry import registry

BOTH = ("linux/amd64", "linux/arm64")


@pytest.fixture
def dockerfile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "app" / "Dockerfile"
    path.parent.mkdir()
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "DOCKERFILE", path)
    return path


def write(path: Path, *references: str) -> None:
    args = [f"# Not resolved.\nARG BASE{number}={text}\n" for number, text in enumerate(references)]
    path.write_text("".join([*args, *(f"FROM ${{BASE{number}}}\n" for number in range(len(references)))]))


def test_renews_from_a_registry(dockerfile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--renew` writes the digest; another run changes nothing until the tag has a new digest."""
    with registry() as served:
        first = served.put("base", "1", *BOTH)
        write(dockerfile, f"{served.host}/base:1")
        command.base_images()
        assert capsys.readouterr().out == f"BASE0  {served.host}/base:1  not resolved\n"

        command.base_images(renew=True)
        text = dockerfile.read_text()
        assert f"ARG BASE0={served.host}/base:1@{first}\n" in text
        command.base_images(renew=True)
        assert dockerfile.read_text() == text

        second = served.put("base", "1", *BOTH, build=2)
        command.base_images(renew=True)
        (base,) = read_bases(dockerfile.read_text())
        assert base.digest == second
        assert capsys.readouterr().out.endswith(f"{second}  resolved on {base.resolved}\n")


def test_writes_nothing_if_one_registry_is_unreachable(dockerfile: Path) -> None:
    """The Dockerfile stays as it is, although the other registry answered."""
    with registry() as served:
        served.put("base", "1", *BOTH)
        write(dockerfile, f"{served.host}/base:1", f"127.0.0.1:{free_port()}/base:1")
        before = dockerfile.read_bytes()

        with pytest.raises(OperationError, match="is unreachable"):
            command.base_images(renew=True)
        assert dockerfile.read_bytes() == before
