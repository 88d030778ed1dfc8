"""A mistake in the file of exemptions is one message with its place. Real: the file runs, and all rules are loaded."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.engine import exemptions, operations
from infra.engine.progress import Progress
from infra.errors import InputError

HEAD = """
from datetime import date
from infra.policy.exemptions import Exemption

EXEMPTIONS = (
"""
RULE = "aws-eks-private-endpoint"
YEAR = datetime.now(UTC).year + 1
ENTRY = (
    'Exemption(stack="{}", rule="aws-eks-private-endpoint", owner="ops", reason="no VPN", expires=date({}, {}, {})),'
)
VALID = ENTRY.format("prod", YEAR, 1, 31)


class Notes(Progress):
    """Keeps what is reported."""

    def __init__(self) -> None:
        super().__init__(quiet=True)
        self.texts: list[str] = []

    def report(self, subject: str, text: str, *_: Any, **__: Any) -> None:
        self.texts.append(f"{subject}: {text}")


def written(folder: Path, *entries: str) -> Path:
    path = folder / "exemptions.py"
    path.write_text(HEAD + "\n".join(entries) + "\n)\n")
    return path


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (f"date({YEAR}, 1, 31)", '"2027-01-31"', "line 6: .*expires must be a date"),
        ("1, 31", "2, 31", "line 6: day is out of range for month"),
        ('"ops"', '""', "line 6: .*needs its owner"),
        ('"no VPN"', "None", "line 6: .*needs its reason"),
        ("expires=", "expire=", "line 6: got an unexpected keyword argument 'expire'"),
        ('owner="ops", ', "", "line 6: missing 1 required keyword-only argument: 'owner'"),
        ("=date(", "=dat(", "line 6: name 'dat' is not defined"),
        ('"ops", ', '"ops" ', "line 6: invalid syntax"),
        (VALID, VALID.removesuffix(","), "EXEMPTIONS must be a tuple; a tuple of one entry has a comma"),
        ("EXEMPTIONS", "EXEMPTION", "'EXEMPTIONS'"),
        ('"prod"', '"pord"', rf"exemption of {RULE} in pord: no such stack; did you mean prod\?"),
        ('"prod"', '"quality"', "no such stack; there are: .*dev, .*prod"),
        ("-endpoint", "-endpoints", rf"private-endpoints: no such rule; did you mean {RULE}\?"),
        ("private-endpoint", "no-world-access", "the rule is critical and has no exemptions"),
        (RULE, "x", "no such rule; see docs/policy.md"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = written(tmp_path, VALID)
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))

    with pytest.raises(InputError, match=rf"\Aexemptions\.py[,:].*{message}"):
        exemptions.require_valid("dev", Notes(), path)


def test_valid_exemptions_are_accepted_without_a_note(tmp_path: Path) -> None:
    """Also several, also a list."""
    notes = Notes()
    path = written(tmp_path, VALID, VALID.replace('"prod"', '"staging"'))
    exemptions.require_valid("prod", notes, path)
    path.write_text(path.read_text().replace("EXEMPTIONS = (", "EXEMPTIONS = [").replace("\n)\n", "\n]\n"))
    exemptions.require_valid("prod", notes, path)

    assert notes.texts == []


def test_an_expired_exemption_is_a_note_in_its_own_stack(tmp_path: Path) -> None:
    """On its last day it holds."""
    today = datetime.now(UTC).date()
    last_days = [today - timedelta(days=1), today]
    path = written(
        tmp_path, *(ENTRY.format(stack, day.year, day.month, day.day) for stack in ("prod", "dev") for day in last_days)
    )
    notes = Notes()

    exemptions.require_valid("prod", notes, path)

    assert notes.texts == [
        f"note: exemption of aws-eks-private-endpoint expired on {last_days[0]}: renew or delete it in exemptions.py"
    ]


def test_the_exemptions_of_the_repository_are_valid() -> None:
    exemptions.require_valid("prod", Notes())


@pytest.mark.parametrize("judged", [True, False])
def test_a_preview_checks_them_before_the_engine_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, judged: bool
) -> None:
    """Unless no policy pack runs."""
    started: list[str] = []
    path = written(tmp_path, "x")
    monkeypatch.setattr(exemptions.require_valid, "__defaults__", (path,))

    class Stack:
        name = "prod"

        def preview(self, **_: Any) -> None:
            started.append("engine")

    stack: Any = Stack()
    if judged:
        with pytest.raises(InputError, match="name 'x' is not defined"):
            operations.preview(stack, Notes())
    else:
        operations.preview(stack, Notes(), judged=False)

    assert started == ([] if judged else ["engine"])
