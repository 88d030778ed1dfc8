"""Law: load balancers can reach their pods, and their clients can reach them."""

from collections.abc import Iterator

from infra.reach.balancers import Balancer
from infra.reach.breach import Breach, Refusal, breaches
from infra.reach.ends import Place
from infra.reach.fronts import fronts_of
from infra.reach.network import Network
from infra.reach.paths import answer
from infra.reach.places import INTERNET, VPC, Places
from infra.reach.security_groups import CLOUDFRONT
from infra.reach.view import View


def load_balancers_reach_pods(view: View) -> list[Breach]:
    """Return load balancers without subnets or targets, and those with unreachable targets or excluded clients."""
    network, places = view
    return [
        *(breach for each in network.balancers for breach in _incomplete(network, each)),
        *breaches(refusal for each in network.balancers for refusal in _refused(network, places, each)),
    ]


def _incomplete(network: Network, balancer: Balancer) -> Iterator[Breach]:
    if network.subnets and balancer.scheme and not balancer.subnets and balancer.subnets_certain:
        finding = f"its {balancer.scheme} load balancer finds no subnet"
        yield Breach(balancer.resource, finding, balancer.subnets_found_by)
    if network.pods and not balancer.targets.found and balancer.targets.certain:
        finding = "its load balancer has no target: no pods have its selector's labels and its targetPort"
        remedy = (
            "give it the labels of the pods as its selector, and the number or name of their port as its targetPort"
        )
        yield Breach(balancer.resource, finding, remedy)


def _refused(network: Network, places: Places, balancer: Balancer) -> Iterator[Refusal]:
    place = next((each for each in places.sources.values() if each.resource is balancer.resource), None)
    if place is None:
        return
    for pod, port in balancer.targets.found:
        if pod.name in places.sources:
            target = Place(name=pod.name, ends=places.sources[pod.name].ends, ports=(port,), resource=pod.resource)
            if found := answer(network, place, target):
                yield Refusal(found, target, balancer.resource)
    client = {"internet-facing": INTERNET, "internal": VPC}.get(balancer.scheme)
    if client and fronts_of(network.graph, balancer.resource):
        client = CLOUDFRONT
    if client and (found := answer(network, places.sources[client], place)):
        yield Refusal(found, place, balancer.resource)
