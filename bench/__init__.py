"""Measurements that are taken side by side, in one run on one machine."""
