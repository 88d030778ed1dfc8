"""The node agent: presents this machine as Kubernetes nodes and runs pods as local processes."""
