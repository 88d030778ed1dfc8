"""Labelled resources: for each rule some that comply, and some that are broken in exactly one way."""
