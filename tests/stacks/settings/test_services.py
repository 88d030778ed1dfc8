"""The setting `drydock:services`: accepted values, and one message for each mistake."""

from typing import Any

import pytest

from stacks.settings import SettingsError, parse_settings
from stacks.settings.services import MAX_NAME_LENGTH, NamedServiceSettings

DIGEST = "sha256:" + "0123456789abcdef" * 4
SHOP = {"image": "services/shop", "route": {"pathPrefix": "/shop"}}
EDGE = {"domain": "api.example.com"}


def parsed(services: dict[str, Any], **sections: Any) -> dict[str, NamedServiceSettings]:
    """Return the parsed services of a stack."""
    return dict(parse_settings({"region": "eu-central-1", "services": services, **sections}, "test").services)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"image": "/srv/shop"}, "services.shop.image: must be a folder with a Dockerfile, relative to the repository"),
        ({"image": "../shop"}, "services.shop.image: must be a folder"),
        ({"image": "services/../../shop"}, "services.shop.image: must be a folder"),
        ({"image": "registry.example.com/shop:1.2"}, "or an image by its digest"),
        ({"image": "registry.example.com/shop@sha256:0123"}, "or an image by its digest"),
        ({"image": f"nginx:1.27@{DIGEST}"}, "or an image by its digest"),
        ({"image": f"Nginx@{DIGEST}"}, "or an image by its digest"),
        ({"image": None}, "services.shop.image: must be text"),
        ({"command": []}, "services.shop.command: must have 1 entries or more"),
        ({"command": "serve"}, "services.shop.command: must be a list"),
        ({"port": 80}, "services.shop.port: must be 1024 or more"),
        ({"port": 70000}, "services.shop.port: must be 65535 or less"),
        ({"readinessPath": "ready"}, "services.shop.readinessPath: must match"),
        ({"route": {}}, "services.shop.route.pathPrefix: must be set if host is not"),
        ({"route": {"pathPrefix": "/"}}, "services.shop.route.pathPrefix: must match"),
        ({"route": {"pathPrefix": "/shop/"}}, "services.shop.route.pathPrefix: must match"),
        ({"route": {"pathPrefix": "/sh*p"}}, "services.shop.route.pathPrefix: must match"),
        ({"route": {"pathPrefix": "/a/b/c/d/e"}}, "services.shop.route.pathPrefix: must match"),
        ({"route": {"pathPrefix": "/api/shop"}}, "must not begin with /api, which the bundled service serves"),
        (
            {"route": {"host": "Shop.example.com"}},
            "services.shop.route.host: must be a host name with at least one dot, in lower case",
        ),
        ({"route": {"hosst": "a.example.com"}}, "services.shop.route.hosst: unknown setting; did you mean host?"),
        ({"minReplica": 2}, "services.shop.minReplica: unknown setting; did you mean minReplicas?"),
        ({"minReplicas": 2}, "services.shop.minAvailable: must be less than minReplicas (2), got 2"),
        ({"maxReplicas": 2}, "services.shop.maxReplicas: must be minReplicas (3) or more, got 2"),
        ({"memoryLimit": "64Mi"}, "services.shop.memoryLimit: must be memoryRequest (256Mi) or more, got 64Mi"),
        ({"worker": {}}, "services.shop.worker.command: missing"),
        ({"migration": {"command": ["/m"]}}, "services.shop.migration: requires database"),
        ({"database": {}, "migration": {}}, "services.shop.migration.command: missing"),
        ({"database": True}, "services.shop.database: must be"),
        ({"database": {"maxConnections": 0}}, "services.shop.database.maxConnections: must be 1 or more"),
        (
            {"database": {"maxConnections": 30}},
            "database.maxConnections: must be 480 or more, for 10 + 1 pods (service.maxReplicas) and 2 + 1 workers "
            "(service.workerReplicas) with 10 connections each (service.maxConnections), 330 of services.shop and 10 "
            "to spare, got 400",
        ),
        ({"environment": {"PGSSLROOTCERT": "x"}}, "services.shop.environment: must not have PGSSLROOTCERT"),
        (
            {"environment": {"DB_MAX_CONNECTIONS": "x"}},
            "must not have DB_MAX_CONNECTIONS, which is set by database.maxConn",
        ),
        ({"environment": {"PORT": "1"}}, "services.shop.environment: must not have PORT"),
        ({"environment": {"QUEUE_URL": "x"}}, "services.shop.environment: must not have QUEUE_URL"),
        ({"environment": {"AWS_PROFILE": "x"}}, "services.shop.environment: must not have AWS_PROFILE"),
        ({"environment": {"lower": "x"}}, "capital letters"),
        ({"secrets": {"A": "x"}, "environment": {"A": "y"}}, "environment: must not have A, which is also in secrets"),
        ({"secrets": {"DB_PASSWORD": "x"}}, "services.shop.secrets: must not have DB_PASSWORD"),
    ],
)
def test_a_mistake_has_one_message(change: dict[str, Any], says: str) -> None:
    """The message has the path, the accepted values, and the found value."""
    with pytest.raises(SettingsError) as error:
        parsed({"shop": {**SHOP, **change}})

    assert says in str(error.value)
    assert str(error.value).startswith("test: 1 error in the settings\n")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Shop", "must be a name of lower case letters"),
        ("shop_1", "must be a name of lower case letters"),
        ("1shop", "must be a name of lower case letters"),
        ("shop-", "must be a name of lower case letters"),
        ("my--shop", "must be a name of lower case letters"),
        ("shop\n", "must be a name of lower case letters"),
        ("s" * (MAX_NAME_LENGTH + 1), "at most 15 characters"),
        ("api", "which is the bundled service; its settings are in drydock:service"),
        ("public", "must be a name other than public"),
        ("app", "must be a name other than app"),
        ("pg-shop", "must be a name other than pg-shop"),
    ],
)
def test_an_invalid_name_is_refused(name: str, says: str) -> None:
    """AWS, Kubernetes or PostgreSQL would not accept the name, or it is reserved."""
    with pytest.raises(SettingsError, match="1 error") as error:
        parsed({name: SHOP})

    assert says in str(error.value)


