"""The table `instances`, in which each process reports its state to the others."""

GONE_SECONDS = 60
"""A process that has not reported for this long is considered gone."""
