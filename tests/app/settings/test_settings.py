"""Accepted settings, and messages for refused ones."""

from pathlib import Path

import pytest

from app.settings import LogLevel, Settings, SettingsError, load_settings

URL = "postgresql://ada:tops3cret@db:5432/app"


def test_a_database_url_alone_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """All other settings have defaults; the default host is loopback."""
    monkeypatch.setenv("DATABASE_URL", URL)

    settings = load_settings()

    assert (settings.host, settings.port, settings.max_connections) == ("127.0.0.1", 8080, 10)


def test_host_name_and_user_of_the_database_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """They replace the URL."""
    for name, value in {"DB_HOST": "db", "DB_NAME": "app", "DB_USER": "ada"}.items():
        monkeypatch.setenv(name, value)

    assert load_settings().db_port == 5432


def test_files_take_precedence_over_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mounted Secret has a file per setting; a trailing newline is not part of the value."""
    (tmp_path / "DATABASE_URL").write_text(URL + "\n")
    (tmp_path / "LOG_LEVEL").write_text("Warning")
    monkeypatch.setenv("LOG_LEVEL", "debug")
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path))

    settings = load_settings()

    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == URL
    assert settings.log_level is LogLevel.WARNING


def test_reads_a_rotated_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All other settings stay."""
    (tmp_path / "DB_PASSWORD").write_text("old")
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path))
    for name, value in {"DB_HOST": "db", "DB_NAME": "app", "DB_USER": "ada", "PORT": "9"}.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    (tmp_path / "DB_PASSWORD").write_text("new")

    now = settings.with_current_files()

    assert now.db_password is not None
    assert now.db_password.get_secret_value() == "new"
    assert now.model_copy(update={"db_password": settings.db_password}) == settings


def test_reports_all_faults_in_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each fault has the setting, the value and what is accepted; secrets are not shown."""
    for name, value in {
        "DATABASE_URL": "mysql://ada:tops3cret@db/app",
        "PORT": "http",
        "LOG_LEVEL": "loud",
        "DB_SSLMODE": "on",
        "ENVIRONMENT": "Prod!",
        "MAX_CONNECTIONS": "0",
        "TRUSTED_PROXY_CIDRS": "10.0.0.0/20, 10.0.0.1/20",
    }.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as error:
        load_settings()

    message = str(error.value)
    assert "tops3cret" not in message
    assert "DATABASE_URL: got a value (not shown), must be postgresql://" in message
    assert "PORT: got 'http', input should be a valid integer" in message
    assert "LOG_LEVEL: got 'loud', input should be 'debug', 'info', 'warning' or 'error'" in message
    assert "DB_SSLMODE: got 'on', input should be 'disable'" in message
    assert "ENVIRONMENT: got 'Prod!'" in message
    assert "TRUSTED_PROXY_CIDRS: got '10.0.0.0/20, 10.0.0.1/20', " in message
    assert "10.0.0.1/20 has host bits set; must be CIDR blocks separated by commas, such as 10.0.0.0/20" in message
    assert "MAX_CONNECTIONS: got '0', input should be greater than or equal to 1" in message


@pytest.mark.parametrize(
    ("value", "expected"),
    [("", ()), ("10.0.0.0/20", ("10.0.0.0/20",)), (" 10.0.0.0/20 ,fd00::/8,", ("10.0.0.0/20", "fd00::/8"))],
)
def test_networks_are_cidr_blocks_separated_by_commas(
    value: str, expected: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By default no proxy is trusted."""
    monkeypatch.setenv("DATABASE_URL", URL)
    assert load_settings().trusted_proxy_cidrs == ()

    monkeypatch.setenv("TRUSTED_PROXY_CIDRS", value)

    assert tuple(map(str, load_settings().trusted_proxy_cidrs)) == expected


