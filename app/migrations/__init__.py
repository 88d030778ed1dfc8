"""The history of the schema. Revisions are numbered 0001, 0002, ... and only add: see app/core/health/readiness.py."""
