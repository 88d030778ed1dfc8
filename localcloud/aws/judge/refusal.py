"""A refusal, as AWS answers it: code and words, with the place in the request and the source of the rule."""

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

# The code with which a service answers a value that it does not take: its common errors in the API reference, and for
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
# Operations whose errors in the API reference have another one.
OTHER_CODES: Mapping[tuple[str, str], str] = {
    ("logs", "CreateDelivery"): "ValidationException",
    ("logs", "PutDeliveryDestination"): "ValidationException",
    ("logs", "PutDeliverySource"): "ValidationException",
}
# The code where a required parameter is not there, if it is another one.
MISSING: Mapping[str, str] = {"ec2": "MissingParameter", "rds": "MissingParameter", "sqs": "MissingParameter"}
# Steps of a path in a request that lead to tags.
_TAG_STEPS: frozenset[str | int] = frozenset({"TagSpecifications", "Tags", "TagSet", "TagList", "tags"})
# Codes whose words do not name what they are about: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
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
    """A value that breaks a constraint of a model."""

    kind: Kind
    path: Path
    value: Any
    limit: Any
    source: str
    """Where the constraint stands, such as `botocore ec2 UserIdGroupPair$Description`."""

    def words(self) -> str:
        """Return what AWS says about it."""
        value = "null" if self.kind == "required" else f"'{self.value}'"
        constraint = _WORDS[self.kind].format(limit=self.limit)
        return (
            f"1 validation error detected: Value {value} at '{dotted(self.path)}' failed to satisfy constraint: "
            f"{constraint}"
        )


class RefusedError(Exception):
    """AWS refuses a request. Has what a botocore `ClientError` has, so that callers need not tell them apart."""

    def __init__(
        self, code: str, message: str, *, operation: str = "", path: Path = (), value: Any = None, source: str = ""
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.response = {"Error": {"Code": code, "Message": message}}
        self.operation_name = operation
        self.path = path
        self.value = value
        self.source = source

    def of(self, operation: str) -> "RefusedError":
        """Return the same, of an operation."""
        self.operation_name = operation
        return self


def refused(service: str, operation: str, violation: Violation) -> RefusedError:
    """Return the refusal of a request because of a violation, in AWS's own words where they are known."""
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
    """`("IpPermissions", 0, "IpProtocol")` -> `IpPermissions[0].IpProtocol`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def names_of(path: Path) -> str:
    """`("ingress", 0, "self")` -> `ingress.self`: the place of a property in its type, whatever the element."""
    return ".".join(step for step in path if isinstance(step, str))


def property_path(inputs: Mapping[str, Any], path: Path, value: Any, renames: Mapping[str, str]) -> str:
    """Find the Pulumi property that a refused parameter was made from.

    Args:
        inputs: the resource's inputs, in Pulumi's names.
        path: place of the parameter in the request, in AWS's names.
        value: the refused value.
        renames: AWS's name of a property, where it is another word.

    Returns:
        The path in `inputs`, or where it would be if the parameter is not given; AWS's path where it may be one of
        several properties. Of several properties with the name, the one with the value, and of these the one at the
        same place in its list, and in the same block.
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
    """Find the property whose value stands in the words of a refusal.

    Returns:
        Its path; "" if no value stands there, or the longest one is the value of several properties.
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
    """The property that an error code is about, where AWS's words do not name its value; "" if that is not known."""
    name = _ABOUT.get(code, "")
    return name if inputs.get(name) else ""


def error_code(error: Exception) -> str:
    """AWS's code of a refusal, of the judge or of botocore; "" for another error."""
    return str((getattr(error, "response", None) or {}).get("Error", {}).get("Code", ""))


def known(value: Any) -> bool:
    """Return whether a scalar is known in a preview; text around an unknown value is not."""
    return not (isinstance(value, str) and UNKNOWN in value)


def _properties(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Yield each property and item, at any depth, after what is in it."""
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
    """`("MonitoringRoleArn",)` -> `("monitoringRoleArn",)`."""
    ours = {theirs: name for name, theirs in renames.items()}
    return tuple(ours.get(step, f"{step[:1].lower()}{step[1:]}") if isinstance(step, str) else step for step in path)


def _last_name(path: Path) -> str:
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _indexes(path: Path) -> list[int]:
    return [step for step in path if isinstance(step, int)]


def _nearness(indexes: list[int], wanted: list[int]) -> tuple[int, int]:
    """Return how many leading indexes are the same, and how few others there are."""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(indexes, wanted, strict=False)))
    return same, same - len(indexes)


def _shared(path: Path, blocks: set[str]) -> int:
    """Return how many of the names in a path are among these."""
    return len(blocks & {step.lower() for step in path if isinstance(step, str)})


def _is_scalar(value: Any) -> bool:
    return value not in (None, "") and not isinstance(value, Mapping | list | bool)
