"""An account in its own process."""

import sys
from pathlib import Path

import pytest

from localcloud.aws.account_process import serve_account
from localcloud.errors import CloudError


def test_an_account_that_does_not_start_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has its log."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho no moto here >&2\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))

    with pytest.raises(CloudError, match="no moto here"), serve_account(tmp_path / "state", "eu-central-1"):
        pytest.fail("it runs")
