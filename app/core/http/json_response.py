"""JSON responses, encoded by orjson: FastAPI's own encoder walks every value in Python."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response


def json_response(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return the response; datetimes become RFC 3339, UUIDs text."""
    return Response(orjson.dumps(content), status, headers, media_type="application/json")
