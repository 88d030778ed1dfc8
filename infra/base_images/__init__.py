"""Base images of a Dockerfile: read them, resolve them to digests, and write the digests back."""
