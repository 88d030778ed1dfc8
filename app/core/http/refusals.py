"""Where the code that refuses a request stores the reason for the metrics."""

REFUSED = "drydock.refused"
"""Key in the ASGI scope; its value is one of app.telemetry.metrics.REFUSALS."""
