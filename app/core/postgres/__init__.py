"""Connections to PostgreSQL: the pool, what a failure means, and how the service signs in."""
