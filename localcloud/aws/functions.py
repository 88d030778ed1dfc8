"""Functions of the aws provider. Most of them do not call the account, so that a preview needs no cloud."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from localcloud.aws.prefix_lists import ORIGIN_FACING, origin_facing_id
from localcloud.protocol.servicer import ProviderError
from localcloud.protocol.values import Properties

if TYPE_CHECKING:
    from localcloud.aws.account import Account

PARTITION = "aws"
DNS_SUFFIX = "amazonaws.com"
ZONE_LETTERS = ("a", "b", "c")  # every region of the partition has these zones
TOKEN_LIFETIME = timedelta(hours=12)  # of ECR's tokens


def answer(token: str, args: Properties, account_id: str, region: str, account: "Account | None") -> Properties:
    """Call a function of the provider.

    Args:
        token: Pulumi's function token, such as `aws:index/getRegion:getRegion`.
        args: arguments of the function.
        account_id: id of the account.
        region: region of the provider.
        account: the account, or None in a preview without a cloud.
    """
    name = token.rpartition(":")[2]
    if name not in _FUNCTIONS:
        raise ProviderError(
            f"function {token} has no stand-in in the local cloud; add it to localcloud/aws/functions.py"
        )
    return _FUNCTIONS[name](args, account_id, str(args.get("region") or region), account)


def _availability_zones(args: Properties, _account_id: str, region: str, account: "Account | None") -> Properties:
    if account is None:
        zones = [(f"{region}{letter}", f"{region}-az{i}") for i, letter in enumerate(ZONE_LETTERS, start=1)]
    else:
        found = account.call("ec2", "DescribeAvailabilityZones")["AvailabilityZones"]
        zones = [(zone["ZoneName"], zone["ZoneId"]) for zone in found]
    excluded = {*(args.get("excludeNames") or ()), *(args.get("excludeZoneIds") or ())}
    kept = [zone for zone in zones if not excluded & set(zone)]
    return {
        **args,
        "id": region,
        "region": region,
        "names": [name for name, _ in kept],
        "zoneIds": [id_ for _, id_ in kept],
        "groupNames": [region],
    }


def _caller_identity(_args: Properties, account_id: str, _region: str, _account: "Account | None") -> Properties:
    arn = f"arn:{PARTITION}:iam::{account_id}:root"
    return {"id": account_id, "accountId": account_id, "arn": arn, "userId": account_id}


def _region_of(_args: Properties, _account_id: str, region: str, _account: "Account | None") -> Properties:
    endpoint = f"ec2.{region}.{DNS_SUFFIX}"
    return {"id": region, "name": region, "region": region, "description": region, "endpoint": endpoint}


def _partition(_args: Properties, _account_id: str, _region: str, _account: "Account | None") -> Properties:
    prefix = ".".join(reversed(DNS_SUFFIX.split(".")))
    return {"id": PARTITION, "partition": PARTITION, "dnsSuffix": DNS_SUFFIX, "reverseDnsPrefix": prefix}


def _service_principal(args: Properties, _account_id: str, region: str, _account: "Account | None") -> Properties:
    name = f"{args['serviceName']}.{DNS_SUFFIX}"
    return {"id": name, "name": name, "region": region, "serviceName": args["serviceName"], "suffix": DNS_SUFFIX}


def _authorization_token(args: Properties, account_id: str, region: str, account: "Account | None") -> Properties:
    registry = str(args.get("registryId") or account_id)
    if account is None:
        password = "preview"  # noqa: S105 - a placeholder: a preview has no registry
    else:
        token = account.call("ecr", "GetAuthorizationToken")["authorizationData"][0]["authorizationToken"]
        password = base64.b64decode(token).decode().partition(":")[2]
    return {
        "id": region,
        "region": region,
        "registryId": registry,
        "userName": "AWS",
        "password": password,
        "authorizationToken": base64.b64encode(f"AWS:{password}".encode()).decode(),
        "proxyEndpoint": f"https://{registry}.dkr.ecr.{region}.{DNS_SUFFIX}",
        "expiresAt": (datetime.now(UTC) + TOKEN_LIFETIME).isoformat(),
    }


def _images(args: Properties, account_id: str, region: str, account: "Account | None") -> Properties:
    from botocore.exceptions import ClientError  # noqa: PLC0415 - slow to load, and a preview does not need it

    name = args["repositoryName"]
    try:
        found = account.call("ecr", "ListImages", repositoryName=name)["imageIds"] if account else []
    except ClientError as error:
        raise ProviderError(f"reading ECR images: {error}") from error
    return {
        "id": name,
        "region": region,
        "registryId": str(args.get("registryId") or account_id),
        "repositoryName": name,
        "imageIds": [{"imageDigest": one["imageDigest"], "imageTag": one.get("imageTag", "")} for one in found],
    }


def _secrets(args: Properties, account_id: str, region: str, account: "Account | None") -> Properties:
    """Return the secrets of the account. Like ListSecrets, omit secrets that are scheduled for deletion."""
    filters = [{"Key": each["name"], "Values": list(each["values"])} for each in args.get("filters") or ()]
    if account is None:  # a preview without a cloud assumes that the secrets exist
        names = [name for each in filters if each["Key"] == "name" for name in each["Values"]]
        found = [(name, f"arn:{PARTITION}:secretsmanager:{region}:{account_id}:secret:{name}-000000") for name in names]
    else:
        page = account.call("secretsmanager", "ListSecrets", Filters=filters)
        listed = page["SecretList"]
        while page.get("NextToken"):
            page = account.call("secretsmanager", "ListSecrets", Filters=filters, NextToken=page["NextToken"])
            listed += page["SecretList"]
        found = [(each["Name"], each["ARN"]) for each in listed]
    names, arns = ([each[i] for each in sorted(found)] for i in (0, 1))
    return {**args, "id": region, "region": region, "names": names, "arns": arns}


def _zone(args: Properties, _account_id: str, _region: str, account: "Account | None") -> Properties:
    """Return the hosted zone with a name. A preview without a cloud assumes that it exists, with a preview id."""
    name, private = str(args.get("name", "")).rstrip("."), bool(args.get("privateZone"))
    zone_id = f"ZPREVIEW{hashlib.sha256(name.encode()).hexdigest()[:12].upper()}"
    if account is not None:
        zones = account.call("route53", "ListHostedZonesByName", DNSName=f"{name}.")["HostedZones"]
        found = [
            zone
            for zone in zones
            if zone["Name"].rstrip(".") == name and bool(zone["Config"].get("PrivateZone")) is private
        ]
        if len(found) != 1:
            raise ProviderError(
                f"{len(found) or 'no'} {'private' if private else 'public'} hosted zone{'s' * (len(found) > 1)} of "
                f"Route 53 with the name {name} in this account; exactly one is required: create it, or set "
                "another zone"
            )
        zone_id = found[0]["Id"].rpartition("/")[2]
    return {
        **args,
        "id": zone_id,
        "zoneId": zone_id,
        "name": name,
        "arn": f"arn:{PARTITION}:route53:::hostedzone/{zone_id}",
    }


def _log_groups(args: Properties, _account_id: str, region: str, account: "Account | None") -> Properties:
    prefix = args.get("logGroupNamePrefix") or ""
    asked = {"logGroupNamePrefix": prefix} if prefix else {}
    found = account.call("logs", "DescribeLogGroups", **asked)["logGroups"] if account else []
    return {
        **args,
        "id": region,
        "region": region,
        "arns": [str(group["arn"]).removesuffix(":*") for group in found],
        "logGroupNames": [group["logGroupName"] for group in found],
    }


def _managed_prefix_list(args: Properties, _account_id: str, region: str, _account: "Account | None") -> Properties:
    """Return CloudFront's managed prefix list. No other list is supported."""
    name = args.get("name")
    if name != ORIGIN_FACING:
        raise ProviderError(f"no managed prefix list with the name {name} here: there is {ORIGIN_FACING}")
    id_ = origin_facing_id(region)
    arn = f"arn:{PARTITION}:ec2:{region}:aws:prefix-list/{id_}"
    return {**args, "id": id_, "arn": arn, "region": region, "name": name, "addressFamily": "IPv4", "ownerId": "AWS"}


