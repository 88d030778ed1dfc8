"""The reviewed file of approvals, and what it allows of the hazards of a plan."""
