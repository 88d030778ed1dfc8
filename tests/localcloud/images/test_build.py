"""Images with the files that a Dockerfile copies."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from localcloud.errors import CloudError
from localcloud.images.build import Image, build, digest_of

DOCKERFILE = """
ARG BASE=python:3.13
FROM ${BASE} AS deps
COPY requirements.lock .
RUN pip install -r requirements.lock
FROM ${BASE}
ARG VERSION=dev
ENV HOST=0.0.0.0 GREETING="hello world" PATH=/venv/bin:$PATH VERSION=${VERSION}
WORKDIR /srv
COPY . app/
COPY --from=deps requirements.lock /locks/
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["python", "-m", "app"]
CMD ["serve"]
"""


@pytest.fixture
def context(tmp_path: Path) -> Path:
    folder = tmp_path / "context"
    (folder / "routes").mkdir(parents=True)
    (folder / "main.py").write_text("print(1)\n")
    (folder / "routes" / "items.py").write_text("")
    (folder / "routes" / "items.pyc").write_text("compiled")
    (folder / "requirements.lock").write_text("fastapi==1\n")
    (folder / ".dockerignore").write_text("**/*.pyc\n# a comment\nDockerfile\n.dockerignore\n")
    (folder / "Dockerfile").write_text(DOCKERFILE)
    return folder


def build_in(context: Path, **options: Any) -> Image:
    return build(context, context / "Dockerfile", **options)


def config_of(image: Image) -> dict[str, Any]:
    config: dict[str, Any] = json.loads(image.config)["config"]
    return config


def names(image: Image) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(image.layer)) as layer:
        return [member.name for member in layer if not member.isdir()]


def test_has_the_files_that_copy_copies(context: Path) -> None:
    """Files are copied below WORKDIR, except those in .dockerignore."""
    assert names(build_in(context)) == [
        "locks/requirements.lock",
        "srv/app/main.py",
        "srv/app/requirements.lock",
        "srv/app/routes/items.py",
    ]


def test_has_the_configuration_of_the_final_stage(context: Path) -> None:
    """The runtime fields equal those that Docker would set."""
    config = config_of(build_in(context, build_args={"VERSION": "7"}, labels={"team": "a"}))

    assert config["Entrypoint"] == ["python", "-m", "app"]
    assert config["Cmd"] == ["serve"]
    assert config["WorkingDir"] == "/srv"
    assert config["User"] == "10001:10001"
    assert config["ExposedPorts"] == {"8080/tcp": {}}
    assert config["Labels"] == {"team": "a"}
    assert {"HOST=0.0.0.0", "GREETING=hello world", "VERSION=7"} <= set(config["Env"])
    assert any(item.startswith("PATH=/venv/bin:/usr/local/sbin:") for item in config["Env"])


def test_manifest_names_config_and_layer_by_digest(context: Path) -> None:
    """It is a complete OCI image, whose digest is that of its manifest."""
    image = build_in(context)
    manifest = json.loads(image.manifest)

    assert manifest["config"]["digest"] == digest_of(image.config)
    assert manifest["layers"][0]["digest"] == digest_of(image.layer)
    assert json.loads(image.config)["rootfs"]["diff_ids"] == [digest_of(image.layer)]
    assert image.digest == digest_of(image.manifest)


def test_digest_depends_on_content_only(context: Path, tmp_path: Path) -> None:
    """Another folder, other modification times and ignored files yield the same digest."""
    before = build_in(context).digest
    moved = context.rename(tmp_path / "moved")
    (moved / "main.py").touch()
    (moved / "new.pyc").write_text("ignored")

    assert build_in(moved).digest == before


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "main.py").write_text("print(2)\n"),
        lambda folder: (folder / "requirements.lock").write_text("fastapi==2\n"),
        lambda folder: (folder / "main.py").chmod(0o755),
        lambda folder: (folder / "Dockerfile").write_text(DOCKERFILE.replace("pip install", "pip install -q")),
    ],
)
def test_digest_changes_with_the_content(context: Path, change: Any) -> None:
    """Changed are a source file, a dependency, a file mode, or a RUN step of an earlier stage."""
    before = build_in(context).digest

    change(context)

    assert build_in(context).digest != before


def test_builds_the_target_stage(context: Path) -> None:
    """Stages after the target are ignored."""
    assert names(build_in(context, target="deps")) == ["requirements.lock"]


def test_copies_by_pattern_and_to_a_new_name(context: Path) -> None:
    """A wildcard matches within one folder; a destination without a trailing slash is the file's name."""
    (context / "Dockerfile").write_text("FROM scratch\nCOPY *.py /a/\nCOPY main.py /b\nCOPY routes /c\n")

    assert names(build_in(context)) == ["a/main.py", "b", "c/items.py"]


def test_an_entrypoint_resets_the_inherited_command(context: Path) -> None:
    """Shell forms run through the shell."""
    (context / "Dockerfile").write_text("FROM scratch AS a\nCMD serve all\nFROM a\nENTRYPOINT run it\n")

    config = config_of(build_in(context))

    assert config["Entrypoint"] == ["/bin/sh", "-c", "run it"]
    assert "Cmd" not in config


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("FROM scratch\nCOPY nothing.txt /\n", r"Dockerfile:2: nothing in the build context matches 'nothing.txt'"),
        ("FROM scratch\nCOPY only\n", "Dockerfile:2: expected sources and a destination"),
        ("RUN true\n", "has no FROM"),
    ],
)
def test_rejects_unsupported_instructions(context: Path, text: str, message: str) -> None:
    """The message has the line of the Dockerfile."""
    (context / "Dockerfile").write_text(text)

    with pytest.raises(CloudError, match=message):
        build_in(context)


def test_rejects_an_unknown_target(context: Path) -> None:
    """The message lists the existing stages."""
    with pytest.raises(CloudError, match=r"no stage 'prod'; it has deps, 1"):
        build_in(context, target="prod")


def test_rejects_a_missing_context(tmp_path: Path) -> None:
    """The folder or the Dockerfile is missing."""
    with pytest.raises(CloudError, match="cannot be read"):
        build(tmp_path / "none", tmp_path / "none" / "Dockerfile")
