"""One file a resource; each is a function that takes what it needs and returns its router."""
