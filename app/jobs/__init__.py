"""Background jobs: stored with the request, sent through a queue, run by a worker."""
