"""Labels of the service's objects."""


def selector(app: str, role: str = "server") -> dict[str, str]:
    """Tell the pods of one role apart. Part of the Deployment's identity: it can never change."""
    return {"app.kubernetes.io/name": app, "app.kubernetes.io/component": role}


def labels(app: str, role: str = "server") -> dict[str, str]:
    """Label an object of the service; the selector and more."""
    return selector(app, role) | {"app.kubernetes.io/managed-by": "pulumi"}


def namespace_labels() -> dict[str, str]:
    """Have the API server refuse pods that are not `restricted`, and warn of and audit them."""
    modes = ("enforce", "audit", "warn")
    return {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in modes} | {
        "app.kubernetes.io/managed-by": "pulumi"
    }
