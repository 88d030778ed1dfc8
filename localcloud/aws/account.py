"""Calls the API of an AWS account, with lazily created boto3 clients and parameters mapped from Pulumi's names."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from localcloud.aws.in_process import InProcess
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
"""Session variables of botocore without environment variables and files, which the user has set for other accounts."""

_current = threading.local()


class Account:
    """One account in one region, at an endpoint that implements the AWS API.

    Args:
        account_id: id of the account.
        region: region of the requests.
        endpoint: URL of the endpoint.
        key: access key id and secret key that sign requests.
        credentials: botocore's credentials, instead of the key.
        application: WSGI application of the endpoint, if it runs in this process.
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
        """Return the account in a region, with the owner's key or with credentials."""
        return Account(self.id, region, self.endpoint, credentials=credentials, application=self._application)

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource of this account and region."""
        return f"arn:aws:{service}:{self.region}:{self.id}:{resource}"

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Check and send a request for an operation, such as `CreateVpc`, with AWS's parameters.

        Raises:
            RefusedError: AWS would refuse the request. It was not sent.
        """
        self.check(service, operation, **parameters)
        return self._send(service, operation, **parameters)

    def check(self, service: str, operation: str, **parameters: Any) -> None:
        """Check a request without sending it.

        A request can be checked together with values that it omits because the resource already has them. A preview
        cannot read them from the account.

        Raises:
            RefusedError: AWS would refuse the request.
        """
        from localcloud.aws.judge import requests  # noqa: PLC0415 - all rules, which most commands do not need

        # The rules read the account as its owner, because AWS itself needs no permission for this.
        requests.check(service, operation, parameters, self._owner._send)

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
        """Call an operation with Pulumi's properties that it accepts. `parameters` override them."""
        shape = service_model(service).operation_model(operation).input_shape
        return self.call(service, operation, **{**to_api(shape, properties, renames), **parameters})

    def takes_list(self, service: str, operation: str, parameter: str) -> bool:
        """Return whether a parameter of an operation is a list."""
        shape = service_model(service).operation_model(operation).input_shape
        return bool(shape is not None and shape.members[parameter].type_name == "list")

    @staticmethod
    @contextmanager
    def marked(operation: str) -> Iterator[None]:
        """Mark the calls of this thread as parts of one operation of the provider."""
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
        # Imported here, because boto3 is slow to load and a preview of a real stack does not need it.
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
            user_agent="drydock",  # otherwise botocore builds one for each request
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
