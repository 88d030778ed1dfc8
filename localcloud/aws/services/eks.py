"""EKS clusters, access entries, access policies, add-ons and pod identity associations."""

from typing import Any, ClassVar

from localcloud.aws.account import Account
from localcloud.aws.resource import Resource, Tagging
from localcloud.aws.shapes import from_api, pick, same
from localcloud.protocol.values import UNKNOWN, Properties

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
TAGGING = Tagging(
    add="TagResource", remove="UntagResource", target="resourceArn", form="map", tags="tags", keys="tagKeys"
)
RECORDED = "all of it: the API returns the values of the request"


class Cluster(Resource):
    """A cluster. Its endpoint and certificate authority are those of the local API server."""

    type = "aws:eks/cluster:Cluster"
    gone = {"ResourceNotFoundException": ("id",)}
    recorded = "Auto Mode, access mode, upgrade policy, deletion protection; the local node agent provides the nodes"
    service = "eks"
    autoname = "name"
    replaces = ("roleArn", "bootstrapSelfManagedAddons")
    renames = {"vpcConfig": "resourcesVpcConfig"}
    computed = {"vpcConfig": ("clusterSecurityGroupId", "vpcId"), "kubernetesNetworkConfig": ("ipFamily",)}
    created_id = "cluster.name"
    describe_operation = "DescribeCluster"
    found = "cluster"
    described = ("accessConfig", "deletionProtection", "version")
    delete_operation = "DeleteCluster"
    id_parameter = "name"
    tagging = TAGGING
    update_groups = (
        ("vpcConfig",),
        ("enabledClusterLogTypes",),
        ("accessConfig",),
        ("computeConfig", "storageConfig", "kubernetesNetworkConfig"),  # Auto Mode: EKS requires all three together
        ("upgradePolicy",),
        ("zonalShiftConfig",),
        ("deletionProtection",),
    )

    def forces_new(self, old: Properties, new: Properties) -> set[str]:
        """Return the blocks that contain a changed property which EKS cannot update."""
        fixed = {
            "accessConfig": ("bootstrapClusterCreatorAdminPermissions",),
            "kubernetesNetworkConfig": ("serviceIpv4Cidr", "ipFamily"),
            "encryptionConfig": ("resources", "provider"),
        }
        return {
            block
            for block, names in fixed.items()
            for name in names
            if block in old and not same(_part(old.get(block), name), _part(new.get(block), name))
        }

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the cluster with all its settings."""
        answer = aws.mapped("eks", "CreateCluster", self._wire(inputs), self.renames, **self.create_tags(inputs))
        return str(pick(answer, self.created_id))

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state, with EKS's lists converted to Pulumi's blocks."""
        state = super().state(aws, id_, item)
        enabled = [group for group in pick(item, "logging.clusterLogging") or () if group.get("enabled")]
        state.pop("logging", None)
        identity = pick(item, "identity.oidc.issuer")
        return {
            "deletionProtection": False,
            **state,
            "clusterId": item.get("id"),
            "enabledClusterLogTypes": sorted(name for group in enabled for name in group["types"]),
            "encryptionConfig": from_api(pick(item, "encryptionConfig.0")),
            "identities": [{"oidcs": [{"issuer": identity}]}],
        }

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Update each group of settings with its own request, as EKS requires."""
        for group in self.update_groups:
            if changed & set(group):
                some = {key: new[key] for key in group if key in new}
                if "enabledClusterLogTypes" in group:
                    some.setdefault("enabledClusterLogTypes", [])
                aws.mapped("eks", "UpdateClusterConfig", self._logging(some), self.renames, name=id_)
        if "version" in changed and new.get("version"):
            aws.call("eks", "UpdateClusterVersion", name=id_, version=str(new["version"]))
        if "encryptionConfig" in changed and new.get("encryptionConfig"):
            aws.mapped("eks", "AssociateEncryptionConfig", new, clusterName=id_)

    def tag_target(self, aws: Account, id_: str, inputs: Properties) -> str:
        """Return the ARN."""
        return aws.arn("eks", f"cluster/{id_}")

    def _wire(self, inputs: Properties) -> Properties:
        return self._logging({key: value for key, value in inputs.items() if key not in ("tags", "tagsAll")})

    def _logging(self, inputs: Properties) -> Properties:
        if "enabledClusterLogTypes" not in inputs:
            return inputs
        on = list(inputs["enabledClusterLogTypes"] or ())
        groups = [{"types": on, "enabled": True}, {"types": [t for t in LOG_TYPES if t not in on], "enabled": False}]
        rest = {key: value for key, value in inputs.items() if key != "enabledClusterLogTypes"}
        return {**rest, "logging": {"clusterLogging": [group for group in groups if group["types"]]}}


def _part(block: Any, name: str) -> Any:
    """Return a property of a block. It is unknown if the whole block is unknown."""
    return UNKNOWN if block == UNKNOWN else (block or {}).get(name)


class ClusterPart(Resource):
    """A resource in a cluster. Its id is `cluster:name`."""

    service = "eks"
    recorded = RECORDED
    tagging = TAGGING
    key: ClassVar[str]
    """AWS's parameter for the second part of the id."""
    arn_member: ClassVar[str]

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the resource."""
        own = {key: value for key, value in inputs.items() if key != "tags"}
        answer = aws.mapped("eks", self.create_operation, own, self.renames, **self.create_tags(inputs))
        return f"{inputs['clusterName']}:{pick(answer, self.created_id)}"

    def target(self, id_: str) -> dict[str, str]:
        """Return the two parameters that identify the resource."""
        cluster, _, name = id_.partition(":")
        return {"clusterName": cluster, self.key: name}

    def describe(self, aws: Account, id_: str) -> Any:
        """Read the resource by both parts of its id."""
        return pick(aws.call("eks", self.describe_operation, **self.target(id_)), self.found)

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Update the resource."""
        if changed:
            own = {key: value for key, value in new.items() if key not in ("tags", "tagsAll")}
            aws.mapped("eks", self.update_operation, own, self.renames, **self.target(id_))

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the resource."""
        aws.call("eks", self.delete_operation, **self.target(id_))

    def tag_target(self, aws: Account, id_: str, inputs: Properties) -> str:
        """Return the ARN."""
        return str(self.describe(aws, id_)[self.arn_member])


class AccessEntry(ClusterPart):
    """An access entry, which grants a principal access to a cluster. Its id is `cluster:arn`."""

    type = "aws:eks/accessEntry:AccessEntry"
    recorded = "types other than STANDARD; the API server uses entries of this type"
    gone = {"ResourceNotFoundException": ("clusterName", "principalArn")}
    replaces = ("clusterName", "principalArn", "type")
    exclusive = True
    renames = {"userName": "username"}
    defaults = {"type": "STANDARD"}
    create_operation, created_id = "CreateAccessEntry", "accessEntry.principalArn"
    describe_operation, found = "DescribeAccessEntry", "accessEntry"
    update_operation, delete_operation = "UpdateAccessEntry", "DeleteAccessEntry"
    key = "principalArn"
    arn_member = "accessEntryArn"


class AccessPolicyAssociation(ClusterPart):
    """The association of an access policy with a principal. Its id is `cluster#principal#policy`."""

    type = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
    recorded = "policies other than Admin, ClusterAdmin, Edit and View; the API server uses these four"
    gone = {"ResourceNotFoundException": ("clusterName", "principalArn", "policyArn")}
    replaces = ("clusterName", "principalArn", "policyArn", "accessScope")
    exclusive = True
    tagging = None  # type: ignore[assignment]

    def create(self, aws: Account, inputs: Properties) -> str:
        """Associate the policy with the principal."""
        aws.mapped("eks", "AssociateAccessPolicy", inputs)
        return f"{inputs['clusterName']}#{inputs['principalArn']}#{inputs['policyArn']}"

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Find the association in the list of the principal's policies."""
        cluster, principal, policy = id_.split("#")
        answer = aws.call("eks", "ListAssociatedAccessPolicies", clusterName=cluster, principalArn=principal)
        for item in answer["associatedAccessPolicies"]:
            if item["policyArn"] == policy:
                return {**from_api(item), "clusterName": cluster, "principalArn": principal}
        return None

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Disassociate the policy from the principal."""
        cluster, principal, policy = id_.split("#")
        aws.call("eks", "DisassociateAccessPolicy", clusterName=cluster, principalArn=principal, policyArn=policy)


class Addon(ClusterPart):
    """An add-on. Its id is `cluster:name`."""

    type = "aws:eks/addon:Addon"
    gone = {"ResourceNotFoundException": ("clusterName", "addonName")}
    replaces = ("clusterName", "addonName", "namespaceConfig")
    exclusive = True
    create_operation, created_id = "CreateAddon", "addon.addonName"
    describe_operation, found = "DescribeAddon", "addon"
    update_operation, delete_operation = "UpdateAddon", "DeleteAddon"
    key = "addonName"
    arn_member = "addonArn"

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the add-on. EKS has one parameter for conflicts, Pulumi one for creations and one for updates."""
        return super().create(aws, _resolve(inputs, "resolveConflictsOnCreate"))

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Update the add-on, with Pulumi's parameter for conflicts during updates."""
        super().update(aws, id_, old, _resolve(new, "resolveConflictsOnUpdate"), changed)

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state with the ARN as `arn`."""
        return {**super().state(aws, id_, item), "arn": item["addonArn"]}

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the add-on. Keep its software in the cluster if `preserve` is set."""
        aws.call("eks", self.delete_operation, **self.target(id_), preserve=bool(inputs.get("preserve")))


class PodIdentityAssociation(ClusterPart):
    """The IAM role of the pods of a ServiceAccount. Its id is `cluster:association`."""

    recorded = "target roles; their pods get no credentials"
    type = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
    gone = {"ResourceNotFoundException": ("clusterName", "associationId")}
    replaces = ("clusterName", "namespace", "serviceAccount")
    create_operation, created_id = "CreatePodIdentityAssociation", "association.associationId"
    describe_operation, found = "DescribePodIdentityAssociation", "association"
    update_operation, delete_operation = "UpdatePodIdentityAssociation", "DeletePodIdentityAssociation"
    key = "associationId"
    arn_member = "associationArn"


def _resolve(inputs: Properties, occasion: str) -> Properties:
    how = inputs.get(occasion)
    return {**inputs, "resolveConflicts": how} if how else inputs


TYPES: tuple[type[Resource], ...] = (Cluster, AccessEntry, AccessPolicyAssociation, Addon, PodIdentityAssociation)
