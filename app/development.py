"""`python -m app.development`: the service, restarted when its code changes. Not for production."""

import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from app.api import create_app
from app.settings import SettingsError, load_settings
from app.telemetry.logs import configure_logging


def create() -> FastAPI:
    """Return the application with the settings of the environment; the reloading server calls this at each restart."""
    settings = load_settings()
    configure_logging(settings.log_level)
    return create_app(settings)


def main() -> int:
    """Serve until a signal ends it; 2 if the settings are wrong."""
    try:
        settings = load_settings()
    except SettingsError as error:
        print(f"app: {error}", file=sys.stderr)
        return 2
    uvicorn.run(
        "app.development:create",
        factory=True,
        reload=True,
        reload_dirs=[str(Path(__file__).parent)],
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
