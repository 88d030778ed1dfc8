"""The SQL of the service, all of it."""
