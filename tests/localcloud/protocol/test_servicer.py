"""The provider protocol over a real gRPC channel."""

import logging
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

from localcloud.protocol.servicer import serve
from localcloud.protocol.values import Properties, encode
from localcloud.providers.random_ import RandomProvider


class Defective(RandomProvider):
    """A provider that raises an unexpected error in every call."""

    def configure(self, variables: Properties) -> None:
        raise RuntimeError("a defect")

    def invoke(self, token: str, args: Properties) -> Properties:
        raise RuntimeError("a defect")


@pytest.fixture
def stub() -> Iterator[Any]:
    """A client of the defective provider."""
    server, port = serve(Defective())
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield ResourceProviderStub(channel)
    server.stop(grace=None).wait()


def test_a_defect_is_logged_without_the_request(stub: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A request may contain tokens and kubeconfigs; the log has the method and the function's token."""
    secret = encode({"token": "hunter2"})
    with caplog.at_level(logging.ERROR):
        with pytest.raises(grpc.RpcError, match="a defect"):
            stub.Configure(provider_pb2.ConfigureRequest(args=secret, variables={"token": "hunter2"}))
        with pytest.raises(grpc.RpcError, match="a defect"):
            stub.Invoke(provider_pb2.InvokeRequest(tok="aws:index/f:f", args=secret))

    assert [record.getMessage() for record in caplog.records] == [
        "Configure failed for random",
        "Invoke failed for aws:index/f:f",
    ]
    assert "hunter2" not in caplog.text
