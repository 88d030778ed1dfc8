"""Rules that no model of AWS has: between the parameters of a request, and between a request and the account.

One file for each service. Each rule names its source.
"""

from localcloud.aws.judge.rules import rds, secretsmanager, sqs
from localcloud.aws.judge.rules.rule import Ask, Parameters

_SERVICES = (rds, secretsmanager, sqs)
_REQUEST = {key: rules for service in _SERVICES for key, rules in service.REQUEST_RULES.items()}
_STATE = {key: rules for service in _SERVICES for key, rules in service.STATE_RULES.items()}


def check(service: str, operation: str, parameters: Parameters, ask: Ask | None) -> None:
    """Check a request.

    Args:
        service: botocore's name of the service.
        operation: the operation.
        parameters: of the request.
        ask: reads the account; None in a preview, which has none.

    Raises:
        RefusedError: AWS would refuse it; about the first rule that it breaks.
    """
    key = (service, operation)
    for rule in _REQUEST.get(key, ()):
        for error in rule(parameters):
            raise error.of(operation)
    for in_account in _STATE.get(key, ()) if ask is not None else ():
        for error in in_account(parameters, ask):
            raise error.of(operation)
