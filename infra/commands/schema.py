"""`drydock schema`: the JSON Schema of stack files."""

import json

from stacks.settings import json_schema


def schema() -> None:
    """Print the JSON Schema of the settings files, for an editor's completion."""
    print(json.dumps(json_schema(), indent=2))