def _policy_document(args: Properties, _account_id: str, _region: str, _account: "Account | None") -> Properties:
    document: dict[str, Any] = {"Version": args.get("version") or "2012-10-17"}
    if args.get("policyId"):
        document["Id"] = args["policyId"]
    statements: dict[str, Any] = {}
    for source in (*(args.get("sourcePolicyDocuments") or ()), *(args.get("overridePolicyDocuments") or ())):
        for statement in json.loads(source)["Statement"]:
            statements[statement.get("Sid") or f"#{len(statements)}"] = statement
    for wanted in args.get("statements") or ():
        statements[wanted.get("sid") or f"#{len(statements)}"] = _statement(wanted)
    document["Statement"] = list(statements.values())
    text = json.dumps(document, indent=2)
    id_ = str(int(hashlib.sha256(text.encode()).hexdigest()[:8], 16))
    return {**args, "id": id_, "json": text, "minifiedJson": json.dumps(document, separators=(",", ":"))}


def _statement(wanted: Properties) -> dict[str, Any]:
    statement: dict[str, Any] = {"Sid": wanted["sid"]} if wanted.get("sid") else {}
    statement["Effect"] = wanted.get("effect") or "Allow"
    for ours, theirs in (
        ("actions", "Action"),
        ("notActions", "NotAction"),
        ("resources", "Resource"),
        ("notResources", "NotResource"),
    ):
        if wanted.get(ours):
            statement[theirs] = _one_or_many(wanted[ours])
    for ours, theirs in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        if wanted.get(ours):
            statement[theirs] = _principals(wanted[ours])
    conditions: dict[str, dict[str, Any]] = {}
    for condition in wanted.get("conditions") or ():
        conditions.setdefault(condition["test"], {})[condition["variable"]] = _one_or_many(condition["values"])
    return {**statement, "Condition": conditions} if conditions else statement


def _principals(wanted: Iterable[Properties]) -> Any:
    found: dict[str, list[str]] = {}
    for principal in wanted:
        if principal["type"] == "*" and principal["identifiers"] == ["*"]:
            return "*"
        found.setdefault(principal["type"], []).extend(principal["identifiers"])
    return {kind: _one_or_many(identifiers) for kind, identifiers in found.items()}


def _one_or_many(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else sorted(values)


_FUNCTIONS: dict[str, Callable[[Properties, str, str, "Account | None"], Properties]] = {
    "getAvailabilityZones": _availability_zones,
    "getCallerIdentity": _caller_identity,
    "getRegion": _region_of,
    "getPartition": _partition,
    "getServicePrincipal": _service_principal,
    "getAuthorizationToken": _authorization_token,
    "getImages": _images,
    "getLogGroups": _log_groups,
    "getManagedPrefixList": _managed_prefix_list,
    "getPolicyDocument": _policy_document,
    "getSecrets": _secrets,
    "getZone": _zone,
}
