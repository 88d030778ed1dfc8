"""Rules of S3 about buckets and their encryption."""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, lookup
from localcloud.aws.judge.rules.s3_lifecycle import items

_NAMES = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"
_NAME = re.compile(r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def _name(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a bucket name that is malformed, reserved or an IP address."""
    name = str(parameters.get("Bucket"))
    if known(name) and not is_bucket_name(name):
        yield RefusedError(
            "InvalidBucketName", "The specified bucket is not valid.", path=("Bucket",), value=name, source=_NAMES
        )


def is_bucket_name(name: str) -> bool:
    """Return whether S3 accepts a name for a new bucket."""
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
    """Refuse a KMS key for an encryption that does not use KMS."""
    for index, rule in items(parameters, "ServerSideEncryptionConfiguration", "Rules"):
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


def _empty(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse the deletion of a bucket that contains objects, object versions or delete markers."""
    found = lookup(ask, "s3", "ListObjectVersions", Bucket=parameters["Bucket"], MaxKeys=1)
    if found.get("Versions") or found.get("DeleteMarkers"):
        yield RefusedError(
            "BucketNotEmpty",
            "The bucket you tried to delete is not empty",
            path=("ForceDestroy",),
            source="https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
        )


REQUEST_RULES: RequestRules = {
    ("s3", "CreateBucket"): (_name,),
    ("s3", "PutBucketEncryption"): (_encryption,),
}
STATE_RULES: StateRules = {("s3", "DeleteBucket"): (_empty,)}
