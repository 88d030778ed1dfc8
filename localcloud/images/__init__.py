"""Builds container images without a container runtime, and stores them unpacked for the node agent."""
