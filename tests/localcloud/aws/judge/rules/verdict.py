"""What the rules say about a request, as the tests of rules ask."""

from typing import Any

from localcloud.aws.judge import rules
from localcloud.aws.judge.refusal import RefusedError


def verdict(service: str, operation: str, parameters: dict[str, Any], ask: Any = None) -> str:
    """The code with which a request is refused; "" if it is accepted. Each refusal has a source and the operation."""
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
