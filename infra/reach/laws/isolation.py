"""Laws: the internet can reach load balancers only, and a database is reachable only from the cluster."""

from collections.abc import Iterator

from infra.reach.breach import Breach
from infra.reach.ends import End, Place
from infra.reach.network import Network
from infra.reach.paths import answer, path
from infra.reach.places import INTERNET, VPC, Places
from infra.reach.port import Port
from infra.reach.security_groups import CLUSTER
from infra.reach.verdict import Hop, Path, Verdict
from infra.reach.view import View

DATABASES = ("aws:rds/instance:Instance", "aws:rds/cluster:Cluster")


def internet_reaches_load_balancers_only(view: View) -> Iterator[Breach]:
    """Yield places other than load balancers that the internet can reach on any port opened by a rule.

    The Kubernetes API may allow some addresses; this is a setting that is checked by other rules.
    """
    network, places = view
    outside = places.sources[INTERNET].ends[0]
    for place in {**places.sources, **places.targets}.values():
        if place.service or place.name in (INTERNET, VPC) or any(end.balancer for end in place.ends):
            continue
        ports = dict.fromkeys([*place.ports, *network.groups.ports_open_to(outside)])
        for end, port in ((end, port) for end in place.outside or place.ends for port in ports if not end.on_node):
            if opened := _opened(network, outside, end, port):
                yield _breach(opened, INTERNET, port, place)
                break


def database_is_isolated(view: View) -> Iterator[Breach]:
    """Yield places other than nodes and pods that can reach a database, and places that a database can reach.

    In EKS Auto Mode, nodes and all pods share one security group, so the NetworkPolicies of the namespaces determine
    which pods may connect.
    """
    network, places = view
    for place in places.targets.values():
        if place.resource and place.resource.type in DATABASES:
            yield from _callers(network, places, place)
            yield from _called(network, places, place)


def _callers(network: Network, places: Places, database: Place) -> Iterator[Breach]:
    for source in places.sources.values():
        if not any(end.on_cluster or end.balancer for end in source.ends):
            found = answer(network, source, database)
            if found and found.passed:
                yield _breach(found.passed, source.name, database.ports[0], database)


def _called(network: Network, places: Places, database: Place) -> Iterator[Breach]:
    for target in places.targets.values():
        found = answer(network, database, target)
        if found and found.passed and database.resource:
            hop = _filter(found.passed)
            yield Breach(
                hop.resource or database.resource,
                f"{database.name} reaches {target.name} on {found.port}: {hop}",
                "remove its egress rules: a database answers connections, and opens none",
            )
            return


def _opened(network: Network, outside: End, end: End, port: Port) -> Path | None:
    found = path(network, outside, end, port)
    enough = (Verdict.YES,) if end.admits is not None else (Verdict.YES, Verdict.SOME)
    return found if found.verdict in enough else None


def _breach(opened: Path, source: str, port: Port, target: Place) -> Breach:
    hop = _filter(opened, last=True)
    resource = hop.resource or target.resource
    assert resource is not None  # noqa: S101 - a group, a cluster or a database is always one
    remedy = "remove that rule, or name the security group of those who need it as its source"
    if resource.type == CLUSTER and hop.at.startswith("public endpoint"):
        remedy = "name the addresses that need it in publicAccessCidrs, or set endpointPublicAccess to false"
    return Breach(resource, f"{source} reaches {opened.target} on {port}: {hop}", remedy)


def _filter(opened: Path, *, last: bool = False) -> Hop:
    """Return the hop of the security group that allows the traffic: the last one if `last`, else the first one."""
    groups = [hop for hop in opened.hops if hop.at.startswith("security group")]
    return (groups[-1] if last else groups[0]) if groups else opened.decides
