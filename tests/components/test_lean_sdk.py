"""The lean SDK packages import fewer modules, and still provide all names."""

import subprocess
import sys


def _run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


def test_imports_only_the_listed_resources() -> None:
    """Resources of the components are imported with the package; others, such as launch templates and pods, are not."""
    code = (
        "import components, sys; "
        "print('pulumi_aws.ec2.launch_template' in sys.modules, 'pulumi_aws.ec2.vpc' in sys.modules, "
        "'pulumi_kubernetes.core.v1.Pod' in sys.modules)"
    )

    assert _run(code) == "False True False"


def test_imports_other_names_on_first_use() -> None:
    """Other names are taken from the complete package; an unknown name is an AttributeError."""
    code = (
        "import components; from pulumi_aws import ec2, iam, s3; "
        "print(ec2.VpcArgs.__name__, ec2.get_ami.__name__, iam.get_policy_document.__name__, s3.outputs.__name__, "
        "hasattr(iam, 'Nothing'))"
    )

    assert _run(code) == "VpcArgs get_ami get_policy_document pulumi_aws.s3.outputs False"
