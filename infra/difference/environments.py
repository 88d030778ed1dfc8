"""The environments that a branch removes."""

import re

from infra.difference.revision import Base, git
from infra.engine.places import LOCAL_STACK, ROOT, stack_names
from infra.review.hazard import Hazard, HazardKind

STACK_FILE = re.compile(r"Pulumi\.(.+)\.yaml")
WHAT = "the environment {} has no stack file any more: it is not deployed or reviewed, and its resources still exist"


def removed_environments(base: Base) -> tuple[Hazard, ...]:
    """Return the stack files of the commit that the checkout does not have, except that of the local cloud."""
    files = git(ROOT, "ls-tree", "-z", "--name-only", base.commit, check=False).split("\0")
    before = {found[1] for each in files if (found := STACK_FILE.fullmatch(each))}
    gone = sorted(before - {LOCAL_STACK, *stack_names()})
    return tuple(
        Hazard(kind=HazardKind.PROTECTION_LOSS, urn=f"Pulumi.{name}.yaml", what=WHAT.format(name)) for name in gone
    )
