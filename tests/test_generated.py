"""Generated files are up to date."""

from collections.abc import Callable

import pytest

from infra.engine.places import ROOT
from tests.support.generated import generated, stale


@pytest.mark.parametrize(("name", "make"), generated().items(), ids=generated())
def test_generated_file_is_up_to_date(name: str, make: Callable[[], str]) -> None:
    """If this fails, run `make docs`, and review its changes before you commit them."""
    assert not stale(ROOT / name, make()), f"{name} is stale; write it again with: make docs"
