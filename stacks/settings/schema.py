"""The JSON Schema of a stack file, for completion and checks in an editor."""

from typing import Any

from pydantic.json_schema import models_json_schema

from stacks.settings.ignored import PROVIDERS
from stacks.settings.namespaces import BOOTSTRAP, NAMESPACE
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
                # Keys of other namespaces are not validated, but those that the program ignores are refused.
                "patternProperties": {
                    rf"^(?!{'|'.join(f'{name}:' for name in (NAMESPACE, BOOTSTRAP, *PROVIDERS))})[^:]+:.+$": {},
                    "^aws:(config:)?assumeRoles$": {},
                },
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
