"""HTTP for every feature: problems, conditional requests, access and middleware."""
