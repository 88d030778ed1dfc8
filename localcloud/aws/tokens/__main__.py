"""`python -m localcloud.aws.tokens eks get-token --cluster-name NAME [--role-arn ARN]`: print a token like the AWS CLI.

The access key is read from the environment, like in the AWS CLI: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
AWS_SESSION_TOKEN.
"""

import argparse
import json
import sys
from datetime import UTC, datetime, timedelta

from localcloud.aws.tokens.presigned import LONGEST, presign

VALID = LONGEST - timedelta(minutes=1)  # like the expiration that the AWS CLI prints


def main(arguments: list[str]) -> None:
    """Print an ExecCredential with a token."""
    parser = argparse.ArgumentParser(prog="aws", description="Prints a token for an EKS cluster of the local cloud.")
    commands = parser.add_subparsers(required=True).add_parser("eks").add_subparsers(required=True)
    get_token = commands.add_parser("get-token")
    get_token.add_argument("--cluster-name", required=True)
    get_token.add_argument("--region", required=True)
    get_token.add_argument("--role-arn")
    asked = parser.parse_args(arguments)
    expires = (datetime.now(UTC) + VALID).strftime("%Y-%m-%dT%H:%M:%SZ")
    token = presign(asked.cluster_name, asked.region, role_arn=asked.role_arn)
    print(
        json.dumps(
            {
                "kind": "ExecCredential",
                "apiVersion": "client.authentication.k8s.io/v1beta1",
                "spec": {},
                "status": {"expirationTimestamp": expires, "token": token},
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1:])
