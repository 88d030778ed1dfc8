"""Writes a line to each log group of the EKS add-on for pod logs, with the role of the add-on's pods.

Simulated: no Fluent Bit runs here. The requests are those of its output: CreateLogStream and PutLogEvents, and
CreateLogGroup if there is no such group (https://docs.fluentbit.io/manual/pipeline/outputs/cloudwatch). Names of groups
and of the ServiceAccount are those of the add-on's chart:
https://github.com/aws-observability/helm-charts/tree/amazon-cloudwatch-observability-6.3.0
"""

import time
from typing import Any

from localcloud.aws import addons
from localcloud.aws.account import Account
from localcloud.aws.judge.refusal import error_code
from localcloud.aws.pod_identity import PodIdentity, PodIdentityError, Subject

ADDON = "amazon-cloudwatch-observability"
POD = Subject(namespace="amazon-cloudwatch", service_account="cloudwatch-agent", pod="fluent-bit", pod_uid="fluent-bit")
GROUPS = ("application", "dataplane", "host")
STREAM = "rehearsal"


def write(account: Account, identity: PodIdentity) -> dict[str, Any]:
    """Write a line to each log group of a cluster that has the add-on.

    Args:
        account: the account, with the key of EKS.
        identity: provides the credentials of the add-on's pods.

    Returns:
        `groups`: the names of the groups. `error`: the reason why a line was not written, or "".
    """
    if addons.configuration(account, ADDON) is None:
        return {"groups": [], "error": ""}
    groups: list[str] = []
    try:
        pod = _signed_in(account, identity.session(POD))
        for cluster in sorted(account.call("eks", "ListClusters")["clusters"]):
            for kind in GROUPS:
                _write(pod, f"/aws/containerinsights/{cluster}/{kind}")
                groups.append(f"/aws/containerinsights/{cluster}/{kind}")
    except Exception as error:
        if not (isinstance(error, PodIdentityError) or error_code(error)):
            raise
        return {"groups": groups, "error": str(error)}
    return {"groups": groups, "error": ""}


def _signed_in(account: Account, session: dict[str, Any]) -> Account:
    from botocore.credentials import Credentials  # noqa: PLC0415 - slow to load

    keys = (session["AccessKeyId"], session["SecretAccessKey"], session["Token"])
    return account.in_region(account.region, Credentials(*keys))


def _write(pod: Account, group: str) -> None:
    try:
        pod.call("logs", "CreateLogStream", logGroupName=group, logStreamName=STREAM)
    except Exception as error:
        match error_code(error):
            case "ResourceAlreadyExistsException":
                pass
            case "ResourceNotFoundException":
                pod.call("logs", "CreateLogGroup", logGroupName=group)
                pod.call("logs", "CreateLogStream", logGroupName=group, logStreamName=STREAM)
            case _:
                raise
    line = {"timestamp": int(time.time() * 1000), "message": '{"log": "rehearsal"}'}
    pod.call("logs", "PutLogEvents", logGroupName=group, logStreamName=STREAM, logEvents=[line])
