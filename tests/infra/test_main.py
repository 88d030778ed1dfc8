"""The program under the official CLI, run as the language host runs it. Mocked: the engine's gRPC services."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_pb2, resource_pb2_grpc

from infra.engine.places import ROOT

# As pulumi-language-python-exec does: run the program in an event loop, and log a RunError with exit code 1.
HOST = """
import asyncio, runpy, sys
import pulumi, pulumi.runtime
pulumi.runtime.configure(pulumi.runtime.Settings(
    monitor=sys.argv[1], engine=sys.argv[1], project="drydock", stack=sys.argv[2], parallel=4, dry_run=True))
try:
    asyncio.new_event_loop().run_until_complete(
        pulumi.runtime.run_in_stack(lambda: runpy.run_path("infra", run_name="__main__")))
except pulumi.RunError as error:
    pulumi.log.error(str(error))
    sys.exit(1)
"""
SHOWN = 32


class Engine(engine_pb2_grpc.EngineServicer, resource_pb2_grpc.ResourceMonitorServicer):
    """Records errors and registered types; supports the registration of the stack only."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.registered: list[str] = []

    def Log(self, request: Any, _context: Any) -> Any:
        if request.severity == engine_pb2.ERROR:
            self.errors.append(request.message)
        return empty_pb2.Empty()

    def SupportsFeature(self, _request: Any, _context: Any) -> Any:
        return resource_pb2.SupportsFeatureResponse(hasSupport=False)

    def RegisterResource(self, request: Any, _context: Any) -> Any:
        self.registered.append(request.type)
        return resource_pb2.RegisterResourceResponse(urn=f"urn:pulumi:dev::drydock::{request.type}::{request.name}")

    def RegisterResourceOutputs(self, _request: Any, _context: Any) -> Any:
        return empty_pb2.Empty()


@pytest.fixture
def engine() -> Iterator[tuple[Engine, str]]:
    """The mocked engine and its address."""
    server, simulated = grpc.server(ThreadPoolExecutor(4)), Engine()
    engine_pb2_grpc.add_EngineServicer_to_server(simulated, server)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(simulated, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield simulated, f"127.0.0.1:{port}"
    server.stop(None)


def test_wrong_settings_are_one_message_and_no_unhandled_error(engine: tuple[Engine, str]) -> None:
    """With this exit code the language host adds no line of its own, which it does with 1."""
    simulated, address = engine
    config = '{"drydock:region": "eu-central-1", "drydock:network": "{\\"cidr\\": \\"300.0.0.0/16\\"}"}'
    done = subprocess.run(
        [sys.executable, "-c", HOST, address, "dev"],
        cwd=ROOT,
        env={**os.environ, "PULUMI_CONFIG": config, "no_proxy": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == SHOWN, done.stderr
    (message,) = simulated.errors
    assert "network.cidr" in message
    assert "300.0.0.0/16" in message
    assert "Traceback" not in message + done.stderr
    assert simulated.registered == ["pulumi:pulumi:Stack"]
