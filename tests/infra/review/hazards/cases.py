"""Changes of one resource that are a hazard, and similar ones that are none."""

import json
from typing import Any, NamedTuple

from tests.infra.review.built import UNKNOWN, step

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
CASES: dict[str, Case] = {
    # stateful-loss
    "a database is replaced": replaced(INSTANCE, "username", "a", "b", ("stateful-loss", LOST)),
    "a queue is deleted": deleted(QUEUE, {}, ("stateful-loss", "its delete loses the messages")),
    "a queue is deleted from the state only": deleted(QUEUE, {}, retain=True),
    "a database is replaced only if a value differs": replaced(INSTANCE, "kmsKeyId", "a", UNKNOWN),
    "a subnet is replaced": replaced("aws:ec2/subnet:Subnet", "cidrBlock", "10.0.0.0/24", "10.0.1.0/24"),
    "another class of a database": updated(
        INSTANCE, {"instanceClass": "db.m7g.large"}, {"instanceClass": "db.t4g.micro"}
    ),
    "a stateful replacement keeps the old resource": Case(
        step("replace", INSTANCE, "x", old={"username": "a"}, new={"username": "b"}, retain=(True, True)),
        [("stateful-loss", LOST)],
    ),
    "a database is replaced because of what it depends on": Case(
        step("replace", INSTANCE, "x", old={}, new={}), [("stateful-loss", LOST)]
    ),
    "a database is replaced also if a value is not known": Case(
        step(
            "replace",
            INSTANCE,
            "x",
            old={"username": "a", "kmsKeyId": "a", "port": 1},
            new={"username": "b", "kmsKeyId": UNKNOWN, "port": UNKNOWN},
            diff={"username": "update-replace", "kmsKeyId": "update-replace", "port": "update"},
        ),
        [("stateful-loss", LOST)],
    ),
    "a database is replaced only for a value that is not known": Case(
        step(
            "replace",
            INSTANCE,
            "x",
            old={"kmsKeyId": "a", "port": 1},
            new={"kmsKeyId": UNKNOWN, "port": 2},
            diff={"kmsKeyId": "update-replace", "port": "update"},
        ),
        [],
    ),
    "a protected database is deleted": deleted(
        INSTANCE,
        {"deletionProtection": True, "engineVersion": "18"},
        ("stateful-loss", "its delete loses the database"),
    ),
    # provider-replace
    "a provider is replaced": replaced(
        PROVIDER,
        "kubeconfig",
        "a",
        "b",
        ("provider-replace", "its replace concerns all resources that this provider manages"),
    ),
    "a provider is deleted": deleted(
        PROVIDER, {}, ("provider-replace", "its delete concerns all resources that this provider manages")
    ),
    "a provider is updated": updated(PROVIDER, {"kubeconfig": "a"}, {"kubeconfig": "b"}),
    "a provider with an unknown configuration": replaced(PROVIDER, "kubeconfig", "a", UNKNOWN),
    # node-roll
    "another template of a node pool": updated(
        POOL,
        pool(),
        pool(template={"spec": {"expireAfter": "24h"}}),
        ("node-roll", "nodes are replaced because spec.template changes"),
    ),
    "another limit of a node pool": updated(POOL, pool(), pool(limits={"cpu": 16})),
    "another role of a node class": updated(
        CLASS,
        {"spec": {"role": "a"}},
        {"spec": {"role": "b"}},
        ("node-roll", "nodes are replaced because spec changes"),
    ),
    "another label of a node class": updated(
        CLASS, {"metadata": {"labels": {"a": "1"}}, "spec": {}}, {"metadata": {"labels": {"a": "2"}}, "spec": {}}
    ),
    "a node class that is not known": updated(CLASS, {"spec": {"role": "a"}}, {"spec": UNKNOWN}),
    "a node pool is deleted": deleted(POOL, pool(), ("node-roll", "its delete removes the nodes that it stands for")),
    "a node pool is created": created(POOL, pool()),
    "an upgrade of the cluster": updated(
        CLUSTER, {"version": "1.34"}, {"version": "1.35"}, ("node-roll", "nodes are replaced because version changes")
    ),
    "another node role": updated(
        CLUSTER,
        {"computeConfig": {"nodeRoleArn": "a"}},
        {"computeConfig": {"nodeRoleArn": "b"}},
        ("node-roll", "nodes are replaced because computeConfig.nodeRoleArn changes"),
    ),
    "another image of a launch template": updated(
        "aws:ec2/launchTemplate:LaunchTemplate",
        {"imageId": "ami-1"},
        {"imageId": "ami-2"},
        ("node-roll", "nodes are replaced because imageId changes"),
    ),
    "another description of a launch template": updated(
        "aws:ec2/launchTemplate:LaunchTemplate", {"description": "a"}, {"description": "b"}
    ),
    # iam-widening
    "another action": updated(
        POLICY,
        policy("s3:GetObject"),
        policy("s3:GetObject", "s3:PutObject"),
        ("iam-widening", "allows s3:PutObject on arn:aws:s3:::data/*"),
    ),
    "an action that a pattern includes": updated(POLICY, policy("s3:Get*"), policy("s3:GetObject", "S3:getobjectAcl")),
    "a wider pattern": updated(
        POLICY, policy("s3:GetObject"), policy("s3:Get*"), ("iam-widening", "allows s3:Get* on arn:aws:s3:::data/*")
    ),
    "a wider resource": updated(
        POLICY,
        policy("s3:GetObject"),
        policy("s3:GetObject", resource="arn:aws:s3:::*"),
        ("iam-widening", "allows s3:GetObject on arn:aws:s3:::*"),
    ),
    "a narrower resource": updated(
        POLICY, policy("s3:GetObject"), policy("s3:GetObject", resource="arn:aws:s3:::data/a/*")
    ),
    "a condition that goes": updated(
        POLICY,
        policy("s3:GetObject", Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}}),
        policy("s3:GetObject"),
        ("iam-widening", "allows s3:GetObject on arn:aws:s3:::data/*"),
    ),
    "a condition that comes": updated(
        POLICY,
        policy("s3:GetObject"),
        policy("s3:GetObject", Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}}),
    ),
    "a denial that goes": updated(
        POLICY,
        policy("s3:PutObject", effect="Deny"),
        {"policy": json.dumps({"Statement": []})},
        ("iam-widening", "no longer denies s3:PutObject"),
    ),
    "a denial that comes": updated(
        POLICY, {"policy": json.dumps({"Statement": []})}, policy("s3:PutObject", effect="Deny")
    ),
    "a policy that was not known": updated(POLICY, {"policy": UNKNOWN}, policy("s3:*", resource="*")),
    "a policy that is not known yet": updated(POLICY, policy("s3:GetObject"), {"policy": UNKNOWN}),
    "a policy is created": created(
        POLICY, policy("s3:GetObject"), ("iam-widening", "allows s3:GetObject on arn:aws:s3:::data/*")
    ),
    "a policy is deleted": deleted(POLICY, policy("s3:GetObject")),
    "a managed policy is attached": created(
        ATTACHMENT,
        {"policyArn": "arn:aws:iam::aws:policy/X"},
        ("iam-widening", "attaches arn:aws:iam::aws:policy/X"),
    ),
    "a managed policy is detached": deleted(ATTACHMENT, {"policyArn": "arn:aws:iam::aws:policy/X"}),
    "a role that a service takes is created": created(ROLE, trust({"Service": PODS})),
    "a role that an account takes is created": created(
        ROLE,
        trust({"AWS": "arn:aws:iam::1:root"}),
        ("iam-widening", "lets arn:aws:iam::1:root do sts:AssumeRole"),
    ),
    "another service takes a role": updated(
        ROLE,
        trust({"Service": PODS}),
        trust({"Service": [PODS, "ec2.amazonaws.com"]}),
        ("iam-widening", "lets ec2.amazonaws.com do sts:AssumeRole"),
    ),
    "a trust policy with fewer subjects": updated(
        ROLE,
        trust({"Federated": "oidc"}, Condition={"StringLike": {"token:sub": "repo:a/b:*"}}),
        trust({"Federated": "oidc"}, Condition={"StringLike": {"token:sub": "repo:a/b:ref:refs/heads/main"}}),
    ),
    "a trust policy with more subjects": updated(
        ROLE,
        trust({"Federated": "oidc"}, Condition=OIDC),
        trust({"Federated": "oidc"}),
        ("iam-widening", "lets oidc do sts:AssumeRole"),
    ),
    "a permissions boundary goes": updated(
        ROLE,
        {"permissionsBoundary": "arn:aws:iam::1:policy/b"},
        {},
        ("iam-widening", "it has no permissions boundary any more"),
    ),
    "a permissions boundary comes": updated(ROLE, {}, {"permissionsBoundary": "arn:aws:iam::1:policy/b"}),
    "a key that everybody uses": updated(
        KEY, trust({"AWS": "a"}, "policy"), trust("*", "policy"), ("iam-widening", "lets everybody do sts:AssumeRole")
    ),
    "a key that fewer use": updated(KEY, trust("*", "policy"), trust({"AWS": "a"}, "policy")),
    "another role of pods": updated(
        ASSOCIATION,
        {"namespace": "api", "serviceAccount": "server", "roleArn": "arn:a"},
        {"namespace": "api", "serviceAccount": "server", "roleArn": "arn:b"},
        ("iam-widening", "pods of the service account api/server get the role arn:b"),
    ),
    "no role of pods any more": deleted(ASSOCIATION, {"namespace": "api", "serviceAccount": "server", "roleArn": "a"}),
    "another permissions boundary": updated(ROLE, {"permissionsBoundary": "a"}, {"permissionsBoundary": "b"}),
    "a role that a service and an account take is created": created(
        ROLE,
        trust({"Service": PODS, "AWS": "arn:aws:iam::1:root"}),
        ("iam-widening", f"lets arn:aws:iam::1:root do sts:AssumeRole; lets {PODS} do sts:AssumeRole"),
    ),
    "a role for pods": created(
        ASSOCIATION,
        {"namespace": "api", "serviceAccount": "server", "roleArn": "arn:r"},
        ("iam-widening", "pods of the service account api/server get the role arn:r"),
    ),
    "an unknown role for pods": created(
        ASSOCIATION, {"namespace": "api", "serviceAccount": "server", "roleArn": UNKNOWN}
    ),
    "another label of the role of pods": updated(
        ASSOCIATION, {"roleArn": "arn:r", "tags": {}}, {"roleArn": "arn:r", "tags": {"a": "b"}}
    ),
    "access to the cluster": created(
        ACCESS,
        {"policyArn": "arn:admin", "principalArn": "arn:me"},
        ("iam-widening", "attaches arn:admin in the cluster to arn:me"),
    ),
    "no access to the cluster any more": deleted(ACCESS, {"policyArn": "arn:admin", "principalArn": "arn:me"}),
    "a bucket may become public": deleted(
        BLOCK, {"blockPublicAcls": True}, ("iam-widening", "the bucket may be made public")
    ),
    "a bucket may not become public": updated(BLOCK, {"blockPublicAcls": False}, {"blockPublicAcls": True}),
    # network-exposure, by properties
    "the Kubernetes API answers more addresses": updated(
        CLUSTER,
        api("203.0.113.0/24"),
        api("203.0.113.0/24", "198.51.100.7/32"),
        ("network-exposure", "the Kubernetes API answers 198.51.100.7/32"),
    ),
    "the Kubernetes API answers fewer addresses": updated(CLUSTER, api("203.0.113.0/24"), api("203.0.113.7/32")),
    "the Kubernetes API answers the internet": updated(
        CLUSTER,
        api(public=False),
        {"vpcConfig": {}},
        ("network-exposure", "internet reaches kubernetes-api on TCP 443; the Kubernetes API answers 0.0.0.0/0"),
    ),
    "the Kubernetes API answers nobody": updated(CLUSTER, api(public=False), api("203.0.113.0/24", public=False)),
    "an endpoint that is not known yet": updated(CLUSTER, api(public=False), {"vpcConfig": UNKNOWN}),
    "addresses that were not known": updated(
        CLUSTER, {"vpcConfig": {"publicAccessCidrs": UNKNOWN}}, api("203.0.113.0/24")
    ),
    "addresses that are none": updated(CLUSTER, api("203.0.113.0/24"), api("203.0.113.0/24", "everybody")),
    "an endpoint that was not known": updated(CLUSTER, api(public=UNKNOWN), api("0.0.0.0/0")),
    "a database gets a public address": updated(
        INSTANCE, {}, {"publiclyAccessible": True}, ("network-exposure", "it gets a public address")
    ),
    "a database with a public address is created": created(
        INSTANCE, {"publiclyAccessible": True}, ("network-exposure", "it gets a public address")
    ),
    "an internal load balancer is created": created(BALANCER, {"internal": True}),
    "a public load balancer is created": created(BALANCER, {}, ("network-exposure", "it faces the internet")),
    "a Service gets a public load balancer": updated(
        SERVICE,
        {"metadata": {}, "spec": {"type": "LoadBalancer"}},
        {"metadata": {"annotations": {SCHEME: "internet-facing"}}, "spec": {"type": "LoadBalancer"}},
        ("network-exposure", "its load balancer answers everybody"),
    ),
    "a Service of another type is annotated": updated(
        SERVICE,
        {"metadata": {}, "spec": {"type": "ClusterIP"}},
        {"metadata": {"annotations": {SCHEME: "internet-facing"}}, "spec": {"type": "ClusterIP"}},
    ),
    "a database keeps its public address": updated(
        INSTANCE, {"publiclyAccessible": True}, {"publiclyAccessible": True, "port": 5433}
    ),
    "a database may have had a public address": updated(
        INSTANCE, {"publiclyAccessible": UNKNOWN}, {"publiclyAccessible": True}
    ),
    "a load balancer faces the internet": updated(
        BALANCER, {"internal": True}, {"internal": False}, ("network-exposure", "it faces the internet")
    ),
    "a load balancer no longer faces the internet": updated(BALANCER, {"internal": False}, {"internal": True}),
    "a load balancer still faces the internet": updated(BALANCER, {}, {"internal": False}),
    "a load balancer may face the internet": updated(BALANCER, {"internal": True}, {"internal": UNKNOWN}),
    "a rule admits the internet": created(
        RULE, rule("0.0.0.0/0"), ("network-exposure", "its rule admits 0.0.0.0/0 on tcp 443")
    ),
    "a rule admits other public addresses": updated(
        RULE,
        rule("203.0.113.0/24"),
        rule("1.0.0.0/8", 22),
        ("network-exposure", "its rule admits 1.0.0.0/8 on tcp 22"),
    ),
    "a rule admits the internet on another port": updated(
        RULE,
        rule("0.0.0.0/0", 443.0),
        rule("0.0.0.0/0", 22.0),
        ("network-exposure", "its rule admits 0.0.0.0/0 on tcp 22"),
    ),
    "a rule admits the internet on several ports": created(
        RULE,
        {**rule("0.0.0.0/0"), "toPort": 445},
        ("network-exposure", "its rule admits 0.0.0.0/0 on tcp 443-445"),
    ),
    "a rule without ports admits the internet": created(
        RULE,
        {"ipProtocol": "tcp", "cidrIpv4": "0.0.0.0/0"},
        ("network-exposure", "its rule admits 0.0.0.0/0 on all ports"),
    ),
    "a rule admits IPv4 instead of IPv6": updated(
        RULE,
        {"ipProtocol": "-1", "cidrIpv6": "::/0"},
        {"ipProtocol": "-1", "cidrIpv4": "8.8.8.0/24"},
        ("network-exposure", "its rule admits 8.8.8.0/24 on all ports"),
    ),
    "a rule of an address that is none": created(RULE, rule("everybody")),
    "an inline rule that was not known": updated(
        GROUP, {"ingress": UNKNOWN}, {"ingress": [{"protocol": "-1", "cidrBlocks": ["0.0.0.0/0"]}]}
    ),
    "a rule admits fewer addresses": updated(RULE, rule("0.0.0.0/0"), rule("8.8.8.0/24")),
    "a rule admits private addresses": created(RULE, rule("10.0.0.0/8")),
    "a rule for addresses that were not known": updated(RULE, rule(UNKNOWN), rule("0.0.0.0/0")),
    "an inline rule admits the internet": updated(
        GROUP,
        {"ingress": []},
        {"ingress": [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}]},
        ("network-exposure", "its rule admits 0.0.0.0/0 on all ports"),
    ),
    # downgrade
    "an older engine": updated(
        INSTANCE,
        {"engineVersion": "18.1"},
        {"engineVersion": "17.6"},
        ("downgrade", "engineVersion goes down from 18.1 to 17.6"),
    ),
    "a newer engine": updated(INSTANCE, {"engineVersion": "9.6"}, {"engineVersion": "18.1"}),
    "an engine of any minor version": updated(INSTANCE, {"engineVersion": "18.1"}, {"engineVersion": "18"}),
    "an engine that is not set": updated(INSTANCE, {"engineVersion": "18.1"}, {}),
    "an older add-on": updated(
        ADDON,
        {"addonVersion": "v1.19.0-eksbuild.10"},
        {"addonVersion": "v1.19.0-eksbuild.9"},
        ("downgrade", "addonVersion goes down from v1.19.0-eksbuild.10 to v1.19.0-eksbuild.9"),
    ),
    "a newer add-on": updated(ADDON, {"addonVersion": "v1.19.0-eksbuild.9"}, {"addonVersion": "v1.19.0-eksbuild.10"}),
    "an older image": updated(
        DEPLOYMENT,
        template("registry:5000/api:1.10.0"),
        template("registry:5000/api:1.9.3@sha256:aa"),
        ("downgrade", "the image of container server goes down from 1.10.0 to 1.9.3"),
    ),
    "an image of another registry": updated(DEPLOYMENT, template("here:5001/api"), template("here:5000/api")),
    "an image that was not known": updated(DEPLOYMENT, template(UNKNOWN), template("api:1.9.3")),
    "a container whose name is not known": updated(
        DEPLOYMENT, template("api:1.10.0", UNKNOWN), template("api:1.9.3", UNKNOWN)
    ),
    "a deployment is created": created(DEPLOYMENT, template("api:1.10.0")),
    "a deployment is deleted": deleted(DEPLOYMENT, template("api:1.10.0")),
    "an image of another repository": updated(DEPLOYMENT, template("api:1.10.0"), template("other:1.9.3")),
    "an image of another commit": updated(DEPLOYMENT, template("api:9fb3c1a"), template("api:1ab23ff")),
    "fewer replicas": updated(DEPLOYMENT, {"spec": {"replicas": 3}}, {"spec": {"replicas": 2}}),
    # protection-loss
    "deletion protection off": updated(
        INSTANCE,
        {"deletionProtection": True},
        {},
        ("protection-loss", "it is no longer protected from deletion (deletionProtection)"),
    ),
    "deletion protection on": updated(INSTANCE, {"deletionProtection": False}, {"deletionProtection": True}),
    "deletion protection that is not known": updated(
        INSTANCE, {"deletionProtection": True}, {"deletionProtection": UNKNOWN}
    ),
    "the option protect off": Case(
        step("same", QUEUE, "x", old={}, new={}, protect=(True, False)),
        [("protection-loss", "the option protect no longer prevents its deletion")],
    ),
    "the option protect on": Case(step("same", QUEUE, "x", old={}, new={}, protect=(False, True)), []),
    "the option retainOnDelete off": Case(
        step("same", QUEUE, "x", old={}, new={}, retain=(True, False)),
        [("protection-loss", "the option retainOnDelete no longer keeps it in the account")],
    ),
    "the option protect stays off": Case(
        step("update", INSTANCE, "x", old={"port": 1}, new={"port": 2}, protect=(False, False)), []
    ),
    "the option retainOnDelete stays on": Case(
        step("update", INSTANCE, "x", old={"port": 1}, new={"port": 2}, retain=(True, True)), []
    ),
    "deletion protection is set": updated(INSTANCE, {}, {"deletionProtection": False}),
    "automated backups are deleted too": updated(
        INSTANCE,
        {"deleteAutomatedBackups": False},
        {},
        ("protection-loss", "its deletion also deletes its backups (deleteAutomatedBackups)"),
    ),
    "automated backups are deleted as before": updated(INSTANCE, {}, {"deleteAutomatedBackups": True}),
    "days of backups that were not set": updated(INSTANCE, {}, {"backupRetentionPeriod": 7}),
    "no key as before": updated(QUEUE, {}, {"kmsMasterKeyId": ""}),
    "encryption of a queue": updated(QUEUE, {"sqsManagedSseEnabled": False}, {"sqsManagedSseEnabled": True}),
    "logs are kept forever by default": updated(LOGS, {"retentionInDays": 30}, {}),
    "logs are no longer kept forever by default": updated(
        LOGS,
        {},
        {"retentionInDays": 30},
        ("protection-loss", "its events are kept for a shorter time (retentionInDays)"),
    ),
    "a label of another object": updated("kubernetes:core/v1:ConfigMap", level("restricted"), level("baseline")),
    "a namespace is deleted": deleted(NAMESPACE, level("restricted")),
    "no final snapshot": updated(
        INSTANCE,
        {},
        {"skipFinalSnapshot": True},
        ("protection-loss", "its deletion no longer takes a final snapshot (skipFinalSnapshot)"),
    ),
    "fewer days of backups": updated(
        INSTANCE,
        {"backupRetentionPeriod": 14},
        {"backupRetentionPeriod": 7},
        ("protection-loss", "its backups are kept for a shorter time (backupRetentionPeriod)"),
    ),
    "more days of backups": updated(INSTANCE, {"backupRetentionPeriod": 7}, {"backupRetentionPeriod": 14}),
    "days of backups that are not set": updated(INSTANCE, {"backupRetentionPeriod": 7}, {}),
    "no standby": updated(
        INSTANCE,
        {"multiAz": True},
        {"multiAz": False},
        ("protection-loss", "it has no standby in another zone any more (multiAz)"),
    ),
    "no key of its own": updated(
        QUEUE,
        {"kmsMasterKeyId": "k"},
        {},
        ("protection-loss", "it is no longer encrypted with a key of its own (kmsMasterKeyId)"),
    ),
    "another key": updated(QUEUE, {"kmsMasterKeyId": "k"}, {"kmsMasterKeyId": "l"}),
    "no encryption of a queue": updated(
        QUEUE,
        {},
        {"sqsManagedSseEnabled": False},
        ("protection-loss", "its data is no longer encrypted (sqsManagedSseEnabled)"),
    ),
    "fewer days of logs": updated(
        LOGS,
        {"retentionInDays": 30},
        {"retentionInDays": 7},
        ("protection-loss", "its events are kept for a shorter time (retentionInDays)"),
    ),
    "logs are no longer kept forever": updated(
        LOGS,
        {"retentionInDays": 0},
        {"retentionInDays": 365},
        ("protection-loss", "its events are kept for a shorter time (retentionInDays)"),
    ),
    "logs are kept forever": updated(LOGS, {"retentionInDays": 30}, {"retentionInDays": 0}),
    "versioning suspended": updated(
        VERSIONING,
        {"versioningConfiguration": {"status": "Enabled"}},
        {"versioningConfiguration": {"status": "Suspended"}},
        ("protection-loss", "older versions of its objects are no longer kept (versioningConfiguration.status)"),
    ),
    "versioning enabled": updated(
        VERSIONING,
        {"versioningConfiguration": {"status": "Suspended"}},
        {"versioningConfiguration": {"status": "Enabled"}},
    ),
    "versioning deleted": deleted(
        VERSIONING, {"bucket": "b"}, ("protection-loss", "older versions of the bucket's objects are no longer kept")
    ),
    "versioning was suspended": updated(
        VERSIONING,
        {"versioningConfiguration": {"status": "Suspended"}},
        {"versioningConfiguration": {"status": "Disabled"}},
    ),
    "tags that no longer move": updated(
        REPOSITORY, {"imageTagMutability": "MUTABLE"}, {"imageTagMutability": "IMMUTABLE"}
    ),
    "tags that may move": updated(
        REPOSITORY,
        {"imageTagMutability": "IMMUTABLE"},
        {"imageTagMutability": "MUTABLE"},
        ("protection-loss", "its tags may be moved to other images (imageTagMutability)"),
    ),
    "a trail is deleted": deleted(TRAIL, {}, ("protection-loss", "calls of the account are no longer recorded by it")),
    "a lower level of Pod Security": updated(
        NAMESPACE,
        level("restricted"),
        level("baseline"),
        ("protection-loss", "admits pods at the baseline level"),
    ),
    "a higher level of Pod Security": updated(NAMESPACE, level("baseline"), level("restricted")),
    "a namespace without a level is created": created(NAMESPACE, {"metadata": {}}),
}
