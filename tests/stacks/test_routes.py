"""Priorities of routes: the more specific route wins, independently of other services."""

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.api import create_app
from app.settings import Settings
from stacks.routes import priorities
from stacks.settings.routes import BUNDLED_PATHS
from stacks.settings.services import RouteSettings
from tests.app.features import present

ROUTES = st.builds(
    lambda host, segments: {
        key: value
        for key, value in (("host", host), ("pathPrefix", "".join(f"/{each}" for each in segments) or None))
        if value
    },
    st.sampled_from([None, "a.example.com", "b.example.com"]),
    st.lists(st.sampled_from(["x", "y"]), max_size=4),
).filter(bool)
MAPS = st.dictionaries(st.from_regex(r"[a-z]{1,12}", fullmatch=True), ROUTES, min_size=1, max_size=20)


def _parsed(routes: dict[str, dict[str, str]]) -> dict[str, RouteSettings]:
    return {name: RouteSettings.model_validate(route) for name, route in routes.items()}


@given(MAPS)
@hypothesis_settings(deadline=None)
def test_priorities_are_valid_for_elb_and_unique(routes: dict[str, dict[str, str]]) -> None:
    """They are between 1 and 50000."""
    found = priorities(_parsed(routes))

    assert set(found) == set(routes)
    assert all(1 <= each <= 50_000 for each in found.values())
    assert len(set(found.values())) == len(found)


@given(MAPS)
@hypothesis_settings(deadline=None)
def test_a_more_specific_route_has_precedence(routes: dict[str, dict[str, str]]) -> None:
    """With the same host the longer path wins, and a route with a host wins over one without."""
    parsed = _parsed(routes)
    found = priorities(parsed)

    for one, inner in parsed.items():
        for other, outer in parsed.items():
            longer = (inner.path_prefix or "").startswith(f"{outer.path_prefix or ''}/")
            if (inner.host == outer.host and longer) or (inner.host and not outer.host):
                assert found[one] < found[other]


@given(MAPS, st.data())
@hypothesis_settings(deadline=None)
def test_neither_the_order_nor_another_service_changes_a_priority(
    routes: dict[str, dict[str, str]], data: st.DataObject
) -> None:
    """Removing a route keeps the priorities of the others, unless two have the same slot of 5000 by chance."""
    parsed = _parsed(routes)
    alone = {name: priorities({name: route})[name] for name, route in parsed.items()}
    if len(set(alone.values())) < len(alone):
        return

    assert priorities(parsed) == alone
    shuffled = data.draw(st.permutations(sorted(parsed)))
    assert priorities({name: parsed[name] for name in shuffled}) == alone


def test_paths_of_the_bundled_service_are_reserved() -> None:
    """Its first page, `/`, is no prefix: another service cannot have it without a host."""
    service = create_app(
        Settings(
            database_url="postgresql://a@127.0.0.1/a",
            environment="local",
            fault_token="t" * 40,
            queue_url="http://127.0.0.1:1/q",
            upstream_url="http://127.0.0.1:1",
        )
    )

    served = {str(getattr(route, "path", "/")).split("/")[1] for route in service.routes} - {""}
    assert served <= BUNDLED_PATHS
    if all(map(present, ("faults", "sre", "web"))):
        assert served == BUNDLED_PATHS
