"""A client of a local cloud's API server, for read requests about the whole cluster."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

from localcloud.cloud import Cloud
from localcloud.kubernetes.retrying import RetryingTransport

REQUEST_SECONDS = 10


@contextmanager
def reader(cloud: Cloud) -> Iterator[httpx2.Client]:
    """Open a client with administrator rights."""
    transport = RetryingTransport(ssl.create_default_context(cadata=cloud.kube_ca_pem))
    headers = {"Authorization": f"Bearer {cloud.kube_token}"}
    with httpx2.Client(
        base_url=cloud.kube_server, headers=headers, transport=transport, timeout=REQUEST_SECONDS
    ) as client:
        yield client
