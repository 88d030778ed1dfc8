"""The stand-in for random: values are generated once, at creation, and kept in the state of the stack."""

import secrets
import string
from typing import Any

from localcloud.protocol.servicer import Change, Provider, ProviderError, Target
from localcloud.protocol.values import UNKNOWN, Properties

DEFAULT_SPECIALS = "!@#$%&*()-_=+[]{}<>:?"  # the characters of the random provider unless overrideSpecial is set
TEXT_TYPES = ("random:index/randomPassword:RandomPassword", "random:index/randomString:RandomString")
ID_TYPE = "random:index/randomId:RandomId"


class RandomProvider(Provider):
    """Supports RandomPassword, RandomString and RandomId; as in the real provider, any input change replaces them."""

    name = "random"

    def check(self, target: Target, old: Properties, new: Properties) -> Properties:
        """Reject types that are not supported."""
        if target.type not in (*TEXT_TYPES, ID_TYPE):
            raise ProviderError(f"{target.type} has no stand-in in the local cloud; accepted: {TEXT_TYPES}, {ID_TYPE}")
        return new

    def diff(self, target: Target, id_: str, old: Properties, outputs: Properties, new: Properties) -> Change:
        """Compare the inputs; any change requires a replacement with a new value."""
        changed = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
        return Change(changed=changed, replaces=changed)

    def create(self, target: Target, inputs: Properties, *, preview: bool) -> tuple[str, Properties]:
        """Generate the value; in a preview it is unknown."""
        if target.type == ID_TYPE:
            return _random_id(int(inputs["byteLength"]), inputs, preview=preview)
        value = UNKNOWN if preview else random_text(inputs)
        return ("" if preview else "none"), {**inputs, "result": value}

    def read(
        self,
        target: Target,
        id_: str,
        inputs: Properties,
        outputs: Properties,
    ) -> tuple[str, Properties, Properties]:
        """Return the state unchanged, because the value exists in the state only."""
        return id_, inputs, outputs

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
        """Keep the value; this is never called, because every change requires a replacement."""
        return {**outputs, **new}

    def delete(self, target: Target, id_: str, inputs: Properties, outputs: Properties) -> None:
        """Do nothing, because the value exists in the state only."""


def random_text(inputs: dict[str, Any]) -> str:
    """Return a random text of `length` characters from the enabled classes, with at least the minimum of each."""
    specials = inputs.get("overrideSpecial") or DEFAULT_SPECIALS
    classes = [
        (name, alphabet)
        for name, alphabet in (
            ("lower", string.ascii_lowercase),
            ("upper", string.ascii_uppercase),
            ("numeric", string.digits),
            ("special", specials),
        )
        if inputs.get(name, True)
    ]
    required = [secrets.choice(alphabet) for name, alphabet in classes for _ in range(inputs.get(_minimum(name), 0))]
    everything = "".join(alphabet for _, alphabet in classes)
    if not everything or len(required) > inputs["length"]:
        raise ProviderError(f"length {inputs['length']} is too short for {len(required)} required characters")
    characters = required + [secrets.choice(everything) for _ in range(inputs["length"] - len(required))]
    secrets.SystemRandom().shuffle(characters)
    return "".join(characters)


def _minimum(name: str) -> str:
    return f"min{name.capitalize()}"


def _random_id(length: int, inputs: Properties, *, preview: bool) -> tuple[str, Properties]:
    if preview:
        return "", {**inputs, "hex": UNKNOWN, "id": UNKNOWN}
    value = secrets.token_hex(length)
    return value, {**inputs, "hex": inputs.get("prefix", "") + value, "dec": str(int(value, 16))}
