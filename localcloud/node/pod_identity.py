"""EKS Pod Identity on the node: gives pods whose ServiceAccount has an association the means to get credentials.

The environment variables are those that the EKS webhook sets; the token file is the one that the kubelet writes:
https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
"""

import json
import time
from http import HTTPStatus
from pathlib import Path

import aiohttp

from localcloud.cluster.api import UNREACHABLE, ApiClient, Manifest, NotFoundError
from localcloud.node import volumes
from localcloud.node.fields import ConfigError

AUDIENCE = "pods.eks.amazonaws.com"
TOKEN_FILE = "eks-pod-identity-token"  # noqa: S105 - a file's name
TOKEN_SECONDS = 86_400
# The kubelet renews a token after this fraction of its lifetime.
RENEW_AFTER = 0.8
CALL_SECONDS = 10


class PodIdentity:
    """Reads associations from the local account, and requests tokens from the API server.

    Args:
        api: the API server.
        endpoint: the AWS endpoint, which reports associations and issues credentials.
        state: folder of the local cloud; the token of a pod is stored in the pod's own folder with mode 0600.
    """

    def __init__(self, api: ApiClient, endpoint: str, state: Path) -> None:
        self._api = api
        self._endpoint = endpoint
        self._state = state
        self._renew_at: dict[str, float] = {}

    async def variables(self, pod: Manifest) -> dict[str, str]:
        """Write the pod's token and return its environment variables; return {} if it has no association.

        Raises:
            ConfigError: the account is unavailable, or the ServiceAccount does not exist.
            ApiError: the API server rejects the token request.
        """
        if not await self._is_associated(pod["metadata"]["namespace"], _service_account(pod)):
            return {}
        await self._write(pod)
        return {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{self._endpoint}/drydock/v1/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(self._folder(pod) / TOKEN_FILE),
            "AWS_STS_REGIONAL_ENDPOINTS": "regional",
        }

    async def credentials(self, pod: Manifest) -> dict[str, str]:
        """Return credentials of the pod's role: `access_key`, `secret_key` and `token`.

        Raises:
            ConfigError: the pod has no role, or EKS is not allowed to assume it.
            ApiError: the API server rejects the token request.
        """
        token = self._folder(pod) / TOKEN_FILE
        if not token.exists():
            await self._write(pod)
        headers = {"Authorization": token.read_text(encoding="utf-8")}
        timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
        url = f"{self._endpoint}/drydock/v1/credentials"
        async with aiohttp.request("GET", url, headers=headers, timeout=timeout) as answer:
            text = await answer.text()
            if answer.status != HTTPStatus.OK:
                raise ConfigError(f"failed to refresh cached credentials, failed to load credentials, {text}")
        found = json.loads(text)
        return {
            "access_key": found["AccessKeyId"],
            "secret_key": found["SecretAccessKey"],
            "token": found["Token"],
        }

    async def renew(self, pod: Manifest) -> None:
        """Replace the pod's token if it has one and most of its lifetime has passed.

        Raises:
            ConfigError: the ServiceAccount does not exist.
            ApiError: the API server rejects the token request.
        """
        if time.time() >= self._renew_at.get(pod["metadata"]["uid"], float("inf")):
            await self._write(pod)

    def forget(self, uid: str) -> None:
        """Drop the renewal time of a deleted pod, whose folder has been removed."""
        self._renew_at.pop(uid, None)

    def _folder(self, pod: Manifest) -> Path:
        return self._state / "pods" / str(pod["metadata"]["uid"]) / "eks-pod-identity"

    async def _is_associated(self, namespace: str, service_account: str) -> bool:
        timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
        params = {"namespace": namespace, "serviceAccount": service_account}
        url = f"{self._endpoint}/drydock/pod-identity"
        try:
            async with aiohttp.request("GET", url, params=params, timeout=timeout) as answer:
                answer.raise_for_status()
                found: bool = (await answer.json())["associated"]
                return found
        except UNREACHABLE as error:
            raise ConfigError(f"the local AWS account cannot be asked for the role of the pod: {error!r}") from error

    async def _write(self, pod: Manifest) -> None:
        metadata = pod["metadata"]
        account = _service_account(pod)
        asked = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {
                "audiences": [AUDIENCE],
                "expirationSeconds": TOKEN_SECONDS,
                "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": metadata["name"], "uid": metadata["uid"]},
            },
        }
        path = f"/api/v1/namespaces/{metadata['namespace']}/serviceaccounts/{account}/token"
        try:
            answer = await self._api.create(path, asked)
        except NotFoundError as error:
            raise ConfigError(f'serviceaccount "{account}" not found') from error
        volumes.write(self._folder(pod), {TOKEN_FILE: answer["status"]["token"].encode()})
        self._renew_at[metadata["uid"]] = time.time() + RENEW_AFTER * TOKEN_SECONDS


def _service_account(pod: Manifest) -> str:
    return str(pod["spec"].get("serviceAccountName") or "default")
