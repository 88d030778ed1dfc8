"""The message of a failed build: cause, remedy, the decisive line, and the log."""

from pathlib import Path

import pytest

from infra.toolchain.failures import explain

LOG = Path("/cache/build.log")


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("write /x/y.a: no space left on device", "the disk is full"),
        (
            'Get "https://proxy.invalid/a/@v/v1.zip": dial tcp: lookup proxy.invalid: no such host',
            "a download was refused",
        ),
        ("reading https://proxy.invalid/a/@v/v1.mod: 403 Forbidden", "a download was refused"),
        ("module lookup disabled by GOPROXY=off", "a download was refused"),
        ("tls: failed to verify certificate: x509: certificate signed by unknown authority", "a download was refused"),
        ("verifying example.com/a@v1.0.0: checksum mismatch", "does not match its pinned checksum"),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "does not match its pinned checksum",
        ),
        ("go: updates to go.mod needed", "does not match its pinned checksum"),
        ("link: signal: killed", "the machine ran out of memory"),
        ("open /home/x/go/pkg/mod/cache: permission denied", "not writable"),
        ("mkdir /home/x/.cache: read-only file system", "not writable"),
    ],
)
def test_a_known_failure_has_a_cause_and_a_remedy(line: str, cause: str) -> None:
    """The decisive line is quoted, and no other."""
    message = str(explain("building it", ["go: downloading a v1", line, "", "the end"], LOG))

    assert message.startswith("building it failed: ")
    assert cause in message
    assert f"| {line}" in message
    assert "the end" not in message
    assert str(LOG) in message


def test_an_unknown_failure_quotes_its_last_lines() -> None:
    """No cause is guessed: the message has the end of the output, and how to continue."""
    message = str(explain("building it", [f"line {number}" for number in range(100)], LOG))

    assert "run it again to resume" in message
    assert "| line 99" in message
    assert "line 50" not in message


def test_only_the_end_of_the_output_determines_the_cause() -> None:
    """A refused download that was repeated elsewhere is not the cause of a much later failure."""
    lines = ["reading https://a.invalid: 404 Not Found", *["compiled"] * 60, "syntax error"]

    assert "a download was refused" not in str(explain("building it", lines, LOG))
