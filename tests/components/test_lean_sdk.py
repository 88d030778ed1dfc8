"""The lean SDK packages: less is imported, and all of it is still there."""

import subprocess
import sys


def _run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


def test_imports_only_what_is_named() -> None:
    """The components' own resources are there at once; launch templates and pods are not."""
    code = (
        "import components, sys; "
        "print('pulumi_aws.ec2.launch_template' in sys.modules, 'pulumi_aws.ec2.vpc' in sys.modules, "
        "'pulumi_kubernetes.core.v1.Pod' in sys.modules)"
    )

    assert _run(code) == "False True False"


def test_everything_else_is_still_there() -> None:
    """A name that is no resource comes from the whole package, as without it; an unknown one is an error, as ever."""
    code = (
        "import components; from pulumi_aws import ec2, iam, s3; "
        "print(ec2.VpcArgs.__name__, ec2.get_ami.__name__, iam.get_policy_document.__name__, s3.outputs.__name__, "
        "hasattr(iam, 'Nothing'))"
    )

    assert _run(code) == "VpcArgs get_ami get_policy_document pulumi_aws.s3.outputs False"
