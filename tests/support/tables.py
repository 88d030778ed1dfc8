"""The tables of README and docs, made from the code; `python -m tests.support.tables` writes them again."""

import json
import re
from typing import Any

from infra.costs.monthly import Line, monthly, total
from infra.engine.places import ROOT
from stacks.settings import json_schema
from tests.support.planned import planned_stack

README = ROOT / "README.md"
ON_AWS = ROOT / "docs" / "on-aws.md"


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


def costs_table() -> str:
    """What each stack for AWS costs a month at rest, in USD; estimates have a `~`."""
    stacks = {name: monthly(planned_stack(name)) for name in ("dev", "staging", "prod")}
    names = dict.fromkeys(line.what for lines in (stacks["prod"], *stacks.values()) for line in lines)
    rows = [f"| USD a month | {' | '.join(stacks)} |", f"|---|{'---:|' * len(stacks)}"]
    for what in names:
        cells = ({line.what: line for line in lines}.get(what) for lines in stacks.values())
        rows.append(f"| {what} | {' | '.join(_amount(line) if line else '' for line in cells)} |")
    rows.append(f"| **in all** | {' | '.join(f'**~{total(lines):.0f}**' for lines in stacks.values())} |")
    return "\n".join(rows)


def _amount(line: Line) -> str:
    return f"{line.count} x {line.price.usd:g} = {'~' if line.price.estimate else ''}{line.usd:.0f}"


def _row(name: str, field: dict[str, Any]) -> str:
    default = f"`{json.dumps(field['default'])}`" if "default" in field else "required" if "region" in name else "none"
    return f"| `{name}` | {default} | {_first_line(field.get('description', ''))} |"


def _first_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def between(text: str, name: str) -> str:
    """What stands between the markers of a table."""
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", text, re.DOTALL)
    assert found, f"there is no place for {name}"
    return found.group(1)


def written(text: str, name: str, table: str) -> str:
    """The text with the table in its place."""
    return text.replace(between(text, name), table)


if __name__ == "__main__":
    README.write_text(written(README.read_text(), "settings", settings_table()))
    ON_AWS.write_text(written(ON_AWS.read_text(), "costs", costs_table()))
