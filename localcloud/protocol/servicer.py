"""Implements the Pulumi provider protocol for stand-ins, so that a stand-in only implements its resources.

A stand-in is a local replacement of a provider. It is a subclass of `Provider`; `serve` serves it on a loopback port,
to which the engine attaches through PULUMI_DEBUG_PROVIDERS. Arguments and results are plain dicts (see `values`); the
engine tracks which values are secret. Methods are called concurrently from several threads.
"""

# ruff: noqa: N802 - the method names below are the protocol's
import logging
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, plugin_pb2, provider_pb2, status_pb2
from pulumi.runtime.proto.provider_pb2_grpc import (
    ResourceProviderServicer,
    add_ResourceProviderServicer_to_server,
)

from localcloud.protocol.values import Properties, decode, encode

log = logging.getLogger(__name__)

# A rollout is awaited on the calling thread. More threads than the engine has operations in parallel cost little.
WORKER_THREADS = 64
# One message may contain a large amount of state; this is the limit of Pulumi's own servers.
MAX_MESSAGE_BYTES = 400 * 1024 * 1024


class ProviderError(Exception):
    """The operation on the resource failed; the message states what failed, why, and what to do."""


class IncompleteError(ProviderError):
    """The resource exists but has not reached the awaited state.

    The engine records it. A deployment then fails; a refresh warns, and the next deployment updates the resource.
    """

    def __init__(self, message: str, id_: str, outputs: Properties, inputs: Properties | None = None) -> None:
        super().__init__(message)
        self.id = id_
        self.outputs = outputs
        self.inputs = inputs
        """The inputs that `read` found; None for other operations."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """The resource of a call."""

    urn: str
    type: str
    """Pulumi's type token, such as `aws:ec2/vpc:Vpc`."""
    name: str
    """The logical name, the last part of the URN."""
    notify: Callable[[str], None] = field(default=lambda _message: None, compare=False)
    """Shows a temporary status line for the resource during the call."""
    warn: Callable[[str], None] = field(default=lambda _message: None, compare=False)
    """Reports a warning about the resource, which the operation survives."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """The difference between the current and the desired state of a resource."""

    changed: list[str] = field(default_factory=list)
    """Properties that differ: top-level names or paths such as `spec.ports[0].name`; empty if nothing differs."""
    replaces: list[str] = field(default_factory=list)
    """Properties that require a replacement; they may include properties that have not changed."""
    kinds: Mapping[str, str] = field(default_factory=dict)
    """The kind of difference of each property in protocol terms, such as `ADD_REPLACE`; an update if not listed."""
    delete_before_replace: bool = False
    """Whether the old object must be deleted first, because both have the same name and cannot coexist."""


class Provider(ABC):
    """Base class of a stand-in.

    Methods raise `ProviderError` for errors that the user can fix; any other exception is a defect and is logged.
    """

    name: str
    version: str = "0.0.0"

    def configure(self, variables: Properties) -> None:  # noqa: B027 - most stand-ins need no configuration
        """Apply the settings of a provider resource; called once for each provider resource of a program."""

    @abstractmethod
    def check(self, target: Target, old: Properties, new: Properties) -> Properties:
        """Validate inputs and fill in defaults, including generated names; `old` has the previous inputs or {}."""

    @abstractmethod
    def diff(self, target: Target, id_: str, old: Properties, outputs: Properties, new: Properties) -> Change:
        """Compare previous inputs (`old`) and outputs with the new inputs."""

    @abstractmethod
    def create(self, target: Target, inputs: Properties, *, preview: bool) -> tuple[str, Properties]:
        """Create the resource and return its id and outputs; in a preview, return "" and the outputs known so far."""

    @abstractmethod
    def read(
        self, target: Target, id_: str, inputs: Properties, outputs: Properties
    ) -> tuple[str, Properties, Properties] | None:
        """Return the current state of the resource as (id, inputs, outputs), or None if it no longer exists."""

    @abstractmethod
    def update(
        self,
        target: Target,
        id_: str,
        old: Properties,
        outputs: Properties,
        new: Properties,
        *,
        preview: bool,
    ) -> Properties:
        """Change the resource in place and return its outputs."""

    @abstractmethod
    def delete(self, target: Target, id_: str, inputs: Properties, outputs: Properties) -> None:
        """Delete the resource; do nothing if it no longer exists."""

    def cancel(self) -> None:  # noqa: B027 - most stand-ins never wait
        """Cancel all waits; the waiting calls fail."""

    def invoke(self, token: str, args: Properties) -> Properties:
        """Return the result of a function such as `aws:index/getAvailabilityZones:getAvailabilityZones`."""
        raise ProviderError(f"function {token} has no stand-in in the local cloud")


def serve(provider: Provider, port: int = 0, *, reserved: bool = False) -> tuple[grpc.Server, int]:
    """Serve on 127.0.0.1:port, or on any free port if it is 0; return the started server and its port.

    Set `reserved` if another process of this command reserves the port with SO_REUSEPORT.

    Raises:
        OSError: the port is in use.
    """
    options = [
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        ("grpc.so_reuseport", int(reserved)),
    ]
    server = grpc.server(ThreadPoolExecutor(WORKER_THREADS, thread_name_prefix=provider.name), options=options)
    add_ResourceProviderServicer_to_server(_Servicer(provider), server)
    try:
        bound = server.add_insecure_port(f"127.0.0.1:{port}")
    except RuntimeError as error:
        raise OSError(f"port {port} of the {provider.name} stand-in is in use") from error
    server.start()
    return server, bound


def _guarded(method: Callable[..., Any]) -> Callable[..., Any]:
    """Convert exceptions of a stand-in to errors of the protocol."""

    @wraps(method)
    def call(self: "_Servicer", request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request, context)
        except IncompleteError as failure:
            _abort_incomplete(context, failure)
        except ProviderError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except Exception as error:
            # Do not log the request: it may contain secrets of the provider configuration, such as tokens.
            subject = getattr(request, "urn", "") or getattr(request, "tok", "")
            log.exception("%s failed for %s", method.__name__, subject or self._provider.name)
            context.abort(grpc.StatusCode.UNKNOWN, f"{type(error).__name__}: {error}")

    return call


def _abort_incomplete(context: grpc.ServicerContext, failure: IncompleteError) -> None:
    detail = provider_pb2.ErrorResourceInitFailed(
        id=failure.id,
        properties=encode(failure.outputs),
        reasons=[str(failure)],
        inputs=None if failure.inputs is None else encode(failure.inputs),
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(failure))
    status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, str(failure))


def _top(path: str) -> str:
    """Return the top-level property of a property path."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def _property_diff(change: Change, path: str) -> Any:
    name = change.kinds.get(path) or ("UPDATE_REPLACE" if path in change.replaces else "UPDATE")
    return provider_pb2.PropertyDiff(kind=provider_pb2.PropertyDiff.Kind.Value(name), inputDiff=True)


