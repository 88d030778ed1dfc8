"""What the service costs: against a bare handler and against PostgreSQL alone, on the same server in one run."""
