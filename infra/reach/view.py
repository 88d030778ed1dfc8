"""The model of a planned stack that is the input of the network rules in `laws`."""

from collections.abc import Sequence
from typing import NamedTuple

from infra.reach.network import Network
from infra.reach.places import Places, places_of
from infra.resources.resource import Resource


class View(NamedTuple):
    """The network of a stack, and the places in it."""

    network: Network
    places: Places


def view_of(resources: Sequence[Resource]) -> View:
    """Return the model of the planned resources of a stack."""
    network = Network(resources)
    return View(network, places_of(network))
