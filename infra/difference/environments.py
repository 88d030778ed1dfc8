"""The environments that a branch removes."""

from pathlib import Path

from infra.difference.revision import Base, git
from infra.engine.places import LOCAL_STACK, ROOT, stack_names
from infra.review.hazard import Hazard, HazardKind

WHAT = "the environment {} has no stack file any more: nothing deploys or reviews it, and its resources stay"


def removed_environments(base: Base, root: Path = ROOT) -> tuple[Hazard, ...]:
    """Return the stack files of the commit that the checkout does not have, except that of the local cloud."""
    files = git(root, "ls-tree", "-z", "--name-only", base.commit, check=False).split("\0")
    before = {each.removeprefix("Pulumi.").removesuffix(".yaml") for each in files if each.startswith("Pulumi.")}
    gone = sorted(before - {"yaml", LOCAL_STACK, *stack_names()})
    return tuple(
        Hazard(kind=HazardKind.PROTECTION_LOSS, urn=f"Pulumi.{name}.yaml", what=WHAT.format(name)) for name in gone
    )
