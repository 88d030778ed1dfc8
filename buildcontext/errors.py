"""What is reported when a build context cannot be read."""


class ContextError(Exception):
    """A build context, its ignore file or its Dockerfile is wrong; the message says where, why, and what to do."""
