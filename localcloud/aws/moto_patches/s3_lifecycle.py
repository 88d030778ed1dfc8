"""moto drops object sizes and the number of kept noncurrent versions of a lifecycle rule.

Upstream in 2026-11: not reported.
"""

from collections.abc import Mapping
from typing import Any

from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

from localcloud.aws.moto_patches.patch import Changes, Patch

_SIZES = ("ObjectSizeGreaterThan", "ObjectSizeLessThan")


def apply(changes: Changes) -> None:
    """Patch moto."""

    def set_lifecycle(self: Any, rules: list[dict[str, Any]]) -> None:
        wanted = [_dropped(rule) for rule in rules]  # moto changes the rules
        original(self, rules)
        for rule, dropped in zip(self.rules, wanted, strict=True):
            rule.dropped = dropped

    def get_bucket_lifecycle(self: Any) -> Any:
        serialized = self.serialized

        def complete(answer: Any) -> Any:
            rules = self.backend.get_bucket_lifecycle(self.bucket_name)
            for told, rule in zip(answer.result["Rules"], rules, strict=True):
                _add(told, getattr(rule, "dropped", {}))
            return serialized(answer)

        self.serialized = complete
        try:
            return described(self)
        finally:
            del self.serialized

    original = changes.put(FakeBucket, "set_lifecycle", set_lifecycle)
    described = changes.put(S3Response, "get_bucket_lifecycle", get_bucket_lifecycle)


def _dropped(rule: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Return what moto drops from a rule, by the block that it belongs to."""
    wanted = rule.get("Filter") or {}
    blocks: dict[str, tuple[Mapping[str, Any], tuple[str, ...]]] = {
        "NoncurrentVersionExpiration": (rule.get("NoncurrentVersionExpiration") or {}, ("NewerNoncurrentVersions",)),
        "Filter": (wanted, _SIZES),
        "And": (wanted.get("And") or {}, _SIZES),
    }
    return {
        block: {name: int(given[name]) for name in names if given.get(name) is not None}
        for block, (given, names) in blocks.items()
    }


def _add(told: dict[str, Any], dropped: Mapping[str, dict[str, int]]) -> None:
    for block, values in dropped.items():
        if values:
            outer = told.setdefault("Filter", {}) if block == "And" else told
            outer.setdefault(block, {}).update(values)


PATCH = Patch(name="s3_lifecycle", apply=apply)
