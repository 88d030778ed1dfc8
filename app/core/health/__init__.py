"""Whether a process should get traffic."""
