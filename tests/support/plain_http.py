"""Requests without TLS.

`httpx.get` reads the CA certificates of the machine for each request, also for an http URL, which takes 25 ms of CPU.
That is too much for tests that repeat a request until its answer is right.
"""

import ssl
from functools import partial

import httpx

# Trusts no certificate, so an https URL fails.
NO_TRUST = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
get = partial(httpx.get, verify=NO_TRUST)
post = partial(httpx.post, verify=NO_TRUST)
request = partial(httpx.request, verify=NO_TRUST)
