"""The table `instances`, in which each process reports its state to the others."""

GONE_SECONDS = 60
"""A process without a report for so long is gone."""
