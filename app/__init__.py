"""The bundled service: an HTTP API on PostgreSQL. It knows nothing of how it is deployed."""

__version__ = "0.1.0"
