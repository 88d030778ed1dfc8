"""Rules of Secrets Manager."""

from collections.abc import Iterator

from localcloud.aws.judge.refusal import RefusedError
from localcloud.aws.judge.rules.rule import Parameters, RequestRules, StateRules


def _recovery(parameters: Parameters) -> Iterator[RefusedError]:
    """A deleted secret can be restored for 7 to 30 days."""
    days = parameters.get("RecoveryWindowInDays")
    if isinstance(days, int) and not 7 <= days <= 30:
        yield RefusedError(
            "InvalidParameterException",
            "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
            path=("RecoveryWindowInDays",),
            value=days,
            source="https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html",
        )


REQUEST_RULES: RequestRules = {("secretsmanager", "DeleteSecret"): (_recovery,)}
STATE_RULES: StateRules = {}
