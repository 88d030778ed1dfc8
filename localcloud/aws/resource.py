"""Base class of resource types. A type declares its AWS operations as attributes, and overrides methods if needed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from localcloud.aws.account import Account
from localcloud.aws.shapes import from_api, lower_camel, pick
from localcloud.protocol.values import UNKNOWN, Properties


@dataclass(frozen=True, kw_only=True)
class Tagging:
    """The tagging operations of a service, and its format of tags."""

    add: str
    remove: str
    target: str
    """Parameter that identifies the tagged resource."""
    form: Literal["map", "Key", "TagKey", "key"] = "Key"
    """Format of tags: a map, or a list of objects with this key."""
    tags: str = "Tags"
    keys: str = "TagKeys"
    many: bool = False
    """Whether the target is a list."""

    def encode(self, tags: Mapping[str, str]) -> Any:
        """Return tags in the format of the service."""
        if self.form == "map":
            return dict(tags)
        value = self.form.replace("Key", "Value").replace("key", "value")
        return [{self.form: key, value: text} for key, text in tags.items()]

    def decode(self, tags: Any) -> dict[str, str]:
        """Return tags from the format of the service, without those that AWS sets itself."""
        if isinstance(tags, dict):
            found = tags
        else:
            value = self.form.replace("Key", "Value").replace("key", "value")
            found = {tag[self.form]: tag[value] for tag in tags or ()}
        return {key: text for key, text in found.items() if not key.startswith("aws:")}


class Resource:
    """A resource type. All methods receive checked inputs in Pulumi's names."""

    type: ClassVar[str]
    """Pulumi's type token, such as `aws:ec2/vpc:Vpc`."""
    service: ClassVar[str]
    local: ClassVar[Iterable[str]] = ()
    """Properties whose local value differs from AWS, such as a port. They are not drift."""
    recorded: ClassVar[str] = ""
    """Description of what the local cloud only records and moto does not emulate. "" if there is nothing."""
    regional: ClassVar[bool] = True
    autoname: ClassVar[str] = ""
    """Property that gets a name derived from the logical name if it is not given. Its change replaces the resource."""
    replaces: ClassVar[Iterable[str]] = ()
    """Properties whose change replaces the resource."""
    imported: ClassVar[Iterable[str]] = ()
    """Properties that an import uses as inputs. If empty, the type cannot be imported."""
    exclusive: ClassVar[bool] = False
    """Whether a replacement must delete the old resource first, because both cannot exist at the same time."""
    defaults: ClassVar[Properties] = {}
    """Values of properties that are not given: those with a `Default` in the schema of Terraform's provider, but not
    those that AWS computes."""
    computed: ClassVar[Mapping[str, Iterable[str]]] = {}
    """Block -> properties in it that AWS sets. They are unknown in a preview."""
    renames: ClassVar[Mapping[str, str]] = {}
    """Pulumi's name of a property -> AWS's name, where they are different words."""
    create_operation: ClassVar[str]
    created_id: ClassVar[str] = ""
    """Path of the id in the response of the create operation."""
    describe_operation: ClassVar[str]
    found: ClassVar[str] = ""
    """Path of the resource in the response of the describe operation. Empty for the response itself."""
    update_operation: ClassVar[str] = ""
    delete_operation: ClassVar[str]
    id_parameter: ClassVar[str]
    """Parameter with the id in describe, update and delete requests. Plural if describe accepts a list."""
    gone: ClassVar[Mapping[str, Iterable[str]]] = {}
    """Error codes that mean that the resource does not exist. Each has a list of `id` or inputs, of which the message
    must contain at least one. The list is empty if the message contains no name and the code can only refer to this
    resource."""
    described: ClassVar[Iterable[str]] = ()
    """Properties with the same value as in AWS's description of the resource, so that a preview can check a change of
    them against the deployed resource."""
    tagging: ClassVar[Tagging | None] = None
    tags_in_create: ClassVar[bool] = True

    def legal_name(self, name: str) -> str:
        """Return an autoname that the service accepts."""
        return name

    def forces_new(self, old: Properties, new: Properties) -> set[str]:
        """Return the properties that replace the resource only in some cases, and the blocks in which one changes."""
        return set()

    def is_gone(self, error: Exception, id_: str, inputs: Properties) -> bool:
        """Return whether an error means that the resource does not exist, and not that another resource is missing."""
        told = (getattr(error, "response", None) or {}).get("Error", {})
        keys = self.gone.get(str(told.get("Code", "")))
        if keys is None:
            return False
        names = [str(id_ if key == "id" else inputs.get(key) or id_) for key in keys]
        return not names or any(_names(str(told.get("Message", "")), name) for name in names)

    def previewed(self, outputs: Properties) -> Properties:
        """Complete the known outputs of a preview. `outputs` are the inputs, or the old outputs with the new inputs."""
        blocks = {
            block: {**dict.fromkeys(names, UNKNOWN), **outputs[block]}
            for block, names in self.computed.items()
            if isinstance(outputs.get(block), dict)
        }
        return {**outputs, **blocks}

    def describes(self, properties: Properties, new: Properties) -> Properties:
        """Return what AWS's description has for the properties of `described`, in Pulumi's names.

        Args:
            properties: outputs of the deployed resource, or inputs of a new one.
            new: inputs after the change that a preview checks.
        """
        return {name: properties.get(name) for name in self.described}

    def reads(self, operation: str, parameters: Mapping[str, Any], new: Properties) -> dict[str, Any] | None:
        """Return the response to another read of the resource than its description, or None if it is not known."""
        return None

    def kept(self, inputs: Properties) -> Properties:
        """Return outputs that are taken from the inputs, such as secrets, which AWS never returns."""
        return {}

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the resource and return its id."""
        own = {key: value for key, value in inputs.items() if key != "tags"}
        answer = aws.mapped(self.service, self.create_operation, own, self.renames, **self.create_tags(inputs))
        return str(pick(answer, self.created_id))

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the current state in Pulumi's names, with tags as `tagsAll`, or None if the resource is deleted."""
        item = self.describe(aws, id_)
        return None if item is None else self.state(aws, id_, item)

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Update the resource in place. The caller changes the tags."""
        if self.update_operation and changed:
            some = {key: value for key, value in new.items() if key in changed}
            aws.mapped(self.service, self.update_operation, some, self.renames, **{self.one_id(): id_})

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the resource."""
        aws.call(self.service, self.delete_operation, **{self.one_id(): id_})

    def restore(self, inputs: Properties) -> None:
        """Restore what the resource has outside of the account. Must be idempotent."""

    def describe(self, aws: Account, id_: str) -> Any:
        """Return AWS's description of the resource, in AWS's names."""
        many = aws.takes_list(self.service, self.describe_operation, self.id_parameter)
        answer = aws.call(self.service, self.describe_operation, **{self.id_parameter: [id_] if many else id_})
        return pick(answer, self.found) if self.found else answer

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Convert AWS's description of the resource to Pulumi's outputs."""
        state: Properties = from_api(item)
        for ours, theirs in self.renames.items():
            name = lower_camel(theirs)
            if name in state:
                state[ours] = state.pop(name)
        if self.tagging is not None:
            state.pop("tags", None)
            state.pop("tagSet", None)
            state["tagsAll"] = self.tagging.decode(self.tags(aws, id_, item))
        return state

    def tags(self, aws: Account, id_: str, item: Any) -> Any:
        """Return the tags of the resource in the format of the service."""
        return next((item[key] for key in ("Tags", "tags", "TagSet", "TagList") if key in item), [])

    def tag_target(self, aws: Account, id_: str, inputs: Properties) -> str:
        """Return the value of the parameter `tagging.target`."""
        return id_

    def create_tags(self, inputs: Properties) -> dict[str, Any]:
        """Return the parameters of a create request with the tags."""
        tags = inputs.get("tagsAll")
        if self.tagging is None or not tags or not self.tags_in_create:
            return {}
        return {self.tagging.tags: self.tagging.encode(tags)}

    def retag(self, aws: Account, id_: str, inputs: Properties, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        """Change tags from `old` to `new`."""
        tagging = self.tagging
        if tagging is None:
            return
        name = self.tag_target(aws, id_, inputs)
        target = {tagging.target: [name] if tagging.many else name}
        gone = [key for key in old if key not in new]
        if gone:
            keys = [{"Key": key} for key in gone] if tagging.keys == tagging.tags else gone
            aws.call(self.service, tagging.remove, **target, **{tagging.keys: keys})
        fresh = {key: text for key, text in new.items() if old.get(key) != text}
        if fresh:
            aws.call(self.service, tagging.add, **target, **{tagging.tags: tagging.encode(fresh)})

    def one_id(self) -> str:
        """Return the parameter that accepts a single id, if that of describe accepts a list."""
        return self.id_parameter.removesuffix("s") if self.id_parameter.endswith("Ids") else self.id_parameter


def _names(message: str, name: str) -> bool:
    """Return whether a message contains a name as a whole word: `vpc-12` does not contain `vpc-1`."""
    return bool(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", message))


def call_each(aws: Account, service: str, operation: str, attributes: Mapping[str, Any], **target: Any) -> None:
    """Call an operation that changes one attribute per request, such as ModifyVpcAttribute, for each attribute."""
    for name, value in attributes.items():
        aws.call(service, operation, **target, **{name: value})
