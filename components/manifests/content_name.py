"""Names derived from content."""

import hashlib
import json
from collections.abc import Mapping


def content_name(prefix: str, data: Mapping[str, str]) -> str:
    """Name an immutable object after its content, `api-config-0123456789`.

    New content is then a new object, and pods of the previous release keep theirs.
    """
    text = json.dumps(dict(data), sort_keys=True)
    return f"{prefix}-{hashlib.sha256(text.encode()).hexdigest()[:10]}"
