"""Rules of EKS about clusters."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.aws.iam.conditions import Context
from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.eks_state import cluster, invalid, mode_of, part, trusts
from localcloud.aws.judge.rules.kms import encrypts
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, lookup, region_of

# AWS's messages, recorded from real requests.
_MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/eks/pf-eks-cluster"
_API = "https://docs.aws.amazon.com/eks/latest/APIReference"
_VERSIONS = "https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html"
_AUTO_MODE = "https://github.com/kubernetes-sigs/cluster-api-provider-aws/issues/5278"
# Minor versions of Kubernetes 1 in standard or extended support. In September 2026 EKS refused 29 and accepted 30.
_FIRST_MINOR, _LAST_MINOR = 30, 36
_NODE_POOLS = ("general-purpose", "system")
_KEY_ID = re.compile("mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MODES = ("CONFIG_MAP", "API_AND_CONFIG_MAP", "API")


def _version(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a Kubernetes version that EKS does not support, or one with a patch number."""
    version = parameters.get("version")
    if not isinstance(version, str) or not known(version):
        return
    found = re.fullmatch(r"1\.(\d\d)", version)
    if found is None or not _FIRST_MINOR <= int(found[1]) <= _LAST_MINOR:
        yield invalid(("version",), version, f"unsupported Kubernetes version {version}", _VERSIONS)


