"""service-writes-authenticated."""

import pytest
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from infra.policy.rules.service_writes_authenticated import RULE
from tests.infra.policy.compliant import CONFIG_MAP, SERVICE_CONFIG
from tests.infra.policy.judge import ABSENT, violations
from tests.support.worlds import world_of

AUTH = ("AUTH_JWKS_URL", "AUTH_ISSUER", "AUTH_AUDIENCE")


def test_accepts_a_service_with_all_three_settings() -> None:
    """A value that is unknown in a preview is accepted too."""
    assert violations(RULE, SERVICE_CONFIG) == []
    assert violations(RULE, SERVICE_CONFIG.but("data.AUTH_JWKS_URL", UNKNOWN_STRING_VALUE)) == []


def test_accepts_a_config_map_without_a_database() -> None:
    """It does not belong to the bundled service, which has a database."""
    assert violations(RULE, CONFIG_MAP) == []


def test_accepts_another_service_with_a_database() -> None:
    """Only the bundled service has these settings."""
    config = SERVICE_CONFIG.but("data.RATE_LIMIT_PER_SECOND", ABSENT).but("data.AUTH_ISSUER", ABSENT)

    assert violations(RULE, config) == []


@pytest.mark.parametrize("value", [ABSENT, ""])
@pytest.mark.parametrize("name", AUTH)
def test_rejects_a_service_without_one_of_the_settings(name: str, value: object) -> None:
    """The service treats an empty setting as absent."""
    [message] = violations(RULE, SERVICE_CONFIG.but(f"data.{name}", value))

    assert f"data has no {name}, so the service accepts writes from everybody" in message
    assert "set service.auth" in message


def test_rejects_a_service_whose_database_address_is_unknown() -> None:
    """In a preview the names of the settings are known before the database's address."""
    config = SERVICE_CONFIG.but("data.DB_HOST", UNKNOWN_STRING_VALUE).but("data.AUTH_ISSUER", ABSENT)

    assert len(violations(RULE, config)) == 1


@pytest.mark.parametrize(
    ("stack", "authenticated"), [("local", False), ("dev", False), ("staging", True), ("prod", True)]
)
def test_accepts_shipped_stacks_with_authentication_only(stack: str, *, authenticated: bool) -> None:
    """The rule checks the ConfigMap that the program creates from the stack file."""
    data = world_of(stack).only(CONFIG_MAP.type, "workload-config").inputs["data"]

    found = violations(RULE, SERVICE_CONFIG.but("data", data))
    assert found == [] if authenticated else len(found) == 1
