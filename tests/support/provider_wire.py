"""A client of Pulumi's gRPC protocol that calls a provider as the engine does."""

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2, provider_pb2_grpc, status_pb2

from localcloud.protocol.values import Properties, decode, encode

KINDS = {value: name for name, value in provider_pb2.PropertyDiff.Kind.items()}
CALL_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class Diffed:
    """The answer of a provider to Diff."""

    changes: bool
    detailed: dict[str, str]
    """Property path -> `ADD`, `UPDATE_REPLACE` and so on."""
    replaces: frozenset[str]
    delete_before_replace: bool


class FailedError(Exception):
    """The provider answered with an error."""

    def __init__(
        self, message: str, id_: str = "", outputs: Properties | None = None, inputs: Properties | None = None
    ) -> None:
        super().__init__(message)
        self.id = id_
        """Id of the object that exists despite the error; empty if there is none."""
        self.outputs = outputs or {}
        self.inputs = inputs or {}


@dataclass(frozen=True)
class Resource:
    """The identity of a resource in the engine."""

    type: str
    name: str = "thing"

    @property
    def urn(self) -> str:
        return f"urn:pulumi:test::drydock::{self.type}::{self.name}"


class Wire:
    """A provider on a port."""

    def __init__(self, port: int) -> None:
        channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self._stub = provider_pb2_grpc.ResourceProviderStub(channel)
        grpc.channel_ready_future(channel).result(30)

    def configure(self, variables: dict[str, str]) -> None:
        self._stub.Configure(
            provider_pb2.ConfigureRequest(
                variables={f"kubernetes:config:{name}": value for name, value in variables.items()},
                args=encode(variables),
                acceptSecrets=True,
                sends_old_inputs=True,
            ),
            timeout=CALL_SECONDS,
        )

    def check(self, resource: Resource, old: Properties, new: Properties) -> Properties:
        answer = self._call(
            "Check",
            provider_pb2.CheckRequest(urn=resource.urn, olds=encode(old), news=encode(new), randomSeed=b"seed"),
        )
        if answer.failures:
            raise FailedError("; ".join(each.reason for each in answer.failures))
        return decode(answer.inputs)

    def diff(self, resource: Resource, id_: str, inputs: Properties, outputs: Properties, new: Properties) -> Diffed:
        answer = self._call(
            "Diff",
            provider_pb2.DiffRequest(
                urn=resource.urn, id=id_, old_inputs=encode(inputs), olds=encode(outputs), news=encode(new)
            ),
        )
        return Diffed(
            changes=answer.changes == provider_pb2.DiffResponse.DIFF_SOME,
            detailed={path: KINDS[each.kind] for path, each in answer.detailedDiff.items()},
            replaces=frozenset(answer.replaces),
            delete_before_replace=answer.deleteBeforeReplace,
        )

    def create(self, resource: Resource, inputs: Properties, *, preview: bool = False) -> tuple[str, Properties]:
        answer = self._call(
            "Create",
            provider_pb2.CreateRequest(urn=resource.urn, properties=encode(inputs), preview=preview),
        )
        return answer.id, decode(answer.properties)

    def read(
        self, resource: Resource, id_: str, inputs: Properties, outputs: Properties
    ) -> tuple[Properties, Properties] | None:
        """Return the inputs and the outputs; None if the object does not exist."""
        answer = self._call(
            "Read",
            provider_pb2.ReadRequest(urn=resource.urn, id=id_, inputs=encode(inputs), properties=encode(outputs)),
        )
        return (decode(answer.inputs), decode(answer.properties)) if answer.id else None

    def update(
        self,
        resource: Resource,
        id_: str,
        inputs: Properties,
        outputs: Properties,
        new: Properties,
        *,
        preview: bool = False,
    ) -> Properties:
        answer = self._call(
            "Update",
            provider_pb2.UpdateRequest(
                urn=resource.urn,
                id=id_,
                old_inputs=encode(inputs),
                olds=encode(outputs),
                news=encode(new),
                preview=preview,
            ),
        )
        return decode(answer.properties)

    def delete(self, resource: Resource, id_: str, inputs: Properties, outputs: Properties) -> None:
        self._call(
            "Delete",
            provider_pb2.DeleteRequest(urn=resource.urn, id=id_, old_inputs=encode(inputs), properties=encode(outputs)),
        )

    def _call(self, method: str, request: Any) -> Any:
        try:
            return getattr(self._stub, method)(request, timeout=CALL_SECONDS)
        except grpc.RpcError as error:
            raise _failed(error) from error


def _failed(error: Any) -> FailedError:
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                incomplete = provider_pb2.ErrorResourceInitFailed()
                if detail.Unpack(incomplete):
                    return FailedError(
                        "\n".join(incomplete.reasons),
                        incomplete.id,
                        decode(incomplete.properties),
                        decode(incomplete.inputs),
                    )
    return FailedError(error.details())


@dataclass
class Engine(engine_pb2_grpc.EngineServicer):
    """The part of an engine that a provider calls."""

    messages: list[str] = field(default_factory=list)

    def Log(self, request: Any, _context: Any) -> Any:
        self.messages.append(request.message)
        return empty_pb2.Empty()


@contextmanager
def running(executable: Path, environment: dict[str, str]) -> Iterator[Wire]:
    """Run a provider plugin until the end of the block."""
    server = grpc.server(ThreadPoolExecutor(4))
    engine_pb2_grpc.add_EngineServicer_to_server(Engine(), server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    command = [str(executable), address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}) as process:
        try:
            assert process.stdout is not None
            yield Wire(int(process.stdout.readline()))
        finally:
            process.terminate()
            server.stop(None)
