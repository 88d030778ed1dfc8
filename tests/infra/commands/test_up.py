"""What `up` says of IAM; the deployment itself is deployed for real in tests/e2e."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from infra.commands import up
from infra.engine import denials, operations, session
from infra.engine.operations import Outcome
from infra.errors import OperationError
from tests.infra.engine.test_denials import POD
from tests.infra.engine.test_real_providers import CLOUD


class Stack:
    """A stack without outputs."""

    def outputs(self) -> dict[str, Any]:
        return {}


@pytest.mark.parametrize(
    ("failed", "words"), [(False, r"^IAM denied pods"), (True, r"(?s)^up failed:.*IAM denied pods")]
)
def test_a_pod_that_is_denied_something_fails_it(monkeypatch: pytest.MonkeyPatch, failed: bool, words: str) -> None:
    """Whether the engine had succeeded or not; what was denied long ago does not count."""

    @contextmanager
    def deployed(*_: Any) -> Iterator[session.Session]:
        yield session.Session(stack=Stack(), name="local", where="local cloud", cloud=CLOUD)  # type: ignore[arg-type]

    answer = [{**POD, "last": time.time() - 3600}]
    monkeypatch.setattr(session, "deployed", deployed)
    monkeypatch.setattr(operations, "preview", lambda *_: Outcome("preview"))
    outcome = Outcome("up", counts=Counter(same=1))
    monkeypatch.setattr(operations, "up", lambda *_: outcome)
    monkeypatch.setattr(denials, "ask", lambda _url: {"denials": answer})
    up.up("local", yes=True)
    answer[0]["last"] = time.time()
    outcome.failed = failed

    with pytest.raises(OperationError, match=words) as refused:
        up.up("local", yes=True)

    assert "is not authorized to perform sqs:ReceiveMessage" in str(refused.value)
