"""Rules about tags, with the error codes of each service. EC2 and S3 have their own files."""

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.rule import Parameters, RequestRule, RequestRules, StateRules

_MAX_TAGS, _MAX_KEY, _MAX_VALUE = 50, 128, 256
_SOURCE = "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"
# Error code for an invalid tag, and for too many tags. "" if the service's model limits the number of tags.
_CODES: Mapping[str, tuple[str, str]] = {
    "ecr": ("InvalidTagParameterException", "TooManyTagsException"),
    "eks": ("InvalidParameterException", ""),
    "iam": ("InvalidInput", ""),
    "kms": ("TagException", "LimitExceededException"),
    "logs": ("InvalidParameterException", ""),
    "secretsmanager": ("InvalidParameterException", ""),
}
_OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "ecr": ("CreateRepository", "TagResource"),
    "eks": (
        "CreateAccessEntry",
        "CreateAddon",
        "CreateCluster",
        "CreatePodIdentityAssociation",
    ),
    "iam": ("CreatePolicy", "CreateRole", "TagPolicy", "TagRole"),
    "kms": ("CreateKey", "TagResource"),
    "logs": ("CreateLogGroup", "TagResource"),
    "secretsmanager": ("CreateSecret", "TagResource"),
}


def _rule(service: str) -> RequestRule:
    wrong, many = _CODES[service]

    def rule(parameters: Parameters) -> Iterator[RefusedError]:
        member = "Tags" if "Tags" in parameters else "tags"
        tags = _pairs(parameters.get(member))
        if many and len(tags) > _MAX_TAGS:
            words = f"More than {_MAX_TAGS} tags specified."
            yield RefusedError(many, words, path=(member,), value=None, source=_SOURCE)
        for key, value in tags:
            words = ""
            if key.lower().startswith("aws:"):
                words = "aws: prefixed tag key names are not allowed for external use."
            elif known(key) and len(key) > _MAX_KEY:
                words = f"Tag keys can have a maximum length of {_MAX_KEY} characters."
            elif known(value) and len(value) > _MAX_VALUE:
                words = f"Tag values can have a maximum length of {_MAX_VALUE} characters."
            if words:
                yield RefusedError(wrong, words, path=(member, key), value=key, source=_SOURCE)

    return rule


def _pairs(tags: Any) -> list[tuple[str, str]]:
    """Return the keys and values of tags, which are a map or a list of pairs."""
    if isinstance(tags, Mapping):
        return [(str(key), str(value)) for key, value in tags.items()]
    listed = [tag for tag in tags if isinstance(tag, Mapping)] if isinstance(tags, list | tuple) else []
    return [(str(tag.get("Key", tag.get("TagKey"))), str(tag.get("Value", tag.get("TagValue")))) for tag in listed]


REQUEST_RULES: RequestRules = {
    (service, operation): (_rule(service),) for service, operations in _OPERATIONS.items() for operation in operations
}
STATE_RULES: StateRules = {}
