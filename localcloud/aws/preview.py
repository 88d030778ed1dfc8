"""Judges in a preview what a deployment would ask of AWS, as far as the values are known then."""

import logging
from collections import Counter
from collections.abc import Callable

from localcloud.aws.account import Account
from localcloud.aws.dry_account import DryAccount
from localcloud.aws.judge.refusal import RefusedError

log = logging.getLogger(__name__)

unchecked: Counter[str] = Counter()
"""How often a resource of a type could not be followed to its end without knowing what AWS answers."""


def run(type_: str, work: Callable[[Account], object], account_id: str, region: str) -> None:
    """Do the work on an account that sends nothing.

    Args:
        type_: Pulumi's type token.
        work: makes or changes a resource; it must change nothing but the account.
        account_id: the account.
        region: its region.

    Raises:
        RefusedError: AWS would refuse a request of the work.
    """
    try:
        work(DryAccount(account_id, region))
    except RefusedError:
        raise
    except Exception as error:
        unchecked[type_] += 1
        log.debug("%s: not followed further: %r", type_, error)
