"""Caches two lookups that moto repeats for each request: the methods of a service's class, and moto's own folders.

Together they used 6 % of the CPU time of an `up`.

Upstream in 2026-11: no defect.
"""

from functools import cache

from moto import backends
from moto.core import responses

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto."""
    modules = frozenset(backends.list_of_moto_modules())
    changes.put(backends, "list_of_moto_modules", lambda: modules)
    changes.put(responses, "method_names_from_class", cache(responses.method_names_from_class))


PATCH = Patch(name="request_lookups", apply=apply)
