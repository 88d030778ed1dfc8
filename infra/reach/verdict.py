"""The results for hops, paths and pairs of places, and how they are combined."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from infra.resources.resource import Resource


class Verdict(StrEnum):
    """Whether traffic is allowed."""

    YES = "yes"
    SOME = "some"
    """Allowed only from a part of the source's addresses, to a part of the target's, or on some of the paths."""
    UNKNOWN = "unknown"
    """Not determined by the plan: a value is unknown, or the type of a resource is not modelled."""
    NO = "no"


RANKS = {verdict: rank for rank, verdict in enumerate(Verdict)}


def along(verdicts: Iterable[Verdict]) -> Verdict:
    """Combine the verdicts of hops that must all be passed."""
    return max(verdicts, key=RANKS.__getitem__, default=Verdict.YES)


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Combine the verdicts of rules of which one is sufficient; UNKNOWN takes precedence over SOME.

    The reason is that an unknown rule may allow the remaining part.
    """
    found = set(verdicts)
    for verdict in (Verdict.YES, Verdict.UNKNOWN, Verdict.SOME):
        if verdict in found:
            return verdict
    return Verdict.NO


def across(verdicts: Iterable[Verdict]) -> Verdict:
    """Combine the verdicts of alternative paths, such as those from the different subnets of a node."""
    found = set(verdicts)
    if len(found) == 1:
        return found.pop()
    if not found:
        return Verdict.UNKNOWN
    return Verdict.SOME if found & {Verdict.NO, Verdict.SOME} else Verdict.UNKNOWN


@dataclass(frozen=True, kw_only=True)
class Hop:
    """One hop of a path, which allows or refuses traffic."""

    at: str
    """The name of the hop, such as `security group database-access`."""
    verdict: Verdict
    why: str
    """The reason for the verdict, such as `allows TCP 5432 from cluster-eks`."""
    resource: Resource | None = None
    """The resource to change; None if the hop is built into AWS or Kubernetes."""
    remedy: str = ""
    """The change that would allow the traffic; may be empty if it is allowed."""

    def __str__(self) -> str:
        return f"{self.at}: {self.why}"


@dataclass(frozen=True, kw_only=True)
class Path:
    """The hops from one network interface to another, in order."""

    source: str
    """The source interface, such as `nodes in network-private-a`."""
    target: str
    hops: tuple[Hop, ...]

    @property
    def verdict(self) -> Verdict:
        """The combined verdict of all hops."""
        return along(hop.verdict for hop in self.hops)

    @property
    def decides(self) -> Hop:
        """The deciding hop: the first one with the verdict of the path, or the last hop if traffic is allowed."""
        if self.verdict is Verdict.YES:
            return self.hops[-1]
        return next(hop for hop in self.hops if hop.verdict is self.verdict)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Whether one place can reach another on its ports."""

    source: str
    target: str
    port: str
    """The ports of the target, such as `TCP 443`."""
    paths: tuple[Path, ...]

    @property
    def verdict(self) -> Verdict:
        """The combined verdict of all paths: YES if all are allowed, SOME if only a part is."""
        return across(path.verdict for path in self.paths)

    @property
    def decides(self) -> Hop:
        """The deciding hop, taken from a path that is not allowed, if there is one."""
        return max(self.paths, key=lambda path: RANKS[path.verdict]).decides

    @property
    def refused(self) -> Path | None:
        """A path that is known to be refused, at least in part."""
        return next((path for path in self.paths if path.verdict in (Verdict.NO, Verdict.SOME)), None)

    @property
    def passed(self) -> Path | None:
        """A path that is known to be allowed, at least in part."""
        return next((path for path in self.paths if path.verdict in (Verdict.YES, Verdict.SOME)), None)
