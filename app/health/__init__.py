"""Probes and metrics over HTTP; every process has them."""
