"""The tables of README and docs, generated from the code. `tests/support/generated.py` inserts them."""

import dataclasses
import importlib
import inspect
import json
import pkgutil
import re
from functools import cache
from types import ModuleType
from typing import Any

import pulumi

import components
import infra.policy.rules
from infra.policy.rules.registered import RULES
from localcloud.aws.catalog import resource_types
from stacks.settings import json_schema


def settings_table() -> str:
    """Return every setting with its default and its description in the JSON Schema."""
    schema = json_schema()
    rows = ["| Setting | Default | Meaning |", "|---|---|---|"]
    for key, value in schema["properties"]["config"]["properties"].items():
        if "$ref" not in value:
            rows.append(_row(key, value))
            continue
        group = schema["$defs"][value["$ref"].rpartition("/")[2]]
        rows += [_row(f"{key} → {name}", field) for name, field in group["properties"].items()]
    return "\n".join(rows)


def components_table() -> str:
    """Return every component with the docstring of its module and its requirements."""
    rows = ["| Component | Creates | Required arguments | Has `protect` |", "|---|---|---|---|"]
    for module in _modules(components):
        for name, found in vars(module).items():
            is_component = inspect.isclass(found) and issubclass(found, pulumi.ComponentResource)
            if is_component and found.__module__ == module.__name__:
                rows.append(_component(name, module))
    return "\n".join([*rows[:2], *sorted(rows[2:], key=lambda row: row.split("`")[1])])


def _component(name: str, module: ModuleType) -> str:
    fields = dataclasses.fields(vars(module)[f"{name}Args"])
    needed = [each.name for each in fields if dataclasses.MISSING is each.default is each.default_factory]
    required = ", ".join(f"`{each}`" for each in needed) or "none"
    makes = (inspect.getdoc(module) or "").splitlines()[0].removeprefix(f"{name}: ").rstrip(".")
    file = f"../{module.__name__.replace('.', '/')}.py"
    protects = "yes" if "protect" in {each.name for each in fields} else "no"
    return f"| [`{name}`]({file}) | {makes} | {required} | {protects} |"


def rules_table() -> str:
    """Return every rule of the policy pack, in its order, with equivalent checks of other tools."""
    anchors = rule_anchors()
    rows = ["| Rule | Severity | What it demands | Anchors |", "|---|---|---|---|"]
    rows += [
        f"| `{rule.name}` | {rule.severity.value} | {rule.description} | {anchors[rule.name]} |"
        for rule in RULES
        if rule.severity
    ]
    return "\n".join(rows)


@cache
def rule_anchors() -> dict[str, str]:
    """Return name of each rule -> equivalent checks of other tools and benchmarks."""
    return {module.RULE.name: _anchors(module) for module in _modules(infra.policy.rules) if hasattr(module, "RULE")}


def _anchors(module: ModuleType) -> str:
    [text] = re.findall(r"^Anchors: (.+)\.$", inspect.getdoc(module) or "", re.MULTILINE)
    return "none" if text.startswith("none") else text


def _modules(package: ModuleType) -> list[ModuleType]:
    names = sorted(found.name for found in pkgutil.iter_modules(package.__path__))
    return [importlib.import_module(f"{package.__name__}.{name}") for name in names]


def resource_types_table() -> str:
    """Return every AWS resource type of the local cloud: emulated or recorded, and its recorded-only properties."""
    rows = ["| Resource type | In the local cloud | Recorded only |", "|---|---|---|"]
    for type_, resource in resource_types().items():
        how = "recorded" if resource.recorded.startswith("all of it") else "emulated by moto"
        rows.append(f"| `{type_}` | {how} | {resource.recorded} |".replace("|  |", "| |"))
    return "\n".join(rows)


def _row(name: str, field: dict[str, Any]) -> str:
    default = f"`{json.dumps(field['default'])}`" if "default" in field else "required" if "region" in name else "none"
    return f"| `{name}` | {default} | {_first_line(field.get('description', ''))} |"


def _first_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def between(text: str, name: str) -> str:
    """Return the text between the markers of a table."""
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", text, re.DOTALL)
    assert found, f"there is no place for {name}"
    return found.group(1)


def written(text: str, name: str, table: str) -> str:
    """Return the text with the table between its markers."""
    between(text, name)  # fails without markers
    start, end = f"<!-- {name} -->\n", f"\n<!-- /{name} -->"
    before, _, rest = text.partition(start)
    return f"{before}{start}{table}{end}{rest.partition(end)[2]}"
