"""Warnings of the stand-ins that a report recognizes."""

REFUSED = "AWS refuses it: "
"""Precedes a warning of stand-ins that only record, about a change that fails at AWS."""
