"""Base images of a Dockerfile are parsed, and renewed to new digests."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.base_images.dockerfile import read_bases, renewed
from infra.engine.places import ROOT
from infra.errors import InputError

NAMES = ("BUILD_IMAGE", "SLIM_IMAGE", "OTHER")
DIGESTS = st.from_regex(r"sha256:[0-9a-f]{64}", fullmatch=True)
DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))
TAGS = st.sampled_from(["python:3.13-slim", "gcr.io/distroless/python3:nonroot", "127.0.0.1:5000/base"])


@st.composite
def dockerfiles(draw: st.DrawFn) -> str:
    """Generate Dockerfiles whose base images have a digest or not, with comments and other ARGs."""
    lines = ["# syntax=docker/dockerfile:1", "ARG VERSION=1"]
    for name in NAMES:
        digest = draw(st.none() | DIGESTS)
        status = f"# Resolved on {draw(DAYS)}." if digest else "# Not resolved."
        lines += [status, f"ARG {name}={draw(TAGS)}{f'@{digest}' if digest else ''}", ""]
    for name in NAMES:
        lines += [draw(st.sampled_from([f"FROM ${{{name}}} AS {name.lower()}", f"FROM --platform=x ${name}"])), "RUN x"]
    return "\n".join([*lines, "ARG VERSION", ""])


@given(dockerfiles(), st.fixed_dictionaries(dict.fromkeys(NAMES, DIGESTS)), DAYS, DAYS)
def test_renewing_changes_only_digests_and_their_dates(
    text: str, digests: dict[str, str], today: date, later: date
) -> None:
    """All other lines stay. The date is the day on which a digest was first resolved; later renewals keep it."""
    result = renewed(text, digests, today)
    before, after = read_bases(text), read_bases(result)

    assert {base.argument: base.digest for base in after} == digests
    assert [base.tag for base in after] == [base.tag for base in before]
    for old, new in zip(before, after, strict=True):
        assert new.resolved == (old.resolved if old.digest == new.digest else today)
    changed = {number for base in before for number in (base.line - 1, base.line)}
    lines = zip(text.split("\n"), result.split("\n"), strict=True)
    assert all(old == new for number, (old, new) in enumerate(lines) if number not in changed)
    assert renewed(result, digests, later) == result


@pytest.mark.parametrize(
    ("lines", "where", "words"),
    [
        (["ARG A=python", "FROM $A"], "Dockerfile:1", "not its status"),
        (["# Not resolved.", "ARG A", "FROM ${A}"], "Dockerfile:2", "names no image"),
        (["# Not resolved.", f"ARG A=python@sha256:{'0' * 64}", "FROM ${A}"], "Dockerfile:2", "contradicts"),
        (["# Resolved on 2026-11-28.", "ARG A=python", "FROM ${A}"], "Dockerfile:2", "contradicts"),
        (["# Resolved on 2026-13-28.", f"ARG A=p@sha256:{'0' * 64}", "FROM $A"], "Dockerfile:2", "no date"),
        (["# Resolved on 2026-11-28.", "ARG A=python@sha256:0", "FROM ${A}"], "Dockerfile:2", "not a digest"),
        (["FROM ${A}"], "Dockerfile", "FROM names A"),
    ],
)
def test_refuses_a_malformed_base_image(lines: list[str], where: str, words: str) -> None:
    """The message names the line and the expected form."""
    with pytest.raises(InputError, match=words) as refused:
        read_bases("\n".join(lines))
    assert str(refused.value).startswith(where)


def test_reads_the_base_images_of_the_bundled_service() -> None:
    """app/Dockerfile has three base images, and every FROM uses one of them."""
    text = (ROOT / "app" / "Dockerfile").read_text()

    assert [base.argument for base in read_bases(text)] == ["BUILD_IMAGE", "SLIM_IMAGE", "DISTROLESS_IMAGE"]
    assert {line.split()[1] for line in text.splitlines() if line.startswith("FROM ")} == {
        "${BUILD_IMAGE}",
        "${SLIM_IMAGE}",
        "${DISTROLESS_IMAGE}",
    }
