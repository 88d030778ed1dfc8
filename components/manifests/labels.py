"""Labels of the service's objects."""

READINESS_GATE = "eks.amazonaws.com/pod-readiness-gate-inject"


def selector(app: str, role: str = "server") -> dict[str, str]:
    """Return the labels that select the pods of one role. The selector of a Deployment is immutable."""
    return {"app.kubernetes.io/name": app, "app.kubernetes.io/component": role}


def labels(app: str, role: str = "server") -> dict[str, str]:
    """Return the labels of an object of the service; they include the selector."""
    return selector(app, role) | {"app.kubernetes.io/managed-by": "pulumi"}


def namespace_labels() -> dict[str, str]:
    """Return labels that enforce Pod Security `restricted` and add the load balancer's readiness gate to pods.

    With the gate a pod is ready only when it is a healthy target:
    https://docs.aws.amazon.com/eks/latest/userguide/auto-elb-example.html
    """
    modes = ("enforce", "audit", "warn")
    return {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in modes} | {
        READINESS_GATE: "enabled",
        "app.kubernetes.io/managed-by": "pulumi",
    }
