"""Steps that need the patches of EKS."""

import re
from typing import Any

from tests.localcloud.aws.moto_patches.steps.common import PLACES, REGION, client, network


def cluster() -> Any:
    _, _, subnets = network()
    eks = client("eks")
    eks.create_cluster(
        name="c",
        roleArn="arn:aws:iam::123456789012:role/eks",
        resourcesVpcConfig={"subnetIds": subnets[:2]},
        accessConfig={"authenticationMode": "API"},
    )
    return eks


def eks_cluster() -> None:
    eks = cluster()
    told = eks.describe_cluster(name="c")["cluster"]
    assert told["endpoint"] == PLACES.kube[0]
    assert told["accessConfig"]["authenticationMode"] == "API"
    assert told["resourcesVpcConfig"]["clusterSecurityGroupId"].startswith("sg-")


def eks_parts() -> None:
    eks = cluster()
    eks.create_addon(clusterName="c", addonName="metrics-server", tags={"a": "1", "b": "2"})
    arn = eks.describe_addon(clusterName="c", addonName="metrics-server")["addon"]["addonArn"]
    own = rf"arn:aws:eks:{REGION}:123456789012"
    uuid = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    assert re.fullmatch(rf"{own}:addon/c/metrics-server/{uuid}", arn)
    role = "arn:aws:iam::123456789012:role/ops/admin"
    entry = eks.create_access_entry(clusterName="c", principalArn=role)["accessEntry"]["accessEntryArn"]
    assert re.fullmatch(rf"{own}:access-entry/c/role/123456789012/admin/{uuid}", entry)
    made = eks.create_pod_identity_association(clusterName="c", namespace="n", serviceAccount="s", roleArn=role)
    told = made["association"]
    assert told["associationArn"] == f"{own}:podidentityassociation/c/{told['associationId']}"
    eks.untag_resource(resourceArn=arn, tagKeys=["a", "b"])
    assert eks.describe_addon(clusterName="c", addonName="metrics-server")["addon"]["tags"] == {}


STEPS = (
    eks_cluster,
    eks_parts,
)
