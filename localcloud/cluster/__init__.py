"""The cluster as its node, load balancers and controllers see it: its API server, events, addresses, settings."""
