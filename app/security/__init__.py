"""Bearer tokens for writes, and the protection of forms against cross-site requests."""
