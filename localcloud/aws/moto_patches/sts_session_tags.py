"""moto's STS forgets the tags of a session, which policies refer to as aws:PrincipalTag.

It also asks the system for the random part of a session's token, which has to be the same after a replay.

Upstream in 2026-11: not reported.
"""

from base64 import b64encode
from typing import Any

from moto.core.responses import ActionResult
from moto.sts import models
from moto.sts.responses import TokenResponse

from localcloud.aws.determinism import random_bytes
from localcloud.aws.moto_patches.patch import Changes, Patch

TOKEN_BYTES = 240

SESSION_TAGS = "session_tags"
"""Where an assumed role keeps them: key -> value."""


def apply(changes: Changes) -> None:
    """Patch moto."""
    response: Any = TokenResponse

    def assume_role(self: Any) -> ActionResult:
        answer: ActionResult = original(self)
        tags = {tag["Key"]: tag["Value"] for tag in self._get_param("Tags") or []}
        setattr(self.backend.assumed_roles[-1], SESSION_TAGS, tags)
        return answer

    changes.put(models, "random_session_token", lambda: b64encode(random_bytes(TOKEN_BYTES)).decode())
    original = changes.put(response, "assume_role", assume_role)


PATCH = Patch(name="sts_session_tags", apply=apply)
