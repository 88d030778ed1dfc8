"""The environment variables of the bundled service, from its own settings."""

import json
from typing import Any

from app.settings import Settings

LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "pattern")


def service_variables() -> str:
    """Return name -> type and limits as JSON."""
    schema = Settings.model_json_schema()
    found = {name.upper(): _rule(body, schema["$defs"]) for name, body in sorted(schema["properties"].items())}
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(rule)}" for name, rule in found.items())
    return f"{{\n{lines}\n}}\n"


def _rule(body: dict[str, Any], models: dict[str, Any]) -> dict[str, Any]:
    """Return the rule of a setting; a list or an object is text in a variable."""
    (body,) = [each for each in body.get("anyOf", [body]) if each.get("type") != "null"]
    body = models[body["$ref"].rpartition("/")[2]] if "$ref" in body else body
    kind = "uri" if body.get("format") == "uri" else body["type"]
    limits = {key: body[key] for key in (*LIMITS, "enum") if key in body}
    return {"type": kind if kind not in ("array", "object") else "string", **limits}
