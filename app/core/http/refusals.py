"""How the code that refuses a request tells the metrics why."""

REFUSED = "drydock.refused"
"""Key in the ASGI scope; its value is one of app.telemetry.metrics.REFUSALS."""
