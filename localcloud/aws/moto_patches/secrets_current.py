"""moto returns the previous version of a secret after UpdateSecretVersionStage has moved AWSCURRENT to another one.

The last step of a rotation moves AWSCURRENT. GetSecretValue must return the version that has it:
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html.
Upstream in 2026-11: not reported.
"""

from typing import Any

from moto.secretsmanager.models import SecretsManagerBackend

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto."""

    def update_secret_version_stage(
        self: Any, secret_id: str, version_stage: str, remove_from_version_id: str, move_to_version_id: str
    ) -> Any:
        answer = original(self, secret_id, version_stage, remove_from_version_id, move_to_version_id)
        if version_stage == "AWSCURRENT" and move_to_version_id:
            self.secrets[secret_id].set_default_version_id(move_to_version_id)
        return answer

    original = changes.put(SecretsManagerBackend, "update_secret_version_stage", update_secret_version_stage)


PATCH = Patch(name="secrets_current", apply=apply)
