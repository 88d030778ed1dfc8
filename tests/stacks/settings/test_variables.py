"""Variables of the bundled service are refused as the service itself would refuse them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.settings import Settings
from stacks.settings.reserved import SET_BY
from tests.stacks.settings.errors import error_lines

FREE = sorted({name.upper() for name in Settings.model_fields} - set(SET_BY))
SHOP = {"image": "services/shop", "route": {"pathPrefix": "/shop"}}
texts = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=12),
    st.integers(-10, 10**9).map(str),
    st.floats(-1, 4000).map(str),
    st.sampled_from(["https://a.example", "http://b:80/x", "true", "nan", "inf", "1e2", "1_0", "0x1", " 5", "5.0"]),
)


def lines(values: dict[str, Any], part: str = "environment") -> list[str]:
    return error_lines(service={part: values})


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(FREE), texts)
def test_a_value_is_accepted_if_the_service_accepts_it(name: str, text: str) -> None:
    """Also JOB_TIMEOUT_SECONDS, whose limit is the visibility timeout of the queue."""
    values: dict[str, Any] = {name.lower(): text, "job_visibility_seconds": 60, "database_url": "postgresql://a@b/c"}
    try:
        Settings(**values)
        accepted = True
    except ValueError:
        accepted = False

    found = lines({name: text})
    assert (found == []) is accepted
    assert all(line.startswith(f"service.environment.{name}: must be ") for line in found)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("REQUEST_TIMEOUT_SECONDS", "abc", 'must be a number, got "abc"'),
        ("REQUEST_TIMEOUT_SECONDS", "0", 'must be more than 0, got "0"'),
        ("REQUEST_TIMEOUT_SECONDS", "301", 'must be 300 or less, got "301"'),
        ("MAX_IN_FLIGHT", "1.5", 'must be a whole number, got "1.5"'),
        ("API_BASE_URL", "api", 'must be a URL that begins with http:// or https://, got "api"'),
        ("JOB_TIMEOUT_SECONDS", "60", "must be less than 60, the seconds for which the queue hides a message"),
        ("PATH", "/bin", "must not be set, because the image needs its own value to start the service; remove it"),
        ("PYTHONPATH", "/x", "must not be set"),
        ("PYTHONHOME", "/x", "must not be set"),
        ("LD_PRELOAD", "/x", "must not be set"),
        ("LD_LIBRARY_PATH", "/x", "must not be set"),
    ],
)
def test_the_message_has_what_is_accepted(name: str, value: str, says: str) -> None:
    [line] = lines({name: value})

    assert line.startswith(f"service.environment.{name}: {says}")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("REQUEST_TIMOUT", "REQUEST_TIMEOUT_SECONDS"),
        ("REQUEST_TIMEOUT", "REQUEST_TIMEOUT_SECONDS"),
        ("REQUEST_TIMEOUT_SECOND", "REQUEST_TIMEOUT_SECONDS"),
        ("MAX_IN_FLIGHTS", "MAX_IN_FLIGHT"),
        ("UPSTREAM_TIMEOUT_SECS", "UPSTREAM_TIMEOUT_SECONDS"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("LOG_LEVELS", "LOG_LEVEL"),
    ],
)
@pytest.mark.parametrize("part", ["environment", "secrets"])
def test_a_misspelt_variable_is_refused(part: str, name: str, meant: str) -> None:
    """The service would ignore it."""
    [line] = lines({name: "x"}, part)

    assert line.startswith(f"service.{part}.{name}: unknown to the service; did you mean {meant}?")


@pytest.mark.parametrize(
    "name", ["API_KEY", "FEATURE_X", "HOSTS", "OTEL_TRACES_SAMPLER", "SENTRY_DSN", "UPSTREAM_TOKEN", "MAIL_URL"]
)
@pytest.mark.parametrize("part", ["environment", "secrets"])
def test_other_variables_are_accepted(part: str, name: str) -> None:
    """They are for code that is added to the service, and for libraries."""
    assert lines({name: "x"}, part) == []


def test_other_services_have_other_variables() -> None:
    """Their images may be of any kind."""
    given = {"PATH": "/bin", "LD_PRELOAD": "/lib/jemalloc.so", "REQUEST_TIMOUT": "x", "MAX_IN_FLIGHT": "many"}

    assert error_lines(services={"shop": {**SHOP, "environment": given}}) == []
