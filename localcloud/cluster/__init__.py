"""Access to the cluster for the node, load balancers and controllers: API server, events, addresses and settings."""
