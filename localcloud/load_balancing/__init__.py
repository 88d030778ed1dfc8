"""The Application Load Balancers of the local account: what AWS does behind its API, on loopback addresses."""
