"""Tokens of `aws eks get-token`, which the local API server accepts like EKS, and tokens of RDS databases."""
