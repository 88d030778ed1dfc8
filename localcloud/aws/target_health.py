"""The health of targets, as the local load balancer reports it."""

from typing import Any

health: dict[str, list[dict[str, Any]]] = {}
"""What the data plane last reported, by the target group's ARN: id, port, state, reason and description of targets."""
