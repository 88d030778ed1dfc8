"""The schema's history. Revisions are numbered 0001, 0002, ... and only add: see app/readiness.py."""
