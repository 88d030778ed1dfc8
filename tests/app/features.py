"""Features that can be removed from the service, for tests outside of their folders."""

from pathlib import Path
from typing import Literal

import pytest

import app

Removable = Literal["faults", "jobs", "sre", "web"]


def present(feature: Removable) -> bool:
    """Return whether the service has the feature. `test_removal.py` checks that this repository has all of them."""
    return (Path(app.__file__).parent / feature).is_dir()


def needs(*features: Removable) -> pytest.MarkDecorator:
    """Skip a test, or a parameter of it, in a service from which one of the features was removed."""
    missing = [feature for feature in features if not present(feature)]
    return pytest.mark.skipif(bool(missing), reason=f"the service has no feature {', '.join(missing)}")
