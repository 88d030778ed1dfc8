"""What the local cloud reports when it cannot do what it was asked."""


class CloudError(Exception):
    """A part of the local cloud failed; the message says which, why, and what to do."""
