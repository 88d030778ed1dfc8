"""Rules about tags, with the error codes of each service. EC2 has its own file for single tags."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from localcloud.aws.judge.refusal import Path, RefusedError, known
from localcloud.aws.judge.rules.rule import Parameters, RequestRule, RequestRules, StateRules

_MAX_TAGS, _MAX_KEY, _MAX_VALUE = 50, 128, 256
_SOURCE = "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"
# https://github.com/versity/versitygw/tree/main/tests also runs its tests against S3 itself.
_S3 = "https://github.com/versity/versitygw/tree/main/tests"
# https://github.com/cloud-custodian/cloud-custodian/issues/2115 has the code, and botocore the prefixes and lengths.
_RDS = "botocore rds Tag$Key"
_WORDS_MANY = f"More than {_MAX_TAGS} tags specified."


class _Code(NamedTuple):
    code: str
    source: str = _SOURCE
    words: str = ""


# For an invalid tag. Lengths are often in the service's model, which is checked before.
_INVALID: Mapping[str, _Code] = {
    "acm": _Code("InvalidTagException", "botocore acm InvalidTagException"),
    "cloudfront": _Code("InvalidTagging", "botocore cloudfront InvalidTagging"),
    "cloudwatch": _Code("InvalidParameterValue", "botocore cloudwatch InvalidParameterValueException"),
    "ecr": _Code("InvalidTagParameterException"),
    "eks": _Code("InvalidParameterException"),
    "elbv2": _Code("ValidationError"),
    "iam": _Code("InvalidInput"),
    "kms": _Code("TagException"),
    "logs": _Code("InvalidParameterException"),
    "rds": _Code("InvalidParameterValue", _RDS),
    "s3": _Code("InvalidTag", _S3),
    "secretsmanager": _Code("InvalidParameterException"),
    "sqs": _Code("InvalidParameterValue"),
    "wafv2": _Code("WAFInvalidParameterException"),
}
# Operations with another code, according to the API reference.
_OTHER: Mapping[tuple[str, str], _Code] = {("eks", "TagResource"): _Code("BadRequestException")}
# For too many tags. SQS has no limit, it only recommends one: see botocore's documentation of its `TagQueue`.
_MANY: Mapping[str, _Code] = {
    "acm": _Code("TooManyTagsException", "botocore acm TooManyTagsException"),
    "cloudfront": _Code("InvalidTagging", "botocore cloudfront InvalidTagging"),
    "cloudwatch": _Code("InvalidParameterValue", "botocore cloudwatch TagResourceInput"),
    "ec2": _Code(
        "TagLimitExceeded",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions",
        "The maximum number of Tags for a resource has been reached.",
    ),
    "ecr": _Code("TooManyTagsException", "botocore ecr TooManyTagsException"),
    "eks": _Code("BadRequestException"),
    "elbv2": _Code("TooManyTags", "botocore elbv2 TooManyTagsException"),
    "iam": _Code("LimitExceeded", "botocore iam LimitExceededException"),
    "kms": _Code("LimitExceededException", "botocore kms LimitExceededException"),
    "logs": _Code("TooManyTagsException", "botocore logs TooManyTagsException"),
    "rds": _Code("InvalidParameterValue"),
    "s3": _Code("BadRequest", _S3, "Bucket tag count cannot be greater than 50"),
    "secretsmanager": _Code("LimitExceededException", "botocore secretsmanager LimitExceededException"),
    "wafv2": _Code("WAFLimitsExceededException", "botocore wafv2 WAFLimitsExceededException"),
}
# Path of the tags in a request, for each service's default and for operations that differ.
_TAGS: Path = ("Tags",)
_OPERATIONS: Mapping[str, Mapping[str, Path]] = {
    "acm": {"RequestCertificate": _TAGS, "AddTagsToCertificate": _TAGS},
    "cloudfront": {
        "CreateDistributionWithTags": ("DistributionConfigWithTags", "Tags", "Items"),
        "TagResource": ("Tags", "Items"),
    },
    "cloudwatch": {"PutMetricAlarm": _TAGS, "TagResource": _TAGS},
    "ecr": {"CreateRepository": ("tags",), "TagResource": ("tags",)},
    "eks": dict.fromkeys(
        ("CreateAccessEntry", "CreateAddon", "CreateCluster", "CreatePodIdentityAssociation", "TagResource"), ("tags",)
    ),
    "elbv2": dict.fromkeys(
        ("AddTags", "CreateListener", "CreateLoadBalancer", "CreateRule", "CreateTargetGroup"), _TAGS
    ),
    "iam": dict.fromkeys(
        (
            "CreateOpenIDConnectProvider",
            "CreatePolicy",
            "CreateRole",
            "TagOpenIDConnectProvider",
            "TagPolicy",
            "TagRole",
        ),
        _TAGS,
    ),
    "kms": {"CreateKey": _TAGS, "TagResource": _TAGS},
    "logs": dict.fromkeys(
        ("CreateDelivery", "CreateLogGroup", "PutDeliveryDestination", "PutDeliverySource", "TagResource"), ("tags",)
    ),
    "rds": dict.fromkeys(
        ("AddTagsToResource", "CreateDBInstance", "CreateDBParameterGroup", "CreateDBSubnetGroup"), _TAGS
    ),
    "s3": {"PutBucketTagging": ("Tagging", "TagSet")},
    "secretsmanager": {"CreateSecret": _TAGS, "TagResource": _TAGS},
    "sqs": {"CreateQueue": ("tags",), "TagQueue": _TAGS},
    "wafv2": {"CreateWebACL": _TAGS, "TagResource": _TAGS},
}
_RESERVED: Mapping[str, tuple[str, ...]] = {"rds": ("aws:", "rds:")}


def too_many(service: str, operation: str, tags: Any) -> RefusedError | None:
    """Return the error for more tags on a resource than AWS accepts, or None if there is none.

    Args:
        service: botocore's name of the service.
        operation: the operation that adds tags.
        tags: all tags of the resource, as a map. A request to change them contains only the changed ones.
    """
    if not isinstance(tags, Mapping) or len(tags) <= _MAX_TAGS or service not in _MANY:
        return None
    code, source, words = _MANY[service]
    return RefusedError(code, words or _WORDS_MANY, operation=operation, path=("tags",), value=None, source=source)


def _rule(service: str, operation: str, at: Path) -> RequestRule:
    code, source, _ = _OTHER.get((service, operation), _INVALID[service])

    def rule(parameters: Parameters) -> Iterator[RefusedError]:
        tags = _pairs(_found(parameters, at))
        if error := too_many(service, operation, dict(tags)):
            yield error
        for key, value in tags:
            words = _fault(service, key, value)
            if words:
                yield RefusedError(code, words, path=(*at, key), value=key, source=source)

    return rule


def _fault(service: str, key: str, value: str) -> str:
    reserved = next((each for each in _RESERVED.get(service, ("aws:",)) if key.lower().startswith(each)), "")
    if reserved:
        return f"{reserved} prefixed tag key names are not allowed for external use."
    if known(key) and len(key) > _MAX_KEY:
        return f"Tag keys can have a maximum length of {_MAX_KEY} characters."
    if known(value) and len(value) > _MAX_VALUE:
        return f"Tag values can have a maximum length of {_MAX_VALUE} characters."
    return ""


def _found(parameters: Any, at: Path) -> Any:
    for name in at:
        parameters = parameters.get(name) if isinstance(parameters, Mapping) else None
    return parameters


def _pairs(tags: Any) -> list[tuple[str, str]]:
    """Return the keys and values of tags, which are a map or a list of pairs."""
    if isinstance(tags, Mapping):
        return [(str(key), str(value)) for key, value in tags.items()]
    listed = [tag for tag in tags if isinstance(tag, Mapping)] if isinstance(tags, list | tuple) else []
    return [(str(tag.get("Key", tag.get("TagKey"))), str(tag.get("Value", tag.get("TagValue")))) for tag in listed]


REQUEST_RULES: RequestRules = {
    (service, operation): (_rule(service, operation, at),)
    for service, operations in _OPERATIONS.items()
    for operation, at in operations.items()
}
STATE_RULES: StateRules = {}
