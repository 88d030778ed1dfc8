"""The checks of the tools on this machine and of the state backend."""

from pathlib import Path

import pytest

from infra.preflight.finding import Finding
from infra.preflight.tools import pulumi_cli, state_backend, tools
from infra.toolchain.versions import Version

PROGRAM = "#!/bin/sh\necho '{}'\n"


def _aws_cli(version: Version | None) -> Finding:
    (found,) = (
        each for each in tools(run=lambda _: True, version=lambda _: version) if each.found.startswith("AWS CLI")
    )
    return found


@pytest.mark.parametrize(
    ("version", "verdict", "says"),
    [
        ((2, 31, 4), "ok", "AWS CLI: 2.31.4"),
        ((1, 42, 0), "fails", "AWS CLI: 1.42.0"),
        (None, "fails", "AWS CLI: does not work"),
    ],
)
def test_the_aws_cli_must_be_version_2(version: Version | None, verdict: str, says: str) -> None:
    found = _aws_cli(version)

    assert (found.verdict, found.found) == (verdict, says)
    assert "version 2" in found.remedy or verdict == "ok"


@pytest.mark.parametrize(
    ("printed", "verdict"),
    [
        ("aws-cli/2.31.4 Python/3.13.7 Linux/6.8.0 exe/x86_64.ubuntu.24", "ok"),
        ("aws-cli/1.42.0 Python/3.12.3 Linux/6.8.0 botocore/1.40.0", "fails"),
    ],
)
def test_reads_the_version_that_the_aws_cli_prints(
    printed: str, verdict: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(tmp_path, "aws", printed)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    (found,) = (each for each in tools(run=lambda _: True) if each.found.startswith("AWS CLI"))

    assert found.verdict == verdict


@pytest.mark.parametrize("name", ["docker", "buildx"])
def test_a_tool_that_does_not_work_fails(name: str) -> None:
    failed = list(tools(run=lambda command: name not in command, version=lambda _: (2, 0, 0)))

    assert any(name in each.found.lower() and each.verdict == "fails" for each in failed)


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        ({"pulumi", "pulumi-language-python"}, ""),
        ({"pulumi"}, "pulumi-language-python"),
        (set(), "pulumi, pulumi-language-python"),
    ],
)
def test_the_pulumi_cli_needs_its_plugin(there: set[str], missing: str) -> None:
    """A missing CLI is a note, because `drydock up` has its own engine."""
    (found,) = pulumi_cli(has=lambda name: name in there)

    assert found.verdict == ("unknown" if missing else "ok")
    assert found.found == (f"not on PATH: {missing}" if missing else "on PATH")
    assert bool(found.remedy) is bool(missing)


@pytest.mark.parametrize(
    ("url", "protect", "verdict"),
    [
        ("", False, "fails"),
        ("", True, "fails"),
        ("file:///states", True, "fails"),
        ("file:///states", False, "ok"),
        ("s3://states", True, "ok"),
        ("https://api.pulumi.com", True, "ok"),
    ],
)
def test_a_stack_needs_a_state_backend(url: str, protect: bool, verdict: str) -> None:
    """That of a protected stack is not on this machine."""
    (found,) = state_backend("prod", url, protect=protect)

    assert (found.verdict, found.found) == (verdict, url or "none")
    assert ("PULUMI_BACKEND_URL" in found.remedy) is (verdict == "fails")


def _install(folder: Path, name: str, printed: str) -> None:
    path = folder / name
    path.write_text(PROGRAM.format(printed))
    path.chmod(0o755)
