"""Rules across services: connected resources must be in the same VPC."""

from collections.abc import Iterable, Iterator
from typing import Any

from localcloud.aws.judge.refusal import Path, RefusedError
from localcloud.aws.judge.rules.ec2_network import ERRORS
from localcloud.aws.judge.rules.eks_state import cluster, invalid, part
from localcloud.aws.judge.rules.rds_state import instance
from localcloud.aws.judge.rules.rule import Ask, Parameters, StateRules, filtered, lookup, one

_RDS_GROUPS = "https://github.com/terraform-aws-modules/terraform-aws-rds/issues/451"
_EKS_GROUPS = "https://github.com/pulumi/pulumi-eks/issues/517"
_DIFFERENT = "You have specified two resources that belong to different networks."


def _network_of_group(ask: Ask, id_: Any) -> str:
    """Return the VPC of a security group, or "" if the group does not exist."""
    return str(one(ask, "DescribeSecurityGroups", "SecurityGroups", GroupIds=[str(id_)]).get("VpcId", ""))


def _network_of_subnet(ask: Ask, id_: Any) -> str:
    """Return the VPC of a subnet, or "" if the subnet does not exist."""
    return str(one(ask, "DescribeSubnets", "Subnets", SubnetIds=[str(id_)]).get("VpcId", ""))