class _Servicer(ResourceProviderServicer):
    """Translates gRPC requests to `Provider` calls."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._engine: Any = None

    def _target(self, request: Any) -> Target:
        def log(message: str, **options: Any) -> None:
            if self._engine is not None:
                self._engine.Log(engine_pb2.LogRequest(message=message, urn=request.urn, **options))

        urn_type = request.urn.split("::")[2].rpartition("$")[2]
        return Target(
            urn=request.urn,
            type=urn_type,
            name=request.urn.rpartition("::")[2],
            notify=partial(log, severity=engine_pb2.INFO, ephemeral=True),
            warn=partial(log, severity=engine_pb2.WARNING),
        )

    def _attach(self, address: str) -> None:
        self._engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))

    def Handshake(self, request: Any, _context: Any) -> Any:
        self._attach(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse()

    def Attach(self, request: Any, _context: Any) -> Any:
        self._attach(request.address)
        return empty_pb2.Empty()

    def GetPluginInfo(self, _request: Any, _context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=self._provider.version)

    def GetSchema(self, _request: Any, _context: Any) -> Any:
        return provider_pb2.GetSchemaResponse(schema="{}")

    def Cancel(self, _request: Any, _context: Any) -> Any:
        self._provider.cancel()
        return empty_pb2.Empty()

    def CheckConfig(self, request: Any, _context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    @_guarded
    def DiffConfig(self, request: Any, _context: Any) -> Any:
        same = decode(request.olds) == decode(request.news)
        changes = provider_pb2.DiffResponse.DIFF_NONE if same else provider_pb2.DiffResponse.DIFF_SOME
        return provider_pb2.DiffResponse(changes=changes)

    @_guarded
    def Configure(self, request: Any, _context: Any) -> Any:
        self._provider.configure(decode(request.args))
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    @_guarded
    def Check(self, request: Any, _context: Any) -> Any:
        inputs = self._provider.check(self._target(request), decode(request.olds), decode(request.news))
        return provider_pb2.CheckResponse(inputs=encode(inputs))

    @_guarded
    def Diff(self, request: Any, _context: Any) -> Any:
        change = self._provider.diff(
            self._target(request),
            request.id,
            decode(request.old_inputs),
            decode(request.olds),
            decode(request.news),
        )
        some = bool(change.changed or change.replaces)
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if some else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=sorted({_top(path) for path in change.changed}),
            replaces=change.replaces,
            deleteBeforeReplace=bool(change.replaces) and change.delete_before_replace,
            detailedDiff={path: _property_diff(change, path) for path in change.changed},
            hasDetailedDiff=True,
        )

    @_guarded
    def Create(self, request: Any, _context: Any) -> Any:
        id_, outputs = self._provider.create(self._target(request), decode(request.properties), preview=request.preview)
        return provider_pb2.CreateResponse(id=id_, properties=encode(outputs))

    @_guarded
    def Read(self, request: Any, _context: Any) -> Any:
        found = self._provider.read(
            self._target(request), request.id, decode(request.inputs), decode(request.properties)
        )
        if found is None:
            return provider_pb2.ReadResponse(id="")
        id_, inputs, outputs = found
        return provider_pb2.ReadResponse(id=id_, inputs=encode(inputs), properties=encode(outputs))

    @_guarded
    def Update(self, request: Any, _context: Any) -> Any:
        outputs = self._provider.update(
            self._target(request),
            request.id,
            decode(request.old_inputs),
            decode(request.olds),
            decode(request.news),
            preview=request.preview,
        )
        return provider_pb2.UpdateResponse(properties=encode(outputs))

    @_guarded
    def Delete(self, request: Any, _context: Any) -> Any:
        self._provider.delete(self._target(request), request.id, decode(request.old_inputs), decode(request.properties))
        return empty_pb2.Empty()

    @_guarded
    def Invoke(self, request: Any, _context: Any) -> Any:
        result = self._provider.invoke(request.tok, decode(request.args))
        return provider_pb2.InvokeResponse(**{"return": encode(result)})
