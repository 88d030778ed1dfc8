"""Hazards of resources that go: data and providers."""

from collections.abc import Iterator

from infra.policy.stateful_types import STATEFUL_TYPES
from infra.review.hazards.alteration import Alteration

PROVIDERS = "pulumi:providers:"


def stateful(alteration: Alteration) -> Iterator[str]:
    """Yield what is lost with a stateful resource. A deleted one that stays in the account loses nothing."""
    holds = STATEFUL_TYPES.get(alteration.type)
    if holds and alteration.goes and not alteration.stays:
        yield f"its {alteration.operation} loses the {holds}"


def providers(alteration: Alteration) -> Iterator[str]:
    """Yield that a provider goes: the engine replaces what it manages, or cannot delete it any more."""
    if alteration.type.startswith(PROVIDERS) and alteration.goes:
        yield f"its {alteration.operation} concerns all resources that this provider manages"
