"""EKS clusters return the local API server, and settings that moto drops: Auto Mode, access, deletion protection.

The settings are recorded, not emulated. The patch also creates and deletes the security group of a cluster, like EKS.

Upstream in 2026-11: not reported.
"""

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.eks import models, responses, urls
from moto.moto_api._internal import mock_random

from localcloud.aws.moto_patches.eks_parts import in_use, parts, requested_cluster
from localcloud.aws.moto_patches.patch import Changes, Patch

CLUSTER_MEMBERS = (
    "accessConfig",
    "computeConfig",
    "storageConfig",
    "upgradePolicy",
    "zonalShiftConfig",
    "deletionProtection",
)


def apply(changes: Changes) -> None:
    """Patch moto, so that every cluster returns the local API server and all its settings."""
    endpoint, certificate_authority = changes.places.kube

    def create_cluster(self: Any) -> ActionResult:
        result = create(self)
        cluster = self.eks_backend.clusters[self._get_param("name")]
        cluster.endpoint = endpoint
        cluster.certificate_authority = {"data": certificate_authority}
        network = {"serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4"}
        cluster.kubernetes_network_config = {**network, **(self._get_param("kubernetesNetworkConfig") or {})}
        for member in CLUSTER_MEMBERS:
            setattr(cluster, member, self._get_param(member))
        _add_security_group(self, cluster)
        return result

    def update_cluster_config(self: Any) -> ActionResult:
        cluster = self.eks_backend.describe_cluster(requested_cluster(self))
        vpc, network = cluster.resources_vpc_config, cluster.kubernetes_network_config
        update(self)
        cluster.resources_vpc_config = {**vpc, **(self._get_param("resourcesVpcConfig") or {})}
        cluster.kubernetes_network_config = {**network, **(self._get_param("kubernetesNetworkConfig") or {})}
        for member in CLUSTER_MEMBERS:
            if self._get_param(member) is not None:
                setattr(cluster, member, self._get_param(member))
        return ActionResult({"update": {"id": str(mock_random.uuid4()), "status": "Successful"}})

    def delete_cluster(self: Any, name: str) -> Any:
        cluster = self.describe_cluster(name)
        if getattr(cluster, "deletionProtection", False):
            raise in_use(name, f"cluster {name} has deletion protection: switch it off first")
        for key in [key for key in parts(self) if key[0] == name]:
            del parts(self)[key]
        result = delete(self, name)
        group = cluster.resources_vpc_config.get("clusterSecurityGroupId")
        if group:
            ec2_backends[self.account_id][self.region_name].delete_security_group(group_id=group)
        return result

    response = responses.EKSResponse
    create = changes.put(response, "create_cluster", create_cluster)
    update = changes.put(response, "update_cluster_config", update_cluster_config)
    delete = changes.put(models.EKSBackend, "delete_cluster", delete_cluster)
    changes.put(response, "update_cluster_version", update_cluster_version)
    changes.put(response, "associate_encryption_config", associate_encryption_config)
    for name in ("updates", "encryption-config/associate"):
        changes.put_item(urls.url_paths, f"{{0}}/clusters/(?P<name>[^/]+)/{name}$", urls.response.dispatch)


def update_cluster_version(self: Any) -> ActionResult:
    """Implement UpdateClusterVersion."""
    cluster = self.eks_backend.describe_cluster(requested_cluster(self))
    cluster.version = self._get_param("version")
    return ActionResult({"update": {"id": str(mock_random.uuid4()), "status": "Successful", "type": "VersionUpdate"}})


def associate_encryption_config(self: Any) -> ActionResult:
    """Implement AssociateEncryptionConfig."""
    cluster = self.eks_backend.describe_cluster(requested_cluster(self))
    cluster.encryption_config = self._get_param("encryptionConfig")
    return ActionResult({"update": {"id": str(mock_random.uuid4()), "status": "Successful"}})


def _add_security_group(self: Any, cluster: Any) -> None:
    """Create the security group that the control plane and the nodes share, like EKS, with the tags that EKS gives it.

    Tags of the cluster are not among them: https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html.
    """
    ec2 = ec2_backends[self.current_account][self.region]
    subnets = cluster.resources_vpc_config.get("subnetIds") or []
    vpc_id = ec2.get_subnet(subnets[0]).vpc_id if subnets else ec2.default_vpc.id
    name = f"eks-cluster-sg-{cluster.name}-{mock_random.get_random_hex(8)}"
    tags = {f"kubernetes.io/cluster/{cluster.name}": "owned", "aws:eks:cluster-name": cluster.name, "Name": name}
    group = ec2.create_security_group(name, "EKS created security group", vpc_id=vpc_id, tags=tags)
    extra = {"vpcId": vpc_id, "clusterSecurityGroupId": group.id}
    cluster.resources_vpc_config = {**dict(cluster.resources_vpc_config), **extra}


PATCH = Patch(name="eks_cluster", apply=apply)
