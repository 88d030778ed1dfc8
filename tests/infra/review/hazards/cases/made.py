"""Steps of the engine with the hazards that they have, and inputs for them."""

import json
from typing import Any, NamedTuple

from tests.infra.review.built import step

INSTANCE, QUEUE, KEY = "aws:rds/instance:Instance", "aws:sqs/queue:Queue", "aws:kms/key:Key"
CLUSTER, ROLE, POLICY = "aws:eks/cluster:Cluster", "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"
POOL, CLASS = "kubernetes:karpenter.sh/v1:NodePool", "kubernetes:eks.amazonaws.com/v1:NodeClass"
PROVIDER = "pulumi:providers:kubernetes"
DEPLOYMENT, NAMESPACE = "kubernetes:apps/v1:Deployment", "kubernetes:core/v1:Namespace"
LOGS, VERSIONING = "aws:cloudwatch/logGroup:LogGroup", "aws:s3/bucketVersioning:BucketVersioning"
REPOSITORY, TRAIL = "aws:ecr/repository:Repository", "aws:cloudtrail/trail:Trail"
BALANCER, RULE = "aws:lb/loadBalancer:LoadBalancer", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
ACCESS = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
BLOCK, BUCKET_POLICY = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "aws:s3/bucketPolicy:BucketPolicy"
SERVICE, SCHEME = "kubernetes:core/v1:Service", "service.beta.kubernetes.io/aws-load-balancer-scheme"
ATTACHMENTS, ENTRY = "aws:iam/policyAttachment:PolicyAttachment", "aws:eks/accessEntry:AccessEntry"
SWITCHES = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
ADDON = "aws:eks/addon:Addon"


class Case(NamedTuple):
    """A step of the engine with the hazards that it has."""

    event: Any
    expected: list[tuple[str, str]]
    """Kind and sentence."""


def updated(type_: str, old: dict[str, Any], new: dict[str, Any], *expected: tuple[str, str]) -> Case:
    """Return an update in place."""
    return Case(step("update", type_, "x", old=old, new=new), list(expected))


def created(type_: str, new: dict[str, Any], *expected: tuple[str, str]) -> Case:
    """Return a creation."""
    return Case(step("create", type_, "x", new=new), list(expected))


def deleted(type_: str, old: dict[str, Any], *expected: tuple[str, str], retain: bool = False) -> Case:
    """Return a deletion."""
    return Case(step("delete", type_, "x", old=old, retain=(retain, retain)), list(expected))


def replaced(type_: str, path: str, old: Any, new: Any, *expected: tuple[str, str]) -> Case:
    """Return a replacement that a property forces."""
    event = step("replace", type_, "x", old={path: old}, new={path: new}, diff={path: "update-replace"}, keys=[path])
    return Case(event, list(expected))


def replaced_by(type_: str, old: dict[str, Any], new: dict[str, Any], *expected: tuple[str, str]) -> Case:
    """Return a replacement that each property that differs forces."""
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    event = step("replace", type_, "x", old=old, new=new, diff=dict.fromkeys(keys, "update-replace"), keys=keys)
    return Case(event, list(expected))


def access(*namespaces: str) -> dict[str, Any]:
    """Return the inputs of an association of a policy of the cluster, for some namespaces or for all."""
    kind = "namespace" if namespaces else "cluster"
    scope = {"type": kind, **({"namespaces": list(namespaces)} if namespaces else {})}
    return {"policyArn": "arn:view", "principalArn": "arn:me", "accessScope": scope}


def policy(*actions: str, resource: str = "arn:aws:s3:::data/*", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    """Return the inputs of a policy with one statement."""
    return {"policy": json.dumps({"Statement": [{"Effect": effect, "Action": actions, "Resource": resource, **more}]})}


def trust(principal: object, key: str = "assumeRolePolicy", **more: Any) -> dict[str, Any]:
    """Return the inputs of a role or a resource with a policy that names a principal."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, **more}
    return {key: json.dumps({"Statement": [statement]})}


def template(image: str, name: str = "server") -> dict[str, Any]:
    """Return the inputs of a Deployment."""
    return {"spec": {"template": {"spec": {"containers": [{"name": name, "image": image}]}}}}


def pool(**more: Any) -> dict[str, Any]:
    """Return the inputs of a NodePool."""
    return {"spec": {"limits": {"cpu": 8}, "template": {"spec": {"expireAfter": "336h"}}, **more}}


def level(name: str) -> dict[str, Any]:
    """Return the inputs of a namespace with a level of Pod Security."""
    return {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": name}}}


def rule(cidr: Any, port: int = 443) -> dict[str, Any]:
    """Return the inputs of an ingress rule."""
    return {"ipProtocol": "tcp", "fromPort": port, "toPort": port, "cidrIpv4": cidr}


def api(*cidrs: str, public: Any = True) -> dict[str, Any]:
    """Return the inputs of a cluster."""
    return {"vpcConfig": {"endpointPublicAccess": public, "publicAccessCidrs": list(cidrs)}}


PODS = "pods.eks.amazonaws.com"
OIDC = {"StringEquals": {"token:sub": "repo:a/b:ref:refs/heads/main"}}
LOST = "its replace loses the database"
