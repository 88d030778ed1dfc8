"""The lean SDK packages: less is imported, and all of it is still there."""

import subprocess
import sys

import pytest


def _run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


def test_imports_only_what_is_named() -> None:
    """Naming a VPC does not import launch templates."""
    code = (
        "import components, sys; from pulumi_aws import ec2; from pulumi_kubernetes.core import v1; "
        "assert ec2.Vpc.__name__ == 'Vpc' and v1.Namespace.__name__ == 'Namespace'; "
        "print('pulumi_aws.ec2.launch_template' in sys.modules, 'pulumi_aws.ec2.vpc' in sys.modules, "
        "'pulumi_kubernetes.core.v1.Pod' in sys.modules)"
    )

    assert _run(code) == "False True False"


@pytest.mark.parametrize(
    "expression",
    [
        "ec2.get_ami",
        "ec2.VpcArgs",
        "ec2.VpcEndpointDnsOptionsArgs",
        "iam.get_policy_document",
        "s3.outputs",
        "rds.InstanceArgs",
    ],
)
def test_everything_else_is_still_there(expression: str) -> None:
    """A name that is no resource comes from the whole package, as without it."""
    code = f"import components; from pulumi_aws import ec2, iam, rds, s3; print({expression}.__name__)"

    assert _run(code).rpartition(".")[2] == expression.rpartition(".")[2]


def test_unknown_name_is_an_attribute_error() -> None:
    """As it is in any module."""
    code = "import components; from pulumi_aws import kms; print(hasattr(kms, 'Nothing'))"

    assert _run(code) == "False"
