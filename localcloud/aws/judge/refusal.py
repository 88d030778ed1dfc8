"""Refusals in the form that AWS returns: error code and message, with the parameter and the source of the rule."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Literal

from localcloud.aws.judge.words import said
from localcloud.protocol.values import UNKNOWN

Kind = Literal["required", "enum", "pattern", "minimum length", "maximum length", "minimum", "maximum"]
Path = tuple[str | int, ...]

_WORDS: Mapping[Kind, str] = {
    "required": "Member must not be null",
    "enum": "Member must satisfy enum value set: {limit}",
    "pattern": "Member must satisfy regular expression pattern: {limit}",
    "minimum length": "Member must have length greater than or equal to {limit}",
    "maximum length": "Member must have length less than or equal to {limit}",
    "minimum": "Member must have value greater than or equal to {limit}",
    "maximum": "Member must have value less than or equal to {limit}",
}

# The error code that a service returns for an invalid value. From the common errors in its API reference, and for
# EC2 https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html.
CODES: Mapping[str, str] = {
    "cloudwatch": "ValidationError",
    "ec2": "InvalidParameterValue",
    "ecr": "InvalidParameterException",
    "eks": "InvalidParameterException",
    "elbv2": "ValidationError",
    "iam": "ValidationError",
    "kms": "ValidationException",
    "logs": "InvalidParameterException",
    "rds": "InvalidParameterValue",
    "s3": "InvalidArgument",
    "secretsmanager": "ValidationException",
    "sqs": "InvalidAttributeValue",
    "sts": "ValidationError",
}
# Operations that return another code, according to the API reference.
OTHER_CODES: Mapping[tuple[str, str], str] = {
    ("eks", "TagResource"): "BadRequestException",
    ("logs", "CreateDelivery"): "ValidationException",
    ("logs", "PutDeliveryDestination"): "ValidationException",
    ("logs", "PutDeliverySource"): "ValidationException",
}
# The error code for a missing required parameter, where it differs from the code for an invalid value.
MISSING: Mapping[str, str] = {"ec2": "MissingParameter", "rds": "MissingParameter", "sqs": "MissingParameter"}
# Path steps in a request that lead to tags.
_TAG_STEPS: frozenset[str | int] = frozenset({"TagSpecifications", "Tags", "TagSet", "TagList", "tags"})
# Error codes whose messages do not name the parameter: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
# and https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html#API_SetQueueAttributes_Errors
_ABOUT: Mapping[str, str] = {
    "AWS.SimpleQueueService.NonExistentQueue": "queueUrl",
    "BucketAlreadyExists": "bucket",
    "BucketAlreadyOwnedByYou": "bucket",
    "InvalidBucketName": "bucket",
    "NoSuchBucket": "bucket",
}


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A value that violates a constraint of a model."""

    kind: Kind
    path: Path
    value: Any
    limit: Any
    source: str
    """Where the constraint is defined, such as `botocore ec2 UserIdGroupPair$Description`."""

    def words(self) -> str:
        """Return AWS's error message for this violation."""
        value = "null" if self.kind == "required" else f"'{self.value}'"
        constraint = _WORDS[self.kind].format(limit=self.limit)
        return (
            f"1 validation error detected: Value {value} at '{dotted(self.path)}' failed to satisfy constraint: "
            f"{constraint}"
        )


class RefusedError(Exception):
    """AWS refuses a request. Has the attributes of botocore's `ClientError`, so that callers can handle both alike."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        operation: str = "",
        path: Path = (),
        value: Any = None,
        source: str = "",
        accepted: str = "",
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.response = {"Error": {"Code": code, "Message": message}}
        self.operation_name = operation
        self.path = path
        self.value = value
        self.source = source
        self.accepted = accepted
        """Accepted values, if the message does not contain them."""

    def of(self, operation: str) -> "RefusedError":
        """Set the operation, and return this error."""
        self.operation_name = operation
        return self


def refused(service: str, operation: str, violation: Violation) -> RefusedError:
    """Return the refusal for a violation, with AWS's own message where it is known."""
    code = OTHER_CODES.get((service, operation)) or CODES.get(service, "ValidationException")
    if violation.kind == "required":
        code = MISSING.get(service, code)
    member = violation.source.rpartition(" ")[2]
    own = said(service, member, violation.path, violation.value)
    code, words = own or (code, violation.words())
    return RefusedError(
        code,
        words,
        operation=operation,
        path=violation.path,
        value=violation.value,
        source=violation.source,
    )


