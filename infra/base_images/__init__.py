"""The base images that a Dockerfile names: read, resolved to digests by their registries, and written back."""
