"""Permissions that are wider."""

import json
from typing import Any

from tests.infra.review.built import UNKNOWN
from tests.infra.review.hazards.cases.made import (
    ACCESS,
    ASSOCIATION,
    ATTACHMENT,
    ATTACHMENTS,
    BLOCK,
    ENTRY,
    KEY,
    OIDC,
    PODS,
    POLICY,
    ROLE,
    SWITCHES,
    Case,
    access,
    created,
    deleted,
    policy,
    replaced_by,
    trust,
    updated,
)

RBAC = "kubernetes:rbac.authorization.k8s.io/v1:"
CLUSTER_ROLE, BINDING = f"{RBAC}ClusterRole", f"{RBAC}RoleBinding"
ACL, FUNCTION, GRANT = "aws:s3/bucketAcl:BucketAcl", "aws:lambda/permission:Permission", "aws:kms/grant:Grant"


def rules(*verbs: str, resources: tuple[str, ...] = ("pods",), **more: Any) -> dict[str, Any]:
    """Return the inputs of a role of Kubernetes with one rule."""
    return {"rules": [{"verbs": list(verbs), "apiGroups": [""], "resources": list(resources), **more}]}


def urls(verb: str, *found: str) -> dict[str, Any]:
    """Return the inputs of a role of Kubernetes for URLs."""
    return {"rules": [{"verbs": [verb], "nonResourceURLs": list(found)}]}


def binding(*accounts: str, role: str = "reader") -> dict[str, Any]:
    """Return the inputs of a binding of a role to service accounts."""
    subjects = [{"kind": "ServiceAccount", "namespace": "api", "name": each} for each in accounts]
    return {"roleRef": {"kind": "Role", "name": role}, "subjects": subjects}


