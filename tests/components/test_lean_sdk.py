"""The lean SDK packages: less is imported, and all of it is still there."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


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


# Components of the program that bootstraps an account, which is run once: no other preview waits for their imports.
OF_BOOTSTRAP = {"deploy_identities.py", "state_store.py"}


def test_what_the_components_use_is_imported_at_once() -> None:
    """The list in components/__init__.py has each resource that a component names, and no other."""
    calls = [node for node in ast.walk(_tree("components/__init__.py")) if isinstance(node, ast.Call)]
    listed = [[ast.literal_eval(argument) for argument in call.args] for call in calls]
    paths = [path for path in ROOT.glob("components/*.py") if path.name not in OF_BOOTSTRAP]
    used = set().union(*(_uses(_tree(path)) for path in paths))

    assert {(package, name) for package, *names in listed for name in names} == used


def _tree(path: str | Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text())


def _uses(tree: ast.Module) -> set[tuple[str, str]]:
    """(package, name) of each attribute taken from an SDK's package outside of annotations such as ArgsDict."""
    packages = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("pulumi_aws", "pulumi_kubernetes"))
        for alias in node.names
    }
    return {
        (packages[node.value.id], node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in packages
        if not node.attr.endswith("ArgsDict") and node.attr != "outputs"
    }
