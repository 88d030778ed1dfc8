"""Tokens of `aws eks get-token`, which the local API server takes as EKS does."""
