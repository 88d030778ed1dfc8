"""Which resources of the provider SDKs the components name."""

import ast
from pathlib import Path

# Components of the program that bootstraps an account, which is run once: no other preview waits for their imports.
OF_BOOTSTRAP = {"deploy_identities.py", "state_store.py"}
HEADER = '''"""The resources of the provider SDKs that the components name, by package. Written by `make docs`."""

RESOURCES = {
'''


def module(root: Path) -> str:
    """Return the text of components/_sdk_names.py."""
    paths = [path for path in root.glob("components/**/*.py") if path.name not in OF_BOOTSTRAP]
    used = set().union(*(_uses(ast.parse(path.read_text())) for path in paths))
    lines = []
    for package in sorted({package for package, _ in used}):
        names = [f'"{name}",' for each, name in sorted(used) if each == package]
        # As the formatter has it: a tuple of one is on one line.
        many = [f'    "{package}": (', *(f"        {name}" for name in names), "    ),"]
        lines += many if len(names) > 1 else [f'    "{package}": ({names[0]}),']
    return HEADER + "\n".join(lines) + "\n}\n"


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
