"""AWS's own models of its services, and tables of what it offers."""
