"""A small model of Pulumi's engine: steps with the aws provider, and a state that is written after each answer."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from localcloud.aws.provider import REVISION, AwsProvider
from localcloud.protocol.servicer import Target
from localcloud.protocol.values import Properties

Ids = Mapping[str, str]
Program = dict[str, tuple[str, Callable[[Ids], Properties]]]
"""Logical name -> type, and function from the ids of others to inputs; in the order of dependencies."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """A resource in the state."""

    name: str
    type: str
    id: str
    inputs: Properties
    outputs: Properties
    delete: bool = False
    """Whether it was replaced and has to be deleted."""
    pending_replacement: bool = False
    """Whether it was deleted and has to be created again."""

    @property
    def target(self) -> Target:
        return target_of(self.name, self.type)


def target_of(name: str, type_: str) -> Target:
    return Target(urn=f"urn:pulumi:test::drydock::{type_}::{name}", type=type_, name=name)


@dataclass
class Engine:
    """The state, and the operations on it."""

    records: list[Record] = field(default_factory=list)
    before_writing: Callable[[], None] = lambda: None
    """Called between a provider's answer and the write of the state; an exception stands for a killed engine."""

    def known(self) -> dict[tuple[str, str], str]:
        """Return the revisions that a reconciliation compares."""
        return {
            (record.target.urn, record.id): record.outputs.get(REVISION, "")
            for record in self.records
            if not record.pending_replacement
        }

    def up(self, provider: AwsProvider, program: Program) -> int:
        """Deploy, and return the number of steps."""
        return sum(1 for _ in self.steps(provider, program))

    def steps(self, provider: AwsProvider, program: Program) -> Iterator[str]:
        """Deploy step by step; yield the name of each resource after its step is in the state."""
        ids: dict[str, str] = {}
        for name, (type_, inputs_of) in program.items():
            old = next((one for one in self.records if one.name == name and not one.delete), None)
            given = inputs_of(ids)
            new = provider.check(target_of(name, type_), old.inputs if old else {}, given)
            yield from self._step(provider, name, type_, old, new, given)
            ids[name] = next(one.id for one in self.records if one.name == name and not one.delete)
        for record in [one for one in reversed(self.records) if one.delete or one.name not in program]:
            if not record.pending_replacement:
                provider.delete(record.target, record.id, record.inputs, record.outputs)
                self.before_writing()
            self.records.remove(record)
            yield record.name

    def drift(self, provider: AwsProvider) -> list[str]:
        """Return the resources that a refresh would find changed or missing."""
        found = []
        for record in self.records:
            if record.pending_replacement:
                continue
            read = provider.read(record.target, record.id, record.inputs, record.outputs)
            if read is None:
                found.append(f"{record.name} is gone")
            elif changed := provider.diff(record.target, record.id, record.inputs, record.outputs, read[1]).changed:
                found.append(f"{record.name} differs in {', '.join(changed)}")
        return found

    def _step(
        self, provider: AwsProvider, name: str, type_: str, old: Record | None, new: Properties, given: Properties
    ) -> Iterator[str]:
        """Create, update or replace a resource. `given` are the inputs of the program, `new` those after Check."""
        if old is None or old.pending_replacement:
            yield self._create(provider, name, type_, old, new)
            return
        change = provider.diff(old.target, old.id, old.inputs, old.outputs, new)
        if change.replaces and change.delete_before_replace:
            provider.delete(old.target, old.id, old.inputs, old.outputs)
            self.before_writing()
            deleted = replace(old, pending_replacement=True)
            self._put(old, deleted)
            yield name
            yield self._create(provider, name, type_, deleted, new)
        elif change.replaces:  # without the old inputs, Check generates another name
            yield self._create(provider, name, type_, None, provider.check(old.target, {}, given), replaces=old)
        elif change.changed:
            outputs = provider.update(old.target, old.id, old.inputs, old.outputs, new, preview=False)
            self.before_writing()
            self._put(old, replace(old, inputs=new, outputs=outputs))
            yield name

    def _create(
        self,
        provider: AwsProvider,
        name: str,
        type_: str,
        old: Record | None,
        new: Properties,
        replaces: Record | None = None,
    ) -> str:
        id_, outputs = provider.create(target_of(name, type_), new, preview=False)
        self.before_writing()
        made = Record(name=name, type=type_, id=id_, inputs=new, outputs=outputs)
        if replaces:
            self._put(replaces, replace(replaces, delete=True))
        self._put(old, made)
        return name

    def _put(self, old: Record | None, new: Record) -> None:
        """Change the state in one write."""
        if old is None:
            self.records.append(new)
        else:
            self.records[self.records.index(old)] = new


def constant(**inputs: Any) -> Callable[[Ids], Properties]:
    """Return inputs that refer to no other resource."""
    return lambda _ids: dict(inputs)
