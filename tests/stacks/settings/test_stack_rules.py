"""Rules that depend on the name of the stack, for its file and for the program."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.settings.settings import PRODUCTION
from infra.load_config import load_config
from stacks.settings import SettingsError, read_stack_file

AUTH = {"jwksUrl": "https://id.example/keys", "issuer": "https://id.example", "audience": "api"}


def of_file(folder: Path, stack: str, **service: Any) -> list[str]:
    """Return the error lines of the file of a stack with these settings of the service."""
    path = folder / f"Pulumi.{stack}.yaml"
    path.write_text(json.dumps({"config": {"drydock:region": "eu-central-1", "drydock:service": service}}))
    try:
        read_stack_file(path)
    except SettingsError as error:
        return [line.strip() for line in str(error).splitlines()[1:]]
    return []


def of_program(stack: str, **service: Any) -> list[str]:
    """Return the error lines of the program of a stack with these settings of the service."""
    try:
        load_config(stack, {"drydock:region": "eu-central-1", "drydock:service": json.dumps(service)})
    except SettingsError as error:
        return [line.strip() for line in str(error).splitlines()[1:]]
    return []


@pytest.mark.parametrize("stack", sorted(PRODUCTION))
def test_fault_injection_is_refused_where_the_service_refuses_to_start_with_it(tmp_path: Path, stack: str) -> None:
    expected = [f"service.faultInjection: must be false in the stack {stack}, where the service does not start with it"]

    assert of_file(tmp_path, stack, faultInjection=True) == of_program(stack, faultInjection=True) == expected
    assert of_file(tmp_path, stack) == of_program(stack) == []


@pytest.mark.parametrize("stack", ["dev", "staging", "prod-eu", "preproduction"])
def test_other_stacks_may_inject_faults(tmp_path: Path, stack: str) -> None:
    assert of_file(tmp_path, stack, faultInjection=True) == of_program(stack, faultInjection=True) == []


def test_keys_of_tokens_need_tls_in_every_stack_but_local(tmp_path: Path) -> None:
    """Who can replace the keys in transit can sign tokens."""
    plain = {**AUTH, "jwksUrl": "http://id.example/keys"}

    for lines in (of_file(tmp_path, "dev", auth=plain), of_program("dev", auth=plain)):
        assert len(lines) == 1
        assert lines[0].startswith("service.auth.jwksUrl: must begin with https:// in every stack but local")
    assert of_file(tmp_path, "local", auth=plain) == of_program("local", auth=plain) == []


LOOPBACK = ["http://127.0.0.1:9000", "https://localhost/x", "https://a.localhost", "http://0.0.0.0:1", "http://127.1"]


@pytest.mark.parametrize("url", LOOPBACK)
@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("upstreamUrl", lambda url: {"upstreamUrl": url}),
        ("otlpEndpoint", lambda url: {"otlpEndpoint": url}),
        ("environment.MAIL", lambda url: {"environment": {"MAIL": url}}),
        ("environment.MAIL", lambda url: {"environment": {"MAIL": f"https://a.example, {url}"}}),
        ("auth.issuer", lambda url: {"auth": {**AUTH, "issuer": url}}),
        ("auth.jwksUrl", lambda url: {"auth": {**AUTH, "jwksUrl": url}}),
    ],
)
def test_a_loopback_address_is_the_pod_itself(tmp_path: Path, url: str, path: str, service: Any) -> None:
    """On this machine the pods share the loopback network, so the stack `local` may use it."""
    [line] = of_file(tmp_path, "dev", **service(url))

    assert line.startswith(
        f"service.{path}: must be a host that pods reach: {url} is a loopback address, which is the pod"
    )
    assert of_file(tmp_path, "local", **service(url)) == []


def test_a_rehearsal_may_serve_the_keys_of_tokens_on_loopback() -> None:
    """It replaces the URL in the file, which has been checked."""
    assert of_program("prod", auth={**AUTH, "jwksUrl": "http://127.0.0.1:4711/jwks.json"}) == []


def test_they_are_reported_with_the_other_errors(tmp_path: Path) -> None:
    lines = of_file(tmp_path, "prod", faultInjection=True, logLevel="loud")

    assert [line.partition(":")[0] for line in lines] == ["service.logLevel", "service.faultInjection"]
