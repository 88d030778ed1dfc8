"""moto derives the possible names of each attribute of a response again for each object: up to a fifth of a request.

The names depend on the class of the object and on the shape of the attribute, so they are kept with the shape.

Upstream in 2026-11: not reported.
"""

from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary

from moto.core.serialize import DEFAULT_ALIAS_PROVIDERS, AttributePickerContext, XFormedAttributePicker

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto."""
    names: WeakKeyDictionary[Any, dict[tuple[type, str], tuple[str, ...]]] = WeakKeyDictionary()

    def get_possible_keys(picker: Any, context: AttributePickerContext) -> Iterable[str]:
        if context.shape is None or picker.alias_providers is not DEFAULT_ALIAS_PROVIDERS:
            found: Iterable[str] = derived(picker, context)
            return found
        known = names.setdefault(context.shape, {})
        key = type(context.obj), context.key
        if key not in known:
            known[key] = tuple(dict.fromkeys(derived(picker, context)))
        return known[key]

    derived: Any = changes.put(XFormedAttributePicker, "get_possible_keys", get_possible_keys)


PATCH = Patch(name="response_names", apply=apply)
