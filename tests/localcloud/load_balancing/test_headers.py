"""The header fields that a target gets."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.load_balancing.headers import end_to_end, for_target, through, trace_id
from localcloud.load_balancing.model import Front, LoadBalancer


def sent(fields: list[tuple[str, str]], **attributes: str) -> Any:
    balancer = LoadBalancer(
        arn="arn",
        dns_name="name",
        subnets=(),
        listeners=(),
        attributes={key.replace("__", "."): value for key, value in attributes.items()},
    )
    return for_target(fields, balancer, client=("203.0.113.9", 4711), protocol="https", port=443)


def test_a_name_in_two_spellings_keeps_all_its_fields() -> None:
    """aiohttp's client would send only the last one."""
    found = sent([("X-Id", "1"), ("x-id", "2"), ("Y", "3"), ("X-ID", "4")])
    assert [field for field in found.items() if field[0].lower() in ("x-id", "y")] == [
        ("X-Id", "1"),
        ("X-Id", "2"),
        ("Y", "3"),
        ("X-Id", "4"),
    ]


@given(given_=st.lists(st.sampled_from(["198.51.100.1", "10.0.0.1, 10.0.0.2", "junk"]), max_size=3))
def test_appends_the_address_of_the_client(given_: list[str]) -> None:
    """The rightmost address is the one that the load balancer saw, whatever the client sends."""
    found = sent([("x-forwarded-for", each) for each in given_])

    assert found.getall("X-Forwarded-For") == [", ".join([*given_, "203.0.113.9"])]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"routing__http__xff_header_processing__mode": "preserve"}, ["198.51.100.1"]),
        ({"routing__http__xff_header_processing__mode": "remove"}, []),
        ({"routing__http__xff_client_port__enabled": "true"}, ["198.51.100.1, 203.0.113.9:4711"]),
    ],
)
def test_attributes_control_the_forwarded_addresses(attributes: dict[str, str], expected: list[str]) -> None:
    """They are the header processing modes of an Application Load Balancer."""
    found = sent([("X-Forwarded-For", "198.51.100.1")], **attributes)

    assert found.getall("X-Forwarded-For", []) == expected


def test_a_distribution_adds_its_fields_and_the_address_of_the_client() -> None:
    """A key from the client is replaced, and the load balancer appends the distribution's address."""
    front = Front(names=("a.example",), headers=(("X-Origin-Key", "right"),))

    fields = through(front, [("x-origin-key", "wrong"), ("x-forwarded-for", "10.0.0.1"), ("Host", "a")], "198.51.100.1")
    found = sent(fields)

    assert found.getall("X-Origin-Key") == ["right"]
    assert found.getall("X-Forwarded-For") == ["10.0.0.1, 198.51.100.1, 203.0.113.9"]
    assert found["Host"] == "a"


def test_protocol_and_port_are_those_of_the_listener() -> None:
    """Values from the client are replaced."""
    found = sent([("X-Forwarded-Proto", "http"), ("x-forwarded-port", "1"), ("Host", "a.example:8443")])

    assert found.getall("X-Forwarded-Proto") == ["https"]
    assert found.getall("X-Forwarded-Port") == ["443"]
    assert found["Host"] == "a.example:8443"


@pytest.mark.parametrize("name", ["X_User", "a.b", "x$y", "back`tick"])
def test_invalid_names_are_dropped_if_the_attribute_is_set(name: str) -> None:
    """They are valid in HTTP, but some servers confuse them with other names."""
    assert name in sent([(name, "1")])
    assert name not in sent([(name, "1")], routing__http__drop_invalid_header_fields__enabled="true")
    assert "X-User-1" in sent([("X-User-1", "1")], routing__http__drop_invalid_header_fields__enabled="true")


def test_drops_hop_by_hop_fields() -> None:
    """This includes the fields that Connection names."""
    fields = [("Connection", "close, X-Mine"), ("x-mine", "1"), ("Transfer-Encoding", "chunked"), ("Accept", "a")]

    assert list(end_to_end(fields).items()) == [("Accept", "a")]


def test_each_request_has_a_trace_id() -> None:
    """An existing trace id keeps its root."""
    assert trace_id("").startswith("Root=1-")
    assert trace_id("Root=1-67891233-abcdef012345678912345678;Sampled=1").endswith(
        ";Root=1-67891233-abcdef012345678912345678;Sampled=1"
    )
    assert trace_id("Self=1-1-a;Root=1-2-b").count("Self=") == 1