CASES: dict[str, Case] = {
    "another verb of a role": updated(
        CLUSTER_ROLE, rules("get"), rules("get", "list"), ("iam-widening", "allows list on pods")
    ),
    "another resource of a role": updated(
        CLUSTER_ROLE,
        rules("get"),
        rules("get", resources=("pods", "pods/exec")),
        ("iam-widening", "allows get on pods/exec"),
    ),
    "another API group of a role": updated(
        CLUSTER_ROLE, rules("get"), rules("get", apiGroups=["", "apps"]), ("iam-widening", "allows get on pods.apps")
    ),
    "all objects instead of one": updated(
        CLUSTER_ROLE, rules("get", resourceNames=["a"]), rules("get"), ("iam-widening", "allows get on pods")
    ),
    "another object": updated(
        CLUSTER_ROLE,
        rules("get", resourceNames=["a"]),
        rules("get", resourceNames=["a", "b"]),
        ("iam-widening", "allows get on pods b"),
    ),
    "what the wildcards of a role include": updated(
        CLUSTER_ROLE,
        rules("*", resources=("*",), apiGroups=["*"]),
        rules("get", resources=("pods", "deployments/scale"), apiGroups=["apps"], resourceNames=["a"]),
    ),
    "a subresource of all resources": updated(
        CLUSTER_ROLE, rules("get", resources=("*/scale",)), rules("get", resources=("deployments/scale",))
    ),
    "a resource is no part of its subresource": updated(
        CLUSTER_ROLE,
        rules("get", resources=("*/scale",)),
        rules("get", resources=("deployments",)),
        ("iam-widening", "allows get on deployments"),
    ),
    "the rules of a role in another order": updated(
        CLUSTER_ROLE,
        {"rules": [*rules("get")["rules"], *urls("get", "/metrics")["rules"]]},
        {"rules": [*urls("get", "/metrics")["rules"], *rules("get")["rules"]]},
    ),
    "a role allows another URL": updated(
        CLUSTER_ROLE, urls("get", "/healthz"), urls("get", "/healthz/*"), ("iam-widening", "allows get on /healthz/*")
    ),
    "a URL that a pattern includes": updated(CLUSTER_ROLE, urls("*", "/healthz/*"), urls("get", "/healthz/a")),
    "a URL is no resource": updated(
        CLUSTER_ROLE, urls("get", "*"), rules("get"), ("iam-widening", "allows get on pods")
    ),
    "rules that were not known": updated(CLUSTER_ROLE, {"rules": UNKNOWN}, rules("get")),
    "a role of Kubernetes is created": created(CLUSTER_ROLE, rules("get"), ("iam-widening", "allows get on pods")),
    "a role of Kubernetes is deleted": deleted(CLUSTER_ROLE, rules("get")),
    "another subject of a binding": updated(
        BINDING,
        binding("server"),
        binding("server", "worker"),
        ("iam-widening", "binds Role reader to ServiceAccount api/worker"),
    ),
    "a subject less": updated(BINDING, binding("server", "worker"), binding("server")),
    "a binding to another role": replaced_by(
        BINDING,
        binding("server"),
        binding("server", role="writer"),
        ("iam-widening", "binds Role writer to ServiceAccount api/server"),
    ),
    "a binding to a role that is not known yet": created(
        BINDING, {"roleRef": UNKNOWN, "subjects": binding("server")["subjects"]}
    ),
    "a public ACL": updated(
        ACL, {"acl": "private"}, {"acl": "public-read"}, ("iam-widening", "acl is public-read: everybody may be let in")
    ),
    "a private ACL": updated(ACL, {"acl": "public-read"}, {"acl": "private"}),
    "a function that another service may invoke": created(
        FUNCTION,
        {"principal": "sns.amazonaws.com", "action": "lambda:InvokeFunction", "function": "f", "sourceArn": "arn:t"},
        ("iam-widening", "lets sns.amazonaws.com do lambda:InvokeFunction on f if sourceArn is arn:t"),
    ),
    "a permission without its source": replaced_by(
        FUNCTION,
        {"principal": "s3.amazonaws.com", "action": "lambda:InvokeFunction", "function": "f", "sourceAccount": "1"},
        {"principal": "s3.amazonaws.com", "action": "lambda:InvokeFunction", "function": "f"},
        ("iam-widening", "lets s3.amazonaws.com do lambda:InvokeFunction on f"),
    ),
    "a function that is not known yet": created(
        FUNCTION, {"principal": "sns.amazonaws.com", "action": "lambda:InvokeFunction", "function": UNKNOWN}
    ),
    "another operation with a key": replaced_by(
        GRANT,
        {"granteePrincipal": "arn:a", "keyId": "k", "operations": ["Encrypt"]},
        {"granteePrincipal": "arn:a", "keyId": "k", "operations": ["Decrypt", "Encrypt"]},
        ("iam-widening", "lets arn:a do kms:Decrypt with k"),
    ),
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
    "a switch that is no longer set": updated(
        BLOCK,
        dict.fromkeys(SWITCHES, True),
        dict.fromkeys(SWITCHES[1:], True),
        ("iam-widening", "blockPublicAcls is off: everybody may be let in"),
    ),
    "a switch that was off is not set": updated(BLOCK, {"blockPublicAcls": False}, {}),
    "another role gets a policy": replaced_by(
        POLICY,
        {"role": "a", **policy("s3:GetObject")},
        {"role": "b", **policy("s3:GetObject")},
        ("iam-widening", "allows s3:GetObject on arn:aws:s3:::data/*"),
    ),
    "a role that is not known yet gets a policy": replaced_by(
        POLICY, {"role": "a", **policy("s3:GetObject")}, {"role": UNKNOWN, **policy("s3:GetObject")}
    ),
    "another role gets a managed policy": replaced_by(
        ATTACHMENT, {"role": "a", "policyArn": "p"}, {"role": "b", "policyArn": "p"}, ("iam-widening", "attaches p")
    ),
    "one more role gets a managed policy": updated(
        ATTACHMENTS,
        {"roles": ["a"], "policyArn": "p"},
        {"roles": ["b", "a"], "policyArn": "p"},
        ("iam-widening", "attaches p"),
    ),
    "fewer roles get a managed policy": updated(
        ATTACHMENTS, {"roles": ["a", "b"], "policyArn": "p"}, {"roles": ["b"], "policyArn": "p"}
    ),
    "pods of another namespace get a role": replaced_by(
        ASSOCIATION,
        {"namespace": "api", "serviceAccount": "server", "roleArn": "arn:a"},
        {"namespace": "web", "serviceAccount": "server", "roleArn": "arn:a"},
        ("iam-widening", "pods of the service account web/server get the role arn:a"),
    ),
    "access to the whole cluster": replaced_by(
        ACCESS,
        access("api"),
        access(),
        ("iam-widening", "attaches arn:view in the cluster to arn:me"),
    ),
    "access to another namespace": replaced_by(
        ACCESS,
        access("api"),
        access("web", "api"),
        ("iam-widening", "attaches arn:view in the namespace web to arn:me"),
    ),
    "access to one namespace only": replaced_by(ACCESS, access(), access("api")),
    "access of somebody else": replaced_by(
        ACCESS,
        access(),
        {**access(), "principalArn": "arn:you"},
        ("iam-widening", "attaches arn:view in the cluster to arn:you"),
    ),
    "a group of the cluster": updated(
        ENTRY,
        {"principalArn": "arn:me", "kubernetesGroups": ["readers"]},
        {"principalArn": "arn:me", "kubernetesGroups": ["admins", "readers"]},
        ("iam-widening", "adds arn:me to the group admins of the cluster"),
    ),
    "an entry without groups": created(ENTRY, {"principalArn": "arn:me"}),
}
