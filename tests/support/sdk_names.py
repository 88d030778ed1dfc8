"""Names of the provider SDKs that the components use."""

import ast
from pathlib import Path

# Components of the bootstrap program, which runs once: their imports would delay all other previews.
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
        # In the format of the formatter: a tuple of one is on one line.
        many = [f'    "{package}": (', *(f"        {name}" for name in names), "    ),"]
        lines += many if len(names) > 1 else [f'    "{package}": ({names[0]}),']
    return HEADER + "\n".join(lines) + "\n}\n"


def _uses(tree: ast.Module) -> set[tuple[str, str]]:
    """Return (package, name) of each used attribute of an SDK package, except annotations such as ArgsDict."""
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
