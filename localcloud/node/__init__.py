"""The machine as Kubernetes nodes: pods run as local processes."""
