"""Rules of EKS about access entries and access policies."""

import re
from collections.abc import Iterator
from typing import Any

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.eks_state import cluster, in_use, invalid, mode_of, part
from localcloud.aws.judge.rules.iam import is_missing
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, lookup

# AWS's messages, recorded from real requests.
_MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/eks/pf-eks"
_ENTRIES = "https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html"
_POLICIES = "https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html"
_ENTRY_TYPES = ("STANDARD", "FARGATE_LINUX", "EC2_LINUX", "EC2_WINDOWS", "EC2", "HYBRID_LINUX", "HYPERPOD_LINUX")
_NODE_TYPES = ("EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX", "EC2")
_RESERVED = ("system:", "eks:", "aws:", "amazon:", "iam:")
_ACCESS_POLICIES = frozenset(
    """ACK Admin AdminView ArgoCD ArgoCDCluster AutoNode BlockStorage BlockStorageCluster ClusterAdmin ClusterInsights
    Compute ComputeCluster Edit Hybrid KRO LoadBalancing LoadBalancingCluster Networking NetworkingCluster SecretReader
    View""".split()  # noqa: SIM905 - read as a text
)
_POLICY_ARN = re.compile(r"arn:[a-z-]+:eks::aws:cluster-access-policy/(.+)")


def _entry(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse an unknown entry type, and groups, a user name or an IAM user for an entry of nodes."""
    type_ = parameters.get("type") or "STANDARD"
    if not known(type_):
        return
    if type_ not in _ENTRY_TYPES:
        words = f"The specified type {type_} is invalid: it must be one of {', '.join(_ENTRY_TYPES)}"
        yield invalid(("type",), type_, words, "botocore eks CreateAccessEntryRequest.type")
    groups = parameters.get("kubernetesGroups")
    if groups and type_ in ("EC2_LINUX", "EC2_WINDOWS"):
        words = f'setting kubernetesGroups is not allowed when the type is "{type_}"'
        source = f"{_MEASURED}-accessentry-node-type-forbids-groups"
        yield invalid(("kubernetesGroups",), groups, f"The specified kubernetesGroups is invalid: {words}", source)
    user = parameters.get("username")
    if user and type_ in ("EC2_LINUX", "EC2_WINDOWS"):
        words = f'The specified username is invalid: setting username is not allowed when the type is "{type_}"'
        yield invalid(("username",), user, words, f"{_MEASURED}-accessentry-username-only-standard")
    arn = parameters.get("principalArn")
    if type_ in _NODE_TYPES and isinstance(arn, str) and known(arn) and ":user/" in arn:
        listed = ", ".join(_NODE_TYPES)
        words = f"AccessEntry principalArn must be IAM role when using types [{listed}]"
        yield invalid(("principalArn",), arn, words, f"{_MEASURED}-accessentry-node-type-requires-role")


def _reserved(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse group names and user names with a reserved prefix."""
    groups, user = parameters.get("kubernetesGroups"), parameters.get("username")
    for index, group in enumerate(groups if isinstance(groups, list) else ()):
        for prefix in _prefixes(group):
            words = f"The kubernetes group name {group} is invalid, it cannot start with {prefix}"
            source = f"{_MEASURED}-accessentry-groups-reserved-prefix"
            yield invalid(("kubernetesGroups", index), group, words, source)
    for prefix in _prefixes(user):
        words = f"The username must not begin with {prefix}"
        yield invalid(("username",), user, words, f"{_MEASURED}-accessentry-username-reserved-prefix")


def _prefixes(name: Any) -> list[str]:
    return [prefix for prefix in _RESERVED if isinstance(name, str) and name.startswith(prefix)]


def _principal(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a principal that is not an IAM role or user, or that is a service-linked role.

    Also refuse an Identity Center role without its path, which is part of its ARN.
    """
    arn = parameters.get("principalArn")
    if not isinstance(arn, str) or not known(arn):
        return
    if not re.fullmatch(r"arn:[a-z-]+:iam::.+", arn):
        words = "The principalArn parameter format is not valid"
        source = "https://github.com/aws-samples/appmod-blueprints/pull/319"
        yield invalid(("principalArn",), arn, words, source)
    elif ":role/aws-service-role/" in arn:
        words = "The caller is not allowed to modify access entries with a principalArn value of a Service Linked Role"
        source = "https://github.com/hashicorp/terraform-provider-aws/issues/36447"
        yield invalid(("principalArn",), arn, words, source)
    elif ":role/AWSReservedSSO_" in arn:
        yield _no_principal(arn, "https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2969")


def _principal_exists(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a role or user that does not exist. Its path is part of its ARN."""
    arn = str(parameters.get("principalArn"))
    if is_missing(ask, arn):
        yield _no_principal(arn, "https://github.com/aws-samples/sample-agentic-platform/issues/11")


def _no_principal(arn: str, source: str) -> RefusedError:
    return invalid(("principalArn",), arn, "The specified principalArn is invalid: invalid principal.", source)


def _entries_allowed(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse an access entry in a cluster with the authentication mode `CONFIG_MAP`."""
    found = cluster(ask, parameters["clusterName"])
    if found and mode_of(found) == "CONFIG_MAP":
        yield RefusedError(
            "InvalidRequestException",
            "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this "
            "operation.",
            path=("clusterName",),
            value=parameters["clusterName"],
            source=f"{_MEASURED}-accessentry-requires-api-auth-mode",
        )


def _entry_taken(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a second access entry for a principal."""
    arn = parameters["principalArn"]
    if lookup(ask, "eks", "DescribeAccessEntry", clusterName=parameters["clusterName"], principalArn=arn):
        words = "The specified access entry resource is already in use on this cluster."
        yield in_use(("principalArn",), arn, words, f"{_MEASURED}-accessentry-principal-arn-duplicate")


def _scope(parameters: Parameters) -> Iterator[RefusedError]:
    """Require namespaces for a namespace scope, and refuse them for a cluster scope."""
    scope = parameters.get("accessScope")
    type_, namespaces = part(scope, "type"), part(scope, "namespaces")
    path = ("accessScope", "namespaces")
    if type_ == "namespace" and not (scope or {}).get("namespaces"):
        words = "At least 1 namespace must be provided if the type is set as namespace"
        yield invalid(path, None, words, f"{_MEASURED}-accessentry-scope-namespace-requires-namespaces")
    elif type_ == "cluster" and namespaces:
        words = "accessScope should not include namespaces if the type is not set as namespace"
        yield invalid(path, namespaces, words, f"{_MEASURED}-accessentry-scope-cluster-forbids-namespaces")


def _access_policy(parameters: Parameters) -> Iterator[RefusedError]:
    """Require an access policy of EKS, which is not an IAM policy."""
    arn = parameters.get("policyArn")
    if not isinstance(arn, str) or not known(arn):
        return
    found = _POLICY_ARN.fullmatch(arn)
    if found is None:
        words = "The policyArn parameter format is not valid"
        yield invalid(("policyArn",), arn, words, f"{_MEASURED}-accessentry-policy-arn-form")
        return
    name = found[1].removeprefix("AmazonEKS").removesuffix("Policy")
    if found[1].startswith("AmazonEKS") and name not in _ACCESS_POLICIES:
        yield RefusedError(
            "ResourceNotFoundException",
            "The specified policyArn could not be found. You can view your available access policies with "
            "'list-access-policies'.",
            path=("policyArn",),
            value=arn,
            source=_POLICIES,
        )


def _entry_there(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Require an access entry for the principal of an access policy."""
    name, arn = parameters["clusterName"], parameters["principalArn"]
    if cluster(ask, name) and not lookup(ask, "eks", "DescribeAccessEntry", clusterName=name, principalArn=arn):
        yield RefusedError(
            "ResourceNotFoundException",
            "The specified principalArn could not be found.",
            path=("principalArn",),
            value=arn,
            source="https://github.com/terraform-aws-modules/terraform-aws-eks/issues/3024",
        )


def _standard_only(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse an access policy for an access entry of EC2 nodes that are not of Auto Mode."""
    name, arn = parameters["clusterName"], parameters["principalArn"]
    entry = lookup(ask, "eks", "DescribeAccessEntry", clusterName=name, principalArn=arn).get("accessEntry") or {}
    if entry.get("type") in ("EC2_LINUX", "EC2_WINDOWS"):
        words = 'This operation can only be performed on Access Entries with a type of "STANDARD".'
        yield invalid(("principalArn",), arn, words, "https://github.com/aws-controllers-k8s/community/issues/2144")


REQUEST_RULES: RequestRules = {
    ("eks", "CreateAccessEntry"): (_entry, _reserved, _principal),
    ("eks", "UpdateAccessEntry"): (_reserved,),
    ("eks", "AssociateAccessPolicy"): (_scope, _access_policy),
}
STATE_RULES: StateRules = {
    ("eks", "CreateAccessEntry"): (_entries_allowed, _entry_taken, _principal_exists),
    ("eks", "AssociateAccessPolicy"): (_entries_allowed, _entry_there, _standard_only),
}
