"""The JSON Schema of a stack file, for completion and checks in an editor."""

from typing import Any

from pydantic.json_schema import models_json_schema

from stacks.settings.namespaces import NAMESPACE
from stacks.settings.settings import Settings

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a whole `Pulumi.<stack>.yaml`."""
    _, definitions = models_json_schema([(Settings, "validation")])
    models: dict[str, Any] = definitions["$defs"]
    settings = models.pop("Settings")
    return {
        "$schema": DIALECT,
        "title": "A Drydock stack file",
        "type": "object",
        "required": ["config"],
        "properties": {
            "config": {
                "description": settings["description"],
                "type": "object",
                "required": [f"{NAMESPACE}:{name}" for name in settings["required"]],
                "properties": {f"{NAMESPACE}:{name}": body for name, body in settings["properties"].items()},
                # Keys of other namespaces, such as aws:…, are not validated.
                "patternProperties": {rf"^(?!{NAMESPACE}:)[^:]+:.+$": {}},
                "additionalProperties": False,
            },
            "encryptionsalt": {"type": "string"},
            "encryptedkey": {"type": "string"},
            "secretsprovider": {"type": "string"},
            "environment": {"type": "array"},
        },
        "additionalProperties": False,
        "$defs": models,
    }
