"""The answers of a hop, a path and a question, and how they combine."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from infra.resources.resource import Resource


class Verdict(StrEnum):
    """Whether traffic passes."""

    YES = "yes"
    SOME = "some"
    """Only from a part of the source's addresses, to a part of the target's, or by some of the paths."""
    UNKNOWN = "unknown"
    """The plan does not tell: a value is unknown, or the resource is of a kind that is not modelled."""
    NO = "no"


RANKS = {verdict: rank for rank, verdict in enumerate(Verdict)}


def along(verdicts: Iterable[Verdict]) -> Verdict:
    """Combine hops that all have to be passed."""
    return max(verdicts, key=RANKS.__getitem__, default=Verdict.YES)


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Combine rules of which one is enough. An unknown rule may add what is missing to a part."""
    found = set(verdicts)
    for verdict in (Verdict.YES, Verdict.UNKNOWN, Verdict.SOME):
        if verdict in found:
            return verdict
    return Verdict.NO


def across(verdicts: Iterable[Verdict]) -> Verdict:
    """Combine paths of which any may be taken, such as those from the subnets of a node."""
    found = set(verdicts)
    if len(found) == 1:
        return found.pop()
    if not found:
        return Verdict.UNKNOWN
    return Verdict.SOME if found & {Verdict.NO, Verdict.SOME} else Verdict.UNKNOWN


@dataclass(frozen=True, kw_only=True)
class Hop:
    """One thing on the way that lets traffic pass or not."""

    at: str
    """What it is, such as `security group database-access`."""
    verdict: Verdict
    why: str
    """What it says of this traffic, such as `TCP 5432 from cluster-eks`."""
    resource: Resource | None = None
    """Where to change it; None where it is AWS's or Kubernetes' own."""
    remedy: str = ""
    """What to change there so that traffic passes; empty where it passes."""

    def __str__(self) -> str:
        return f"{self.at}: {self.why}"


@dataclass(frozen=True, kw_only=True)
class Path:
    """The hops from one network interface to another, in their order."""

    source: str
    """The interface, such as `nodes in network-private-a`."""
    target: str
    hops: tuple[Hop, ...]

    @property
    def verdict(self) -> Verdict:
        """Whether traffic passes all hops."""
        return along(hop.verdict for hop in self.hops)

    @property
    def decides(self) -> Hop:
        """The first hop with the path's verdict; where traffic passes, the last one that could have refused it."""
        if self.verdict is Verdict.YES:
            return self.hops[-1]
        return next(hop for hop in self.hops if hop.verdict is self.verdict)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Whether one place reaches another on a port."""

    source: str
    target: str
    port: str
    """Such as `TCP 443`."""
    paths: tuple[Path, ...]

    @property
    def verdict(self) -> Verdict:
        """YES where every path passes, SOME where a part does."""
        return across(path.verdict for path in self.paths)

    @property
    def decides(self) -> Hop:
        """The hop that decides: of a path that does not pass, if there is one."""
        return max(self.paths, key=lambda path: RANKS[path.verdict]).decides

    @property
    def refused(self) -> Path | None:
        """A path that is known not to pass wholly."""
        return next((path for path in self.paths if path.verdict in (Verdict.NO, Verdict.SOME)), None)

    @property
    def passed(self) -> Path | None:
        """A path that is known to pass, if only in part."""
        return next((path for path in self.paths if path.verdict in (Verdict.YES, Verdict.SOME)), None)
