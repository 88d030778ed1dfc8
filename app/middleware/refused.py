"""How a part that refuses a request tells the metrics why."""

REFUSED = "drydock.refused"
"""Key of the scope; its value is one of app.telemetry.metrics.REFUSALS."""
