"""AWS, Kubernetes, PostgreSQL and images on this machine, behind the providers' own protocol."""
