"""The whole platform on this machine, deployed once for all tests of a worker that share it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud import control
from tests.e2e.checkout import Checkout


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """`drydock up local` from a copy of the checkout; a test that changes something puts it right again."""
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
