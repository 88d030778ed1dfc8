"""Stand-ins that only record: an `up` with them makes a state without an account, a cluster or a builder.

The outputs are the inputs and made-up values that depend only on the resource. With the same stand-ins, a preview of
another version of the program against such a state reports what the other version changes, and nothing else.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager

from localcloud.aws.made_up import COMPUTED, Namer, digest, made_up
from localcloud.aws.provider import SUFFIX_HEX_DIGITS, AwsProvider
from localcloud.aws.resource import Resource
from localcloud.aws.shapes import planned
from localcloud.images.containers import NOT_BUILT
from localcloud.kubernetes.provider import KubernetesProvider
from localcloud.kubernetes.reference import reference_of
from localcloud.protocol.servicer import Change, ProviderError, Target
from localcloud.protocol.values import UNKNOWN, Properties
from localcloud.providers.docker_build import DockerBuildProvider
from localcloud.providers.docker_inputs import unbuilt_content
from localcloud.providers.random_ import ID_TYPE, RandomProvider
from localcloud.providers.warned import REFUSED

Found = tuple[str, Properties, Properties]
_TAGS = ("tags", "tagsAll")
DEFAULTS = "__defaults"
"""Input of Pulumi's own providers with the names of the inputs that they set by default:
https://github.com/pulumi/pulumi-terraform-bridge, `defaultsKey`."""


GENERATED = re.compile(rf"-[0-9a-f]{{{SUFFIX_HEX_DIGITS}}}$")
"""The end of a generated name."""
UNREADABLE = "encrypted in the state, not compared"
"""Placeholder in a state for an encrypted value. It equals every other value."""


class StateOnlyAws(AwsProvider):
    """Records resources. In a preview, a change that AWS refuses is a warning, so that all others are shown too."""

    def create(self, target: Target, inputs: Properties, *, preview: bool) -> tuple[str, Properties]:
        """Return the inputs and the made-up outputs; in a preview, these are unknown."""
        if not preview:
            return self._recorded(target, inputs)
        with _warned(target):
            return super().create(target, inputs, preview=True)
        return "", self._resource(target).previewed(inputs)

    def update(
        self, target: Target, id_: str, old: Properties, outputs: Properties, new: Properties, *, preview: bool
    ) -> Properties:
        """Return the old outputs with the new inputs."""
        with _warned(target):
            return super().update(target, id_, old, outputs, new, preview=True)
        tags = {key: new.get(key) for key in _TAGS}
        return {**self._resource(target).previewed(planned(old, outputs, new)), **tags}

    def diff(self, target: Target, id_: str, old: Properties, outputs: Properties, new: Properties) -> Change:
        """Compare the inputs."""
        return super().diff(target, id_, comparable(old, new), outputs, new)

    def read(self, target: Target, id_: str, inputs: Properties, outputs: Properties) -> Found:
        """Return the state unchanged. A resource that a program only reads has made-up outputs."""
        if outputs:
            return id_, inputs, outputs
        return id_, inputs, {**self._recorded(target, inputs)[1], "id": id_}

    def delete(self, target: Target, id_: str, inputs: Properties, outputs: Properties) -> None:
        """Do nothing, because the resource exists in the state only."""

    def _recorded(self, target: Target, inputs: Properties) -> tuple[str, Properties]:
        region = str(inputs.get("region") or self.region)
        id_, outputs = made_up(target, inputs, self.account_id, region)
        computed = COMPUTED.get(target.type)
        blocks = computed(Namer(target, inputs, self.account_id, region)) if computed else {}
        return id_, {**outputs, **inputs, **blocks, **self._resource(target).kept(inputs), "id": id_}

    def _autoname(self, resource: Resource, target: Target, old: Properties, new: Properties) -> str:
        """Return a name that depends only on the resource. A generated name stays if the resource is renamed.

        Pulumi's own provider keeps an input that it has set by default:
        https://github.com/pulumi/pulumi-terraform-bridge, `useOldDefault`.
        """
        before, prefix = str(old.get(resource.autoname, "")), new.get(f"{resource.autoname}Prefix")
        if before.startswith(prefix) if prefix else GENERATED.search(before):
            return before
        return resource.legal_name(f"{prefix or f'{target.name}-'}{digest(target)[:SUFFIX_HEX_DIGITS]}")


