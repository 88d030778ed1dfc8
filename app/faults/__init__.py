"""Fault injection for drills: off unless FAULT_TOKEN is set, which production refuses."""
