"""The resource types, a file an area."""
