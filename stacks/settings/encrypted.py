"""Values that `pulumi config set --secret` encrypted: `{secure: ...}` at any depth of a stack file.

Only the stack's secrets provider can read them. Drydock has no secret settings, but a stack file can have those of
other providers, and must be previewable without a key.
"""

from collections.abc import Mapping

PLACEHOLDER = "placeholder-for-an-encrypted-value"


def encrypted_setting(path: str, key: str) -> str:
    """Return the error of a required setting that is encrypted. Commands read stack files without their keys."""
    return (
        f"{path}: must not be encrypted, because the settings are read without the stack's key; "
        f"write it with: pulumi config set --path '{key}' VALUE"
    )


def is_encrypted(value: object) -> bool:
    """Return whether the engine would decrypt this: an object with the one key `secure`, and text."""
    return isinstance(value, Mapping) and list(value) == ["secure"] and isinstance(value["secure"], str)


def encrypted_paths(value: object, path: str = "") -> list[str]:
    """List where encrypted values are, such as `datadog:apiKey` or `aws:assumeRole.externalId`."""
    if is_encrypted(value):
        return [path]
    if isinstance(value, Mapping):
        return [
            each for key, inner in value.items() for each in encrypted_paths(inner, f"{path}.{key}" if path else key)
        ]
    if isinstance(value, list):
        return [each for index, inner in enumerate(value) for each in encrypted_paths(inner, f"{path}[{index}]")]
    return []


def with_placeholders(value: object) -> object:
    """Return a copy with a placeholder for each encrypted value."""
    if is_encrypted(value):
        return PLACEHOLDER
    if isinstance(value, Mapping):
        return {key: with_placeholders(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_placeholders(inner) for inner in value]
    return value


def without_encrypted(value: Mapping[str, object]) -> dict[str, object]:
    """Return a copy without keys that contain an encrypted value, or a list with one: these keep their defaults."""
    return {
        key: without_encrypted(inner) if isinstance(inner, Mapping) else inner
        for key, inner in value.items()
        if not (is_encrypted(inner) or (isinstance(inner, list) and encrypted_paths(inner)))
    }