def dotted(path: Path) -> str:
    """Return a path as text: `("IpPermissions", 0, "IpProtocol")` -> `IpPermissions[0].IpProtocol`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def names_of(path: Path) -> str:
    """Return a path without list indexes: `("ingress", 0, "self")` -> `ingress.self`."""
    return ".".join(step for step in path if isinstance(step, str))


def property_path(inputs: Mapping[str, Any], path: Path, value: Any, renames: Mapping[str, str]) -> str:
    """Find the Pulumi property that a refused parameter comes from.

    Args:
        inputs: inputs of the resource, in Pulumi's names.
        path: path of the parameter in the request, in AWS's names.
        value: the refused value.
        renames: Pulumi's name of a property -> AWS's name, where they are different words.

    Returns:
        The path in `inputs` of the property with this name. If there are several, prefer the one with the refused
        value, then the one with the same list indexes, then the one in the same block. If no property has the name,
        the path of the only one with the refused value. If none has the value, the path that the property would
        have. If several have it, AWS's path.
    """
    if not _TAG_STEPS.isdisjoint(path) and inputs.get("tags"):
        return "tags"
    names = {ours: theirs.lower() for ours, theirs in renames.items()}
    wanted, place = _last_name(path).lower(), _indexes(path)
    properties = list(_properties(inputs, ()))
    same_value = [at for at, item in properties if _is_scalar(item) and str(item) == str(value)]
    named = [at for at, _ in properties if names.get(_last_name(at), _last_name(at).lower()) == wanted]
    if named:
        blocks = {step.lower() for step in path if isinstance(step, str)}
        return dotted(
            max(named, key=lambda at: (at in same_value, *_nearness(_indexes(at), place), _shared(at, blocks)))
        )
    if not same_value:
        return dotted(_in_pulumis_names(path, renames))
    return dotted(same_value[0]) if len(same_value) == 1 else dotted(path)


def property_in_words(inputs: Mapping[str, Any], words: str) -> str:
    """Find the property whose value appears in the message of a refusal.

    Returns:
        Its path, or "" if the message contains no value, or if several properties have the longest value.
    """
    found = [
        (str(item), at)
        for at, item in _properties(inputs, ())
        if _is_scalar(item) and re.search(rf"(?<![\w/.-]){re.escape(str(item))}(?![\w/-])", words)
    ]
    longest = max((text for text, _ in found), key=len, default="")
    at = [path for text, path in found if text == longest]
    return dotted(at[0]) if longest and len(at) == 1 else ""


def property_of(inputs: Mapping[str, Any], code: str) -> str:
    """Return the property that an error code is about if the message does not contain its value, or "" if unknown."""
    name = _ABOUT.get(code, "")
    return name if inputs.get(name) else ""


def error_code(error: Exception) -> str:
    """Return AWS's error code of a `RefusedError` or a botocore error, or "" for any other error."""
    return str((getattr(error, "response", None) or {}).get("Error", {}).get("Code", ""))


def known(value: Any) -> bool:
    """Return whether a preview knows a scalar value. Text that contains an unknown value is not known."""
    return not (isinstance(value, str) and UNKNOWN in value)


def _properties(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Yield each property and list item at any depth with its path, children before their parent."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if path or key not in ("tagsAll", "region"):
                yield from _properties(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _properties(item, (*path, index))
    if path:
        yield path, value


def _in_pulumis_names(path: Path, renames: Mapping[str, str]) -> Path:
    """Return a path in Pulumi's names: `("MonitoringRoleArn",)` -> `("monitoringRoleArn",)`."""
    ours = {theirs: name for name, theirs in renames.items()}
    return tuple(ours.get(step, f"{step[:1].lower()}{step[1:]}") if isinstance(step, str) else step for step in path)


def _last_name(path: Path) -> str:
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _indexes(path: Path) -> list[int]:
    return [step for step in path if isinstance(step, int)]


def _nearness(indexes: list[int], wanted: list[int]) -> tuple[int, int]:
    """Return how many leading indexes are equal, and minus the number of the remaining indexes."""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(indexes, wanted, strict=False)))
    return same, same - len(indexes)


def _shared(path: Path, blocks: set[str]) -> int:
    """Return how many names of a path are in `blocks`."""
    return len(blocks & {step.lower() for step in path if isinstance(step, str)})


def _is_scalar(value: Any) -> bool:
    return value not in (None, "") and not isinstance(value, Mapping | list | bool)
