"""Property paths of Pulumi, such as `spec.ports[0].name`."""

QUOTED = '."[]'
"""A key of a property path that contains one of these characters is quoted."""


def path_text(path: tuple[str | int, ...]) -> str:
    """Return a path of keys and indexes as a property path."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif any(character in step for character in QUOTED):
            escaped = step.replace('"', '\\"')
            text += f'["{escaped}"]'
        else:
            text += f".{step}" if text else step
    return text
