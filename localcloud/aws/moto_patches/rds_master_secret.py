"""The secret of a master user that RDS manages has the name of the user and a random password, and can be rotated.

In moto every instance has the same login, the name of the secret changes in a replay, an instance can get a second
secret, and the caller must implement the rotation. With the patch each new password is also set on the real server.
Sources:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html and
https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_managed.html
Upstream in 2026-11: not reported.
"""

import json
import string
from typing import Any

from moto.moto_api._internal import mock_random
from moto.rds.exceptions import RDSClientError
from moto.rds.models import DBInstance, MasterUserSecret, rds_backends
from moto.secretsmanager.exceptions import InvalidRequestException
from moto.secretsmanager.models import SecretsManagerBackend

from localcloud.aws.moto_patches.patch import Changes, Patch
from localcloud.protocol.servicer import ProviderError

PASSWORD_LENGTH = 28
# Printable characters, without those that RDS refuses: / @ " and space.
_CHARACTERS = string.ascii_letters + string.digits + "!#$%&'()*+,-.:;<=>?[]^_{|}~"
_OWNER = "rds"


def apply(changes: Changes) -> None:
    """Patch moto."""

    def new_login(instance: Any) -> str:
        """Generate and set a new password for the master user, and return the login in the format of the secret."""
        drawn = (mock_random.choice(_CHARACTERS) for _ in range(PASSWORD_LENGTH))
        login = {"username": instance.master_username, "password": "".join(drawn)}
        name = {"identifier": instance.db_instance_identifier, "dbName": instance.db_name}
        changes.places.set_master_login({**login, **name})
        return json.dumps(login)

    def first_login(self: Any) -> str:
        try:
            return new_login(self.resource)
        except ProviderError as error:
            raise RDSClientError("InvalidParameterCombination", str(error)) from None

    def rotate_secret(self: Any, secret_id: str, *args: Any, **kwargs: Any) -> str:
        secret = self.secrets.get(secret_id)
        if secret is None or secret.owning_service != _OWNER:
            return str(original_rotate(self, secret_id, *args, **kwargs))
        instance = _instance_of(secret)
        if instance is None or secret.is_deleted():
            raise InvalidRequestException("the database of this secret is deleted")
        try:
            login = new_login(instance)
        except ProviderError as error:
            raise InvalidRequestException(str(error)) from None
        token = kwargs.get("client_request_token") or str(mock_random.uuid4())
        self.put_secret_value(secret_id, login, None, token, ["AWSCURRENT"])
        return str(secret.to_short_dict(version_id=token))

    def update(self: Any, manage_master_user_password: bool | None = None, **kwargs: Any) -> None:
        if manage_master_user_password and self.manage_master_user_password:
            manage_master_user_password = None  # the instance already has a secret
        original_update(self, manage_master_user_password=manage_master_user_password, **kwargs)

    changes.put(MasterUserSecret, "_generate_secret_name", lambda _self: f"rds!db-{mock_random.uuid4()}")
    changes.put(MasterUserSecret, "_generate_secret_string", first_login)
    # moto returns `creating` in the first response.
    changes.put(MasterUserSecret, "secret_status", property(lambda _self: "active"))
    original_rotate = changes.put(SecretsManagerBackend, "rotate_secret", rotate_secret)
    original_update = changes.put(DBInstance, "update", update)


def logins(account_id: str, region: str) -> list[dict[str, str]]:
    """Return the current logins of all master users that RDS manages, in the format of `Places.set_master_login`."""
    return [
        {
            **json.loads(_current(instance.master_user_secret.secret)),
            "identifier": instance.db_instance_identifier,
            "dbName": instance.db_name,
        }
        for instance in rds_backends[account_id][region].databases.values()
        if instance.manage_master_user_password
    ]


def _current(secret: Any) -> str:
    return str(secret.versions[secret.default_version_id]["secret_string"])


def _instance_of(secret: Any) -> Any:
    for instance in rds_backends[secret.account_id][secret.region].databases.values():
        if instance.manage_master_user_password and instance.master_user_secret.secret.arn == secret.arn:
            return instance
    return None


PATCH = Patch(name="rds_master_secret", apply=apply)
