"""The SecretProviderClass: secrets of Secrets Manager that the Secrets Store CSI driver mounts as files."""

import json
from collections.abc import Mapping


def secret_provider_class_spec(arns: Mapping[str, str], region: str) -> dict[str, object]:
    """Specify the files: ARN of a secret by file name.

    All users in the pod can read the files, which is the provider's default: they belong to root, because the
    driver does not support `fsGroup`, and the service runs as another user.
    https://docs.aws.amazon.com/secretsmanager/latest/userguide/ascp-examples.html
    """
    objects = [{"objectName": arn, "objectAlias": file} for file, arn in sorted(arns.items())]
    return {
        "provider": "aws",
        "parameters": {"region": region, "usePodIdentity": "true", "objects": json.dumps(objects)},
    }
