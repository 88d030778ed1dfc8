"""Rules of EC2 about the service of a VPC endpoint."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.ec2_network import MEASURED
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, region_of
from localcloud.aws.specifications.models import loader

_SERVICE = re.compile(r"com\.amazonaws\.(?P<region>[a-z]+-[a-z-]+-\d)\.(?P<name>[^.]+)(?P<rest>.*)")
# Services that have an endpoint but no API in the SDK:
# https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
_MORE_SERVICES = frozenset({"ec2messages", "execute-api", "guardduty-data", "ssmmessages"})
_WITH_GATEWAY = ("s3", "dynamodb", "s3express")


@cache
def _services() -> frozenset[str]:
    """Return the names of AWS's services: each part of the names of their endpoints."""
    partitions: Any = loader().load_data("endpoints")["partitions"]
    return _MORE_SERVICES.union(*(name.split(".") for each in partitions for name in each["services"]))


def _service(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a service that AWS does not have. Services of other providers have another form of name.

    A name such as `kinesis-streams` or `sqs-fips` contains the service as one of its words.
    """
    name = str(parameters.get("ServiceName"))
    found = _SERVICE.fullmatch(name)
    if found and known(name) and _services().isdisjoint({found["name"], *found["name"].split("-")}):
        yield RefusedError(
            "InvalidServiceName",
            f"The Vpc Endpoint Service '{name}' does not exist",
            path=("ServiceName",),
            value=name,
            source="https://github.com/terraform-aws-modules/terraform-aws-vpc/issues/481",
        )


def _type_of_service(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a gateway endpoint for any other service than S3 and DynamoDB."""
    kind, name = parameters.get("VpcEndpointType") or "Gateway", parameters.get("ServiceName")
    found = _SERVICE.fullmatch(str(name)) if known(kind) and known(name) else None
    if found and kind == "Gateway" and found["name"] not in _WITH_GATEWAY:
        yield _no_match(name)


def _no_match(name: Any) -> RefusedError:
    return RefusedError(
        "InvalidParameter",
        "Endpoint type (Gateway) does not match available service types ([Interface]).",
        path=("ServiceName",),
        value=name,
        source=f"{MEASURED}-vpce-gateway-service",
    )


def _region_of_service(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a service of another region, unless `ServiceRegion` is set."""
    name = str(parameters.get("ServiceName"))
    found = _SERVICE.fullmatch(name)
    if not found or parameters.get("ServiceRegion") or found["region"] == region_of(ask):
        return
    if parameters.get("VpcEndpointType") in (None, "Gateway"):
        yield _no_match(name)
    else:
        words, source = f"The Vpc Endpoint Service '{name}' does not exist", f"{MEASURED}-vpce-service-region"
        yield RefusedError("InvalidServiceName", words, path=("ServiceName",), value=name, source=source)


REQUEST_RULES: RequestRules = {("ec2", "CreateVpcEndpoint"): (_service, _type_of_service)}
STATE_RULES: StateRules = {("ec2", "CreateVpcEndpoint"): (_region_of_service,)}
