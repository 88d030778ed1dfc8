"""All settings of the service in one model, and their sources."""

import os
from pathlib import Path
from typing import Any, Self

import pydantic_settings
from pydantic import ValidationError, model_validator
from pydantic_settings import PydanticBaseSettingsSource, SecretsSettingsSource, SettingsConfigDict

from app.settings.database import DatabaseSettings
from app.settings.jobs import JobSettings
from app.settings.reliability import ReliabilitySettings
from app.settings.security import SecuritySettings
from app.settings.server import ServerSettings

SECRETS = {"database_url", "db_owner_secret", "db_password", "fault_token"}
PRODUCTION = {"prod", "production"}


class SettingsError(Exception):
    """Settings are invalid; the message names each one, its value and what is accepted."""


class Settings(DatabaseSettings, ServerSettings, ReliabilitySettings, JobSettings, SecuritySettings):
    """All settings."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True, extra="ignore", hide_input_in_errors=True)

    secrets_dir: Path | None = None
    """Folder of files with settings, as Kubernetes mounts a Secret."""

    @model_validator(mode="after")
    def _no_faults_in_production(self) -> Self:
        if self.fault_token is not None and self.environment in PRODUCTION:
            raise ValueError(f"FAULT_TOKEN: not allowed in the ENVIRONMENT {' or '.join(sorted(PRODUCTION))}")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[pydantic_settings.BaseSettings],  # noqa: ARG003 (pydantic-settings calls by name)
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read files before variables; and no .env file, which would depend on the current folder."""
        return init_settings, file_secret_settings, env_settings

    def with_current_files(self) -> "Settings":
        """Return these settings with the current content of the files in SECRETS_DIR."""
        if self.secrets_dir is None:
            return self
        files = SecretsSettingsSource(type(self), secrets_dir=self.secrets_dir)()
        return Settings(**{**self.model_dump(exclude_unset=True), **files})


def load_settings() -> Settings:
    """Read the settings of this process.

    Raises SettingsError with one message for all errors; it holds no secret.
    """
    folder = os.environ.get("SECRETS_DIR") or None
    if folder is not None and not Path(folder).is_dir():
        raise SettingsError(f"invalid settings:\n  SECRETS_DIR: got {folder!r}, must be an existing folder")
    try:
        return Settings(_secrets_dir=folder)  # type: ignore[call-arg]  # pydantic-settings' own keyword
    except ValidationError as error:
        lines = "".join(f"\n  {_fault(detail)}" for detail in error.errors(include_url=False))
        raise SettingsError(
            f"invalid settings:{lines}\nset them in the environment, or as files in SECRETS_DIR"
        ) from None
    except pydantic_settings.SettingsError as error:
        raise SettingsError(
            f"invalid settings:\n  SECRETS_DIR: a file in {folder!r} cannot be read ({error.__cause__}); "
            "it must contain only UTF-8 files that this user may read"
        ) from None


def _fault(detail: Any) -> str:
    message = detail["msg"].removeprefix("Value error, ")
    if not detail["loc"]:
        return str(message)
    name = str(detail["loc"][0])
    found = "a value (not shown)" if name in SECRETS else repr(detail["input"])
    return f"{name.upper()}: got {found}, {message[:1].lower()}{message[1:]}"
