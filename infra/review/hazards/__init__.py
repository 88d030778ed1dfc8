"""The hazards of a plan: what a reviewed file must allow before it is deployed."""
