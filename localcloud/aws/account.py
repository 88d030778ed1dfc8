"""Calls of one AWS account: boto3 clients made when first used, and parameters mapped from Pulumi's names."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from localcloud.aws.in_process import InProcess
from localcloud.aws.judge import requests
from localcloud.aws.recorder import OPERATION_HEADER
from localcloud.aws.shapes import to_api
from localcloud.aws.specifications.models import loader, service_model
from localcloud.aws.wsgi import Application
from localcloud.cloud import ACCESS_KEY
from localcloud.protocol.values import Properties

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.credentials import Credentials

NO_FILES = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
"""Session variables of botocore without their environment variables: what the user has set is for other accounts."""

_current = threading.local()


class Account:
    """One account in one region, at an endpoint that speaks the AWS wire API.

    Args:
        account_id: the account.
        region: the region of its requests.
        endpoint: URL.
        key: access key and secret that requests are signed with.
        credentials: botocore's credentials, in place of the key.
        application: what answers at the endpoint, if it runs in this process.
    """

    def __init__(
        self,
        account_id: str,
        region: str,
        endpoint: str,
        *,
        key: str = ACCESS_KEY,
        credentials: "Credentials | None" = None,
        application: Application | None = None,
    ) -> None:
        self.id = account_id
        self.region = region
        self.endpoint = endpoint
        self._key = key
        self._credentials = credentials
        self._application = application
        self._owner = self.in_region(region) if credentials else self
        self._clients: dict[str, BaseClient] = {}
        self._session: Any = None
        self._lock = threading.Lock()

    def in_region(self, region: str, credentials: "Credentials | None" = None) -> "Account":
        """Return the account in a region, as its owner or with credentials."""
        return Account(self.id, region, self.endpoint, credentials=credentials, application=self._application)

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource of this account and region."""
        return f"arn:aws:{service}:{self.region}:{self.id}:{resource}"

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call an operation by AWS's name, such as `CreateVpc`, with AWS's parameters.

        Raises:
            RefusedError: AWS would refuse the request; nothing was sent.
        """
        # What AWS's rules have to know of the account, AWS knows: it needs nobody's permission.
        requests.check(service, operation, parameters, self._owner._send)
        return self._send(service, operation, **parameters)

    def _send(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._client(service)._make_api_call(operation, parameters)  # type: ignore[attr-defined]
        return answer

    def mapped(
        self,
        service: str,
        operation: str,
        properties: Properties,
        renames: Mapping[str, str] | None = None,
        **parameters: Any,
    ) -> dict[str, Any]:
        """Call an operation with those of Pulumi's properties that it takes; `parameters` come on top."""
        shape = service_model(service).operation_model(operation).input_shape
        return self.call(service, operation, **{**to_api(shape, properties, renames), **parameters})

    def takes_list(self, service: str, operation: str, parameter: str) -> bool:
        """Return whether a parameter of an operation is a list."""
        shape = service_model(service).operation_model(operation).input_shape
        return bool(shape is not None and shape.members[parameter].type_name == "list")

    @staticmethod
    @contextmanager
    def marked(operation: str) -> Iterator[None]:
        """Mark this thread's calls as parts of one operation of the provider."""
        before = getattr(_current, "operation", None)
        _current.operation = operation
        try:
            yield
        finally:
            _current.operation = before

    def _client(self, service: str) -> "BaseClient":
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._make_client(service)
            return self._clients[service]

    def _make_client(self, service: str) -> "BaseClient":
        # Imported late: a preview of a real stack needs no AWS, and boto3 is slow to load.
        import boto3  # noqa: PLC0415
        import botocore.session  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415

        if self._session is None:
            core = botocore.session.Session(session_vars=NO_FILES)
            core.register_component("data_loader", loader())
            core.set_credentials(self._key, self._key)
            if self._credentials is not None:
                core._credentials = self._credentials  # type: ignore[attr-defined]
            self._session = boto3.session.Session(botocore_session=core, region_name=self.region)
        config = Config(
            retries={"total_max_attempts": 1},
            max_pool_connections=64,
            s3={"addressing_style": "path"},
            proxies={},
            inject_host_prefix=False,
            user_agent="drydock",  # else botocore composes one for each request
        )
        client: BaseClient = self._session.client(service, endpoint_url=self.endpoint, config=config)
        client.meta.events.register("before-call", _mark)
        if self._application is not None:
            client._endpoint.http_session = InProcess(self._application)  # type: ignore[attr-defined]
        return client


def _mark(params: dict[str, Any], **_: Any) -> None:
    operation = getattr(_current, "operation", None)
    if operation:
        params["headers"][OPERATION_HEADER] = operation
