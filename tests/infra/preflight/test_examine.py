"""The checks of an account, one fault at a time, on answers as AWS gives them."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from infra.preflight.finding import Finding, UnreadableError, Wanted
from infra.preflight.run import examine
from stacks.names import Names
from stacks.settings import parse_settings

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/"
SETTINGS = {
    "region": "eu-central-1",
    "accountId": ACCOUNT,
    "network": {"availabilityZones": ["a", "b"]},
    "cluster": {"version": "1.35", "metricsServerVersion": "v0.8.0-eksbuild.6"},
    "database": {"engineVersion": "18.1"},
    "edge": {
        "domain": "api.example.com",
        "certificateArn": f"arn:aws:acm:eu-central-1:{ACCOUNT}:certificate/12345678-1234-1234-1234-123456789012",
    },
}
Answers = dict[str, Any]
BUILDS = {
    "metrics-server": "v0.8.0-eksbuild.6",
    "aws-secrets-store-csi-driver-provider": "v3.1.2-eksbuild.1",
    "amazon-cloudwatch-observability": "v6.3.0-eksbuild.1",
}


def offering(builds: dict[str, str], compute_types: Sequence[str] = ("ec2", "auto")) -> Callable[..., dict[str, Any]]:
    """Answer that each add-on is offered in one build."""

    def answer(addonName: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - AWS's name
        offered = {"addonVersion": builds[addonName], "computeTypes": list(compute_types)}
        return {"addons": [{"addonVersions": [offered]}]}

    return answer


# What a sound account answers, by operation; what is not here does not exist.
SOUND: Answers = {
    "GetCallerIdentity": {
        "Account": ACCOUNT,
        "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/drydock-prod-deploy/ci",
    },
    "GetRole": lambda **asked: {"Role": {"Arn": ROLE + asked["RoleName"]}},
    "SimulatePrincipalPolicy": {
        "EvaluationResults": [{"EvalActionName": "eks:CreateCluster", "EvalDecision": "allowed"}]
    },
    "DescribeRegions": {"Regions": [{"RegionName": "eu-central-1", "OptInStatus": "opt-in-not-required"}]},
    "DescribeAvailabilityZones": {
        "AvailabilityZones": [
            {"ZoneName": f"eu-central-1{letter}", "ZoneId": f"euc1-az{i}", "State": "available"}
            for i, letter in enumerate("abc")
        ]
    },
    "DescribeClusterVersions": {"clusterVersions": [{"clusterVersion": "1.35", "versionStatus": "STANDARD_SUPPORT"}]},
    "DescribeAddonVersions": offering(BUILDS),
    "DescribeDBEngineVersions": {"DBEngineVersions": [{"EngineVersion": "18.1"}]},
    "DescribeOrderableDBInstanceOptions": {"OrderableDBInstanceOptions": [{"MultiAZCapable": True}]},
    "ListHostedZonesByName": {"HostedZones": [{"Name": "example.com.", "Config": {"PrivateZone": False}}]},
    "DescribeCertificate": {
        "Certificate": {"Status": "ISSUED", "DomainName": "example.com", "SubjectAlternativeNames": ["*.example.com"]}
    },
    "GetServiceQuota": {"Quota": {"Value": 5.0}},
    "DescribeInstances": {"Reservations": []},
    "DescribeVpcs": {"Vpcs": [{}]},
    "DescribeAddresses": {"Addresses": [{}, {}]},
}


def instances(*types: str, **more: Any) -> dict[str, Any]:
    """Return running instances with 2 vCPUs, as DescribeInstances does."""
    shape = {"State": {"Name": "running"}, "CpuOptions": {"CoreCount": 1, "ThreadsPerCore": 2}, **more}
    return {"Reservations": [{"Instances": [{"InstanceType": each, **shape}]} for each in types]}


def wanted(**changes: Any) -> Wanted:
    more = {"assumed_roles": (f"{ROLE}drydock-prod-deploy",)} | changes
    return Wanted(environment="prod", settings=parse_settings(SETTINGS, "prod"), names=Names("prod"), **more)


def found(answers: Answers, stack: Wanted | None = None) -> list[Finding]:
    """Examine an account that gives these answers; an exception is raised."""

    def ask(service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        answer = answers.get(operation, {})
        if isinstance(answer, Exception):
            raise answer
        return dict(answer(**parameters) if callable(answer) else answer)

    return list(examine(stack or wanted(), ask))


def without_multi_az(answers: Answers) -> None:
    answers["DescribeOrderableDBInstanceOptions"]["OrderableDBInstanceOptions"][0]["MultiAZCapable"] = False


Fault = Callable[[Answers], Any]
# What is wrong -> the check that says so, and what it says.
FAULTS: dict[str, tuple[Fault, str, str]] = {
    "no roles": (lambda a: a.pop("GetRole"), "administrator", "no role drydock-prod-deploy"),
    "roles have a path": (
        lambda a: a.update(GetRole=lambda **asked: {"Role": {"Arn": f"{ROLE}ops/{asked['RoleName']}"}}),
        "administrator",
        "role/ops/drydock-prod-admin",
    ),
    "an explicit deny": (
        lambda a: a["SimulatePrincipalPolicy"]["EvaluationResults"][0].update(EvalDecision="explicitDeny"),
        "permissions",
        "is denied eks:CreateCluster",
    ),
    "a region that is off": (
        lambda a: a["DescribeRegions"]["Regions"][0].update(OptInStatus="not-opted-in"),
        "region",
        "eu-central-1: not-opted-in",
    ),
    "an unknown region": (lambda a: a["DescribeRegions"].update(Regions=[]), "region", "not offered"),
    "a missing zone": (
        lambda a: a["DescribeAvailabilityZones"]["AvailabilityZones"].pop(1),
        "availability zone",
        "eu-central-1b: not offered to this account",
    ),
    "an impaired zone": (
        lambda a: a["DescribeAvailabilityZones"]["AvailabilityZones"][0].update(State="impaired"),
        "availability zone",
        "eu-central-1a: not offered",
    ),
    "a local zone": (
        lambda a: a["DescribeAvailabilityZones"]["AvailabilityZones"][0].update(ZoneType="local-zone"),
        "availability zone",
        "eu-central-1a: not offered",
    ),
    "an old Kubernetes": (
        lambda a: a["DescribeClusterVersions"]["clusterVersions"][0].update(versionStatus="UNSUPPORTED"),
        "Kubernetes version",
        "1.35: unsupported",
    ),
    "an unknown Kubernetes": (lambda a: a.pop("DescribeClusterVersions"), "Kubernetes version", "1.35: not offered"),
    "another build of the add-on": (
        lambda a: a.update(DescribeAddonVersions=offering({**BUILDS, "metrics-server": "v0.8.1-eksbuild.4"})),
        "add-on",
        "metrics-server v0.8.0-eksbuild.6: not offered for Kubernetes 1.35",
    ),
    "an add-on that is not for Auto Mode": (
        lambda a: a.update(DescribeAddonVersions=offering(BUILDS, compute_types=["ec2", "hybrid"])),
        "add-on",
        "amazon-cloudwatch-observability v6.3.0-eksbuild.1: not offered",
    ),
    "an old PostgreSQL": (
        lambda a: a["DescribeDBEngineVersions"]["DBEngineVersions"][0].update(EngineVersion="18.6"),
        "PostgreSQL version",
        "18.1: not offered",
    ),
    "no such class": (
        lambda a: a["DescribeOrderableDBInstanceOptions"].update(OrderableDBInstanceOptions=[]),
        "instance class",
        "not offered",
    ),
    "no standby": (without_multi_az, "instance class", "offered without Multi-AZ"),
    "no VPC left": (lambda a: a["DescribeVpcs"].update(Vpcs=[{}] * 5), "quota", "VPCs: 5 of 5 used"),
    "no address left": (
        lambda a: a["DescribeAddresses"].update(Addresses=[{}] * 4),
        "quota",
        "Elastic IP addresses: 4 of 5 used",
    ),
    "no vCPU left": (
        lambda a: a.update(DescribeInstances=instances("m7a.large")),
        "quota",
        "vCPUs of on-demand Standard instances: 2 of 5 used",
    ),
    "a cluster of this name": (
        lambda a: a.update(DescribeCluster={"cluster": {"name": "x"}}),
        "name",
        "EKS cluster drydock-prod",
    ),
    "a database of this name": (
        lambda a: a.update(DescribeDBInstances={"DBInstances": [{}]}),
        "name",
        "RDS instance drydock-prod: taken",
    ),
    "a repository of this name": (
        lambda a: a.update(DescribeRepositories={"repositories": [{}]}),
        "name",
        "ECR repository drydock-prod: taken",
    ),
    "no zone": (lambda a: a.pop("ListHostedZonesByName"), "domain", "zone example.com: not in this account"),
    "a zone of another name": (
        lambda a: a["ListHostedZonesByName"]["HostedZones"][0].update(Name="example.org."),
        "domain",
        "not in this account",
    ),
    "a private zone": (
        lambda a: a["ListHostedZonesByName"]["HostedZones"][0]["Config"].update(PrivateZone=True),
        "domain",
        "zone example.com: private only",
    ),
    "a certificate that is not issued": (
        lambda a: a["DescribeCertificate"]["Certificate"].update(Status="PENDING_VALIDATION"),
        "certificate",
        "PENDING_VALIDATION",
    ),
    "a certificate for another name": (
        lambda a: a["DescribeCertificate"]["Certificate"].update(SubjectAlternativeNames=["*.api.example.com"]),
        "certificate",
        "ISSUED, for *.api.example.com, example.com",
    ),
    "no certificate": (
        lambda a: a.pop("DescribeCertificate"),
        "certificate",
        "certificate/12345678-1234-1234-1234-123456789012: not in this account",
    ),
    "another account": (
        lambda a: a.update(
            GetCallerIdentity=a["GetCallerIdentity"] | {"Account": "999999999999"},
            GetRole=lambda **asked: {"Role": {"Arn": f"arn:aws:iam::999999999999:role/{asked['RoleName']}"}},
        ),
        "account",
        "999999999999",
    ),
    "somebody who is no administrator": (
        lambda a: a["GetCallerIdentity"].update(Arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/developer/me"),
        "access to the cluster",
        "developer deploys",
    ),
}
BY_CALLER = ("another account", "somebody who is no administrator")


def test_a_sound_account_passes() -> None:
    """Every check has an answer, and it is ok."""
    findings = found(SOUND)

    assert {each.verdict for each in findings} == {"ok"}
    assert {each.check for each in findings} == {
        "account",
        "access to the cluster",
        "administrator",
        "permissions",
        "region",
        "availability zone",
        "Kubernetes version",
        "add-on",
        "PostgreSQL version",
        "instance class",
        "domain",
        "certificate",
        "quota",
        "name",
    }


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named(fault: str) -> None:
    """By its check alone, with what is accepted and what to do."""
    plant, check, says = FAULTS[fault]
    answers = deepcopy(SOUND)
    plant(answers)
    # Without a role to assume, the caller is who deploys.
    failed = [
        each
        for each in found(answers, wanted(assumed_roles=()) if fault in BY_CALLER else None)
        if each.verdict != "ok"
    ]

    assert {(each.check, each.verdict) for each in failed} == {(check, "fails")}
    assert any(says in each.found for each in failed)
    assert all(each.remedy and each.accepted for each in failed)


@pytest.mark.parametrize("operation", [each for each in SOUND if each not in ("GetCallerIdentity", "GetServiceQuota")])
def test_what_cannot_be_read_is_unknown(operation: str) -> None:
    """By the action that is not allowed; the other checks go on."""
    answers = SOUND | {operation: UnreadableError(f"aws:{operation}", "denied")}
    findings = found(answers)
    unknown = [each for each in findings if each.verdict != "ok"]

    assert [(each.verdict, each.accepted) for each in unknown] == [("unknown", f"aws:{operation}")]
    assert len(findings) > len(unknown) + 8


def test_a_quota_that_cannot_be_read_has_its_default() -> None:
    """The finding says that it is the default."""
    answers = SOUND | {"GetServiceQuota": UnreadableError("service-quotas:GetServiceQuota", "denied")}
    quotas = [each for each in found(answers) if each.check == "quota"]

    assert [each.verdict for each in quotas] == ["ok"] * 6
    assert all("the default" in each.found for each in quotas)


@pytest.mark.parametrize(
    ("running", "used"),
    [
        (instances("m7a.large", "t4g.small", "im4gn.large", "c7g.large"), 8),
        (instances("m7a.large", "inf2.xlarge", "trn1.2xlarge", "x2gd.large", "hpc7a.12xlarge", "g5.xlarge"), 2),
        (instances("m7a.large", State={"Name": "stopped"}), 0),
        (instances("m7a.large", InstanceLifecycle="spot"), 0),
        (instances("m7a.large", CpuOptions={"CoreCount": 2, "ThreadsPerCore": 1}), 2),
    ],
)
def test_counts_the_vcpus_of_running_standard_instances(running: dict[str, Any], used: int) -> None:
    """Spot instances and other families have quotas of their own."""
    lines = [each.found for each in found(SOUND | {"DescribeInstances": running})]

    assert f"vCPUs of on-demand Standard instances: {used} of 5 used" in lines


def test_spot_workers_need_vcpus_of_spot_instances() -> None:
    settings = parse_settings({**SETTINGS, "cluster": {**SETTINGS["cluster"], "spotWorkers": True}}, "prod")  # type: ignore[dict-item]
    answers = SOUND | {"DescribeInstances": instances("m7a.large", "m7a.large", InstanceLifecycle="spot")}

    (line,) = [each for each in found(answers, replace(wanted(), settings=settings)) if each.verdict == "fails"]
    assert line.found == "vCPUs of spot Standard instances: 4 of 5 used"


def test_a_quota_of_vcpus_that_cannot_be_read_does_not_stop_a_deployment() -> None:
    """AWS raises it with the usage, so an older account has more than the default."""
    denied = UnreadableError("service-quotas:GetServiceQuota", "denied")
    answers = SOUND | {"GetServiceQuota": denied, "DescribeInstances": instances("m7a.large", "m7a.large")}

    (line,) = [each for each in found(answers) if each.verdict != "ok"]
    assert (line.verdict, line.found[:49]) == ("unknown", "vCPUs of on-demand Standard instances: 4 of 5 use")
    assert line.remedy.startswith("allow servicequotas:GetServiceQuota for the deployment, or delete some")


@pytest.mark.parametrize(
    "group",
    [
        "/aws/eks/drydock-prod/cluster",
        "/aws/rds/instance/drydock-prod/postgresql",
        "/aws/rds/instance/drydock-prod/upgrade",
        "/aws/containerinsights/drydock-prod/application",
        "/aws/containerinsights/drydock-prod/dataplane",
        "/aws/containerinsights/drydock-prod/host",
    ],
)
def test_a_log_group_that_the_deployment_imports_is_no_fault(group: str) -> None:
    """It says so; a group of another stack, whose name begins in the same way, is not taken for it."""
    for name, state in ((group, "left over; this deployment imports it"), (f"{group}-2", "free")):
        answers = SOUND | {"DescribeLogGroups": {"logGroups": [{"logGroupName": name}]}}
        findings = found(answers)

        assert [each for each in findings if each.verdict != "ok"] == []
        assert f"log group {group}: {state}" in [each.found for each in findings]


def test_the_repository_of_a_service_is_checked_too() -> None:
    """If its image is built; a service that has an image elsewhere has none."""
    image = {"image": f"registry.example.com/other@sha256:{'0' * 64}", "route": {"pathPrefix": "/other"}}
    services = {"shop": {"image": "services/shop", "route": {"pathPrefix": "/shop"}}, "other": image}
    stack = replace(wanted(), settings=parse_settings({**SETTINGS, "services": services}, "prod"))
    answers = SOUND | {
        "DescribeRepositories": lambda repositoryNames: {  # noqa: N803 - AWS's name
            "repositories": [{}] if repositoryNames == ["drydock-prod/shop"] else []
        }
    }
    findings = found(answers, stack)

    assert [each.found for each in findings if each.verdict == "fails"] == ["ECR repository drydock-prod/shop: taken"]
    assert not any("drydock-prod/other" in each.found for each in findings)


def test_without_credentials_no_other_call_is_made() -> None:
    """One finding, which fails."""
    (only,) = found(
        SOUND | {"GetCallerIdentity": UnreadableError("sts:GetCallerIdentity", "Unable to locate credentials")}
    )

    assert (only.check, only.verdict) == ("credentials", "fails")


def test_what_the_stack_has_is_its_own() -> None:
    """Names in its state are its own, and it already uses its part of the quotas."""
    answers = SOUND | {"DescribeCluster": {"cluster": {"name": "drydock-prod"}}, "DescribeVpcs": {"Vpcs": [{}] * 9}}

    assert {each.verdict for each in found(answers, wanted(existing=frozenset({"drydock-prod"})))} == {"ok"}


@pytest.mark.parametrize(
    ("region", "zone"), [("us-east-1", "use1-az3"), ("us-west-1", "usw1-az2"), ("ca-central-1", "cac1-az3")]
)
def test_a_zone_that_eks_does_not_take(region: str, zone: str) -> None:
    """It is known by its id, because the letters of zones differ between accounts."""
    answers = deepcopy(SOUND)
    answers["DescribeRegions"]["Regions"][0]["RegionName"] = region
    for i, each in enumerate(answers["DescribeAvailabilityZones"]["AvailabilityZones"]):
        each |= {"ZoneName": f"{region}{'abc'[i]}", "ZoneId": zone if i == 1 else f"other-az{i}"}
    stack = Wanted(
        environment="prod",
        settings=parse_settings(SETTINGS | {"region": region, "edge": {}}, "prod"),
        names=Names("prod"),
    )
    answers["GetCallerIdentity"]["Arn"] = f"arn:aws:sts::{ACCOUNT}:assumed-role/drydock-prod-admin/me"
    failed = [each for each in found(answers, stack) if each.verdict == "fails"]

    assert [each.found for each in failed] == [f"{region}b: {zone}"]


@pytest.mark.parametrize(
    ("port", "lists", "ok"),
    [(443, ["pl-a3a144ca"], True), (8443, ["pl-a3a144ca"], False), (443, [], False)],
)
def test_cloudfront_needs_its_prefix_list_and_port(port: int, lists: list[str], ok: bool) -> None:
    """Clients reach it at 443, whatever port the load balancer has; a local cloud takes others."""
    edge = {"domain": "api.example.com", "scheme": "internet-facing", "httpsPort": port, "cloudfront": {}}
    stack = replace(wanted(), settings=parse_settings({**SETTINGS, "edge": edge}, "prod"))
    answers = {**SOUND, "DescribeManagedPrefixLists": {"PrefixLists": [{"PrefixListId": each} for each in lists]}}

    [said] = [each for each in found(answers, stack) if each.check == "CloudFront"]
    assert (said.verdict == "ok") is ok, said


BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/drydock-prod-boundary"


@pytest.mark.parametrize(
    ("attached", "policy", "verdict"),
    [
        (BOUNDARY, UnreadableError("iam:GetPolicy", "denied"), "ok"),
        (None, {"Policy": {"Arn": BOUNDARY}}, "ok"),
        (None, {}, "fails"),
        (f"{BOUNDARY}-other", {}, "fails"),
        (None, UnreadableError("iam:GetPolicy", "denied"), "unknown"),
    ],
    ids=["of the deploy role", "a policy", "no policy", "the deploy role has another", "not readable"],
)
def test_the_permissions_boundary_must_exist(attached: str | None, policy: Any, verdict: str) -> None:
    """The boundary of the deploy role exists; another one is read."""

    def role(RoleName: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        boundary = {"PermissionsBoundary": {"PermissionsBoundaryArn": attached}} if attached else {}
        return {"Role": {"Arn": ROLE + RoleName, **(boundary if RoleName == "drydock-prod-deploy" else {})}}

    given = {**SETTINGS, "permissionsBoundary": "drydock-prod-boundary"}
    stack = replace(wanted(), settings=parse_settings(given, "prod"))
    findings = found(SOUND | {"GetRole": role, "GetPolicy": policy}, stack)
    (only,) = [each for each in findings if each.check == "permissions boundary"]

    assert only.verdict == verdict
    assert verdict != "fails" or only.found == "no policy drydock-prod-boundary"
    assert {each.verdict for each in findings if each is not only} == {"ok"}


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (UnreadableError("ec2:DescribeRegions", "denied"), "allow ec2:DescribeRegions for the deployment"),
        (UnreadableError("ec2:DescribeRegions", "timed out", unreachable=True), "check the network and the proxy"),
        (UnreadableError("ec2:DescribeRegions", "Throttling: slow down"), "run this again"),
    ],
)
def test_the_remedy_of_an_unknown_check_is_that_of_its_reason(error: UnreadableError, says: str) -> None:
    """A permission does not help if AWS did not respond."""
    (unknown,) = [each for each in found(SOUND | {"DescribeRegions": error}) if each.verdict == "unknown"]

    assert unknown.remedy.startswith(says)


@pytest.mark.parametrize(("unreachable", "says"), [(False, "sign in"), (True, "check the network")])
def test_without_access_the_remedy_is_that_of_its_reason(unreachable: bool, says: str) -> None:
    error = UnreadableError("sts:GetCallerIdentity", "no", unreachable=unreachable)
    (only,) = found(SOUND | {"GetCallerIdentity": error})

    assert only.remedy.startswith(says)
