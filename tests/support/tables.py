"""The tables of the README, made from the code; `python -m tests.support.tables` writes them anew."""

import json
import re
from typing import Any

from infra.engine.places import ROOT
from stacks.settings import json_schema

README = ROOT / "README.md"


def settings_table() -> str:
    """Every setting with its default and its meaning, as the JSON Schema has it."""
    schema = json_schema()
    rows = ["| Setting | Default | Meaning |", "|---|---|---|"]
    for key, value in schema["properties"]["config"]["properties"].items():
        if "$ref" not in value:
            rows.append(_row(key, value))
            continue
        group = schema["$defs"][value["$ref"].rpartition("/")[2]]
        rows += [_row(f"{key} → {name}", field) for name, field in group["properties"].items()]
    return "\n".join(rows)


def _row(name: str, field: dict[str, Any]) -> str:
    default = f"`{json.dumps(field['default'])}`" if "default" in field else "required" if "region" in name else "none"
    return f"| `{name}` | {default} | {_first_line(field.get('description', ''))} |"


def _first_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def between(text: str, name: str) -> str:
    """What stands between the markers of a table."""
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", text, re.DOTALL)
    assert found, f"the README has no place for {name}"
    return found.group(1)


def written(text: str, name: str, table: str) -> str:
    """The text with the table in its place."""
    return text.replace(between(text, name), table)


if __name__ == "__main__":
    README.write_text(written(README.read_text(), "settings", settings_table()))
