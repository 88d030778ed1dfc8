"""Checks the requests of a deployment in a preview, as far as their values are known."""

import logging
from collections import Counter
from collections.abc import Callable

from localcloud.aws.account import Account
from localcloud.aws.dry_account import DryAccount
from localcloud.aws.existing import Existing, Plan
from localcloud.aws.judge.refusal import RefusedError

log = logging.getLogger(__name__)

unchecked: Counter[str] = Counter()
"""Resource type -> number of resources whose requests could not all be checked without AWS's responses."""


def run(
    type_: str,
    work: Callable[[Account], object],
    account_id: str,
    region: str,
    *,
    existing: Existing | None = None,
    plan: Plan | None = None,
) -> None:
    """Run `work` with an account that checks requests without sending them.

    Args:
        type_: Pulumi's type token.
        work: creates or changes a resource. It must change nothing but the account.
        account_id: id of the account.
        region: region of the account.
        existing: the resource that `work` creates or changes, for the rules that read it.
        plan: the resources that were planned before.

    Raises:
        RefusedError: AWS would refuse a request of `work`.
    """
    try:
        work(DryAccount(account_id, region, existing, plan))
    except RefusedError:
        raise
    except Exception as error:
        unchecked[type_] += 1
        log.debug("%s: further requests are not checked: %r", type_, error)
