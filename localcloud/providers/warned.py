"""Warnings of the stand-ins that a report recognizes."""

REFUSED = "AWS refuses it: "
"""Prefix of a warning, of stand-ins that only record, about a change that AWS would refuse."""
