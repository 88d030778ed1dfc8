"""Access that is wider without a policy: roles and bindings of Kubernetes, ACLs, and grants of keys and functions."""

from typing import Any

from tests.infra.review.built import UNKNOWN
from tests.infra.review.hazards.cases.made import Case, created, deleted, replaced_by, updated

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
        ACL,
        {"acl": "private"},
        {"acl": "public-read"},
        ("iam-widening", "acl is public-read: everybody may get access"),
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
}
