"""Errors of the local cloud."""


class CloudError(Exception):
    """A part of the local cloud failed; the message states which part, why, and what to do."""