def _access(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a cluster without access entries that gives its creator no access. Nobody could access it."""
    mode = part(parameters, "accessConfig", "authenticationMode")
    bootstrap = part(parameters, "accessConfig", "bootstrapClusterCreatorAdminPermissions")
    if mode == "CONFIG_MAP" and bootstrap is False:
        yield invalid(
            ("accessConfig", "bootstrapClusterCreatorAdminPermissions"),
            bootstrap,
            "bootstrapClusterCreatorAdminPermissions must be true if cluster authentication mode is set to CONFIG_MAP",
            "https://github.com/terraform-aws-modules/terraform-aws-eks/issues/3206",
        )


def _auto_mode(parameters: Parameters) -> Iterator[RefusedError]:
    """Require compute, storage and load balancing to be all on or all off, and node pools and node role to match."""
    switches = (
        ("computeConfig", "enabled"),
        ("storageConfig", "blockStorage", "enabled"),
        ("kubernetesNetworkConfig", "elasticLoadBalancing", "enabled"),
    )
    if not all(_is_known(parameters, path) for path in switches):
        return
    on = {path: bool(part(parameters, *path)) for path in switches}
    if len(set(on.values())) > 1:
        path = next(path for path, enabled in on.items() if enabled)
        words = (
            "For EKS Auto Mode, please ensure that all required configs, including computeConfig, "
            "kubernetesNetworkConfig, and blockStorage are all either fully enabled or fully disabled."
        )
        yield invalid(path, True, words, _AUTO_MODE)
    pools = part(parameters, "computeConfig", "nodePools")
    for index, pool in enumerate(pools if isinstance(pools, list) else ()):
        if isinstance(pool, str) and known(pool) and pool not in _NODE_POOLS:
            words = f"Invalid node pool {pool}: built-in node pools are {' and '.join(_NODE_POOLS)}"
            yield invalid(("computeConfig", "nodePools", index), pool, words, f"{_API}/API_ComputeConfigRequest.html")
    if pools and (parameters.get("computeConfig") or {}).get("nodeRoleArn") is None:
        words = "When Compute Config nodeRoleArn is null or empty, nodePool list cannot be populated."
        source = f"{_MEASURED}-automode-nodepools-need-noderole"
        yield invalid(("computeConfig", "nodeRoleArn"), None, words, source)
    compute = parameters.get("computeConfig") or {}
    role = compute.get("nodeRoleArn") if isinstance(compute, Mapping) else None
    if role and compute.get("nodePools") in (None, []):
        words = "When Compute Config nodeRoleArn is not null or empty, nodePool value(s) must be provided."
        source = "https://github.com/hashicorp/terraform-provider-aws/issues/40411"
        yield invalid(("computeConfig", "nodePools"), None, words, source)


def _self_managed(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse self-managed add-ons with Auto Mode, whose nodes contain them. Self-managed add-ons are the default."""
    own = parameters.get("bootstrapSelfManagedAddons")
    if part(parameters, "computeConfig", "enabled") is True and own in (None, True):
        words = "When EKS Auto Mode is enabled, bootstrapSelfManagedAddons must be set to false."
        source = "https://github.com/hashicorp/terraform-provider-aws/pull/40483"
        yield invalid(("bootstrapSelfManagedAddons",), own, words, source)


def _is_known(value: Any, path: tuple[str, ...]) -> bool:
    """Return whether a preview knows a value in nested blocks. A block can be unknown as a whole."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else value
    return known(value)


def _auto_mode_access(parameters: Parameters) -> Iterator[RefusedError]:
    """Require access entries for Auto Mode, whose nodes join the cluster with them."""
    mode = parameters.get("accessConfig") or {}
    if part(parameters, "computeConfig", "enabled") is True and isinstance(mode, Mapping):
        name = mode.get("authenticationMode") or "CONFIG_MAP"
        if name == "CONFIG_MAP":
            words = (
                "When EKS Auto Mode is enabled, you must use an EKS access config authentication mode of "
                "API_AND_CONFIG_MAP or API"
            )
            path = ("accessConfig", "authenticationMode")
            yield invalid(path, mode.get("authenticationMode"), words, f"{_MEASURED}-automode-requires-api-auth")


def _encryption(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse encryption of resources other than secrets with a customer's key."""
    for index, config in enumerate(parameters.get("encryptionConfig") or ()):
        resources = part(config, "resources")
        for place, resource in enumerate(resources if isinstance(resources, list) else ()):
            if isinstance(resource, str) and known(resource) and resource != "secrets":
                path = ("encryptionConfig", index, "resources", place)
                source = f"{_MEASURED}-encryption-resources-secrets-only"
                yield invalid(path, resource, f"Invalid k8s resource for encryption: {resource}", source)


def _encryption_key(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Require an enabled symmetric key in the cluster's region."""
    for index, config in enumerate(parameters.get("encryptionConfig") or ()):
        arn = part(config, "provider", "keyArn")
        if not arn:
            continue
        path, region = ("encryptionConfig", index, "provider", "keyArn"), str(arn).split(":")[3:4]
        if region not in ([], [region_of(ask)]):
            words = "The keyArn for encryptionConfig is scoped to invalid aws region."
            yield invalid(path, arn, words, f"{_MEASURED}-encryption-kms-key-region")
        elif not encrypts(ask, arn):
            words = f"The keyArn for encryptionConfig is invalid: {arn} is not an enabled symmetric key"
            yield invalid(path, arn, words, "botocore eks Provider.keyArn")


def _role(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Require a role that EKS can assume for a cluster of this account, including the conditions of its trust policy.

    https://docs.aws.amazon.com/eks/latest/userguide/cross-service-confused-deputy-prevention.html
    """
    arn, service = str(parameters.get("roleArn", "")), "eks.amazonaws.com"
    account = lookup(ask, "sts", "GetCallerIdentity").get("Account", "")
    context = Context(values={"aws:sourceaccount": (account,), "aws:principalservicename": (service,)})
    if not trusts(ask, arn, service, context):
        words = (
            f"Role with arn: {arn}, could not be assumed because it does not exist or the trusted entity is not correct"
        )
        yield invalid(
            ("roleArn",), arn, words, "https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2406"
        )


def _node_role(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Require a node role that EC2 can assume. AWS accepts any role, but then no node starts."""
    arn = part(parameters, "computeConfig", "nodeRoleArn")
    if isinstance(arn, str) and known(arn) and not trusts(ask, arn, "ec2.amazonaws.com"):
        words = f"no node can start: {arn} does not exist, or its trust policy does not let ec2.amazonaws.com assume it"
        source = "https://docs.aws.amazon.com/eks/latest/userguide/auto-create-node-role.html"
        yield invalid(("computeConfig", "nodeRoleArn"), arn, words, source)


def _upgrade(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a downgrade, and an upgrade by more than one minor version."""
    now, wanted = str(cluster(ask, parameters["name"]).get("version", "")), str(parameters.get("version"))
    before, after = (re.fullmatch(r"1\.(\d+)", version) for version in (now, wanted))
    if before and after and int(after[1]) not in (int(before[1]), int(before[1]) + 1):
        words = f"Unsupported Kubernetes minor version update from {now} to {wanted}"
        yield invalid(
            ("version",), wanted, words, "https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html"
        )


def _mode_change(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Allow only the changes from `CONFIG_MAP` to `API_AND_CONFIG_MAP`, and from that to `API`."""
    wanted = part(parameters, "accessConfig", "authenticationMode")
    found = cluster(ask, parameters["name"])
    if not found or wanted not in _MODES:
        return
    now = mode_of(found)
    if _MODES.index(wanted) - _MODES.index(now) not in (0, 1):
        words = f"Unsupported authentication mode update from {now} to {wanted}"
        yield invalid(
            ("accessConfig", "authenticationMode"), wanted, words, f"{_API}/API_UpdateAccessConfigRequest.html"
        )


def _protected(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse the deletion of a cluster with deletion protection."""
    if cluster(ask, parameters["name"]).get("deletionProtection"):
        yield RefusedError(
            "InvalidRequestException",
            f"Cluster {parameters['name']} has deletion protection enabled: disable it first",
            path=("deletionProtection",),
            value=True,
            source="https://docs.aws.amazon.com/eks/latest/userguide/deletion-protection.html",
        )


def _key_form(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse the id of a key, where EKS needs an ARN or an alias. AWS's words are not known."""
    for index, config in enumerate(parameters.get("encryptionConfig") or ()):
        arn = part(config, "provider", "keyArn")
        if isinstance(arn, str) and _KEY_ID.fullmatch(arn):
            path = ("encryptionConfig", index, "provider", "keyArn")
            yield invalid(path, arn, f"The keyArn {arn} is not valid.", "botocore eks Provider.keyArn")


REQUEST_RULES: RequestRules = {
    ("eks", "CreateCluster"): (
        _version,
        _access,
        _auto_mode,
        _auto_mode_access,
        _self_managed,
        _encryption,
        _key_form,
    ),
    ("eks", "UpdateClusterVersion"): (_version,),
    ("eks", "AssociateEncryptionConfig"): (_encryption, _key_form),
}
STATE_RULES: StateRules = {
    ("eks", "CreateCluster"): (_role, _node_role, _encryption_key),
    ("eks", "UpdateClusterVersion"): (_upgrade,),
    ("eks", "UpdateClusterConfig"): (_mode_change, _node_role),
    ("eks", "DeleteCluster"): (_protected,),
}
