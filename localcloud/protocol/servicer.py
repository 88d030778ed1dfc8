"""The Pulumi provider protocol once, so that a stand-in says only what its resources are.

A stand-in subclasses `Provider`; `serve` puts it on a loopback port, where an engine attaches to it through
PULUMI_DEBUG_PROVIDERS. Values arrive and leave as plain dicts (see `values`); the engine itself keeps track of
which of them are secret. Calls come on several threads at once.
"""

# ruff: noqa: N802 - the method names below are the protocol's
import logging
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import wraps
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

# A rollout is awaited on the calling thread; more threads than an engine has resources in flight cost little.
WORKER_THREADS = 64
# The state of a large stack goes through one message; this is the limit Pulumi's own servers set.
MAX_MESSAGE_BYTES = 400 * 1024 * 1024


class ProviderError(Exception):
    """The resource could not be made as asked; the message says what, why, and what to do."""


class IncompleteError(ProviderError):
    """The resource exists but is not in the state that was awaited; the engine records it and fails."""

    def __init__(self, message: str, id_: str, outputs: Properties) -> None:
        super().__init__(message)
        self.id = id_
        self.outputs = outputs


@dataclass(frozen=True, kw_only=True)
class Target:
    """The resource that a call is about."""

    urn: str
    type: str
    """Pulumi's type token, such as `aws:ec2/vpc:Vpc`."""
    name: str
    """The logical name, the last part of the URN."""
    notify: Callable[[str], None] = field(default=lambda _message: None, compare=False)
    """Shows a passing status line beside the resource while the call goes on."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What differs between what is and what is wanted."""

    changed: list[str] = field(default_factory=list)
    """Properties that differ, top-level ones or paths such as `spec.ports[0].name`; empty where nothing does."""
    replaces: list[str] = field(default_factory=list)
    """Those of them that no update can change; or others, for whose sake an object is replaced that is not changed."""
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Kinds of differences in the protocol's words, such as `ADD_REPLACE`; updates where a property is not in it."""
    delete_before_replace: bool = False
    """True where two of them cannot exist at once, because the name is taken."""


class Provider(ABC):
    """One stand-in. Raise `ProviderError` for what the user can mend; anything else is a defect and is logged."""

    name: str
    version: str = "0.0.0"

    def configure(self, variables: Properties) -> None:  # noqa: B027 - most stand-ins need no configuration
        """Take the provider resource's settings; called once for each provider resource of a program."""

    @abstractmethod
    def check(self, target: Target, old: Properties, new: Properties) -> Properties:
        """Validate inputs and fill in defaults, autonames included. `old` are the previous inputs or {}."""

    @abstractmethod
    def diff(self, target: Target, id_: str, old: Properties, outputs: Properties, new: Properties) -> Change:
        """Compare previous inputs (`old`) and outputs with the new inputs."""

    @abstractmethod
    def create(self, target: Target, inputs: Properties, *, preview: bool) -> tuple[str, Properties]:
        """Create the resource and return its id and outputs; in a preview, return what can be known ("" as id)."""

    @abstractmethod
    def read(
        self, target: Target, id_: str, inputs: Properties, outputs: Properties
    ) -> tuple[str, Properties, Properties] | None:
        """Return the resource as it is now, as (id, inputs, outputs), or None where it is gone."""

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
        """Delete the resource; one that is already gone is no error."""

    def cancel(self) -> None:  # noqa: B027 - most stand-ins never wait
        """Stop what is being waited for; the calls that wait fail."""

    def invoke(self, token: str, args: Properties) -> Properties:
        """Answer a function such as `aws:index/getAvailabilityZones:getAvailabilityZones`."""
        raise ProviderError(f"function {token} has no stand-in in the local cloud")


def serve(provider: Provider, port: int = 0, *, reserved: bool = False) -> tuple[grpc.Server, int]:
    """Serve on 127.0.0.1:port, or on a free port where it is 0; the started server and its port.

    `reserved`: another process of this command reserves the port.

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
    """Turn a stand-in's exceptions into the protocol's errors."""

    @wraps(method)
    def call(self: "_Servicer", request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request, context)
        except IncompleteError as failure:
            _abort_incomplete(context, failure)
        except ProviderError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except Exception as error:
            # Never the request itself: it holds what a provider is configured with, such as tokens.
            subject = getattr(request, "urn", "") or getattr(request, "tok", "")
            log.exception("%s failed for %s", method.__name__, subject or self._provider.name)
            context.abort(grpc.StatusCode.UNKNOWN, f"{type(error).__name__}: {error}")

    return call


def _abort_incomplete(context: grpc.ServicerContext, failure: IncompleteError) -> None:
    detail = provider_pb2.ErrorResourceInitFailed(
        id=failure.id, properties=encode(failure.outputs), reasons=[str(failure)]
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
    """Translates the wire to `Provider` calls."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._engine: Any = None

    def _target(self, request: Any) -> Target:
        def notify(message: str) -> None:
            if self._engine is not None:
                self._engine.Log(
                    engine_pb2.LogRequest(severity=engine_pb2.INFO, message=message, urn=request.urn, ephemeral=True)
                )

        urn_type = request.urn.split("::")[2].rpartition("$")[2]
        return Target(urn=request.urn, type=urn_type, name=request.urn.rpartition("::")[2], notify=notify)

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
