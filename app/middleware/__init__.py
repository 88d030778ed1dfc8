"""Pure ASGI middleware: Starlette's BaseHTTPMiddleware costs a task and two queues for every request."""
