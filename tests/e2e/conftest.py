"""The whole platform on this machine, deployed once per pytest worker and shared by its tests."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from localcloud import control
from tests.e2e.checkout import Checkout


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """`drydock up local` from a copy of the checkout; a test that changes something must restore it."""
    checkout = Checkout(tmp_path_factory.mktemp("platform"))
    try:
        checkout.run("up", "local")
        yield checkout
    finally:
        control.stop(checkout.state)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Checkout]:
    """A copy of the checkout where nothing runs yet."""
    checkout = Checkout(tmp_path)
    try:
        yield checkout
    finally:
        control.stop(checkout.state)


@pytest.fixture(scope="module")
def exports(platform: Checkout) -> dict[str, str]:
    """What `eval "$(drydock env local)"` sets."""
    lines = platform.run("env", "local").stdout.splitlines()
    pairs = [shlex.split(line)[1].partition("=") for line in lines]
    return {name: value for name, _, value in pairs}


@pytest.fixture(scope="module")
def aws(exports: Mapping[str, str]) -> boto3.Session:
    """Return a boto3 session in an environment with these variables only."""
    return boto3.Session(
        aws_access_key_id=exports["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=exports["AWS_SECRET_ACCESS_KEY"],
        region_name=exports["AWS_REGION"],
    )


def client(aws: boto3.Session, exports: Mapping[str, str], service: str) -> Any:
    """Return a client of one service at the local endpoint."""
    return aws.client(service, endpoint_url=exports["AWS_ENDPOINT_URL"])  # type: ignore[call-overload]
