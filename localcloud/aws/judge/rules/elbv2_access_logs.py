"""Rules of Elastic Load Balancing about the bucket of a load balancer's access logs, which it writes a test file to.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
"""

import re
from collections.abc import Iterator
from typing import Any

from localcloud.aws.iam.conditions import Context, as_list
from localcloud.aws.iam.policy import Caller, Request, Statement, covers_caller, effect, statements
from localcloud.aws.judge.refusal import RefusedError
from localcloud.aws.judge.rules.elbv2_attributes import attributes
from localcloud.aws.judge.rules.rule import Ask, Parameters, StateRules, lookup

_GUIDE = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html"
_SERVICE = "logdelivery.elasticloadbalancing.amazonaws.com"
_ROOT = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):root|(\d{12})")
_ONLY_ENCRYPTION = "AES256"
_FIRST_REGION = "us-east-1"  # S3 does not return it as the location of a bucket


def _logs(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse access logs to a bucket of another region, with another encryption than SSE-S3, or without a permission.

    A bucket that does not exist is refused like one without a permission.
    """
    given = attributes(parameters)
    bucket = given.get("access_logs.s3.bucket", "")
    if given.get("access_logs.s3.enabled") != "true" or not bucket:
        return
    _, _, _, region, account, resource = str(parameters["LoadBalancerArn"]).split(":", 5)
    place = lookup(ask, "s3", "GetBucketLocation", Bucket=bucket)
    if place and (place.get("LocationConstraint") or _FIRST_REGION) != region:
        name = resource.split("/")[2]
        words = f"S3Bucket: {bucket} is not located in the same region with ELB: {name}"
        yield _refused(bucket, words, "https://github.com/hashicorp/terraform/issues/12010")
    denied = f"Access Denied for bucket: {bucket}. Please check S3bucket permission"
    if place and _encryption(ask, bucket) != _ONLY_ENCRYPTION:
        yield _refused(bucket, denied, _GUIDE)
    prefix = given.get("access_logs.s3.prefix", "")
    key = f"{prefix}/" if prefix else ""
    if not place or not _may_write(ask, bucket, f"{key}AWSLogs/{account}/ELBAccessLogTestFile", account):
        yield _refused(bucket, denied, "https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/1956")


def _encryption(ask: Ask, bucket: str) -> Any:
    """Return the algorithm of the default encryption of a bucket."""
    told = lookup(ask, "s3", "GetBucketEncryption", Bucket=bucket).get("ServerSideEncryptionConfiguration") or {}
    rules = [each.get("ApplyServerSideEncryptionByDefault") or {} for each in told.get("Rules") or ()]
    return next((each["SSEAlgorithm"] for each in rules if each.get("SSEAlgorithm")), _ONLY_ENCRYPTION)


def _may_write(ask: Ask, bucket: str, key: str, account: str) -> bool:
    """Return whether the policy of a bucket lets Elastic Load Balancing write an object.

    Before it had a service principal, the writer was an account of each region. Their ids are not compared: the root of
    any other account counts as this account.
    """
    text = lookup(ask, "s3", "GetBucketPolicy", Bucket=bucket).get("Policy")
    found = statements(text) if text else []
    context = Context(values={"aws:securetransport": ("true",), "aws:sourceaccount": (account,)})
    for writer in ({_SERVICE}, *({each} for each in _other_roots(found, account))):
        caller = Caller(names=frozenset(writer))
        request = Request(
            action="s3:PutObject", resource=f"arn:aws:s3:::{bucket}/{key}", caller=caller, context=context
        )
        of_writer = [one for one in found if covers_caller(one, caller) == "caller"]
        allowing, denying = ([one for one in of_writer if one.allows is allows] for allows in (True, False))
        # A condition on a key that is not known here is assumed to be met by an Allow and not by a Deny.
        said, refused = effect(allowing, request), effect(denying, request)
        if (said.allowed or said.unknown) and not (refused.denied and not refused.unknown):
            return True
    return False


def _other_roots(found: list[Statement], account: str) -> Iterator[str]:
    for statement in found:
        principal = statement.body.get("Principal")
        for name in as_list((principal.get("AWS") if isinstance(principal, dict) else None) or []):
            match = _ROOT.fullmatch(name)
            if match and account not in match.groups():
                yield name


def _refused(bucket: str, words: str, source: str) -> RefusedError:
    path = ("Attributes", "access_logs.s3.bucket")
    return RefusedError("InvalidConfigurationRequest", words, path=path, value=bucket, source=source)


STATE_RULES: StateRules = {("elbv2", "ModifyLoadBalancerAttributes"): (_logs,)}
