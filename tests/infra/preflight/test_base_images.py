"""The check of base images: a missing or an old digest is reported, and does not stop a deployment."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from infra.commands.doctor import doctor
from infra.engine import account_preflight
from infra.preflight import tools
from infra.preflight.base_images import base_images
from infra.preflight.finding import Finding

TODAY = date(2026, 3, 31)
DIGEST = f"sha256:{'0' * 64}"
RENEW = "drydock base-images --renew"


def dockerfile(folder: Path, *resolved: date | None) -> Path:
    """Write a Dockerfile with a base image for each day on which one was resolved; None: it was not."""
    args = [
        f"# Resolved on {day}.\nARG BASE{number}=python:3.{number}@{DIGEST}\n"
        if day
        else f"# Not resolved.\nARG BASE{number}=python:3.{number}\n"
        for number, day in enumerate(resolved)
    ]
    path = folder / "Dockerfile"
    path.write_text("".join([*args, *(f"FROM ${{BASE{number}}}\n" for number in range(len(resolved)))]))
    return path


@pytest.mark.parametrize(
    ("resolved", "verdict", "found"),
    [
        (date(2026, 3, 31), "ok", "BASE0 python:3.0: resolved on 2026-03-31, 0 days ago"),
        (date(2026, 3, 1), "ok", "BASE0 python:3.0: resolved on 2026-03-01, 30 days ago"),
        (date(2026, 2, 28), "unknown", "BASE0 python:3.0: resolved on 2026-02-28, 31 days ago"),
        (None, "unknown", "BASE0 python:3.0: not resolved"),
    ],
)
def test_a_digest_is_current_for_30_days(tmp_path: Path, resolved: date | None, verdict: str, found: str) -> None:
    """The finding of an older or missing digest names the command that resolves it."""
    (finding,) = base_images(dockerfile(tmp_path, resolved), TODAY)

    assert (finding.check, finding.verdict, finding.found) == ("base image", verdict, found)
    assert finding.accepted == "resolved in the last 30 days"
    assert (RENEW in finding.remedy) is (verdict == "unknown")
    assert bool(finding.remedy) is (verdict == "unknown")


def test_each_base_image_has_a_finding(tmp_path: Path) -> None:
    """They are in the order of the Dockerfile."""
    findings = list(base_images(dockerfile(tmp_path, date(2026, 3, 30), None, date(2025, 1, 1)), TODAY))

    assert [each.verdict for each in findings] == ["ok", "unknown", "unknown"]
    assert [each.found.split(":")[0] for each in findings] == ["BASE0 python", "BASE1 python", "BASE2 python"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "No such file"), (b"\xff", "utf-8"), (b"ARG A=python:3\nFROM ${A}\n", "is not its status")],
    ids=["no file", "not UTF-8", "no status"],
)
def test_an_unreadable_dockerfile_is_one_unknown_finding(tmp_path: Path, content: bytes | None, reason: str) -> None:
    """The build itself reports a missing file; the check only says why it knows nothing."""
    path = tmp_path / "Dockerfile"
    if content is not None:
        path.write_bytes(content)
    (finding,) = base_images(path, TODAY)

    assert (finding.check, finding.verdict) == ("base image", "unknown")
    assert reason in finding.remedy


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave only the check of base images."""
    monkeypatch.setattr(account_preflight, "reader", lambda _region: None)
    monkeypatch.setattr(account_preflight, "examine", lambda *_: [Finding(check="account", verdict="ok", found="1")])
    monkeypatch.setattr(account_preflight, "known", lambda _stack: frozenset())
    monkeypatch.setattr(tools, "tools", list)
    monkeypatch.setattr(tools, "pulumi_cli", list)
    monkeypatch.setattr(tools, "state_backend", lambda *_, **__: [])


@pytest.mark.usefixtures("alone")
def test_the_report_names_old_base_images_and_up_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Today is the clock's: a digest of 32 days ago is too old, one of 29 days ago is not."""
    today = datetime.now(UTC).date()
    ages = [None, today - timedelta(days=32), today - timedelta(days=29)]
    monkeypatch.setattr(account_preflight, "DOCKERFILE", dockerfile(tmp_path, *ages))

    doctor("dev", as_json=True)
    report = json.loads(capsys.readouterr().out)
    doctor("dev")
    shown = capsys.readouterr().out

    assert report["ok"] is True
    assert [(each["check"], each["verdict"]) for each in report["findings"]] == [
        ("base image", "unknown"),
        ("base image", "unknown"),
        ("base image", "ok"),
        ("account", "ok"),
    ]
    assert shown.count(RENEW) == 2
    assert shown.endswith("dev can be deployed to this account, but 2 of 4 checks are unknown (base image)\n")
    account_preflight.require_ready("dev", frozenset())


@pytest.mark.usefixtures("alone")
def test_the_base_images_of_the_repository_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    """By the names of the arguments in app/Dockerfile."""
    doctor("dev", as_json=True)
    findings = json.loads(capsys.readouterr().out)["findings"]

    named = [each["found"].split()[0] for each in findings if each["check"] == "base image"]
    assert named == ["BUILD_IMAGE", "SLIM_IMAGE", "DISTROLESS_IMAGE"]
