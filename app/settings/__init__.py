"""Settings of the service, from environment variables and from files in SECRETS_DIR (file name = setting name).

A file takes precedence over the variable of the same name: a mounted file follows a rotation, a variable cannot.
"""

from app.settings.current import CurrentSettings
from app.settings.settings import Settings, SettingsError, load_settings
from app.settings.values import DatabaseAuth, LogLevel, SslMode

__all__ = ["CurrentSettings", "DatabaseAuth", "LogLevel", "Settings", "SettingsError", "SslMode", "load_settings"]
