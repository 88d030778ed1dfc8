"""Reachability in every stack, with the model of `drydock reach` and the policy pack."""

from functools import cache

import pytest

from infra.reach.laws.balancers import load_balancers_reach_pods
from infra.reach.laws.confinement import pods_are_confined
from infra.reach.laws.fronts import cloudfront_is_the_only_way
from infra.reach.laws.isolation import database_is_isolated, internet_reaches_load_balancers_only
from infra.reach.laws.needs import pods_reach_what_they_need
from infra.reach.laws.tiers import subnets_fit_their_tier
from infra.reach.matrix import Matrix, matrix_of
from infra.reach.verdict import Verdict
from infra.reach.view import view_of
from tests.support.planned import deployed, planned, planned_stack
from tests.support.services import Service, bundled, named, services_of
from tests.support.worlds import WORLDS, World, every_world, world_of

LAWS = (
    pods_reach_what_they_need,
    load_balancers_reach_pods,
    internet_reaches_load_balancers_only,
    cloudfront_is_the_only_way,
    database_is_isolated,
    subnets_fit_their_tier,
    pods_are_confined,
)


@cache
def matrix(name: str) -> Matrix:
    """Return the answers for a world, as in a preview."""
    return matrix_of(planned(world_of(name).recording))


def verdict(world: World, source: str, target: str) -> Verdict:
    """Return the verdict on one connection."""
    return matrix(world.name).answers[source, target].verdict


def pods(world: World, service: Service) -> dict[str, str]:
    """Return part -> place of the pods of a service. A component that only one workload has is its name."""
    sources = matrix(world.name).sources
    parts = {"deployment": "server"}
    places = {
        part: [f"pods/{parts.get(part, part)}", f"pods/{service.workload}-{part}"] for part in service.templates(world)
    }
    return {part: next(name for name in reversed(names) if name in sources) for part, names in places.items()}


def servers(world: World, service: Service) -> str:
    """Return the place of the server pods of a service."""
    return pods(world, service)["deployment"]


@every_world
def test_laws_of_reachability_hold(world: World) -> None:
    """They hold in a preview, in which no id is known, and after `up`, when all are."""
    for view in (view_of(planned(world.recording)), view_of(deployed(world.recording))):
        for law in LAWS:
            assert [(each.resource.name, each.finding) for each in law(view)] == []


@every_world
def test_answers_are_the_same_with_known_and_unknown_ids(world: World) -> None:
    """References lead to the same resources by dependency and by id, and no answer is unknown."""
    after = matrix_of(deployed(world.recording))

    before = matrix(world.name)
    assert {question: str(found.decides) for question, found in after.answers.items()} == {
        question: str(found.decides) for question, found in before.answers.items()
    }
    unknown = {question for question, found in before.answers.items() if found.verdict is Verdict.UNKNOWN}
    # Who is in a group of somebody else's is not in the plan.
    named = world.settings.cluster.private_access_security_groups
    assert unknown <= ({("vpc", "kubernetes-api")} if named else set())
    assert len(before.answers) > 50


@every_world
def test_pods_reach_what_they_use_and_nothing_else(world: World) -> None:
    """They reach database, queue, DNS and credentials if their service has them, and no other pod."""
    api = pods(world, bundled(world))
    client = "worker" if bundled(world).workers else "migration"
    assert {"deployment", "migration", client} <= set(api)
    assert verdict(world, api[client], api["deployment"]) is Verdict.NO
    for service in services_of(world):
        expected = {
            "database": service.user is not None,
            "queue": service.queue is not None,
            "dns": True,
            "pod-identity": bool(service.user or service.queue),
            # The endpoints of AWS and the API server are in the same subnets, with the same port.
            "kubernetes-api": service.queue is not None,
        }
        for pod in pods(world, service).values():
            found = {target: verdict(world, pod, target) for target in expected}
            assert found == {name: Verdict.YES if wanted else Verdict.NO for name, wanted in expected.items()}, pod
            others = {name: each for name, each in matrix(world.name).row(pod).items() if name.startswith("pods/")}
            assert {each.verdict for each in others.values()} <= {Verdict.NO}, pod


