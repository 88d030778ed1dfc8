"""Stand-ins for a preview, in their own process."""

import socket

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

from localcloud.providers import offline


def test_every_stand_in_answers_within_the_context() -> None:
    """A client gets a response from each of them, and afterwards they do not listen."""
    with offline.serve_all() as ports:
        for port in ports.values():
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                stub = ResourceProviderStub(channel)  # type: ignore[no-untyped-call]
                assert stub.GetPluginInfo(empty_pb2.Empty(), timeout=30, wait_for_ready=True).version

    assert sorted(ports) == ["aws", "docker-build", "kubernetes", "random"]
    for port in ports.values():
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0
