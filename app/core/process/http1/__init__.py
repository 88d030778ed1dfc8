"""HTTP/1.1 on one connection: uvicorn's protocol over llhttp, with the limits and refusals that RFC 9112 asks for."""
