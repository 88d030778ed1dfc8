"""moto's STS drops the tags of a session, their transitive keys, its managed policies and its source identity.

Policies refer to tags as aws:PrincipalTag. If a session assumes a role, the new session inherits the transitive tags
and lasts at most one hour:
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
and https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html (DurationSeconds).

moto also uses the system's random source for a session token, which must be the same after a replay.

Upstream in 2026-11: not reported.
"""

from base64 import b64encode
from typing import Any

from moto.core.responses import ActionResult
from moto.sts import models
from moto.sts.exceptions import STSClientError, STSValidationError
from moto.sts.responses import TokenResponse

from localcloud.aws.determinism import random_bytes
from localcloud.aws.moto_patches.patch import Changes, Patch

TOKEN_BYTES = 240
CHAINED_SECONDS = 3600

SESSION_TAGS = "session_tags"
"""Attribute of a session with its tags: key -> value."""
TRANSITIVE_TAGS = "transitive_tags"
"""Attribute of a session with the tags that sessions inherit when it assumes a role."""
POLICY_ARNS = "policy_arns"
"""Attribute of a session with the ARNs of the managed policies that limit it."""
SOURCE_IDENTITY = "source_identity"
"""Attribute of a session with its source identity, either requested or inherited from the calling session."""


def apply(changes: Changes) -> None:
    """Patch moto."""
    response: Any = TokenResponse

    def assume_role(self: Any) -> ActionResult:
        maker = next((each for each in self.backend.assumed_roles if each.access_key_id == self.access_key), None)
        inherited: dict[str, str] = getattr(maker, TRANSITIVE_TAGS, {})
        tags = {tag["Key"]: tag["Value"] for tag in self._get_param("Tags") or []}
        _require_allowed(tags, inherited, self._get_int_param("DurationSeconds", CHAINED_SECONDS) if maker else 0)
        answer: ActionResult = original(self)
        made = self.backend.assumed_roles[-1]
        transitive = {key.casefold() for key in self._get_param("TransitiveTagKeys") or []}
        setattr(made, SESSION_TAGS, tags | inherited)
        setattr(made, TRANSITIVE_TAGS, inherited | {k: v for k, v in tags.items() if k.casefold() in transitive})
        setattr(made, POLICY_ARNS, [each["arn"] for each in self._get_param("PolicyArns") or []])
        setattr(made, SOURCE_IDENTITY, self._get_param("SourceIdentity") or getattr(maker, SOURCE_IDENTITY, ""))
        return answer

    changes.put(models, "random_session_token", lambda: b64encode(random_bytes(TOKEN_BYTES)).decode())
    original = changes.put(response, "assume_role", assume_role)


def _require_allowed(tags: dict[str, str], inherited: dict[str, str], seconds: int) -> None:
    if seconds > CHAINED_SECONDS:
        raise STSValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        )
    if {key.casefold() for key in tags} & {key.casefold() for key in inherited}:
        raise STSClientError(
            "InvalidParameterValue",
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from "
            "the calling session.",
        )


PATCH = Patch(name="sts_session_tags", apply=apply)