def test_optional_settings_have_defaults() -> None:
    """Only image and route are required."""
    shop = parsed({"shop": SHOP})["shop"]

    assert (shop.port, shop.readiness_path, shop.liveness_path) == (8080, "/", "/")
    assert (shop.command, shop.worker, shop.queue, shop.folder) == (None, None, False, "services/shop")


def test_an_image_by_digest_has_no_folder() -> None:
    """The registry may have a port; without one, the image is on Docker Hub."""
    for image in (
        f"nginx@{DIGEST}",
        f"bitnami/nginx@{DIGEST}",
        f"docker.io/library/nginx@{DIGEST}",
        f"registry.example.com:5000/a_b/shop@{DIGEST}",
    ):
        assert parsed({"shop": {**SHOP, "image": image}})["shop"].folder is None


def test_converts_text_to_the_declared_types() -> None:
    """`pulumi config set --path` writes numbers as text; the whole map may be JSON text."""
    shop = {**SHOP, "port": "9000", "queue": "true", "environment": {"LIMIT": 5}}
    found = parsed({"shop": shop})["shop"]

    assert (found.port, found.queue, found.environment) == (9000, True, {"LIMIT": "5"})
    as_text = '{"shop": {"image": "services/shop", "route": {"pathPrefix": "/shop"}}}'
    assert parse_settings({"region": "eu-central-1", "services": as_text}, "test").services["shop"].port == 8080


def _with_routes(*routes: dict[str, str], **edge: Any) -> str:
    services = {f"s{i}": {**SHOP, "route": route} for i, route in enumerate(routes)}
    try:
        parsed(services, edge=edge)
    except SettingsError as error:
        return str(error)
    return ""


def test_refuses_the_same_route_for_two_services() -> None:
    """The same path is refused, also with the domain of the load balancer as host; a path below another is accepted."""
    path = {"pathPrefix": "/shop"}
    assert "services.s1.route: must differ from services.s0.route" in _with_routes(path, path)
    assert "must differ from" in _with_routes(path, {**path, "host": "api.example.com"}, **EDGE)
    assert _with_routes(path, {"pathPrefix": "/shop/admin"}) == ""
    assert _with_routes({"host": "a.example.com"}, {"host": "b.example.com"}) == ""


def test_a_host_needs_a_certificate_and_the_zone_of_the_domain() -> None:
    """The certificate that the program creates has one name only, and records are created in the zone of the domain."""
    host = {"host": "shop.example.com"}
    arn = "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"

    assert "services.s0.route.host: must not be set without edge.certificateArn" in _with_routes(host, **EDGE)
    assert _with_routes(host, **EDGE, certificateArn=arn) == ""
    other = _with_routes({"host": "shop.example.org"}, **EDGE, certificateArn=arn)
    assert "services.s0.route.host: must be in the zone example.com of edge.domain, got shop.example.org" in other
    assert "must differ from edge.domain (api.example.com), or have a pathPrefix" in _with_routes(
        {"host": "api.example.com"}, **EDGE
    )


def test_accepts_at_most_twenty_services() -> None:
    """A listener accepts 100 rules."""
    routes = [{"pathPrefix": f"/shop{i}"} for i in range(21)]

    assert _with_routes(*routes[:20]) == ""
    assert "services: must have 20 entries or fewer" in _with_routes(*routes)
