"""Container images without a container runtime: built from a Dockerfile's files, unpacked for the node."""
