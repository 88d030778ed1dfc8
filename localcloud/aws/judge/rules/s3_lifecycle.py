"""Rules of S3 about lifecycle configurations."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from localcloud.aws.judge.refusal import Path, RefusedError, known
from localcloud.aws.judge.rules.rule import Parameters, RequestRules

# Action of a lifecycle rule -> its number of days, which must be at least 1. AWS's messages are reproduced in
# https://github.com/scality/Arsenal/pull/2648.
_POSITIVE: Mapping[str, str] = {
    "Expiration": "Days",
    "NoncurrentVersionExpiration": "NoncurrentDays",
    "AbortIncompleteMultipartUpload": "DaysAfterInitiation",
}
_ACTIONS = (*_POSITIVE, "Transitions", "NoncurrentVersionTransitions")
_XML = "The XML you provided was not well-formed or did not validate against our published schema"
_CONSIDERATIONS = (
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html"
)
# Objects can only move to a later class of this list (_CONSIDERATIONS).
_CLASSES = ("STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")
_LIFECYCLE = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html"
# AWS's messages, recorded from real requests.
_MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/s3/pf-s3-lifecycle"
_VERSIONS = 100
# Objects and noncurrent versions must stay 30 days before they move to these classes (_CONSIDERATIONS).
_INFREQUENT, _INFREQUENT_DAYS = ("STANDARD_IA", "ONEZONE_IA"), 30


def _lifecycle(parameters: Parameters) -> Iterator[RefusedError]:
    """Require an action, valid dates or numbers of days, and a unique id for each lifecycle rule."""
    ids: set[str] = set()
    for index, rule in items(parameters, "LifecycleConfiguration", "Rules"):
        at: Path = ("LifecycleConfiguration", "Rules", index)
        if not any(rule.get(action) for action in _ACTIONS):
            yield RefusedError(
                "InvalidRequest",
                "At least one action needs to be specified in a rule",
                path=at,
                value=rule,
                source="https://github.com/crossplane-contrib/provider-aws/issues/1337",
            )
        yield from _well_formed(rule, at)
        yield from _positive(rule, at)
        yield from _transitions(rule, at)
        yield from _days_before(rule, at)
        yield from _order(rule, at)
        yield from _dates(rule, at)
        yield from _what_goes_together(rule, at)
        name = rule.get("ID")
        if name in ids and known(name):
            words = "Rule ID must be unique. Found same ID for more than one rule"
            yield RefusedError("InvalidArgument", words, path=(*at, "ID"), value=name, source=_LIFECYCLE)
        ids.add(str(name))


def _well_formed(rule: Mapping[str, Any], at: Path) -> Iterator[RefusedError]:
    """Require one kind of filter, and refuse an expiration of delete markers together with another one or with tags."""
    filter_, expiration = rule.get("Filter") or {}, rule.get("Expiration") or {}
    kinds = [name for name, value in filter_.items() if value is not None]
    both = "Filter" in rule and rule.get("Prefix") is not None
    if len(kinds) > 1 or both:
        yield _refused("MalformedXML", _XML, (*at, "Filter"), None, "botocore s3 LifecycleRule.Filter")
    tagged = bool({"Tag", "Tags"} & {*filter_, *(filter_.get("And") or {})})
    if expiration.get("ExpiredObjectDeleteMarker") and (tagged or {"Days", "Date"} & set(expiration)):
        path = (*at, "Expiration", "ExpiredObjectDeleteMarker")
        yield _refused("MalformedXML", _XML, path, True, f"{_MEASURED}-delete-marker-exclusive")


def _order(rule: Mapping[str, Any], at: Path) -> Iterator[RefusedError]:
    """Require that objects reach a colder storage class later."""
    days = {
        each.get("StorageClass"): (index, each["Days"])
        for index, each in enumerate(rule.get("Transitions") or ())
        if isinstance(each.get("Days"), int) and each.get("StorageClass") in _CLASSES
    }
    for warmer, (_, before) in days.items():
        for colder, (index, after) in days.items():
            if _CLASSES.index(warmer) < _CLASSES.index(colder) and after <= before:
                words = (
                    f"'Days' in the 'Transition' action for StorageClass '{colder}' for filter '{_filter(rule)}' must "
                    f"be greater than 'Days' in the 'Transition' action for StorageClass '{warmer}'"
                )
                path = (*at, "Transitions", index, "Days")
                yield _refused("InvalidArgument", words, path, after, f"{_MEASURED}-transition-waterfall-order")


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
        days = transition.get("Days")
        if not isinstance(days, int):
            continue
        if days < 0:
            yield _refused(
                "InvalidArgument",
                "'Days' for Transition action must be a non-negative integer",
                (*at, "Transitions", index, "Days"),
                days,
                "botocore s3 Transition.Days",
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


def _days_before(rule: Mapping[str, Any], at: Path) -> Iterator[RefusedError]:
    """Require 30 days before a transition to a class for infrequent access.

    AWS's message is known for `Transition`. That for `NoncurrentVersionTransition` is formed in the same way.
    """
    for action, name in (("Transition", "Days"), ("NoncurrentVersionTransition", "NoncurrentDays")):
        for index, each in enumerate(rule.get(f"{action}s") or ()):
            days, storage = each.get(name), each.get("StorageClass")
            if isinstance(days, int) and 0 <= days < _INFREQUENT_DAYS and storage in _INFREQUENT:
                words = (
                    f"'{name}' in {action} action must be greater than or equal to {_INFREQUENT_DAYS} for storageClass "
                    f"'{storage}'"
                )
                yield _refused("InvalidArgument", words, (*at, f"{action}s", index, name), days, _CONSIDERATIONS)


def _dates(rule: Mapping[str, Any], at: Path) -> Iterator[RefusedError]:
    """Require dates at midnight UTC, and refuse a rule that has both dates and numbers of days."""
    expiration, transitions = rule.get("Expiration") or {}, rule.get("Transitions") or ()
    blocks = [((*at, "Expiration"), expiration)]
    blocks += [((*at, "Transitions", index), each) for index, each in enumerate(transitions)]
    for path, block in blocks:
        if not _is_midnight(block.get("Date")):
            source = f"{_MEASURED}-date-midnight-utc"
            yield _refused("InvalidArgument", "'Date' must be at midnight GMT", (*path, "Date"), block["Date"], source)
    if any(block.get("Date") for _, block in blocks) and any(block.get("Days") is not None for _, block in blocks):
        words = "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for filter "
        path = next((*path, "Date") for path, block in blocks if block.get("Date"))
        yield _refused("InvalidRequest", f"{words}'{_filter(rule)}'", path, None, f"{_MEASURED}-date-days-mix")


def _is_midnight(date: Any) -> bool:
    if isinstance(date, str) and known(date):
        try:
            date = datetime.fromisoformat(date)
        except ValueError:
            return True
    if not isinstance(date, datetime):
        return True
    moment = date.astimezone(UTC) if date.tzinfo else date
    return (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0)


def _what_goes_together(rule: Mapping[str, Any], at: Path) -> Iterator[RefusedError]:
    """Refuse combinations that S3 does not accept.

    These are aborted uploads with a tag filter, an empty range of sizes, several transitions to one storage class, and
    an invalid number of noncurrent versions.
    """
    filter_ = rule.get("Filter") or {}
    both = {**filter_, **(filter_.get("And") or {})}
    if rule.get("AbortIncompleteMultipartUpload") and (both.get("Tag") or both.get("Tags")):
        words, source = "AbortIncompleteMultipartUpload cannot be specified with Tags.", "abort-mpu-with-tag-filter"
        path_of_abort = (*at, "AbortIncompleteMultipartUpload")
        yield _refused("InvalidRequest", words, path_of_abort, None, f"{_MEASURED}-{source}")
    low, high = both.get("ObjectSizeGreaterThan"), both.get("ObjectSizeLessThan")
    if isinstance(low, int) and isinstance(high, int) and low >= high:
        words = "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'."
        path_of_size = (*at, "Filter", "And", "ObjectSizeLessThan")
        yield _refused("InvalidRequest", words, path_of_size, high, f"{_MEASURED}-object-size-order")
    classes = [each.get("StorageClass") for each in rule.get("Transitions") or ()]
    for index, name in enumerate(classes):
        if known(name) and name in classes[:index]:
            words = "'StorageClass' must be different for 'Transition' actions in same 'Rule' with filter "
            source, path = f"{_MEASURED}-transition-storage-class-duplicate", (*at, "Transitions", index)
            yield _refused("InvalidRequest", f"{words}'{_filter(rule)}'", (*path, "StorageClass"), name, source)
    newer = (rule.get("NoncurrentVersionExpiration") or {}).get("NewerNoncurrentVersions")
    if isinstance(newer, int) and not 1 <= newer <= _VERSIONS:
        words = f"'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must be between 1 and {_VERSIONS}"
        source = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_NoncurrentVersionExpiration.html"
        path_of_newer = (*at, "NoncurrentVersionExpiration", "NewerNoncurrentVersions")
        yield _refused("InvalidArgument", words, path_of_newer, newer, source)


def _filter(rule: Mapping[str, Any]) -> str:
    return f"(prefix={(rule.get('Filter') or {}).get('Prefix') or ''})"


def _refused(code: str, words: str, path: Path, value: Any, source: str) -> RefusedError:
    return RefusedError(code, words, path=path, value=value, source=source)


def items(parameters: Parameters, block: str, name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Return the blocks of a list in a parameter, each with its index."""
    listed = (parameters.get(block) or {}).get(name) or ()
    return ((index, each) for index, each in enumerate(listed) if isinstance(each, Mapping))


REQUEST_RULES: RequestRules = {("s3", "PutBucketLifecycleConfiguration"): (_lifecycle,)}
