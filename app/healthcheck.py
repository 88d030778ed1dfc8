"""`python -m app.healthcheck`: 0 if the service in this container is alive, else 1; for images without a shell."""

import os
import sys
from http.client import HTTPConnection, HTTPException

TIMEOUT_SECONDS = 2


def alive(port: int) -> bool:
    """Return whether `/health/live` answers 200 on this machine's loopback address within TIMEOUT_SECONDS."""
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    # Does not read the settings of the service, which takes longer than the check.
    sys.exit(0 if alive(int(os.environ.get("PORT") or 8080)) else 1)
