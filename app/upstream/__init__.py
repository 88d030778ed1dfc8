"""The external HTTP dependency at UPSTREAM_URL."""
