"""The verdict of the rules on a request, for the tests of rules."""

from typing import Any

from localcloud.aws.judge import rules
from localcloud.aws.judge.refusal import RefusedError


def verdict(service: str, operation: str, parameters: dict[str, Any], ask: Any = None) -> str:
    """Return the code of a refusal, or "" if the request is accepted; a refusal must have source and operation."""
    error = _refusal(service, operation, parameters, ask)
    if error is None:
        return ""
    assert error.source.startswith(("https://", "botocore "))
    assert error.operation_name == operation
    assert error.path
    return str(error.response["Error"]["Code"])


def _refusal(service: str, operation: str, parameters: dict[str, Any], ask: Any) -> RefusedError | None:
    try:
        rules.check(service, operation, parameters, ask)
    except RefusedError as error:
        return error
    return None