@every_world
def test_nodes_reach_the_registry_and_the_api(world: World) -> None:
    """They do with and without NAT gateways; they reach the internet with a NAT gateway only."""
    assert verdict(world, "nodes", "registry") is Verdict.YES
    assert verdict(world, "nodes", "kubernetes-api") is Verdict.YES
    has_nat = world.settings.network.nat_strategy != "none"
    assert verdict(world, "nodes", "internet") is (Verdict.YES if has_nat else Verdict.NO)


@every_world
def test_clients_of_the_load_balancer_follow_its_scheme(world: World) -> None:
    """The internet reaches an internet-facing one, only CloudFront one behind it, and the VPC an internal one."""
    fronted = world.settings.edge.cloudfront is not None
    faces = world.settings.edge.scheme == "internet-facing" and not fronted

    assert verdict(world, "internet", "load-balancer") is (Verdict.YES if faces else Verdict.NO)
    assert verdict(world, "vpc", "load-balancer") is (Verdict.NO if fronted else Verdict.YES)
    if fronted:
        assert verdict(world, "cloudfront", "load-balancer") is Verdict.YES
        assert verdict(world, "cloudfront", "database") is Verdict.NO
    for service in services_of(world):
        # The admin port is excluded.
        service_only = service.bundled and world.settings.service.admin_port is not None
        server = servers(world, service)
        assert verdict(world, "load-balancer", server) is (Verdict.SOME if service_only else Verdict.YES)
        assert verdict(world, "internet", server) is Verdict.NO


@every_world
def test_the_database_is_reached_from_the_cluster_and_reaches_nothing(world: World) -> None:
    """Nodes and pods share the security group that the database's rule names."""
    row = matrix(world.name).row("database")
    assert {found.verdict for found in row.values()} == {Verdict.NO}
    assert {"queue", "internet", "registry", *(servers(world, each) for each in services_of(world))} <= set(row)
    for source in ("internet", "vpc"):
        assert verdict(world, source, "database") is Verdict.NO
    for source in ("nodes", "pods/other", *pods(world, bundled(world)).values()):
        assert verdict(world, source, "database") is Verdict.YES
    for service in named(world):
        for pod in pods(world, service).values():
            assert verdict(world, pod, "database") is (Verdict.YES if service.user else Verdict.NO)


@every_world
def test_clients_of_the_kubernetes_api_follow_the_settings(world: World) -> None:
    """This holds on the internet and in the VPC; networks that may reach the API may not reach pods."""
    named = world.settings.cluster.public_access_cidrs
    network = world.settings.network.cidr
    inside = [cidr for cidr in world.settings.cluster.private_access_cidrs if cidr.overlaps(network)]

    assert verdict(world, "internet", "kubernetes-api") is (Verdict.SOME if named else Verdict.NO)
    expected = {Verdict.YES} if network in inside else {Verdict.SOME, Verdict.NO} if inside else {Verdict.NO}
    # Who is in a group of somebody else's is not in the plan.
    expected |= {Verdict.UNKNOWN} if world.settings.cluster.private_access_security_groups else set()
    assert verdict(world, "vpc", "kubernetes-api") in expected


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_the_shipped_stacks_let_their_vpc_reach_the_kubernetes_api(stack: str) -> None:
    """With unchanged settings, the whole VPC can reach the API, so a runner there can deploy; the internet cannot."""
    answers = matrix_of(planned_stack(stack)).answers

    assert answers["vpc", "kubernetes-api"].verdict is Verdict.YES
    assert answers["internet", "kubernetes-api"].verdict is Verdict.NO


@pytest.mark.parametrize("scheme", ["internal", "internet-facing"])
def test_worlds_with_both_schemes_exist(scheme: str) -> None:
    """The tests above cover both."""
    assert scheme in {world_of(name).settings.edge.scheme for name in WORLDS}