def test_rejects_an_incomplete_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has the missing settings."""
    monkeypatch.setenv("DB_HOST", "db")

    with pytest.raises(SettingsError, match="set DATABASE_URL, or DB_NAME, DB_USER as well"):
        load_settings()


def test_rejects_a_url_that_libpq_cannot_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The usual reason is an unescaped percent sign. The password is not shown."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://ada:top%s3cret@db/app")

    with pytest.raises(SettingsError, match="percent-encoded") as error:
        load_settings()

    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize(
    "secret", ["tops3cret", "{}", "[]", '"tops3cret"', '{"username": "ada"}', '{"username": "ada", "password": 5}']
)
def test_rejects_an_owner_secret_that_is_not_a_login(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    """The message describes a login, and does not show the value."""
    monkeypatch.setenv("DATABASE_URL", URL)
    monkeypatch.setenv("DB_OWNER_SECRET", secret)

    with pytest.raises(SettingsError, match=r"DB_OWNER_SECRET: got a value .not shown., must be a JSON") as error:
        load_settings()

    assert "ada" not in str(error.value)
    assert "tops3cret" not in str(error.value)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        (
            {"FAULT_TOKEN": "a t0ken for drills", "ENVIRONMENT": "prod"},
            "FAULT_TOKEN: not allowed in the ENVIRONMENT prod or production",
        ),
        (
            {"FAULT_TOKEN": "a t0ken for drills", "ENVIRONMENT": "production"},
            "FAULT_TOKEN: not allowed in the ENVIRONMENT prod or production",
        ),
        (
            {"AUTH_JWKS_URL": "https://login.example/keys", "AUTH_AUDIENCE": "drydock"},
            "AUTH_JWKS_URL: also set AUTH_ISSUER and AUTH_AUDIENCE",
        ),
        (
            {"AUTH_JWKS_URL": "https://login.example/keys", "AUTH_ISSUER": "https://login.example"},
            "AUTH_JWKS_URL: also set AUTH_ISSUER and AUTH_AUDIENCE",
        ),
        (
            {"JOB_VISIBILITY_SECONDS": "45", "JOB_TIMEOUT_SECONDS": "45"},
            "JOB_VISIBILITY_SECONDS: got 45, must be more than JOB_TIMEOUT_SECONDS (45), "
            "or two workers could run the same job",
        ),
    ],
)
def test_rejects_settings_that_conflict(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str) -> None:
    """The line has the setting and what is accepted; secrets are not shown."""
    for name, value in {"DATABASE_URL": URL, **variables}.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as error:
        load_settings()

    assert str(error.value).splitlines() == [
        "invalid settings:",
        f"  {said}",
        "set them in the environment, or as files in SECRETS_DIR",
    ]


@pytest.mark.parametrize(
    "variables",
    [
        {"FAULT_TOKEN": "a t0ken for drills", "ENVIRONMENT": "staging"},
        {"AUTH_JWKS_URL": "https://login.example/keys", "AUTH_ISSUER": "i", "AUTH_AUDIENCE": "a"},
        {"JOB_VISIBILITY_SECONDS": "46", "JOB_TIMEOUT_SECONDS": "45"},
    ],
)
def test_consistent_settings_are_accepted(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    """The values are the closest to the refused ones."""
    for name, value in {"DATABASE_URL": URL, **variables}.items():
        monkeypatch.setenv(name, value)

    assert load_settings().model_fields_set == {name.lower() for name in ("DATABASE_URL", *variables)}


def test_rejects_a_missing_secrets_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """So a wrong mount path does not look like missing settings."""
    monkeypatch.setenv("SECRETS_DIR", "/nowhere")

    with pytest.raises(SettingsError, match="SECRETS_DIR: got '/nowhere'"):
        load_settings()


def test_rejects_a_file_that_is_not_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that are not UTF-8 cause a message instead of a traceback."""
    (tmp_path / "DB_PASSWORD").write_bytes(b"\xff\xfe")
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path))

    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings()


def test_printed_settings_have_no_secrets() -> None:
    """So logged settings contain no password."""
    assert "tops3cret" not in repr(Settings(database_url=URL))