class StateOnlyKubernetes(KubernetesProvider):
    """Records objects. Without a local cloud, previews need no API server."""

    def __init__(self) -> None:
        super().__init__(None)

    def create(self, target: Target, inputs: Properties, *, preview: bool) -> tuple[str, Properties]:
        """Return the inputs with a made-up status."""
        if preview:
            return super().create(target, inputs, preview=True)
        return reference_of(inputs).id, {**inputs, "status": _status(inputs)}

    def read(self, target: Target, id_: str, inputs: Properties, outputs: Properties) -> Found:
        """Return the state unchanged."""
        return id_, inputs, outputs or inputs

    def diff(self, target: Target, id_: str, old: Properties, outputs: Properties, new: Properties) -> Change:
        """Compare the inputs."""
        return super().diff(target, id_, comparable(old, new), outputs, new)

    def delete(self, target: Target, id_: str, inputs: Properties, outputs: Properties) -> None:
        """Do nothing, because the object exists in the state only."""


class StateOnlyDockerBuild(DockerBuildProvider):
    """Records images. Nothing is built or pushed: the digest is made up from the content of the build context."""

    def __init__(self) -> None:
        super().__init__(None, None)

    def diff(self, target: Target, id_: str, old: Properties, outputs: Properties, new: Properties) -> Change:
        """Compare the inputs; the hash of a context is compared only with one of this stand-in."""
        known = str(old.get("contextHash", "")).startswith(NOT_BUILT)
        given = old if known else {**old, "contextHash": new.get("contextHash")}
        return super().diff(target, id_, comparable(given, new), outputs, new)

    def _content(self, inputs: Properties) -> str:
        return unbuilt_content(inputs)

    def _make(self, inputs: Properties, *, preview: bool) -> Properties:
        content = str(inputs["contextHash"])
        made = UNKNOWN if content == UNKNOWN else f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"
        tags = inputs.get("tags") or []
        known = bool(tags) and UNKNOWN not in (tags, made)
        return {**inputs, "digest": made, "ref": f"{tags[0]}@{made}" if known else UNKNOWN}


class StateOnlyRandom(RandomProvider):
    """Records values that are made up, so that a cached state contains no secret."""

    def diff(self, target: Target, id_: str, old: Properties, outputs: Properties, new: Properties) -> Change:
        """Compare the inputs; any change requires a replacement."""
        return super().diff(target, id_, comparable(old, new), outputs, new)

    def create(self, target: Target, inputs: Properties, *, preview: bool) -> tuple[str, Properties]:
        """Return a value that depends only on the resource; it has the length that was asked for."""
        if preview:
            return super().create(target, inputs, preview=True)
        made = digest(target)
        if target.type == ID_TYPE:
            value = (made * 8)[: 2 * int(inputs["byteLength"])]
            return value, {**inputs, "hex": inputs.get("prefix", "") + value, "dec": str(int(value, 16))}
        length = int(inputs["length"])
        return "none", {**inputs, "result": ("placeholder" + made * (length // len(made) + 1))[:length]}


@contextmanager
def _warned(target: Target) -> Iterator[None]:
    """Report a refusal of the block as a warning, and continue after the block."""
    try:
        yield
    except ProviderError as error:
        target.warn(f"{REFUSED}{error}")


def comparable(old: Properties, new: Properties) -> Properties:
    """Return the inputs of a state in a form that can be compared with new ones.

    Defaults of Pulumi's own provider that the stand-in does not set are omitted. An encrypted value is replaced by
    the new one.
    """
    defaults = old.get(DEFAULTS) or ()
    return {
        key: _clean(value, new.get(key))
        for key, value in old.items()
        if key != DEFAULTS and (key not in defaults or key in new)
    }


def _clean(old: object, new: object) -> object:
    if old == UNREADABLE:
        return new
    if isinstance(old, dict):
        return comparable(old, new if isinstance(new, dict) else {})
    if isinstance(old, list):
        others = new if isinstance(new, list) and len(new) == len(old) else [None] * len(old)
        return [_clean(each, other) for each, other in zip(old, others, strict=True)]
    return old


def _status(inputs: Properties) -> Properties:
    spec = inputs.get("spec") or {}
    if inputs.get("kind") == "Service" and spec.get("type") == "LoadBalancer":
        name = (inputs.get("metadata") or {}).get("name", "service")
        return {"loadBalancer": {"ingress": [{"hostname": f"{name}.elb.amazonaws.com"}]}}
    return {}
