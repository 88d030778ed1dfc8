"""Which images need a container, and the message if the tools are missing."""

from pathlib import Path

import pytest

from localcloud.errors import CloudError
from localcloud.images.containers import build_container, content_of, needs_container

GO = """FROM golang:1 AS build
COPY . .
RUN go build -o /server
FROM scratch
COPY --from=build /server /
CMD ["/server"]
"""


def decided(tmp_path: Path, text: str, target: str = "") -> bool:
    (tmp_path / "Dockerfile").write_text(text)
    return needs_container(tmp_path, tmp_path / "Dockerfile", build_args={}, target=target, platform="linux/amd64")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GO, True),
        ("FROM node:22\nCOPY . .\nUSER node\nCMD node server.js\n", True),
        ("FROM python:3.13\nRUN pip install flask\nCMD python main.py\n", True),
        ('FROM scratch\nCOPY . .\nENTRYPOINT ["/server"]\n', True),
        ('FROM scratch AS a\nENTRYPOINT ["/server"]\nFROM a\nEXPOSE 80\n', True),
        ('FROM scratch\nCOPY . .\nENTRYPOINT ["python"]\nCMD ["/server"]\n', False),
        ("FROM scratch\nCOPY . .\nCMD python main.py\n", False),
        ("FROM scratch\nCOPY . .\n", False),
    ],
)
def test_a_base_image_or_own_program_needs_a_container(tmp_path: Path, text: str, *, expected: bool) -> None:
    """An image that runs the machine's interpreter needs none."""
    assert decided(tmp_path, text) is expected


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements.txt"])
def test_a_python_project_needs_no_container(tmp_path: Path, lock: str) -> None:
    """A lock file next to the Dockerfile makes it a Python project."""
    assert decided(tmp_path, "FROM python:3.13\nRUN pip install .\nCMD python main.py\n") is True
    (tmp_path / lock).write_text("")

    assert decided(tmp_path, "FROM python:3.13\nRUN pip install .\nCMD python main.py\n") is False


def test_the_target_stage_decides(tmp_path: Path) -> None:
    """It is given by name or number; by default it is the last stage."""
    text = "FROM scratch AS files\nCOPY . .\nFROM debian\nCMD sh\n"

    assert [decided(tmp_path, text, target) for target in ("files", "0", "1", "")] == [False, False, True, True]


def test_the_content_digest_changes_with_files_and_settings(tmp_path: Path) -> None:
    """It changes with a file, the Dockerfile and each setting, and is known before the build."""
    (tmp_path / "Dockerfile").write_text(GO)
    (tmp_path / "main.go").write_text("package main\n")

    def content(*settings: object) -> str:
        return content_of(tmp_path, tmp_path / "Dockerfile", settings)

    first = content({"a": "1"})
    assert content({"a": "1"}) == first
    assert content({"a": "2"}) != first
    (tmp_path / "main.go").write_text("package main // changed\n")
    second = content({"a": "1"})
    assert second != first
    (tmp_path / "Dockerfile").write_text(f"{GO}USER 1\n")
    assert content({"a": "1"}) not in {first, second}


@pytest.mark.parametrize(("there", "missing"), [((), "buildah"), (("buildah",), "bubblewrap")])
def test_reports_a_missing_tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: tuple[str, ...], missing: str
) -> None:
    """The message names the Dockerfile, the tool, and the command that installs it; nothing is written."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in there:
        (programs / name).write_text("#!/bin/sh\nexit 9\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    (tmp_path / "Dockerfile").write_text(GO)

    with pytest.raises(CloudError) as refused:
        build_container(
            tmp_path,
            tmp_path / "Dockerfile",
            build_args={},
            target="",
            labels={},
            platform="linux/amd64",
            folder=tmp_path / "state",
        )

    message = str(refused.value)
    assert message.startswith(f"{tmp_path / 'Dockerfile'} needs ")
    assert "apt-get install buildah bubblewrap" in message
    assert f"here {missing} is missing" in message
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("printed", "pull_failed"),
    [
        ("Error: creating build container: initializing source docker://node:22: no such host", True),
        ("Error: building at STEP RUN make: exit status 2", False),
    ],
)
def test_a_failed_pull_has_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, printed: str, *, pull_failed: bool
) -> None:
    """The message ends with what to do about the base image. Other failures only have the output of buildah."""
    for name in ("buildah", "bwrap"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho '{printed}'\nexit 125\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    (tmp_path / "Dockerfile").write_text(GO)

    with pytest.raises(CloudError) as refused:
        build_container(
            tmp_path,
            tmp_path / "Dockerfile",
            build_args={},
            target="",
            labels={},
            platform="linux/amd64",
            folder=tmp_path / "state",
        )

    message = str(refused.value)
    assert f"buildah exited with 125: {printed}" in message
    assert ("docs/your-own-service.md" in message) is pull_failed
    assert ("requirements.txt" in message) is pull_failed
