"""Rules of S3 buckets, their encryption and their lifecycle."""

import re
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address
from typing import Any

from localcloud.aws.judge.refusal import Path, RefusedError, known
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, lookup

_NAMES = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"
_NAME = re.compile(r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")

# Action of a lifecycle rule -> its number of days, which is 1 at least. AWS's words were reproduced in
# https://github.com/scality/Arsenal/pull/2648.
_POSITIVE: Mapping[str, str] = {
    "Expiration": "Days",
    "NoncurrentVersionExpiration": "NoncurrentDays",
    "AbortIncompleteMultipartUpload": "DaysAfterInitiation",
}
_ACTIONS = (*_POSITIVE, "Transitions", "NoncurrentVersionTransitions")
_MIN_DAYS_BEFORE_IA = 30
_INFREQUENT = ("STANDARD_IA", "ONEZONE_IA")
_LIFECYCLE = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html"


def _name(parameters: Parameters) -> Iterator[RefusedError]:
    """A bucket's name has only some characters, and is no address and none of AWS's own."""
    name = str(parameters.get("Bucket"))
    if known(name) and not is_bucket_name(name):
        yield RefusedError(
            "InvalidBucketName", "The specified bucket is not valid.", path=("Bucket",), value=name, source=_NAMES
        )


def is_bucket_name(name: str) -> bool:
    """Whether S3 takes a name for a new bucket."""
    return (
        _NAME.fullmatch(name) is not None
        and not name.startswith(_PREFIXES)
        and not name.endswith(_SUFFIXES)
        and not _is_address(name)
    )


def _is_address(name: str) -> bool:
    try:
        IPv4Address(name)
    except ValueError:
        return False
    return True


def _encryption(parameters: Parameters) -> Iterator[RefusedError]:
    """A key belongs to an encryption with KMS."""
    for index, rule in _items(parameters, "ServerSideEncryptionConfiguration", "Rules"):
        default = rule.get("ApplyServerSideEncryptionByDefault") or {}
        algorithm = default.get("SSEAlgorithm")
        if default.get("KMSMasterKeyID") and known(algorithm) and not str(algorithm).startswith("aws:kms"):
            at = ("ServerSideEncryptionConfiguration", "Rules", index, "ApplyServerSideEncryptionByDefault")
            yield RefusedError(
                "InvalidArgument",
                "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
                path=(*at, "KMSMasterKeyID"),
                value=default["KMSMasterKeyID"],
                source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionByDefault.html",
            )


def _lifecycle(parameters: Parameters) -> Iterator[RefusedError]:
    """Each rule does something, after a number of days that S3 takes, and has an id of its own."""
    ids: set[str] = set()
    for index, rule in _items(parameters, "LifecycleConfiguration", "Rules"):
        at: Path = ("LifecycleConfiguration", "Rules", index)
        if not any(rule.get(action) for action in _ACTIONS):
            yield RefusedError(
                "InvalidRequest",
                "At least one action needs to be specified in a rule",
                path=at,
                value=rule,
                source="https://github.com/crossplane-contrib/provider-aws/issues/1337",
            )
        yield from _positive(rule, at)
        yield from _transitions(rule, at)
        name = rule.get("ID")
        if name in ids and known(name):
            words = "Rule ID must be unique. Found same ID for more than one rule"
            yield RefusedError("InvalidArgument", words, path=(*at, "ID"), value=name, source=_LIFECYCLE)
        ids.add(str(name))


def _positive(rule: Mapping[str, Any], at: Path) -> Iterator[RefusedError]:
    for action, name in _POSITIVE.items():
        days = (rule.get(action) or {}).get(name)
        if isinstance(days, int) and days < 1:
            yield RefusedError(
                "InvalidArgument",
                f"'{name}' for {action} action must be a positive integer",
                path=(*at, action, name),
                value=days,
                source="https://github.com/scality/Arsenal/pull/2648",
            )


def _transitions(rule: Mapping[str, Any], at: Path) -> Iterator[RefusedError]:
    expiration = (rule.get("Expiration") or {}).get("Days")
    for index, transition in enumerate(rule.get("Transitions") or ()):
        days, target = transition.get("Days"), transition.get("StorageClass")
        if not isinstance(days, int):
            continue
        if target in _INFREQUENT and days < _MIN_DAYS_BEFORE_IA:
            yield RefusedError(
                "InvalidArgument",
                f"'Days' in Transition action must be greater than or equal to 30 for storageClass '{target}'",
                path=(*at, "Transitions", index, "Days"),
                value=days,
                source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html",
            )
        if isinstance(expiration, int) and expiration <= days:
            prefix = (rule.get("Filter") or {}).get("Prefix", "")
            yield RefusedError(
                "InvalidArgument",
                f"'Days' in the Expiration action for filter '(prefix={prefix})' must be greater than 'Days' in the "
                "Transition action",
                path=(*at, "Expiration", "Days"),
                value=expiration,
                source="https://github.com/noobaa/noobaa-core/pull/9969",
            )


def _empty(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """A bucket that is deleted has no object, and no version of one."""
    found = lookup(ask, "s3", "ListObjectVersions", Bucket=parameters["Bucket"], MaxKeys=1)
    if found.get("Versions") or found.get("DeleteMarkers"):
        yield RefusedError(
            "BucketNotEmpty",
            "The bucket you tried to delete is not empty",
            path=("ForceDestroy",),
            source="https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
        )


def _items(parameters: Parameters, block: str, name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    listed = (parameters.get(block) or {}).get(name) or ()
    return ((index, each) for index, each in enumerate(listed) if isinstance(each, Mapping))


REQUEST_RULES: RequestRules = {
    ("s3", "CreateBucket"): (_name,),
    ("s3", "PutBucketEncryption"): (_encryption,),
    ("s3", "PutBucketLifecycleConfiguration"): (_lifecycle,),
}
STATE_RULES: StateRules = {("s3", "DeleteBucket"): (_empty,)}
