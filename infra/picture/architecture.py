"""Draws the architecture of a planned stack: the location of each part and the traffic between the parts."""

from collections.abc import Iterator, Sequence

from infra.picture.inventory import Inventory
from infra.picture.svg import Area, arrow, box, document, text
from infra.reach.matrix import Matrix, matrix_of
from infra.resources.resource import Resource

WIDTH, HEIGHT = 1240, 700
REGION = Area(206, 84, 1014, 596)
VPC = Area(226, 124, 974, 422)
TIERS = {"public": Area(242, 164, 180, 366), "private": Area(438, 164, 552, 366), "database": Area(1006, 164, 178, 366)}
CLUSTER = Area(638, 196, 336, 238)
CLIENTS, INTERNET = Area(24, 290, 162, 70), Area(24, 200, 162, 54)
NAT = Area(258, 200, 148, 54)
BALANCER = {True: Area(454, 262, 156, 126), False: Area(254, 262, 156, 126)}  # key: whether it is internal
PODS = {"pods/server": 238, "pods/worker": 304, "pods/migration": 370}
ENDPOINTS = Area(638, 456, 336, 58)
DATABASE = Area(1020, 262, 152, 126)
SERVICES_TOP, SERVICE_HEIGHT = 590, 72
TRAFFIC, JOBS, DATA, PULLS, OUT = "#3b7de8", "#dd5f1e", "#12996a", "#8b5cf6", "#b9811c"  # visible on white and black


def architecture(resources: Sequence[Resource], stack: str) -> str:
    """Draw the planned resources of a stack as an SVG document."""
    found, matrix = Inventory(resources), matrix_of(resources)
    services = dict(_services(found))
    parts = [
        text(24, 44, f"The stack {stack}", size=24, weight=650),
        text(24, 68, "As planned. Each arrow is traffic that every hop of the plan lets through.", kind="faint"),
        *_frames(found),
        *_boxes(found, matrix),
        *(box(area, title, notes) for title, (area, notes) in services.items()),
        *_arrows(found, matrix, {title: area for title, (area, _) in services.items()}),
    ]
    return document(WIDTH, HEIGHT, f"Architecture of the stack {stack}", "\n".join(parts))


def _frames(found: Inventory) -> Iterator[str]:
    yield _frame(REGION, f"AWS {found.region}", "frame", 'stroke-dasharray="6 5"')
    yield _frame(VPC, f"VPC {found.vpc}", "frame")
    for name, area in TIERS.items():
        yield _frame(area, f"{found.subnets(name)} {name} subnets", "tier")
    yield _frame(CLUSTER, found.cluster, "frame")


def _frame(area: Area, title: str, kind: str, dashes: str = "") -> str:
    x, y, width, height = area
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="12" class="{kind}" {dashes}/>' + text(
        x + 14, y + 22, title, size=13, weight=600, kind="faint"
    )


def _boxes(found: Inventory, matrix: Matrix) -> Iterator[str]:
    yield box(CLIENTS, "Clients", found.clients)
    yield box(INTERNET, "Internet", ["calls to other services"])
    if found.nat:
        yield box(
            NAT,
            "NAT gateways" if found.nat > 1 else "NAT gateway",
            [f"{found.nat}, one in each zone" if found.nat > 1 else "in one zone"],
        )
    yield box(BALANCER[found.internal], "Load balancer", found.edge)
    for name, top in PODS.items():
        if name in matrix.sources:
            yield box(_pod(top), name.removeprefix("pods/").capitalize(), found.pods(name.removeprefix("pods/")))
    if found.endpoints:
        yield box(ENDPOINTS, "VPC endpoints", [", ".join(found.endpoints)])
    yield box(DATABASE, "PostgreSQL", found.database)


def _services(found: Inventory) -> Iterator[tuple[str, tuple[Area, list[str]]]]:
    step = (REGION.width - 40 + 14) / len(found.services)
    for index, (title, notes) in enumerate(found.services.items()):
        yield title, (Area(REGION.x + 20 + index * step, SERVICES_TOP, step - 14, SERVICE_HEIGHT), notes)


def _pod(top: float) -> Area:
    return Area(CLUSTER.x + 16, top, CLUSTER.width - 32, 56)


def _arrows(found: Inventory, matrix: Matrix, services: dict[str, Area]) -> Iterator[str]:
    """Yield an arrow for each pair of boxes between which traffic is allowed."""
    balancer, server = BALANCER[found.internal], _pod(PODS["pods/server"])

    def passes(source: str, target: str) -> bool:
        answer = matrix.answers.get((source, target))
        return bool(answer and answer.passed)

    def told(source: str, target: str) -> str:
        answer = matrix.answers[source, target]
        return f"{source} -> {target} ({answer.port}): {answer.verdict}, {answer.decides}"

    client = "vpc" if found.internal else "internet"
    if passes(client, "load-balancer"):
        y = balancer.middle[1]
        way = f"M{CLIENTS.right:g},{y} H{balancer.x:g}"
        yield arrow(way, (balancer.x, y), (1, 0), TRAFFIC, told(client, "load-balancer"))
        yield text(CLIENTS.right + 70, y - 7, "requests", size=11, kind="faint")
    if passes("load-balancer", "pods/server"):
        y = server.middle[1] + 10
        way = f"M{balancer.right:g},{balancer.y + 24:g} H{balancer.right + 22:g} V{y:g} H{server.x:g}"
        yield arrow(way, (server.x, y), (1, 0), TRAFFIC, told("load-balancer", "pods/server"))
    for index, (name, top) in enumerate(PODS.items()):
        if passes(name, "database"):
            pod, y = _pod(top), DATABASE.y + 22 + index * 41
            bend = CLUSTER.right + 16 + (2 - index if index < 2 else 0) * 8
            way = f"M{pod.right:g},{pod.middle[1]:g} H{bend:g} V{y:g} H{DATABASE.x:g}"
            yield arrow(way, (DATABASE.x, y), (1, 0), DATA, told(name, "database"))
    if passes("pods/server", "internet"):
        y = CLUSTER.y + 24
        way = f"M{CLUSTER.x:g},{y:g} H{NAT.right:g}"
        yield arrow(way, (NAT.right, y), (-1, 0), OUT, told("pods/server", "internet"))
        yield arrow(
            f"M{NAT.x:g},{y:g} H{INTERNET.right:g}", (INTERNET.right, y), (-1, 0), OUT, "NAT gateway -> internet"
        )
    for service, (source, target, names, colour, share, label) in {
        "SQS": ("pods/worker", "queue", {"sqs"}, JOBS, 0.72, "jobs"),
        "ECR": ("nodes", "registry", {"ecr.api", "ecr.dkr"}, PULLS, 0.28, "images"),
    }.items():
        if service in services and passes(source, target):
            between, words = VPC.bottom + 12 + 16 * share, told(source, target)
            if names <= set(found.endpoints) or not found.nat:
                x, start = CLUSTER.x + CLUSTER.width * share, ENDPOINTS.bottom
                yield arrow(f"M{x:g},{CLUSTER.bottom:g} V{ENDPOINTS.y:g}", (x, ENDPOINTS.y), (0, 1), colour, words)
            else:
                x, start = NAT.x + NAT.width * share, NAT.bottom
            goal, head = services[service].middle[0], services[service].y
            way = f"M{x:g},{start:g} V{between:g} H{goal:g} V{head:g}"
            yield arrow(way, (goal, head), (0, 1), colour, words)
            yield text(goal + 8, head - 7, label, size=11, kind="faint")
