"""Permissions that are wider."""

import json

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

CASES: dict[str, Case] = {
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
        ("iam-widening", "blockPublicAcls is off: everybody may get access"),
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
