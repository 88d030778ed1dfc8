"""Run a Pulumi program on mocks, and inspect its registered resources: inputs, parents, options and outputs.

`record(program)` runs the program completely on an event loop of its own, so an error in any `apply` is raised.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pulumi
from google.protobuf import struct_pb2
from google.protobuf.json_format import MessageToDict
from pulumi.runtime import mocks, rpc, settings, stack
from pulumi.runtime import resource as registration
from pulumi.runtime.proto import resource_pb2, source_pb2

from tests.support.fake_outputs import answer_of, id_of, outputs_of

PROJECT, STACK = "drydock", "test"


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One registered resource."""

    urn: str
    type: str
    name: str
    inputs: Mapping[str, Any]
    parent: str
    provider: str
    protect: bool
    depends_on: frozenset[str]
    property_dependencies: Mapping[str, list[str]]
    """Input -> URNs of the resources whose outputs it contains."""
    ignore_changes: tuple[str, ...]
    delete_before_replace: bool
    aliases: tuple[str, ...]
    secret_inputs: frozenset[str]
    """Names of inputs that are or contain a secret."""
    custom: bool
    """Whether a provider creates it; a component is not custom."""
    create_timeout: str
    update_timeout: str
    replace_on_changes: tuple[str, ...]
    retain_on_delete: bool
    additional_secret_outputs: tuple[str, ...]
    id: str
    identities: frozenset[str]
    """Texts from its provider only, such as id, ARN and URL. They are unique to the resource."""


