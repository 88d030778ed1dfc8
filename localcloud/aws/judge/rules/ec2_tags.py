"""Rules of EC2 about tags, for every operation that sets tags."""

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.aws.judge.refusal import Path, RefusedError, known
from localcloud.aws.judge.rules.rule import Parameters, RequestRules, StateRules

_LIMITS = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions"
_RESERVED = "aws:"
_MAX_TAGS = 50
_MAX_KEY = 128
_MAX_VALUE = 256


def _tags(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse more than 50 tags, reserved keys, and keys and values that are too long."""
    for index, specification in enumerate(parameters.get("TagSpecifications") or ()):
        yield from _faults(specification.get("Tags") or (), ("TagSpecifications", index, "Tags"))
    yield from _faults(parameters.get("Tags") or (), ("Tags",))


def _faults(tags: Any, at: Path) -> Iterator[RefusedError]:
    if len(tags) > _MAX_TAGS:
        words = "The maximum number of Tags for a resource has been reached."
        yield RefusedError("TagLimitExceeded", words, path=at, value=len(tags), source=_LIMITS)
    for index, tag in enumerate(tags):
        yield from _fault(tag, (*at, index))


def _fault(tag: Mapping[str, Any], at: Path) -> Iterator[RefusedError]:
    key, value = str(tag.get("Key", "")), str(tag.get("Value", ""))
    if key.startswith(_RESERVED):
        yield RefusedError(
            "InvalidParameterValue",
            f"Value ( {key} ) for parameter key is invalid. "
            "Tag keys starting with 'aws:' are reserved for internal use",
            path=(*at, "Key"),
            value=key,
            source="https://github.com/kubernetes-sigs/cluster-api-provider-aws/issues/5120",
        )
    for name, text, limit in (("Key", key, _MAX_KEY), ("Value", value, _MAX_VALUE)):
        if known(text) and len(text) > limit:
            yield RefusedError(
                "InvalidParameterValue",
                f"Tag {name.lower()} exceeds the maximum length of {limit} characters",
                path=(*at, name),
                value=text,
                source=_LIMITS,
            )


_OPERATIONS = (
    "AllocateAddress",
    "AuthorizeSecurityGroupEgress",
    "AuthorizeSecurityGroupIngress",
    "CreateFlowLogs",
    "CreateInternetGateway",
    "CreateNatGateway",
    "CreateRouteTable",
    "CreateSecurityGroup",
    "CreateSubnet",
    "CreateTags",
    "CreateVpc",
    "CreateVpcEndpoint",
)
REQUEST_RULES: RequestRules = {("ec2", operation): (_tags,) for operation in _OPERATIONS}
STATE_RULES: StateRules = {}
