"""Work that outlives a request: written with the request, sent through a queue, done once by a worker."""