@dataclass
class Recording:
    """The registrations of a program."""

    resources: dict[str, Recorded] = field(default_factory=dict)
    component_outputs: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    secret_outputs: dict[str, frozenset[str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    result: Any = None
    """The result of the program with all Outputs resolved."""

    def all(self, type_: str) -> list[Recorded]:
        """Return the resources of a type, sorted by name."""
        found = [resource for resource in self.resources.values() if resource.type == type_]
        return sorted(found, key=lambda resource: resource.name)

    def only(self, type_: str, name: str | None = None) -> Recorded:
        """Return the only resource of a type (and name). Fails if there is none or more than one."""
        found = [resource for resource in self.all(type_) if name in (None, resource.name)]
        assert len(found) == 1, f"{len(found)} of {type_} {name or ''}: {[resource.name for resource in found]}"
        return found[0]

    def names(self, type_: str) -> list[str]:
        """Return the names of the resources of a type."""
        return [resource.name for resource in self.all(type_)]

    def children(self, name: str) -> list[Recorded]:
        """Return the resources whose parent has a name."""
        return [r for r in self.resources.values() if r.parent.rpartition("::")[2] == name]

    def owner(self, value: str) -> Recorded:
        """Return the resource with an id, ARN, URL or other output, which is the target of a reference."""
        found = [resource for resource in self.resources.values() if value in resource.identities]
        assert len(found) == 1, f"{len(found)} own {value}: {[resource.urn for resource in found]}"
        return found[0]

    def outputs(self, urn: str) -> Mapping[str, Any]:
        """Return the registered outputs of a component. Fails if there are none."""
        return self.component_outputs[urn]

    def waits_for(self, resource: Recorded) -> set[str]:
        """Return the URNs of all direct and indirect dependencies of a resource."""
        seen: set[str] = set()
        queue = [resource.urn]
        while queue:
            for urn in self._edges(self.resources[queue.pop()]) - seen:
                seen.add(urn)
                if urn in self.resources:
                    queue.append(urn)
        return seen

    @staticmethod
    def _edges(resource: Recorded) -> frozenset[str]:
        # A resource also depends on its provider, whose reference has its URN and id.
        return resource.depends_on | {resource.provider.rpartition("::")[0]}


class _Mocks(mocks.Mocks):
    """Never called: the monitor below answers itself."""

    call = new_resource = None  # type: ignore[assignment]


class _Loop(asyncio.SelectorEventLoop):
    """An event loop that calls the monitor directly, because a thread per call takes longer than the call."""

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future


class _Monitor(mocks.MockMonitor):
    """The mock monitor, which also records its calls."""

    def __init__(self, recording: Recording, make: "Make", answer: "Answer") -> None:
        super().__init__(_Mocks())
        self.recording = recording
        self.make = make
        self.answer = answer

    def Invoke(self, request: Any) -> Any:
        self.recording.calls.append(request.tok)
        return resource_pb2.ResourceInvokeResponse(**{"return": _struct(self.answer(request))})

    def RegisterResource(self, request: Any) -> Any:
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == "pulumi:pulumi:Stack":
            return resource_pb2.RegisterResourceResponse(urn=urn)
        inputs = rpc.deserialize_properties(request.object)
        id_, state = self.make(urn, request.type, request.name, inputs)
        self.recording.resources[urn] = _recorded(request, urn, id_, plain(inputs), plain(state))
        return resource_pb2.RegisterResourceResponse(urn=urn, id=id_, object=_struct(state))

    def RegisterResourceOutputs(self, request: Any) -> Any:
        self.recording.component_outputs[request.urn] = plain(rpc.deserialize_properties(request.outputs))
        self.recording.secret_outputs[request.urn] = _secrets(request.outputs)
        return super().RegisterResourceOutputs(request)


Make = Callable[[str, str, str, Mapping[str, Any]], tuple[str, Mapping[str, Any]]]
"""Takes URN, type, name and inputs of a resource; returns its id, and its outputs besides the inputs."""
Answer = Callable[[Any], Mapping[str, Any]]
"""Answers an invoke."""


def fake(_urn: str, type_: str, name: str, inputs: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Return the id and the outputs of a resource without a provider."""
    return id_of(type_, name), outputs_of(type_, name, dict(inputs))


def record(
    program: Callable[[], Any],
    stack_name: str = STACK,
    *,
    make: Make = fake,
    answer: Answer = lambda request: answer_of(request.tok, MessageToDict(request.args)),
) -> Recording:
    """Run a program on mocks and return its registrations. Errors of the program, also in an `apply`, are raised.

    Args:
        program: registers resources.
        stack_name: the stack.
        make: replaces the providers.
        answer: replaces the functions of the providers.
    """
    recording = Recording()
    loop = _Loop()
    asyncio.set_event_loop(loop)
    # Stack traces, which nothing reads here, take a third of the time of a recording in a test.
    stack_trace, registration._get_stack_trace = registration._get_stack_trace, source_pb2.StackTrace
    try:
        settings.reset_options()
        mocks.set_mocks(_Mocks(), project=PROJECT, stack=stack_name, monitor=_Monitor(recording, make, answer))

        async def run() -> None:
            settings.SETTINGS.rpc_manager.clear()
            settings.SETTINGS.outputs.clear()
            await stack.run_pulumi_func(lambda: _whole(recording, program))

        loop.run_until_complete(run())
    finally:
        registration._get_stack_trace = stack_trace
        left = asyncio.all_tasks(loop)  # tasks of a program that failed
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        settings.reset_options()
        asyncio.set_event_loop(None)
        loop.close()
    return recording


async def _whole(recording: Recording, program: Callable[[], Any]) -> None:
    """Run the program until all outputs are resolved.

    So Pulumi itself has nothing to wait for. Its own loop checks all pending outputs again after each resolved one,
    which takes half of the time of a whole stack.
    """
    pulumi.Output.from_input(program()).apply(partial(setattr, recording, "result"))
    while pending := list(settings.SETTINGS.outputs):
        settings.SETTINGS.outputs.clear()
        await asyncio.gather(*pending)


def _struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(dict(values))
    return struct


def _recorded(request: Any, urn: str, id_: str, inputs: Mapping[str, Any], state: Mapping[str, Any]) -> Recorded:
    return Recorded(
        urn=urn,
        type=request.type,
        name=request.name,
        inputs=inputs,
        parent=request.parent,
        provider=request.provider,
        protect=request.protect,
        depends_on=frozenset(request.dependencies),
        property_dependencies={key: sorted(value.urns) for key, value in request.propertyDependencies.items()},
        ignore_changes=tuple(request.ignoreChanges),
        delete_before_replace=request.deleteBeforeReplace,
        aliases=tuple(alias.urn or alias.spec.name for alias in request.aliases),
        secret_inputs=_secrets(request.object),
        custom=request.custom,
        create_timeout=request.customTimeouts.create,
        update_timeout=request.customTimeouts.update,
        replace_on_changes=tuple(request.replaceOnChanges),
        retain_on_delete=request.retainOnDelete,
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        id=id_,
        identities=frozenset([id_, *(set(texts(state)) - set(texts(inputs)))]) if request.custom else frozenset(),
    )


def texts(value: Any) -> Iterator[str]:
    """Yield all texts in a value: strings, numbers as text, and keys of objects."""
    match value:
        case Mapping():
            for key, inner in value.items():
                yield key
                yield from texts(inner)
        case list():
            for inner in value:
                yield from texts(inner)
        case _:
            yield str(value)


def _secrets(properties: Any) -> frozenset[str]:
    return frozenset(name for name, value in properties.fields.items() if rpc._special_secret_sig in str(value))


def plain(value: Any) -> Any:
    """Return the value without the wrappers of secrets."""
    if rpc.is_rpc_secret(value):
        return plain(rpc.unwrap_rpc_secret(value))
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value
