"""moto creates AWS's managed policies for each account, with new ids. This takes most of the time of a new account.

On AWS these policies are the same for all accounts:
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html. With the patch they are created
once per process, and each account gets copies.

Upstream in 2026-11: #7219 merged, which makes them on request only; the time that it takes not reported.
"""

from functools import cache
from typing import Any

from moto.iam import models
from moto.iam.models import IAMBackend

from localcloud.aws import determinism
from localcloud.aws.moto_patches.patch import Changes, Patch

_moto_policies = IAMBackend._init_aws_policies


def apply(changes: Changes) -> None:
    """Patch moto."""
    changes.put(IAMBackend, "_init_aws_policies", lambda self: [_copy(one) for one in _policies(self.region_name)])
    changes.put(models, "load_iam_aws_managed_policies", lambda: True)  # regardless of the environment


@cache
def _policies(region: str) -> tuple[Any, ...]:
    backend = IAMBackend.__new__(IAMBackend)
    backend.account_id, backend.region_name = "aws", region
    with determinism.repeatable("managed policies"):
        return tuple(_moto_policies(backend))


def _copy(policy: Any) -> Any:
    """Return a copy of a policy that can be attached, tagged and given versions without changes of other copies."""
    own = object.__new__(type(policy))  # not that of moto, which remembers each instance forever
    vars(own).update(vars(policy), tags=dict(policy.tags), versions=list(policy.versions))
    return own


PATCH = Patch(name="iam_managed_policies", apply=apply)
