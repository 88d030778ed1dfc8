"""Every value of a stack may be unknown in a preview, by itself or as a part of an unknown block or list."""

from collections.abc import Iterator
from typing import Any

import pytest

from localcloud.aws.provider import AwsProvider
from localcloud.kubernetes.provider import KubernetesProvider
from localcloud.protocol.servicer import Provider, Target
from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.test_preview import without_ids
from tests.support.recorder import Recorded
from tests.support.stacks import whole_stack

PROVIDERS: dict[str, Provider] = {
    "aws": AwsProvider("123456789012", "eu-central-1", None),
    "kubernetes": KubernetesProvider(None),
}
ID = "a-name"
WEB_ACL = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/a/b"
IDS = {
    "aws:acm/certificate:Certificate": "arn:aws:acm:eu-central-1:123456789012:certificate/a",
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": WEB_ACL,
    "aws:wafv2/webAcl:WebAcl": "a1b2c3d4-5678-90ab-cdef-0123456789ab",
}
"""Type -> an id in the form that its resources have; all others have the id `ID`."""
CONSTANTS = {"apiVersion", "kind"}  # set by Pulumi's SDK


def with_one_unknown(value: Any) -> Iterator[Any]:
    """Yield the value with each of its parts, at any depth, replaced by an unknown."""
    yield UNKNOWN
    if isinstance(value, dict):
        for key, item in value.items():
            yield from ({**value, key: each} for each in with_one_unknown(item))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from ([*value[:index], each, *value[index + 1 :]] for each in with_one_unknown(item))


def plan(resource: Recorded, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Make the calls of a preview: for a creation, and for a change from known values."""
    provider = PROVIDERS[resource.type.partition(":")[0]]
    target = Target(urn=resource.urn, type=resource.type, name=resource.name)
    before = provider.check(target, {}, old)
    after = provider.check(target, before, new)
    id_ = f"drydock-prod:{before['addonName']}" if "addonName" in before else IDS.get(resource.type, ID)
    outputs = {**before, "id": id_}
    provider.diff(target, id_, before, outputs, after)
    provider.create(target, after, preview=True)
    provider.update(target, id_, before, outputs, after, preview=True)


@pytest.mark.parametrize("kind", PROVIDERS)
def test_any_value_may_be_unknown(kind: str) -> None:
    """No call refuses it or fails. One resource of each type is tested."""
    resources = {each.type: each for each in whole_stack("prod").resources.values() if each.type.startswith(f"{kind}:")}
    failed = []
    for resource in resources.values():
        known = without_ids(resource.inputs)
        for key in known.keys() - CONSTANTS:
            for unknown in with_one_unknown(known[key]):
                try:
                    plan(resource, known, {**known, key: unknown})
                except Exception as error:
                    failed.append(f"{resource.type} {key} = {unknown}: {type(error).__name__}: {error}")

    assert failed == []
    assert len(resources) > 8
