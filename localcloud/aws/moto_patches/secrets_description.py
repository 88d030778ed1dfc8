"""moto ignores an empty description in UpdateSecret, so that a description cannot be removed.

Upstream in 2026-11: #6347 closed, for descriptions that are not empty; the rest not reported.
"""

from typing import Any

from moto.secretsmanager.models import SecretsManagerBackend

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto."""

    def update_secret(self: Any, secret_id: str, *args: Any, **kwargs: Any) -> Any:
        answer = original(self, secret_id, *args, **kwargs)
        if kwargs.get("description") == "":
            self.secrets[secret_id].description = ""
        return answer

    original = changes.put(SecretsManagerBackend, "update_secret", update_secret)


PATCH = Patch(name="secrets_description", apply=apply)
