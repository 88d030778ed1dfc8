"""The data plane of the local account's Application Load Balancers, on loopback addresses."""
