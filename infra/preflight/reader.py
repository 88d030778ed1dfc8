"""Calls the AWS account with the credentials of the deployment."""

from collections.abc import Mapping, Sequence
from typing import Any

from stacks.settings import AssumedRole

# Error codes of AWS for missing resources and for denied actions.
_ABSENT = ("NotFound", "NotFoundException", "NotFoundFault", "NoSuchEntity", "NoSuchBucket", "NoSuchHostedZone", "404")
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "403")

_SESSION = "drydock"


class Reader:
    """Calls the account for the checks, and caches the responses.

    Args:
        region: region of the stack.
        endpoint: endpoint of a local account; None for AWS.
        credentials: credential parameters for boto3; None for the credentials of the environment.
    """

    def __init__(
        self, region: str, *, endpoint: str | None = None, credentials: Mapping[str, str] | None = None
    ) -> None:
        self._region = region
        self._endpoint = endpoint
        self._credentials = dict(credentials or {})
        self._answers: dict[str, dict[str, Any]] = {}
        self._clients: dict[str, Any] = {}

    def __call__(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call the account; see `finding.Ask`."""
        from botocore.exceptions import (  # noqa: PLC0415 - slow to load
            BotoCoreError,
            ClientError,
            ConnectionError,
            HTTPClientError,
        )
        from botocore.parsers import ResponseParserError  # noqa: PLC0415

        from infra.preflight.finding import DENIED, UnreadableError  # noqa: PLC0415

        action = f"{service}:{operation}"
        key = f"{action} {sorted(parameters.items())}"
        if key not in self._answers:
            try:
                self._answers[key] = self._client(service)._make_api_call(operation, parameters)
            except ClientError as error:
                code = str(error.response["Error"].get("Code", ""))
                if not code.endswith(_ABSENT):
                    reason = DENIED if code.startswith(_DENIED) else f"{code}: {error.response['Error'].get('Message')}"
                    raise UnreadableError(action, reason) from error
                self._answers[key] = {}
            except (BotoCoreError, ResponseParserError) as error:
                unreachable = isinstance(error, ConnectionError | HTTPClientError)
                raise UnreadableError(action, str(error).partition("\n")[0], unreachable=unreachable) from error
        return self._answers[key]

    def assuming(self, roles: Sequence[AssumedRole]) -> "Reader":
        """Assume the roles in order, and return a reader with the credentials of the last role.

        Raises:
            UnreadableError: a role cannot be assumed.
        """
        if not roles:
            return self
        first, *others = roles
        external = {"ExternalId": first.external_id} if first.external_id else {}
        taken = self(
            "sts", "AssumeRole", RoleArn=first.role_arn, RoleSessionName=first.session_name or _SESSION, **external
        )["Credentials"]
        credentials = {
            "aws_access_key_id": taken["AccessKeyId"],
            "aws_secret_access_key": taken["SecretAccessKey"],
            "aws_session_token": taken["SessionToken"],
        }
        return Reader(self._region, endpoint=self._endpoint, credentials=credentials).assuming(others)

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            import boto3  # noqa: PLC0415 - slow to load
            from botocore.config import Config  # noqa: PLC0415

            self._clients[service] = boto3.client(  # type: ignore[call-overload]
                service,
                region_name=self._region,
                endpoint_url=self._endpoint,
                config=Config(
                    connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 3, "mode": "standard"}
                ),
                **self._credentials,
            )
        return self._clients[service]
