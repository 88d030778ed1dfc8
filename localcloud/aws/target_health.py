"""The health of targets that the local load balancer reports."""

from typing import Any

health: dict[str, list[dict[str, Any]]] = {}
"""ARN of a target group -> last report of its targets: id, port, state, reason and description of each."""
