"""Errors of build contexts."""


class ContextError(Exception):
    """A build context, its ignore file or its Dockerfile is wrong; the message says where, why, and what to do."""
