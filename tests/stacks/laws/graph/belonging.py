"""References are consistent: addresses, regions, versions, and the objects that pods name."""

import json
from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import combinations

from tests.stacks.laws.graph.law import Break
from tests.support.edits import put
from tests.support.services import Service, services_of
from tests.support.worlds import World

VPC, SUBNET, CLUSTER = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:eks/cluster:Cluster"
PODS = ("kubernetes:apps/v1:Deployment", "kubernetes:batch/v1:Job")


def addresses_have_one_owner(world: World) -> Iterator[str]:
    """Subnets are in their VPC, and the addresses of subnets, VPC, peers and Services do not overlap."""
    owners = {each.name: IPv4Network(each.inputs["cidrBlock"]) for each in world.all(SUBNET)}
    (vpc,) = (IPv4Network(each.inputs["cidrBlock"]) for each in world.all(VPC))
    for name, block in owners.items():
        if not block.subnet_of(vpc):
            yield f"{name}: {block} is not in the VPC, which has {vpc}"
    networks = {
        **{str(cidr): cidr for cidr in world.settings.network.peer_cidrs},
        "the VPC": vpc,
        "Services": IPv4Network(world.only(CLUSTER).inputs["kubernetesNetworkConfig"]["serviceIpv4Cidr"]),
    }
    for group in (owners, networks):
        for (one, block), (other, another) in combinations(group.items(), 2):
            if block.overlaps(another):
                yield f"{one}: {block} has addresses of {other}, {another}"


def everything_is_in_one_region(world: World) -> Iterator[str]:
    """Zones, endpoints, the settings of the services and the kubeconfig's command have the provider's region."""
    region = world.only("pulumi:providers:aws").inputs["region"]
    found = {each.name: each.inputs["availabilityZone"][:-1] for each in world.all(SUBNET)}
    for endpoint in world.all("aws:ec2/vpcEndpoint:VpcEndpoint"):
        found[endpoint.name] = endpoint.inputs["serviceName"].split(".")[2]
    for service in services_of(world):
        found[f"{service.workload}-config"] = service.config(world)["AWS_REGION"]
    for user in json.loads(world.only("pulumi:providers:kubernetes").inputs["kubeconfig"])["users"]:
        arguments = user["user"].get("exec", {}).get("args", [])
        found["kubeconfig"] = arguments[arguments.index("--region") + 1] if "--region" in arguments else region
    yield from (f"{name}: is in {other}, not in {region}" for name, other in found.items() if other != region)


def parameters_are_for_the_engine(world: World) -> Iterator[str]:
    """RDS refuses a parameter group of another major version."""
    for instance in world.all("aws:rds/instance:Instance"):
        family = world.owner(instance.inputs["parameterGroupName"]).inputs["family"]
        wanted = f"{instance.inputs['engine']}{instance.inputs['engineVersion'].partition('.')[0]}"
        if family != wanted:
            yield f"{instance.name}: is {wanted}, and its parameters are for {family}"


def _built(world: World, service: Service) -> str:
    """Return the repository that the image of a service is pushed to."""
    image = world.only("docker-build:index:Image", f"{service.image}-image")
    return str(image.inputs["tags"][0].rpartition(":")[0])


def what_a_pod_names_is_there(world: World) -> Iterator[str]:
    """ConfigMaps, secrets and ServiceAccount of a pod exist in its namespace, and it runs the image of its service."""
    there = {
        (each.inputs["kind"], each.inputs["metadata"]["namespace"], each.inputs["metadata"]["name"])
        for each in world.recording.resources.values()
        if each.type.startswith("kubernetes:") and "namespace" in each.inputs.get("metadata", {})
    }
    for service, resource in (
        (each, pods) for each in services_of(world) for type_ in PODS for pods in each.all(world, type_)
    ):
        image = service.digest or f"{_built(world, service)}@sha256:"
        pod, namespace = resource.inputs["spec"]["template"]["spec"], resource.inputs["metadata"]["namespace"]
        named = [("ServiceAccount", pod["serviceAccountName"])]
        named += [("ConfigMap", each["configMap"]["name"]) for each in pod["volumes"] if "configMap" in each]
        mounted = [each["csi"]["volumeAttributes"] for each in pod["volumes"] if "csi" in each]
        named += [("SecretProviderClass", each["secretProviderClass"]) for each in mounted]
        for container in pod["containers"]:
            named += [("ConfigMap", each["configMapRef"]["name"]) for each in container["envFrom"]]
            if not container["image"].startswith(image):
                yield f"{resource.name}: runs {container['image']}, and the image of {service.app} is {image}"
        for kind, name in named:
            if (kind, namespace, name) not in there:
                yield f"{resource.name}: there is no {kind} {name} in {namespace}"


LAWS = [
    addresses_have_one_owner,
    everything_is_in_one_region,
    parameters_are_for_the_engine,
    what_a_pod_names_is_there,
]

_POD = ("spec", "template", "spec")
_SERVER = "Deployment:workload-deployment"
_SERVICES = ("Cluster:cluster-eks", "kubernetesNetworkConfig", "serviceIpv4Cidr")
BREAKS = [
    Break(name=says, edit=edit, law=law, says=says)
    for law, edit, says in [
        (
            addresses_have_one_owner,
            put("Subnet:network-private-a", "cidrBlock", value="10.31.0.0/20"),
            "network-private-a: 10.31.0.0/20 is not in the VPC",
        ),
        (
            addresses_have_one_owner,
            put("Subnet:network-database-a", "cidrBlock", value="10.30.16.0/22"),
            "10.30.16.0/22 has addresses of network-public-a",
        ),
        (addresses_have_one_owner, put(*_SERVICES, value="10.16.0.0/12"), "has addresses of Services"),
        (
            everything_is_in_one_region,
            put("Subnet:network-public-c", "availabilityZone", value="eu-west-1c"),
            "network-public-c: is in eu-west-1",
        ),
        (
            everything_is_in_one_region,
            put("VpcEndpoint:network-sqs", "serviceName", value="com.amazonaws.us-east-1.sqs"),
            "network-sqs: is in us-east-1",
        ),
        (
            everything_is_in_one_region,
            put("ConfigMap:workload-config", "data", "AWS_REGION", value="eu-central-2"),
            "workload-config: is in eu-central-2",
        ),
        (
            parameters_are_for_the_engine,
            put("ParameterGroup:database-parameters", "family", value="postgres17"),
            "is postgres18, and its parameters are for postgres17",
        ),
        (
            what_a_pod_names_is_there,
            put(_SERVER, *_POD, "serviceAccountName", value="default"),
            "workload-deployment: there is no ServiceAccount default in drydock",
        ),
        (
            what_a_pod_names_is_there,
            put(_SERVER, *_POD, "containers", 0, "envFrom", 0, "configMapRef", "name", value="api-config"),
            "workload-deployment: there is no ConfigMap api-config",
        ),
        (what_a_pod_names_is_there, put(_SERVER, *_POD, "containers", 0, "image", value="nginx:1"), "runs nginx:1"),
    ]
]
