"""The random provider: values are drawn once, at creation, and kept in the stack's state."""

import secrets
import string
from typing import Any

from localcloud.protocol.servicer import Change, Provider, ProviderError, Target
from localcloud.protocol.values import UNKNOWN, Properties

DEFAULT_SPECIALS = "!@#$%&*()-_=+[]{}<>:?"  # what the random provider draws from unless overrideSpecial is set
TEXT_TYPES = ("random:index/randomPassword:RandomPassword", "random:index/randomString:RandomString")
ID_TYPE = "random:index/randomId:RandomId"


class RandomProvider(Provider):
    """RandomPassword, RandomString and RandomId; every change of an input replaces, as with the real provider."""

    name = "random"

    def check(self, target: Target, old: Properties, new: Properties) -> Properties:
        """Refuse the types that have no stand-in."""
        if target.type not in (*TEXT_TYPES, ID_TYPE):
            raise ProviderError(f"{target.type} has no stand-in in the local cloud; accepted: {TEXT_TYPES}, {ID_TYPE}")
        return new

    def diff(self, target: Target, id_: str, old: Properties, outputs: Properties, new: Properties) -> Change:
        """Any changed input draws a new value."""
        changed = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
        return Change(changed=changed, replaces=changed)

    def create(self, target: Target, inputs: Properties, *, preview: bool) -> tuple[str, Properties]:
        """Draw the value; a preview shows it as unknown."""
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
        """Return the value as it was: it is only in the state."""
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
        """Never called, since every change replaces; keeps the value."""
        return {**outputs, **new}

    def delete(self, target: Target, id_: str, inputs: Properties, outputs: Properties) -> None:
        """Nothing exists outside the state."""


def random_text(inputs: dict[str, Any]) -> str:
    """Return a text of `length` characters from the classes that are on, holding at least the minimum of each."""
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
        raise ProviderError(f"length {inputs['length']} cannot hold what is asked: {len(required)} required characters")
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
