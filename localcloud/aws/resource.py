"""What a Pulumi AWS resource type is to AWS: a small table of operations, which a type overrides where it differs."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from localcloud.aws.account import Account
from localcloud.aws.shapes import from_api, lower_camel, pick
from localcloud.protocol.values import UNKNOWN, Properties


@dataclass(frozen=True, kw_only=True)
class Tagging:
    """How a service tags: its operations and the shape of a tag."""

    add: str
    remove: str
    target: str
    """Parameter that names what is tagged."""
    form: Literal["map", "Key", "TagKey", "key"] = "Key"
    """A map, or a list of objects with this key."""
    tags: str = "Tags"
    keys: str = "TagKeys"
    many: bool = False
    """The target is a list."""

    def encode(self, tags: Mapping[str, str]) -> Any:
        """Return the tags as the service takes them."""
        if self.form == "map":
            return dict(tags)
        value = self.form.replace("Key", "Value").replace("key", "value")
        return [{self.form: key, value: text} for key, text in tags.items()]

    def decode(self, tags: Any) -> dict[str, str]:
        """Return the tags as the service tells them, without those AWS sets itself."""
        if isinstance(tags, dict):
            found = tags
        else:
            value = self.form.replace("Key", "Value").replace("key", "value")
            found = {tag[self.form]: tag[value] for tag in tags or ()}
        return {key: text for key, text in found.items() if not key.startswith("aws:")}


class Resource:
    """One resource type. Every method gets Pulumi's checked inputs, in Pulumi's names."""

    type: ClassVar[str]
    """Pulumi's token, such as `aws:ec2/vpc:Vpc`."""
    service: ClassVar[str]
    local: ClassVar[Iterable[str]] = ()
    """Properties that are other here than on AWS, such as a port, which is no drift."""
    recorded: ClassVar[str] = ""
    """What of it moto does not emulate, but the local cloud records as asked for; "" where nothing."""
    regional: ClassVar[bool] = True
    autoname: ClassVar[str] = ""
    """The property that Pulumi names after the resource if it is not given."""
    replaces: ClassVar[Iterable[str]] = ()
    """Properties that no update can change."""
    imported: ClassVar[Iterable[str]] = ()
    """Inputs that an import takes from what it finds; none: the type cannot be imported here."""
    exclusive: ClassVar[bool] = False
    """Two of them cannot exist at once, so the old one goes first."""
    defaults: ClassVar[Properties] = {}
    computed: ClassVar[Mapping[str, Iterable[str]]] = {}
    """Block -> the properties in it that AWS sets: unknown in a preview until they are set."""
    renames: ClassVar[Mapping[str, str]] = {}
    """AWS's name of a property, where it is another word."""
    create_operation: ClassVar[str]
    created_id: ClassVar[str] = ""
    """Path of the id in the answer."""
    describe_operation: ClassVar[str]
    found: ClassVar[str] = ""
    """Path of the resource in the answer."""
    update_operation: ClassVar[str] = ""
    delete_operation: ClassVar[str]
    id_parameter: ClassVar[str]
    """Parameter that names the resource in describe, update and delete; plural where describe takes a list."""
    gone: ClassVar[Mapping[str, Iterable[str]]] = {}
    """Error codes with which AWS says that this very resource is not there, each with what the message then names: `id`
    or an input, one of them at least. Nothing where the message has no name, and the code is about the one thing that
    every request of the type has."""
    tagging: ClassVar[Tagging | None] = None
    tags_in_create: ClassVar[bool] = True

    def legal_name(self, name: str) -> str:
        """Return an autoname as the service allows it."""
        return name

    def forces_new(self, old: Properties, new: Properties) -> set[str]:
        """Blocks of which something changed that no update can change."""
        return set()

    def is_gone(self, error: Exception, id_: str, inputs: Properties) -> bool:
        """Return whether an error says that the resource is not there; one that speaks of another thing does not."""
        told = (getattr(error, "response", None) or {}).get("Error", {})
        keys = self.gone.get(str(told.get("Code", "")))
        if keys is None:
            return False
        names = [str(id_ if key == "id" else inputs.get(key) or id_) for key in keys]
        return not names or any(_names(str(told.get("Message", "")), name) for name in names)

    def previewed(self, outputs: Properties) -> Properties:
        """Complete what a preview knows of the outputs: the inputs, or the outputs so far with the new inputs."""
        blocks = {
            block: {**dict.fromkeys(names, UNKNOWN), **outputs[block]}
            for block, names in self.computed.items()
            if isinstance(outputs.get(block), dict)
        }
        return {**outputs, **blocks}

    def kept(self, inputs: Properties) -> Properties:
        """Outputs that are the inputs whatever AWS tells, such as secrets, which it never does."""
        return {}

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the resource and return its id."""
        own = {key: value for key, value in inputs.items() if key != "tags"}
        answer = aws.mapped(self.service, self.create_operation, own, self.renames, **self.create_tags(inputs))
        return str(pick(answer, self.created_id))

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the resource as it is, in Pulumi's names, tags under `tagsAll`; None where it is gone."""
        item = self.describe(aws, id_)
        return None if item is None else self.state(aws, id_, item)

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Change the resource in place; tags are changed by the caller."""
        if self.update_operation and changed:
            some = {key: value for key, value in new.items() if key in changed}
            aws.mapped(self.service, self.update_operation, some, self.renames, **{self.one_id(): id_})

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the resource."""
        aws.call(self.service, self.delete_operation, **{self.one_id(): id_})

    def restore(self, inputs: Properties) -> None:
        """Make again what the resource has outside of the account, whatever of it is there."""

    def describe(self, aws: Account, id_: str) -> Any:
        """Return what AWS tells about the resource, in AWS's names."""
        many = aws.takes_list(self.service, self.describe_operation, self.id_parameter)
        answer = aws.call(self.service, self.describe_operation, **{self.id_parameter: [id_] if many else id_})
        return pick(answer, self.found) if self.found else answer

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Turn what AWS tells into Pulumi's outputs."""
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
        """Return the resource's tags in the service's form."""
        return next((item[key] for key in ("Tags", "tags", "TagSet", "TagList") if key in item), [])

    def tag_target(self, aws: Account, id_: str, inputs: Properties) -> str:
        """Return what `tagging.target` is set to."""
        return id_

    def create_tags(self, inputs: Properties) -> dict[str, Any]:
        """Return the parameters of create that carry the tags."""
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
        """Return the parameter that takes one id, where describe's takes many."""
        return self.id_parameter.removesuffix("s") if self.id_parameter.endswith("Ids") else self.id_parameter


def _names(message: str, name: str) -> bool:
    """Return whether a message has a name in it, whole: `vpc-1` is not in `vpc-12`."""
    return bool(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", message))


def call_each(aws: Account, service: str, operation: str, attributes: Mapping[str, Any], **target: Any) -> None:
    """Call an operation that changes one attribute a call, such as ModifyVpcAttribute."""
    for name, value in attributes.items():
        aws.call(service, operation, **target, **{name: value})
