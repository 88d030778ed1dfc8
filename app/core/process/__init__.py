"""The server process: it listens, drains on SIGTERM and ends within its grace period."""
