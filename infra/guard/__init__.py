"""Decides which hazards of a plan the reviewed file approvals.toml allows."""