def _endpoint(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse subnets, security groups and route tables that are not in the VPC of the endpoint."""
    id_, network = parameters.get("VpcEndpointId"), parameters.get("VpcId")
    if id_:
        network = one(ask, "DescribeVpcEndpoints", "VpcEndpoints", VpcEndpointIds=[id_]).get("VpcId")
    for word, ending, find in (
        ("Subnet", "SubnetIds", _network_of_subnet),
        ("Security group", "SecurityGroupIds", _network_of_group),
        ("Route table", "RouteTableIds", _network_of_table),
    ):
        for name in (ending, f"Add{ending}"):
            for index, member in enumerate(parameters.get(name) or ()):
                there = find(ask, member)
                if there and network and there != network:
                    words = f"{word} {member} and VPC {network} belong to different networks."
                    yield RefusedError("InvalidParameter", words, path=(name, index), value=member, source=ERRORS)


def _network_of_table(ask: Ask, id_: Any) -> str:
    """Return the VPC of a route table, or "" if the table does not exist."""
    return str(one(ask, "DescribeRouteTables", "RouteTables", RouteTableIds=[str(id_)]).get("VpcId", ""))


def _permissions(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a rule with a source group in another VPC, or with a group or prefix list that does not exist."""
    network = _network_of_group(ask, parameters.get("GroupId"))
    for index, permission in enumerate(parameters.get("IpPermissions") or ()):
        at: Path = ("IpPermissions", index)
        pairs, lists = (permission.get(name) or () for name in ("UserIdGroupPairs", "PrefixListIds"))
        for place, pair in enumerate(pairs):
            yield from _source_group(ask, network, pair.get("GroupId"), (*at, "UserIdGroupPairs", place, "GroupId"))
        for place, each in enumerate(lists):
            yield from _prefix_list(ask, each.get("PrefixListId"), (*at, "PrefixListIds", place, "PrefixListId"))


def _changed_rules(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a change of a rule to a source group in another VPC, or to a missing group or prefix list."""
    network = _network_of_group(ask, parameters.get("GroupId"))
    for index, each in enumerate(parameters.get("SecurityGroupRules") or ()):
        rule, at = each.get("SecurityGroupRule") or {}, ("SecurityGroupRules", index, "SecurityGroupRule")
        yield from _source_group(ask, network, rule.get("ReferencedGroupId"), (*at, "ReferencedGroupId"))
        yield from _prefix_list(ask, rule.get("PrefixListId"), (*at, "PrefixListId"))


def _source_group(ask: Ask, network: str, id_: Any, path: Path) -> Iterator[RefusedError]:
    there = _network_of_group(ask, id_) if id_ else network
    if not there:
        words = f"The security group '{id_}' does not exist"
        yield RefusedError("InvalidGroup.NotFound", words, path=path, value=id_, source=ERRORS)
    elif network and there != network:
        source = "https://github.com/ansible/ansible/issues/45782"
        yield RefusedError("InvalidGroup.NotFound", _DIFFERENT, path=path, value=id_, source=source)


def _prefix_list(ask: Ask, id_: Any, path: Path) -> Iterator[RefusedError]:
    if not id_:
        return
    listed = filtered(ask, "DescribeManagedPrefixLists", "PrefixLists", "prefix-list-id", id_)
    if all(each.get("PrefixListId") != id_ for each in listed):
        yield RefusedError(
            "InvalidPrefixListID.NotFound",
            f"The prefix list ID '{id_}' does not exist",
            path=path,
            value=id_,
            source="https://github.com/aws-cloudformation/rain/issues/308",
        )


def _database(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse security groups that do not exist or are not in the VPC of the instance.

    Without a subnet group the instance is in the default VPC.
    """
    groups = parameters.get("VpcSecurityGroupIds") or ()
    network = _network_of_database(parameters, ask) if groups else ""
    for index, id_ in enumerate(groups):
        path, there = ("VpcSecurityGroupIds", index), _network_of_group(ask, id_)
        if not there:
            words = f"Invalid security group , groupId= {id_}, groupName=."
            source = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.RDSSecurityGroups.html"
            yield RefusedError("InvalidParameterValue", words, path=path, value=id_, source=source)
        elif network and there != network:
            words = (
                "The DB instance and EC2 security group are in different VPCs. The DB instance is in "
                f"{network} and the EC2 security group is in {there}"
            )
            yield RefusedError("InvalidParameterCombination", words, path=path, value=id_, source=_RDS_GROUPS)


def _network_of_database(parameters: Parameters, ask: Ask) -> str:
    name = parameters.get("DBSubnetGroupName")
    if not name:
        found = instance(ask, str(parameters["DBInstanceIdentifier"]))
        name = (found.get("DBSubnetGroup") or {}).get("DBSubnetGroupName")
    if name:
        groups = lookup(ask, "rds", "DescribeDBSubnetGroups", DBSubnetGroupName=str(name)).get("DBSubnetGroups")
        return str(groups[0]["VpcId"]) if groups else ""
    default = filtered(ask, "DescribeVpcs", "Vpcs", "is-default", "true")
    return str(default[0]["VpcId"]) if default else ""


def _subnet_group(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse subnets that do not exist, or that are in several VPCs."""
    ids = [str(id_) for id_ in parameters.get("SubnetIds") or ()]
    there = {id_: _network_of_subnet(ask, id_) for id_ in ids}
    for index, id_ in enumerate(ids):
        if not there[id_]:
            words = f"The requested subnet {id_} is invalid."
            yield _invalid_subnet(words, ("SubnetIds", index), id_)
    if len(set(there.values())) > 1:
        yield _invalid_subnet("The subnets requested are not all in a common VPC.", ("SubnetIds",), ids)


def _invalid_subnet(words: str, path: Path, value: Any) -> RefusedError:
    return RefusedError("InvalidSubnet", words, path=path, value=value, source="botocore rds InvalidSubnet")


def _subnet_group_moved(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    name, ids = str(parameters["DBSubnetGroupName"]), parameters.get("SubnetIds") or ()
    groups = lookup(ask, "rds", "DescribeDBSubnetGroups", DBSubnetGroupName=name).get("DBSubnetGroups")
    if groups and any(_network_of_subnet(ask, id_) not in ("", groups[0]["VpcId"]) for id_ in ids):
        yield RefusedError(
            "InvalidParameterValue",
            "The new Subnets are not in the same Vpc as the existing subnet group",
            path=("SubnetIds",),
            value=list(ids),
            source="https://github.com/hashicorp/terraform-provider-aws/issues/27459",
        )


def _cluster(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse subnets and security groups that are not all in the same VPC."""
    subnets = part(parameters, "resourcesVpcConfig", "subnetIds") or ()
    there = [_network_of_subnet(ask, id_) for id_ in subnets]
    network = there[0] if there else _network_of_cluster(parameters, ask)
    for index, found in enumerate(there):
        if found not in ("", network):
            path: Path = ("resourcesVpcConfig", "subnetIds", index)
            source = "https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html"
            yield invalid(path, subnets[index], f"Specified subnets must belong to cluster's vpc {network}", source)
    groups = part(parameters, "resourcesVpcConfig", "securityGroupIds") or ()
    outside = [id_ for id_ in groups if network and _network_of_group(ask, id_) != network]
    if outside:
        path = ("resourcesVpcConfig", "securityGroupIds", list(groups).index(outside[0]))
        yield invalid(path, outside[0], _outside(outside, network), _EKS_GROUPS)


def _network_of_cluster(parameters: Parameters, ask: Ask) -> str:
    found = cluster(ask, parameters["name"])
    return str((found.get("resourcesVpcConfig") or {}).get("vpcId") or "")


def _outside(groups: Iterable[str], network: str) -> str:
    return (
        f"Security group(s) [{', '.join(groups)}] are not in the same VPC as the subnets. Please specify a security "
        f"group that is associated with the VPC: {network}."
    )


STATE_RULES: StateRules = {
    ("ec2", "CreateVpcEndpoint"): (_endpoint,),
    ("ec2", "ModifyVpcEndpoint"): (_endpoint,),
    ("ec2", "AuthorizeSecurityGroupIngress"): (_permissions,),
    ("ec2", "AuthorizeSecurityGroupEgress"): (_permissions,),
    ("ec2", "ModifySecurityGroupRules"): (_changed_rules,),
    ("rds", "CreateDBInstance"): (_database,),
    ("rds", "ModifyDBInstance"): (_database,),
    ("rds", "CreateDBSubnetGroup"): (_subnet_group,),
    ("rds", "ModifyDBSubnetGroup"): (_subnet_group, _subnet_group_moved),
    ("eks", "CreateCluster"): (_cluster,),
    ("eks", "UpdateClusterConfig"): (_cluster,),
}
