"""What every feature of the service builds on: PostgreSQL, HTTP, resilience, health and the process itself."""
