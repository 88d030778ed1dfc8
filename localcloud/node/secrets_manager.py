"""Calls Secrets Manager of the local account with the credentials of a pod's role."""

import json
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from localcloud.node.fields import ConfigError

CALL_SECONDS = 10
SERVICE = "secretsmanager"


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """Temporary AWS credentials of a role session."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(repr=False)


class SecretsManager:
    """Calls the AWS endpoint of the local cloud."""

    def __init__(self, endpoint: str, region: str) -> None:
        self._endpoint = endpoint
        self._region = region

    async def call(self, credentials: Credentials, operation: str, secret_id: str) -> dict[str, Any]:
        """Call an operation on one secret.

        Args:
            credentials: credentials of the caller, which must be allowed the operation.
            operation: GetSecretValue or DescribeSecret.
            secret_id: name or ARN of the secret.

        Raises:
            ConfigError: the call failed; the message is that of the AWS provider for the Secrets Store CSI driver.
        """
        body = json.dumps({"SecretId": secret_id})
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"{SERVICE}.{operation}"}
        async with aiohttp.request(
            "POST",
            f"{self._endpoint}/",
            data=body,
            headers=self._signed(credentials, body, headers),
            timeout=aiohttp.ClientTimeout(total=CALL_SECONDS),
        ) as answer:
            found: dict[str, Any] = json.loads(await answer.read())
            if answer.status < 400:
                return found
        doing = "fetching" if operation == "GetSecretValue" else "to describe"
        code = str(found.get("__type", "")).rpartition("#")[2]
        message = found.get("message") or found.get("Message") or ""
        raise ConfigError(
            f"{self._region}: Failed {doing} secret {secret_id}: operation error Secrets Manager: {operation}, https "
            f"response error StatusCode: {answer.status}, api error {code}: {message}"
        )

    async def addon(self, name: str) -> dict[str, Any] | None:
        """Return the configuration of an EKS add-on of the local cluster, or None if it is not installed."""
        timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
        url = f"{self._endpoint}/drydock/addon"
        async with aiohttp.request("GET", url, params={"name": name}, timeout=timeout) as answer:
            answer.raise_for_status()
            configuration: dict[str, Any] | None = (await answer.json())["configuration"]
            return configuration

    def _signed(self, credentials: Credentials, body: str, headers: dict[str, str]) -> dict[str, str]:
        from botocore.auth import SigV4Auth  # noqa: PLC0415 - slow to load
        from botocore.awsrequest import AWSRequest  # noqa: PLC0415
        from botocore.credentials import Credentials as Keys  # noqa: PLC0415

        request = AWSRequest("POST", f"{self._endpoint}/", headers=headers, data=body)
        keys = Keys(credentials.access_key, credentials.secret_key, credentials.token)
        SigV4Auth(keys, SERVICE, self._region).add_auth(request)
        return dict(request.headers)
