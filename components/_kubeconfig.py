"""The kubeconfig of a cluster, as a pure function of its properties."""

import json


def kubeconfig(
    region: str, cluster_name: str, endpoint: str, certificate_authority: str, *, role_arn: str | None = None
) -> str:
    """Return a kubeconfig, as JSON, whose user gets tokens from the AWS CLI, with a role if one is given."""
    as_role = ["--role-arn", role_arn] if role_arn else []
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": cluster_name,
                    "cluster": {"server": endpoint, "certificate-authority-data": certificate_authority},
                }
            ],
            "users": [
                {
                    "name": cluster_name,
                    "user": {
                        "exec": {
                            "apiVersion": "client.authentication.k8s.io/v1beta1",
                            "command": "aws",
                            "args": ["eks", "get-token", "--cluster-name", cluster_name, "--region", region, *as_role],
                            "interactiveMode": "Never",
                        }
                    },
                }
            ],
            "contexts": [{"name": cluster_name, "context": {"cluster": cluster_name, "user": cluster_name}}],
            "current-context": cluster_name,
        }
    )
