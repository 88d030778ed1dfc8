"""What the Secrets Store CSI driver mounts: secrets of Secrets Manager, each as a file."""

import json
from collections.abc import Mapping


def secret_provider_class_spec(arns: Mapping[str, str], region: str) -> dict[str, object]:
    """Specify the files: ARN of a secret by the name of its file.

    Files are readable for everybody in the pod, which is the provider's default: they belong to root, because the
    driver does not follow `fsGroup`, and the service is another user.
    https://docs.aws.amazon.com/secretsmanager/latest/userguide/ascp-examples.html
    """
    objects = [{"objectName": arn, "objectAlias": file} for file, arn in sorted(arns.items())]
    return {
        "provider": "aws",
        "parameters": {"region": region, "usePodIdentity": "true", "objects": json.dumps(objects)},
    }
