"""Upgrades of a deployed stack: states recorded with older programs are previewed with the current program."""

from typing import Any

import pytest

from infra.engine.places import ROOT
from tests.support import recorded_state
from tests.support.recorded_state import DELETES, REPLACES

# Objects that cannot be changed in place and have a hash of their content in their names: each release has new ones.
# They contain no data.
OF_A_RELEASE = (
    "kubernetes:batch/v1:Job ",
    "kubernetes:core/v1:ConfigMap ",
    "kubernetes:secrets-store.csi.x-k8s.io/v1:",
)
# The commit before RDS kept the master password: docs/adr/0015-database-sign-in.md.
PASSWORD_IN_STATE = "3e5cb2c"
UNPROTECTED = ("database-password", "app-secrets-secret", "app-secrets-key", "mounted-secrets-db-password")
DELETED = {
    "aws:kms/key:Key app-secrets-key",
    "aws:secretsmanager/secret:Secret app-secrets-secret",
    "aws:secretsmanager/secret:Secret mounted-secrets-db-password",
    "aws:secretsmanager/secretVersion:SecretVersion app-secrets-version",
    "aws:secretsmanager/secretVersion:SecretVersion mounted-secrets-db-password",
    "random:index/randomPassword:RandomPassword database-password",
}
# Without another mounted secret, no resource that mounts secrets for the service is kept.
LAST_MOUNT = {
    "aws:iam/rolePolicy:RolePolicy mounted-secrets-reader",
    "aws:kms/key:Key mounted-secrets-key",
    "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass workload-secrets",
}


@pytest.fixture(autouse=True)
def _where_programs_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Change to the folder to which the image's build context is relative."""
    monkeypatch.chdir(ROOT / "infra")


def lasting(names: set[str]) -> set[str]:
    """Return the names of resources that do not belong to a single release."""
    return {name for name in names if not name.startswith(OF_A_RELEASE)}


@pytest.mark.parametrize("stack", ["local", "dev", "staging", "prod"])
def test_an_upgrade_deletes_and_replaces_nothing(stack: str) -> None:
    """Creations and updates are accepted. A renamed resource would be deleted."""
    outcome = recorded_state.preview(stack, recorded_state.resources("8abe821", stack))

    assert lasting(recorded_state.names(outcome.events, REPLACES)) == set()
    assert recorded_state.names(outcome.events, DELETES) == set()
    assert outcome.counts["same"] > 100


def unprotected(resources: list[dict[str, Any]], names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the state as after `pulumi state unprotect`."""
    return [{**each, "protect": False} if each["urn"].rpartition("::")[2] in names else each for each in resources]


@pytest.mark.parametrize(
    ("stack", "more", "deleted"),
    [("dev", (), DELETED), ("prod", ("mounted-secrets-key",), DELETED | LAST_MOUNT)],
)
def test_the_upgrade_to_a_managed_master_password_deletes_only_the_listed_resources(
    stack: str, more: tuple[str, ...], deleted: set[str]
) -> None:
    """The database is kept, and so is the role of the pods, whose URN had another component type."""
    recorded = unprotected(recorded_state.resources(PASSWORD_IN_STATE, stack), (*UNPROTECTED, *more))

    outcome = recorded_state.preview(stack, recorded)

    assert recorded_state.names(outcome.events, DELETES) == deleted
    assert lasting(recorded_state.names(outcome.events, REPLACES)) == set()
    assert "aws:rds/instance:Instance database-instance" in recorded_state.names(outcome.events, ("update",))
    assert "aws:iam/role:Role app-secrets-reader" in recorded_state.names(outcome.events, ("same",))
