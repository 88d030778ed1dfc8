"""moto's STS forgets the tags of a session, which of them are transitive, and its managed policies.

Policies refer to tags as aws:PrincipalTag. A session that a session makes has the transitive tags of the first one and
lasts an hour at most: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
and https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html (DurationSeconds).

moto also asks the system for the random part of a session's token, which has to be the same after a replay.

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
"""Where an assumed role keeps them: key -> value."""
TRANSITIVE_TAGS = "transitive_tags"
"""Those of them that sessions have which this session makes."""
POLICY_ARNS = "policy_arns"
"""ARNs of the managed policies that limit a session."""
SOURCE_IDENTITY = "source_identity"
"""The source identity that a session was given, or has from the session that made it."""


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
