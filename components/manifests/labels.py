"""Labels of the service's objects."""

READINESS_GATE = "eks.amazonaws.com/pod-readiness-gate-inject"


def selector(app: str, role: str = "server") -> dict[str, str]:
    """Tell the pods of one role apart. Part of the Deployment's identity: it can never change."""
    return {"app.kubernetes.io/name": app, "app.kubernetes.io/component": role}


def labels(app: str, role: str = "server") -> dict[str, str]:
    """Label an object of the service; the selector and more."""
    return selector(app, role) | {"app.kubernetes.io/managed-by": "pulumi"}


def namespace_labels() -> dict[str, str]:
    """Have the API server refuse pods that are not `restricted`, and pods wait for the load balancer to be ready.

    https://docs.aws.amazon.com/eks/latest/userguide/auto-elb-example.html; the gate: a pod counts as ready once it is a
    healthy target.
    """
    modes = ("enforce", "audit", "warn")
    return {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in modes} | {
        READINESS_GATE: "enabled",
        "app.kubernetes.io/managed-by": "pulumi",
    }
