"""Values of a plan: interpret the engine's markers of secret and unknown values, and format values without secrets."""

import json
import re
from collections.abc import Mapping
from typing import Any

from pulumi_policy import proxy

from infra.policy.secret_shapes import named_secret, redacted
from infra.resources.properties import UNKNOWN
from localcloud.protocol import values

SECRET = "[secret]"  # noqa: S105 - what stands in a secret's place
AFTER_UP = "known after up"
MAX_SHOWN_CHARACTERS = 80

_UNKNOWN_MARKS = frozenset(value for key, value in vars(proxy).items() if re.fullmatch(r"UNKNOWN_[A-Z]+_VALUE", key))
_STEP = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.\[]+)')


def clean_inputs(resource_type: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of a resource, cleaned; all that a Kubernetes Secret holds is secret, whether marked or not."""
    hidden = ("data", "stringData") if resource_type == "kubernetes:core/v1:Secret" else ()
    return {key: SECRET if key in hidden else value for key, value in clean(inputs).items()}


def clean(value: Any) -> Any:
    """Return the value with `[secret]` in place of each secret, and UNKNOWN in place of what a preview cannot know."""
    if isinstance(value, Mapping):
        if value.get(values.SIGNATURE) == values.SECRET:
            return SECRET
        # A variable of a container has its name beside its value.
        name = str(value.get("name", ""))
        return {
            key: SECRET if _is_secret(name if key == "value" and name else str(key), each) else clean(each)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [clean(each) for each in value]
    if isinstance(value, str):
        return UNKNOWN if value in _UNKNOWN_MARKS else redacted(value)
    return value


def _is_secret(key: str, value: Any) -> bool:
    """Return whether a value is a secret by the name of its key, even if the program did not mark it as secret."""
    return isinstance(value, str) and value not in _UNKNOWN_MARKS and named_secret(key, value)


def at_path(value: Any, path: str) -> Any:
    """The value at a property path such as `spec.containers[0].image` or `tags["a.b"]`; None where there is none."""
    for quoted, index, name in _STEP.findall(path):
        if isinstance(value, list) and index:
            value = value[int(index)] if int(index) < len(value) else None
        elif isinstance(value, Mapping):
            value = value.get(quoted or name or index)
        elif value is not UNKNOWN and value != SECRET:
            return None
    return value


def shown(value: Any) -> str | None:
    """Return a clean value as one short line; None where it is not set."""
    line = _line(value)
    if line is None or len(line) <= MAX_SHOWN_CHARACTERS:
        return line
    return line[: MAX_SHOWN_CHARACTERS - 1] + "…"


def shown_pair(old: Any, new: Any) -> tuple[str | None, str | None]:
    """Return two clean values as short lines. Long values are cut around their first and last difference."""
    texts = _line(old), _line(new)
    if None in texts or new is UNKNOWN or max(map(len, filter(None, texts)), default=0) <= MAX_SHOWN_CHARACTERS:
        return shown(old), shown(new)
    before, after = (str(text) for text in texts)
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    return _around(before, start, end), _around(after, start, end)


def _around(text: str, start: int, end: int) -> str:
    """Return the part of a text that differs, with what fits around it."""
    stop = len(text) - end
    around = max(MAX_SHOWN_CHARACTERS - 2 - (stop - start), 0) // 2
    first = max(0, min(start - around, len(text) - MAX_SHOWN_CHARACTERS + 2))
    part = text[first : first + MAX_SHOWN_CHARACTERS - 2]
    return ("…" if first else "") + part + ("…" if first + len(part) < len(text) else "")


def _line(value: Any) -> str | None:
    if value is None:
        return None
    if value is UNKNOWN:
        return AFTER_UP
    text = value if isinstance(value, str) else json.dumps(value, default=str, sort_keys=True)
    return " ".join(text.split())


def _common(one: str, other: str) -> int:
    """Return the length of the common start of two texts."""
    different = (index for index, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1])
    return next(different, min(len(one), len(other)))
